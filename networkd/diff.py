"""Wanted and observed to steps; pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from common.idl.network import AddressMode, Bridge, InterfaceState
from networkd.model import Observed, Wanted

ETHERNET_MTU = 1500


@dataclass(frozen=True, slots=True)
class CreateBridge:
    """Make a bridge, up, with `mac` (empty: the kernel's choice)."""

    name: str
    mac: str
    mtu: int


@dataclass(frozen=True, slots=True)
class DeleteBridge:
    """Remove a bridge. Safe to repeat."""

    name: str


@dataclass(frozen=True, slots=True)
class AddPort:
    """Make an interface a port of a bridge, and bring it up."""

    bridge: str
    interface: str


@dataclass(frozen=True, slots=True)
class RemovePort:
    """Free an interface from its bridge. Safe to repeat."""

    interface: str


@dataclass(frozen=True, slots=True)
class SetMtu:
    """Set the MTU of an interface."""

    interface: str
    mtu: int


@dataclass(frozen=True, slots=True)
class SetUp:
    """Bring an interface up."""

    interface: str


@dataclass(frozen=True, slots=True)
class AddAddress:
    """Add an IPv4 address, as `10.0.0.2/24`."""

    interface: str
    address: str


@dataclass(frozen=True, slots=True)
class RemoveAddress:
    """Remove an IPv4 address. Safe to repeat."""

    interface: str
    address: str


@dataclass(frozen=True, slots=True)
class SetGateway:
    """Route everything else through `gateway` on `interface`."""

    interface: str
    gateway: str


Step = CreateBridge | DeleteBridge | AddPort | RemovePort | SetMtu | SetUp | AddAddress | RemoveAddress | SetGateway


def steps(wanted: Wanted, observed: Observed) -> list[Step]:
    """What makes the wanted bridges so. Bridges that nobody asked for are left alone."""
    return [step for name in sorted(wanted.bridges) for step in _bridge(wanted.bridges[name], observed)]


def removal(name: str, observed: Observed) -> list[Step]:
    """What removes a bridge: its physical ports are freed and get its addresses back."""
    bridge = observed.interfaces.get(name)
    if bridge is None:
        return []
    ports = [port for port in observed.interfaces.values() if port.master == name and port.physical]
    found: list[Step] = [RemovePort(port.name) for port in ports]
    if ports:
        found += _move(bridge, ports[0].name)
    return [*found, DeleteBridge(name)]


def _bridge(bridge: Bridge, observed: Observed) -> Iterator[Step]:
    now = observed.interfaces.get(bridge.name)
    ports = [observed.interfaces[name] for name in bridge.interfaces if name in observed.interfaces]
    if now is None:
        # A bridge without a MAC of its own takes the lowest of its ports and would change with every guest.
        yield CreateBridge(bridge.name, bridge.mac or (ports[0].mac if ports else ""), bridge.mtu)
    else:
        if now.mtu != bridge.mtu:
            yield SetMtu(bridge.name, bridge.mtu)
        if not now.up:
            yield SetUp(bridge.name)
    for port in ports:
        yield from _port(bridge, port)
    if bridge.addressing.mode is AddressMode.STATIC:
        yield from _static(bridge, now)


def _port(bridge: Bridge, port: InterfaceState) -> Iterator[Step]:
    if bridge.mtu not in {port.mtu, ETHERNET_MTU}:
        yield SetMtu(port.name, bridge.mtu)
    if port.master != bridge.name:
        yield AddPort(bridge.name, port.name)
    # An address on a port is deaf: the bridge takes the frames. The original moves it too.
    yield from _move(port, bridge.name)


def _move(source: InterfaceState, target: str) -> Iterator[Step]:
    for address in source.addresses:
        yield RemoveAddress(source.name, address)
        yield AddAddress(target, address)
    if source.gateway:
        yield SetGateway(target, source.gateway)


def _static(bridge: Bridge, now: InterfaceState | None) -> Iterator[Step]:
    have = set(now.addresses) if now is not None else set()
    want = set(bridge.addressing.addresses)
    for address in sorted(have - want):
        yield RemoveAddress(bridge.name, address)
    for address in sorted(want - have):
        yield AddAddress(bridge.name, address)
    gateway = bridge.addressing.gateway
    if gateway and (now is None or now.gateway != gateway or have != want):
        yield SetGateway(bridge.name, gateway)
