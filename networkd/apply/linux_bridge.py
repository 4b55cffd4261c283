"""Performs steps with the kernel's own bridges, by netlink. Every step is safe to repeat."""

from __future__ import annotations

import contextlib
import errno
import logging
from collections.abc import Iterator, Sequence

from pyroute2 import AsyncIPRoute
from pyroute2.netlink.exceptions import NetlinkError

from networkd import diff

log = logging.getLogger(__name__)


async def perform(steps: Sequence[diff.Step]) -> None:
    """All steps in order; raises `NetlinkError` at the first that fails."""
    if not steps:
        return
    async with AsyncIPRoute() as route:
        for step in steps:
            log.info("%r", step)
            await _one(route, step)


async def _one(route: AsyncIPRoute, step: diff.Step) -> None:
    match step:
        case diff.CreateBridge(name, mac, mtu):
            await _create(route, name, mac, mtu)
        case diff.DeleteBridge(name):
            with _already(errno.ENODEV):
                await route.link("del", index=await _index(route, name))
        case diff.AddPort(bridge, interface):
            index = await _index(route, interface)
            await route.link("set", index=index, master=await _index(route, bridge))
            await route.link("set", index=index, state="up")
        case diff.RemovePort(interface):
            await route.link("set", index=await _index(route, interface), master=0)
        case diff.SetMtu(interface, mtu):
            await route.link("set", index=await _index(route, interface), mtu=mtu)
        case diff.SetUp(interface):
            await route.link("set", index=await _index(route, interface), state="up")
        case diff.AddAddress(interface, address):
            value, prefix = address.split("/")
            with _already(errno.EEXIST):
                await route.addr("add", index=await _index(route, interface), address=value, prefixlen=int(prefix))
        case diff.RemoveAddress(interface, address):
            value, prefix = address.split("/")
            with _already(errno.EADDRNOTAVAIL):
                await route.addr("del", index=await _index(route, interface), address=value, prefixlen=int(prefix))
        case diff.SetGateway(interface, gateway):
            await route.route("replace", dst="default", gateway=gateway, oif=await _index(route, interface))


async def _create(route: AsyncIPRoute, name: str, mac: str, mtu: int) -> None:
    # Guests' bridges forward at once: a spanning tree's delay would hold each new port for 15 s.
    options = {"br_stp_state": 0, "br_forward_delay": 0}
    with _already(errno.EEXIST):
        await route.link("add", ifname=name, kind="bridge", **options)
    index = await _index(route, name)
    if mac:
        await route.link("set", index=index, address=mac)
    await route.link("set", index=index, mtu=mtu)
    await route.link("set", index=index, state="up")


async def _index(route: AsyncIPRoute, name: str) -> int:
    found = await route.link_lookup(ifname=name)
    if not found:
        raise NetlinkError(errno.ENODEV, f"no interface {name}")
    return int(found[0])


@contextlib.contextmanager
def _already(code: int) -> Iterator[None]:
    try:
        yield
    except NetlinkError as error:
        if error.code != code:
            raise
