"""What networkd offers: the host's interfaces, and the bridges it is wanted to have.

xapi hands over wanted bridges one by one; networkd keeps the whole wanted state on disk, compares it with what it
observes by netlink and applies the difference. It owns the host's network; xapi's database copies it.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from common.errors import WireError
from common.rpc.interface import Interface

SOCKET = "/var/lib/xcp/networkd"


class Kind(StrEnum):
    BRIDGE = "bridge"
    OPENVSWITCH = "openvswitch"


class AddressMode(StrEnum):
    NONE = "None"
    DHCP = "DHCP"
    STATIC = "Static"
    KEEP = "Keep"
    """Addresses are another's business: leave what is there (development hosts)."""


class Addressing(msgspec.Struct, frozen=True, kw_only=True):
    """IPv4 configuration of an interface; addresses as `10.0.0.2/24`."""

    mode: AddressMode = AddressMode.NONE
    addresses: list[str] = []
    gateway: str = ""
    dns: list[str] = []


class InterfaceState(msgspec.Struct, frozen=True, kw_only=True):
    """An interface as observed."""

    name: str
    mac: str
    mtu: int
    up: bool
    carrier: bool
    physical: bool
    """A NIC of the machine, or (in a namespace) the end of a pair that leads out of it."""
    bridge: bool = False
    master: str = ""
    """Bridge it is a port of."""
    speed: int = 0
    """Mbit/s; 0 unknown."""
    full_duplex: bool = False
    driver: str = ""
    pci_bus_path: str = ""
    vendor: str = ""
    device: str = ""
    addresses: list[str] = []
    """IPv4, with prefix length."""
    addresses6: list[str] = []
    gateway: str = ""
    dns: list[str] = []


class Bridge(msgspec.Struct, frozen=True, kw_only=True):
    """A bridge that is wanted. `interfaces` are its physical ports; none makes it internal to the host."""

    name: str
    interfaces: list[str] = []
    mac: str = ""
    mtu: int = 1500
    vlan: int | None = None
    addressing: Addressing = Addressing()
    management: bool = False
    persistent: bool = True
    other_config: dict[str, str] = {}


class NETWORK(Interface, prefix="Network"):
    """The host's network."""

    @abstractmethod
    async def kind(self, dbg: str) -> Kind:
        """The bridge implementation in use."""

    @abstractmethod
    async def interfaces(self, dbg: str) -> list[InterfaceState]:
        """Every interface of the host, bridges included."""

    @abstractmethod
    async def bridges(self, dbg: str) -> list[Bridge]:
        """The bridges that are wanted."""

    @abstractmethod
    async def ensure_bridge(self, dbg: str, bridge: Bridge) -> None:
        """Want `bridge` and make it so, moving addresses of a physical port onto it. Safe to repeat."""

    @abstractmethod
    async def remove_bridge(self, dbg: str, name: str, force: bool = False) -> None:
        """Want it no more and remove it. Safe to repeat.

        Raises `BridgeInUse` while guests are on it, unless `force`.
        """

    @abstractmethod
    async def set_dns(self, dbg: str, servers: list[str], domains: list[str]) -> None:
        """Write the host's resolver configuration."""

    @abstractmethod
    async def changed(self, dbg: str, since: int | None = None, timeout: float = 30.0) -> int:
        """Wait until links or addresses changed after `since`; answers the id to ask with next."""


@dataclass(eq=False)
class InterfaceDoesNotExist(WireError):
    """No such interface on this host."""

    code = "Interface_does_not_exist"

    name: str


@dataclass(eq=False)
class BridgeDoesNotExist(WireError):
    """No such bridge on this host."""

    code = "Bridge_does_not_exist"

    name: str


@dataclass(eq=False)
class BridgeInUse(WireError):
    """The bridge has ports of guests."""

    code = "Bridge_in_use"

    name: str
