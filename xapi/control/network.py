"""The host's network in the database: PIFs and networks follow the NICs that networkd sees; bridges follow networks.

networkd owns the network and keeps what was wanted; xapi asks for a bridge when a network is first needed here.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from common.errors import WireError
from common.idl.network import Addressing, AddressMode, Bridge, InterfaceDoesNotExist, InterfaceState
from xapi.context import Context
from xapi.datamodel.enums import IpConfigurationMode, PIFIgmpStatus
from xapi.datamodel.errors import InvalidIpAddressSpecified
from xapi.datamodel.refs import HostRef, NetworkRef, PIFRef
from xapi.db.database import Database
from xapi.db.records import PIF

log = logging.getLogger(__name__)

INTERNAL = "Host internal management network"
INTERNAL_BRIDGE = "xenapi"
INTERNAL_NETWORK = "169.254.0.1/16"
INTERNAL_CONFIG = {
    "is_guest_installer_network": "true",
    "is_host_internal_management_network": "true",
    "ip_begin": "169.254.0.1",
    "ip_end": "169.254.255.254",
    "netmask": "255.255.0.0",
}
VIRTUAL = "xapi"
"""Bridges of networks without a NIC are `xapi0`, `xapi1`, …"""
DEADLINE = 30.0  # seconds networkd gets for one bridge
MTU = 1500


@dataclass(frozen=True, slots=True)
class Ip:
    """IPv4 as a PIF shows it."""

    mode: IpConfigurationMode = IpConfigurationMode.NONE
    address: str = ""
    netmask: str = ""
    gateway: str = ""
    dns: str = ""

    def fields(self) -> dict[str, Any]:
        """The PIF's fields."""
        return {
            "ip_configuration_mode": self.mode,
            "IP": self.address,
            "netmask": self.netmask,
            "gateway": self.gateway,
            "DNS": self.dns,
        }


def ip_of(state: InterfaceState) -> Ip:
    """The IPv4 configuration that an interface has now."""
    for text in state.addresses:
        interface = ipaddress.IPv4Interface(text)
        return Ip(
            IpConfigurationMode.STATIC,
            str(interface.ip),
            str(interface.netmask),
            state.gateway,
            ",".join(state.dns),
        )
    return Ip()


def addressing(pif: PIF) -> Addressing:
    """What the PIF wants of its bridge."""
    if pif.ip_configuration_mode is IpConfigurationMode.DHCP:
        return Addressing(mode=AddressMode.DHCP)
    if pif.ip_configuration_mode is IpConfigurationMode.NONE or not pif.IP:
        return Addressing(mode=AddressMode.STATIC)
    prefix = ipaddress.IPv4Network(f"0.0.0.0/{pif.netmask or '32'}").prefixlen
    return Addressing(
        mode=AddressMode.STATIC,
        addresses=[f"{pif.IP}/{prefix}"],
        gateway=pif.gateway,
        dns=[server for server in pif.DNS.split(",") if server],
    )


def bridge_name(device: str, taken: Iterable[str]) -> str:
    """The bridge of a NIC: `xenbr0` of `eth0`; other names get the lowest number that is free."""
    used = set(taken)
    number = re.fullmatch(r"eth(\d+)", device)
    if number is not None and (name := f"xenbr{number[1]}") not in used:
        return name
    return next(name for index in range(len(used) + 1) if (name := f"xenbr{index}") not in used)


def virtual_name(taken: Iterable[str]) -> str:
    """A free name for the bridge of a network without a NIC."""
    used = set(taken)
    return next(name for index in range(len(used) + 1) if (name := f"{VIRTUAL}{index}") not in used)


def carrier_of(nic: InterfaceState, states: Mapping[str, InterfaceState]) -> InterfaceState:
    """Who has the NIC's addresses: the bridge it is a port of, else itself."""
    return states.get(nic.master, nic) if nic.master else nic


def physical(states: Iterable[InterfaceState]) -> list[InterfaceState]:
    """The NICs that get a PIF, in the order in which they are numbered."""
    return sorted((state for state in states if state.physical and not state.bridge), key=_natural)


def _natural(state: InterfaceState) -> tuple[str, int]:
    number = re.search(r"\d+$", state.name)
    return (state.name.rstrip("0123456789"), int(number[0]) if number else -1)


def management_of(nics: Sequence[InterfaceState], states: Mapping[str, InterfaceState]) -> InterfaceState | None:
    """The NIC by which clients most likely reach us: with a gateway, else with an address, else the first."""
    holders = [(nic, carrier_of(nic, states)) for nic in nics]
    for nic, holder in holders:
        if holder.addresses and holder.gateway:
            return nic
    for nic, holder in holders:
        if holder.addresses:
            return nic
    return nics[0] if nics else None


