"""The tick: every 5 s, read all sources and update all databases. Counters that can't be had leave a gap, no more."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator
from pathlib import Path

from common.config import under_root
from common.errors import WireError
from common.idl import network, xen
from common.idl.rrd import Owner
from common.rpc.client import Client
from rrdd.rrd.archive import STEP
from rrdd.source import Source
from rrdd.sources import host, vm
from rrdd.store import Store

log = logging.getLogger(__name__)

PROC = Path("/proc")
INVENTORY = "/etc/xensource-inventory"
DEADLINE = 4.0  # seconds another daemon may take of a tick
LOOK_AT_NICS_EVERY = 12  # ticks
GONE_AFTER = 3  # ticks without a VM's counters until its database is archived


class Collector:
    """Reads sources into a store. The other daemons may be away at any time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._xenopsd = Client(str(under_root(xen.SOCKET)), deadline=DEADLINE, retry_for=0.0)
        self._networkd = Client(str(under_root(network.SOCKET)), deadline=DEADLINE, retry_for=0.0)
        self._physical: set[str] = set()
        self._missed: dict[str, int] = {}
        self._ticks = 0
        self.host_uuid = ""
        self.last_tick = 0.0
        """Seconds the newest tick took."""

    async def run(self) -> None:
        """Tick until cancelled."""
        try:
            while True:
                await asyncio.sleep(STEP - time.time() % STEP)
                begun = time.perf_counter()
                try:
                    await self.tick(time.time())
                except Exception:
                    log.exception("tick failed")
                self.last_tick = time.perf_counter() - begun
        finally:
            await self._xenopsd.close()
            await self._networkd.close()

    async def tick(self, now: float) -> None:
        """Read every source once."""
        if self._ticks % LOOK_AT_NICS_EVERY == 0:
            await self._look_at_nics()
        self._ticks += 1
        self.host_uuid = self.host_uuid or host_uuid(under_root(INVENTORY))
        counters = await self._counters()
        memory = await self._memory()
        if self.host_uuid:
            owned = self._store.need(Owner.HOST, self.host_uuid, now)
            owned.take(now, 0, [*self._host(memory), *vm.by_sr(counters or [])])
        if counters is not None:
            self._vms(now, counters)

    def _vms(self, now: float, counters: list[xen.VmCounters]) -> None:
        present = {str(one.id) for one in counters}
        for one in counters:
            self._store.need(Owner.VM, one.id, now).take(now, one.domid, vm.readings(one))
        for owned in self._store:
            if owned.owner is not Owner.VM or owned.uuid in present:
                self._missed.pop(owned.uuid, None)
                continue
            missed = self._missed[owned.uuid] = self._missed.get(owned.uuid, 0) + 1
            if missed >= GONE_AFTER:
                log.info("VM %s: no longer here, archive written", owned.uuid)
                self._store.archive(owned.uuid)
                del self._missed[owned.uuid]

    def _host(self, memory: tuple[int, int]) -> Iterator[tuple[Source, float]]:
        yield from host.processors(host.read(PROC / "stat"))
        yield from host.load(host.read(PROC / "loadavg"))
        yield from host.memory(*memory)
        yield from host.nics(host.read(PROC / "self/net/dev"), self._physical)

    async def _counters(self) -> list[xen.VmCounters] | None:
        try:
            return await self._xenopsd.proxy(xen.VM).counters("rrdd")
        except WireError as error:
            log.debug("no counters of VMs: %s", error)
            return None

    async def _memory(self) -> tuple[int, int]:
        try:
            state = await self._xenopsd.proxy(xen.HOST).stat("rrdd")
            return state.memory_total, state.memory_free
        except WireError:
            return host.memory_of_proc(host.read(PROC / "meminfo"))

    async def _look_at_nics(self) -> None:
        try:
            interfaces = await self._networkd.proxy(network.NETWORK).interfaces("rrdd")
            self._physical = {interface.name for interface in interfaces if interface.physical}
        except WireError as error:
            log.debug("no list of NICs: %s", error)


def host_uuid(inventory: Path) -> str:
    """The host's uuid from its inventory (`KEY='value'` lines); empty before the first start of xapi."""
    try:
        lines = inventory.read_text().splitlines()
    except FileNotFoundError:
        return ""
    values = dict(line.split("=", 1) for line in lines if "=" in line)
    return values.get("INSTALLATION_UUID", "").strip().strip("'")
