"""The tick: every 5 s, read all sources and update all databases. Counters that can't be had leave a gap, no more."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator, Mapping

from common.config import under_root
from common.errors import WireError
from common.idl import network, storage, xen
from common.idl.rrd import Owner
from common.inventory import host_uuid
from common.rpc.client import Client
from rrdd.machine import PROC, Machine
from rrdd.plugins.directory import Directory
from rrdd.rrd.layout import STEP
from rrdd.source import Batch
from rrdd.sources import granted, host, sr, vm
from rrdd.store import Store

log = logging.getLogger(__name__)

DEADLINE = 4.0  # seconds another daemon may take of a tick
SLOWER = 60.0  # seconds storage may take to tell the size of an SR
LOOK_AT_NICS_EVERY = 12  # ticks
GONE_AFTER = 3  # ticks without anything of a VM or an SR until its database is archived
REAP_EVERY = 720  # ticks
KEEP_SILENT = 7 * 24 * 3600.0  # seconds a source without a value is kept


class Collector:
    """Reads sources into a store. The other daemons may be away at any time."""

    def __init__(self, store: Store, plugins: Directory) -> None:
        self._store, self._plugins = store, plugins
        self._xenopsd = Client(str(under_root(xen.SOCKET)), deadline=DEADLINE, retry_for=0.0)
        self._networkd = Client(str(under_root(network.SOCKET)), deadline=DEADLINE, retry_for=0.0)
        self._storage = Client(str(under_root(storage.SOCKET)), deadline=SLOWER, retry_for=0.0)
        self._vms, self._srs, self._granted = vm.Reader(), sr.Reader(self._storage), granted.Reader()
        self._machine = Machine()
        self._control: set[str] = set()
        """The control domain, where it is measured."""
        self._missed: dict[str, int] = {}
        self._ticks = 0
        self._counted_at = 0.0
        self.host_uuid = ""
        self.last_tick = 0.0
        """Seconds the newest tick took."""
        self.next_tick = 0.0
        """When the next one is due, in seconds since the epoch."""

    async def run(self) -> None:
        """Tick until cancelled."""
        sizes = asyncio.create_task(self._srs.run())
        try:
            while True:
                await self._wait()
                begun = time.perf_counter()
                try:
                    await self.tick(time.time())
                except Exception:
                    log.exception("tick failed")
                self.last_tick = time.perf_counter() - begun
        finally:
            sizes.cancel()
            for client in (self._xenopsd, self._networkd, self._storage):
                await client.close()

    async def tick(self, now: float) -> None:
        """Read every source once."""
        if self._ticks % LOOK_AT_NICS_EVERY == 0:
            await self._look_at_nics()
        if self._ticks % REAP_EVERY == REAP_EVERY - 1:
            self._store.reap(now - KEEP_SILENT)
        self._ticks += 1
        self.host_uuid = self.host_uuid or host_uuid()
        self._machine.look()
        counters = await self._counters()
        memory = await self._memory()
        batches = list(self._batches(now, counters, memory))
        self._store.tick(now, batches)
        told = {Owner.VM: counters is not None, Owner.SR: self._srs.known, Owner.HOST: False}
        self._archive_gone({batch.uuid for batch in batches}, told)

    async def _wait(self) -> None:
        now = time.time()
        self.next_tick = now + STEP - now % STEP
        await asyncio.sleep(self.next_tick - now)

    def _batches(self, now: float, counters: list[xen.VmCounters] | None, memory: tuple[int, int]) -> Iterator[Batch]:
        if counters is not None:
            read_at = time.monotonic()
            self._vms.begin(read_at - self._counted_at)
            self._counted_at = read_at
            own = {str(one.id): self._vms.sources(one) for one in counters}
            for one in counters:
                yield Batch(Owner.VM, one.id, own[one.id], self._vms.values(one), one.domid)
            yield from self._granted.batches(counters, own)
        control = list(self._machine.control_domain())
        self._control = {batch.uuid for batch in control}
        yield from control
        if self.host_uuid:
            readings = list(self._machine.readings(counters, memory))
            traffic, sums = self._vms.by_sr()
            sources = tuple([source for source, _ in readings]) + traffic
            yield Batch(Owner.HOST, self.host_uuid, sources, [value for _, value in readings] + sums)
        for uuid, values in self._srs.readings():
            yield Batch(Owner.SR, uuid, sr.SOURCES, values)
        yield from self._of_plugins(now, counters)

    def _of_plugins(self, now: float, counters: list[xen.VmCounters] | None) -> Iterator[Batch]:
        """A plug-in's values of VMs that are not here are dropped."""
        here = {*self._control, *(str(one.id) for one in counters or [])}
        for batch in self._plugins.batches(now, self.host_uuid):
            if batch.owner is not Owner.VM or batch.uuid in here:
                yield batch

    def forget(self, uuid: str) -> None:
        """An SR is no more: what was read of it before is not used again."""
        self._srs.forget(uuid)

    def _archive_gone(self, present: set[str], told: Mapping[Owner, bool]) -> None:
        """Owners of which nothing was read, though there was news of their kind."""
        for owned in self._store:
            if not told[owned.owner] or owned.uuid in present:
                self._missed.pop(owned.uuid, None)
                continue
            missed = self._missed[owned.uuid] = self._missed.get(owned.uuid, 0) + 1
            if missed >= GONE_AFTER:
                log.info("%s %s: no longer here, archive written", owned.owner, owned.uuid)
                self._store.archive(owned.uuid)
                del self._missed[owned.uuid]

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
            self._machine.physical = {interface.name for interface in interfaces if interface.physical}
        except WireError as error:
            log.debug("no list of NICs: %s", error)