def sync(ctx: Context, interfaces: Iterable[InterfaceState]) -> None:
    """Make this host's PIFs, their networks and `host.address` true. Safe to repeat.

    A NIC that is gone keeps its PIF, without carrier: what an administrator set on it may be wanted again.
    """
    states = {state.name: state for state in interfaces}
    nics = physical(states.values())
    known = {pif.device: pif for pif in ctx.db.pif.where(host=ctx.host) if pif.physical}
    for nic in nics:
        pif = known.get(nic.name)
        ref = pif.ref if pif is not None else introduce(ctx.db, ctx.host, nic, ip_of(carrier_of(nic, states)))
        _observe(ctx.db, ref, nic, states)
    for device, pif in known.items():
        if device not in states:
            _update_metrics(ctx.db, pif, carrier=False)
    _choose_management(ctx, nics, states)
    _address(ctx, states)


def introduce(db: Database, host: HostRef, nic: InterfaceState, ip: Ip, *, managed: bool = True) -> PIFRef:
    """A PIF for a NIC, on the network that already has its bridge in the pool or on a new one."""
    network = _network_for(db, nic)
    metrics = db.pif_metrics.create()
    row = db.pif.create(
        device=nic.name,
        network=network,
        host=host,
        MAC=nic.mac,
        MTU=nic.mtu,
        VLAN=-1,
        physical=True,
        metrics=metrics.ref,
        managed=managed,
        igmp_snooping_status=PIFIgmpStatus.DISABLED,
        properties={"gro": "on"},
        **ip.fields(),
    )
    log.info("PIF %s: %s (%s) introduced", row.uuid, nic.name, nic.mac)
    return row.ref


def _network_for(db: Database, nic: InterfaceState) -> NetworkRef:
    name = f"Pool-wide network associated with {nic.name}"
    for network in db.network.by_name_label(name):
        if not network.PIFs:
            return network.ref
    bridge = bridge_name(nic.name, (network.bridge for network in db.network.rows()))
    return db.network.create(name_label=name, bridge=bridge, MTU=nic.mtu).ref


def _observe(db: Database, ref: PIFRef, nic: InterfaceState, states: Mapping[str, InterfaceState]) -> None:
    pif = db.pif[ref]
    fields: dict[str, Any] = {"MAC": nic.mac, "currently_attached": db.network[pif.network].bridge in states}
    observed = ip_of(carrier_of(nic, states))
    if observed.address and pif.ip_configuration_mode is not IpConfigurationMode.NONE:
        fields |= observed.fields()
        fields |= {"ip_configuration_mode": pif.ip_configuration_mode, "DNS": observed.dns or pif.DNS}
    db.pif.update(ref, **fields)
    _update_metrics(
        db,
        db.pif[ref],
        carrier=nic.carrier,
        speed=nic.speed,
        duplex=nic.full_duplex,
        vendor_name=nic.vendor,
        device_name=nic.device,
        pci_bus_path=nic.pci_bus_path,
    )


def _update_metrics(db: Database, pif: PIF, **fields: Any) -> None:
    metrics = db.pif_metrics.get(pif.metrics)
    if metrics is None:
        metrics = db.pif_metrics.create()
        db.pif.update(pif.ref, metrics=metrics.ref)
    if any(getattr(metrics, name) != value for name, value in fields.items()):
        db.pif_metrics.update(metrics.ref, **fields, last_updated=datetime.now(UTC).replace(microsecond=0))


def management(ctx: Context, host: HostRef | None = None) -> PIF | None:
    """The PIF by which the host is managed."""
    return next((pif for pif in ctx.db.pif.where(host=host or ctx.host) if pif.management), None)


def _choose_management(ctx: Context, nics: Sequence[InterfaceState], states: Mapping[str, InterfaceState]) -> None:
    if management(ctx) is not None:
        return
    chosen = management_of(nics, states)
    if chosen is None:
        return
    pif = next(pif for pif in ctx.db.pif.where(host=ctx.host) if pif.device == chosen.name and pif.physical)
    ip = ip_of(carrier_of(chosen, states))
    ctx.db.pif.update(pif.ref, management=True, **(ip.fields() if ip.address else {}))


def _address(ctx: Context, states: Mapping[str, InterfaceState]) -> None:
    pif = management(ctx)
    if pif is None:
        return
    nic = states.get(pif.device)
    observed = ip_of(carrier_of(nic, states)).address if nic is not None else ""
    if address := observed or pif.IP:
        ctx.db.host.update(ctx.host, address=address)


