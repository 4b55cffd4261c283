"""Implements `common.idl.network`: keeps what is wanted, applies the difference, tells of changes.

One change at a time (a lock): two changes of a host's network have no order that either caller would understand.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from pyroute2.netlink.exceptions import NetlinkError

from common.command import CommandFailed
from common.events import Feed
from common.files import write_atomically
from common.idl.network import (
    NETWORK,
    Bridge,
    BridgeDoesNotExist,
    BridgeInUse,
    InterfaceDoesNotExist,
    InterfaceState,
    Kind,
)
from networkd import diff, model
from networkd.apply import linux_bridge
from networkd.observe import Watch, observe

log = logging.getLogger(__name__)


class Network(NETWORK):
    """The host's network, for xapi."""

    def __init__(self, state: Path, resolver: Path, *, change: bool) -> None:
        """Without `change` nothing is applied, and NICs can't become ports."""
        self._state, self._resolver, self._change = state, resolver, change
        self._wanted = model.load(state)
        self._lock = asyncio.Lock()
        self._feed: Feed[str] = Feed()
        self._watch: Watch | None = None

    async def start(self) -> None:
        """Watch for changes and make the wanted bridges so, as after the host's boot."""
        self._watch = Watch(lambda: self._feed.add("interfaces"))
        async with self._lock:
            try:
                await self._apply(self._wanted)
            except CommandFailed as error:
                log.error("the wanted network can't be had: %s", error)

    def stop(self) -> None:
        """Stop watching; the network stays as it is."""
        if self._watch is not None:
            self._watch.close()

    async def kind(self, dbg: str) -> Kind:
        return Kind.BRIDGE

    async def interfaces(self, dbg: str) -> list[InterfaceState]:
        return list((await observe()).interfaces.values())

    async def bridges(self, dbg: str) -> list[Bridge]:
        return list(self._wanted.bridges.values())

    async def ensure_bridge(self, dbg: str, bridge: Bridge) -> None:
        async with self._lock:
            if bridge.interfaces and not self._change:
                raise InterfaceDoesNotExist(bridge.interfaces[0])
            known = (await observe()).interfaces
            for name in bridge.interfaces:
                if name not in known:
                    raise InterfaceDoesNotExist(name)
            wanted = self._wanted.with_bridge(bridge)
            # On disk first: killed half-way, we finish at the next start.
            model.save(self._state, wanted)
            try:
                await self._apply(wanted)
            except CommandFailed:
                model.save(self._state, self._wanted)
                raise
            self._wanted = wanted

    async def remove_bridge(self, dbg: str, name: str, force: bool = False) -> None:
        async with self._lock:
            observed = await observe()
            if name not in observed.interfaces and name not in self._wanted.bridges:
                return
            guests = [port for port in observed.interfaces.values() if port.master == name and not port.physical]
            if guests and not force:
                raise BridgeInUse(name)
            if name in observed.interfaces and not observed.interfaces[name].bridge:
                raise BridgeDoesNotExist(name)
            self._wanted = self._wanted.without(name)
            model.save(self._state, self._wanted)
            await self._perform(diff.removal(name, observed))

    async def set_dns(self, dbg: str, servers: list[str], domains: list[str]) -> None:
        lines = [f"nameserver {server}\n" for server in servers]
        if domains:
            lines.insert(0, f"search {' '.join(domains)}\n")
        write_atomically(self._resolver, "".join(lines).encode(), mode=0o644)

    async def changed(self, dbg: str, since: int | None = None, timeout: float = 30.0) -> int:
        _, last = await self._feed.get(self._feed.last if since is None else since, timeout)
        return last

    async def _apply(self, wanted: model.Wanted) -> None:
        await self._perform(diff.steps(wanted, await observe()))

    async def _perform(self, steps: list[diff.Step]) -> None:
        if not self._change:
            return
        try:
            await linux_bridge.perform(steps)
        except NetlinkError as error:
            raise CommandFailed("netlink", error.code, str(error)) from error
