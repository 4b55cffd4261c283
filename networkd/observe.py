"""What the host's network is now, by netlink, as the records of `common.idl.network`; and a watch for changes.

/sys is not read: in a network namespace it may still show another one's interfaces.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable
from typing import Any

from pyroute2 import AsyncIPRoute
from pyroute2.ethtool.ioctl import EthtoolError, IoctlEthtool

from common.idl.network import InterfaceState
from networkd.model import Observed

log = logging.getLogger(__name__)

IFF_UP = 1
# linux/rtnetlink.h: the multicast groups that tell of links, addresses and routes.
GROUPS = 0x1 | 0x10 | 0x40 | 0x100 | 0x400
UNKNOWN_SPEED = 65535
NETBACK = "xen-backend"  # the bus of netback's devices


async def observe() -> Observed:
    """All interfaces but the loopback."""
    async with AsyncIPRoute() as route:
        links = [link async for link in await route.get_links()]
        addresses = [address async for address in await route.get_addr()]
        gateways = {r.get("oif"): r.get("gateway") async for r in await route.get_default_routes(family=socket.AF_INET)}
    names = {link["index"]: link.get("ifname") for link in links}
    found = {}
    for link in links:
        if link.get("ifname") == "lo":
            continue
        mine = [a for a in addresses if a["index"] == link["index"]]
        state = _interface(link, names, mine, gateways.get(link["index"]) or "")
        found[state.name] = state
    return Observed(interfaces=found)


def _interface(link: Any, names: dict[int, str], addresses: list[Any], gateway: str) -> InterfaceState:
    kind = link.get(("linkinfo", "kind"))
    # The end of a pair whose other end is in another namespace is this namespace's NIC; netback's end of a guest's
    # interface is none, though it has no kind.
    bus = link.get("parent_dev_bus_name")
    physical = (kind is None and bus != NETBACK) or (kind == "veth" and link.get("link_netnsid") is not None)
    name = link.get("ifname")
    speed, full = _speed(name) if physical else (0, False)
    return InterfaceState(
        name=name,
        mac=link.get("address") or "",
        mtu=link.get("mtu"),
        up=bool(link["flags"] & IFF_UP),
        carrier=bool(link.get("carrier")),
        physical=physical,
        bridge=kind in {"bridge", "openvswitch"},
        master=names.get(link.get("master"), ""),
        speed=speed,
        full_duplex=full,
        driver=kind or bus or "",
        pci_bus_path=link.get("parent_dev_name") or "",
        addresses=_of_family(addresses, socket.AF_INET),
        addresses6=_of_family(addresses, socket.AF_INET6),
        gateway=gateway,
    )


def _of_family(addresses: list[Any], family: int) -> list[str]:
    found = []
    for address in addresses:
        if address["family"] == family:
            value = address.get("local") or address.get("address")
            found.append(f"{value}/{address['prefixlen']}")
    return found


def _speed(name: str) -> tuple[int, bool]:
    with contextlib.suppress(EthtoolError, OSError):  # a NIC without ethtool support, or one that has just gone
        with contextlib.closing(IoctlEthtool(name)) as tool:
            command = tool.get_cmd()
        speed = int(command["speed"])
        return (0 if speed == UNKNOWN_SPEED else speed), int(command["duplex"]) == 1
    return 0, False


class Watch:
    """Tells of each change of links, addresses and routes, without saying which."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.NETLINK_ROUTE)
        self._socket.bind((0, GROUPS))
        asyncio.get_running_loop().add_reader(self._socket.fileno(), self._read)

    def close(self) -> None:
        """Stop watching."""
        asyncio.get_running_loop().remove_reader(self._socket.fileno())
        self._socket.close()

    def _read(self) -> None:
        try:
            while self._socket.recv(65536):
                pass
        except BlockingIOError:
            pass
        except OSError as error:  # ENOBUFS: we were too slow, so something changed
            log.warning("netlink: %s", error)
        self._changed()