def internal_network(db: Database) -> NetworkRef:
    """The network by which guests may reach their host; made once. Safe to repeat."""
    for network in db.network.rows():
        if network.other_config.get("is_host_internal_management_network") == "true":
            return network.ref
    return db.network.create(
        name_label=INTERNAL,
        name_description="Guests get a link-local address here and can talk to the XenAPI of their host",
        bridge=INTERNAL_BRIDGE,
        MTU=MTU,
        other_config=INTERNAL_CONFIG,
    ).ref


async def ensure_bridge(ctx: Context, network: NetworkRef) -> str:
    """Have the network's bridge on this host, and answer its name. Safe to repeat.

    Raises `WireError` of networkd when it can't be made.
    """
    row = ctx.db.network[network]
    if not row.managed:
        return row.bridge
    pif = local_pif(ctx, network)
    await asyncio.wait_for(_want(ctx, wanted(ctx.db, network, pif)), DEADLINE)
    if pif is not None and not pif.currently_attached:
        ctx.db.pif.update(pif.ref, currently_attached=True)
    return row.bridge


def local_pif(ctx: Context, network: NetworkRef) -> PIF | None:
    """This host's physical PIF on the network."""
    return next((pif for pif in ctx.db.pif.where(network=network, host=ctx.host) if pif.physical), None)


def wanted(db: Database, network: NetworkRef, pif: PIF | None) -> Bridge:
    """The bridge that a network needs on the host of `pif`; without a PIF it is internal to the host."""
    row = db.network[network]
    if pif is None:
        internal = row.bridge == INTERNAL_BRIDGE
        address = Addressing(mode=AddressMode.STATIC, addresses=[INTERNAL_NETWORK]) if internal else Addressing()
        return Bridge(name=row.bridge, mtu=row.MTU or MTU, addressing=address)
    return Bridge(
        name=row.bridge,
        interfaces=[pif.device],
        mac=pif.MAC,
        mtu=pif.MTU or MTU,
        addressing=addressing(pif),
        management=pif.management,
    )


async def _want(ctx: Context, bridge: Bridge) -> None:
    try:
        await ctx.services.network.ensure_bridge(ctx.dbg, bridge)
    except InterfaceDoesNotExist:
        states = {state.name for state in await ctx.services.network.interfaces(ctx.dbg)}
        if not bridge.interfaces or not states.issuperset(bridge.interfaces):
            raise
        # The NIC is there but not ours to touch (a development host without a namespace): guests get a bridge to each
        # other and to the host, not to the outside.
        log.warning("bridge %s: %s may not be a port of it", bridge.name, bridge.interfaces[0])
        await ctx.services.network.ensure_bridge(ctx.dbg, Bridge(name=bridge.name, mtu=bridge.mtu))


async def bring_up(ctx: Context) -> None:
    """Bridges of all this host's NICs and of the internal network; what fails is logged and tried when it is needed."""
    networks = [pif.network for pif in ctx.db.pif.where(host=ctx.host) if pif.physical and pif.managed]
    for network in dict.fromkeys([*networks, internal_network(ctx.db)]):
        try:
            await ensure_bridge(ctx, network)
        except (WireError, TimeoutError) as error:
            log.warning("network %s: no bridge yet: %s", ctx.db.network[network].name_label, error)


async def observe(ctx: Context) -> None:
    """Read the interfaces from networkd and make the rows true."""
    sync(ctx, await ctx.services.network.interfaces(ctx.dbg))


async def remove_bridge(ctx: Context, network: NetworkRef) -> None:
    """Have no bridge for the network on this host; a NIC gets its addresses back. Safe to repeat."""
    await asyncio.wait_for(ctx.services.network.remove_bridge(ctx.dbg, ctx.db.network[network].bridge), DEADLINE)


def check_address(parameter: str, text: str) -> None:
    """Raises INVALID_IP_ADDRESS_SPECIFIED with the parameter's name unless `text` is an IPv4 address."""
    try:
        ipaddress.IPv4Address(text)
    except ValueError as error:
        raise InvalidIpAddressSpecified(parameter) from error


def check_netmask(parameter: str, text: str) -> None:
    """Raises INVALID_IP_ADDRESS_SPECIFIED unless `text` is a netmask: ones, then zeros."""
    try:
        ipaddress.IPv4Network(f"0.0.0.0/{text}")
    except ValueError as error:
        raise InvalidIpAddressSpecified(parameter) from error
