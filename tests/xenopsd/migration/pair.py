"""Two hosts with simulated guests, joined without a network."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from pathlib import Path
from typing import Any

from common.idl.storage import DpId, SrId, VdiId, VdiInUse
from common.idl.task import State, Task, TaskId
from common.idl.xen import (
    Destination,
    PowerState,
    VmId,
)
from common.tasks import Tasks
from common.workers import Workers
from tests.xenopsd.conftest import CountingStorage
from tests.xenopsd.samples import VM, vbd, vif, vm
from xenopsd import plans
from xenopsd.atomics.vm import VmUnpause
from xenopsd.backend.simulator import Simulator
from xenopsd.executor import Executor
from xenopsd.hooks import Hooks
from xenopsd.migration.channel import Channel
from xenopsd.migration.departure import Departure
from xenopsd.migration.line import Broken, Line
from xenopsd.server.arrivals import Arrivals
from xenopsd.settle import power_state
from xenopsd.steps import Serial, Step, World
from xenopsd.storage import Storage
from xenopsd.store import Record, Store

THERE = Destination(url="https://there", cookie={"session_id": "secret"})
DISKS = [vbd("xvda", 0), vbd("xvdd", 3, "iso", read_only=True)]


class SharedDisks(CountingStorage):
    """A host's storage daemon; of all that share `active`, one may have a disk open for writing."""

    def __init__(self, active: dict[str, SharedDisks]) -> None:
        super().__init__()
        self._active = active

    async def activate(self, dbg: str, dp: DpId, sr: SrId, vdi: VdiId) -> None:
        await super().activate(dbg, dp, sr, vdi)
        if not self.open[dp].read_only and self._active.setdefault(vdi, self) is not self:
            raise VdiInUse(sr, vdi)

    async def deactivate(self, dbg: str, dp: DpId, sr: SrId, vdi: VdiId) -> None:
        if self._active.get(vdi) is self:
            del self._active[vdi]

    async def destroy(self, dbg: str, dp: DpId) -> None:  # type: ignore[override]
        if found := self.open.get(dp):
            await self.deactivate(dbg, dp, found.sr, found.vdi)
        await super().destroy(dbg, dp)


SharedDisks.__abstractmethods__ = frozenset()


class Wire:
    """The connections that were made from one host to the other; `cut` ends them, and those that follow."""

    def __init__(self) -> None:
        self.to: Arrivals | None = None
        self.is_cut = False
        self._ends: list[socket.socket] = []
        self._serving: set[asyncio.Task[None]] = set()

    async def connect(self, _destination: Destination) -> Channel:
        """As `xenopsd.migration.connection.connect`."""
        if self.is_cut or self.to is None:
            raise Broken("the wire is cut")
        ends = socket.socketpair()
        self._ends += ends
        here, there = (Channel(Line(end)) for end in ends)
        task = asyncio.get_running_loop().create_task(self._serve(self.to, there))
        self._serving.add(task)
        return here

    async def _serve(self, arrivals: Arrivals, channel: Channel) -> None:
        try:
            await arrivals.serve(channel)
        finally:
            await channel.close()

    def cut(self, *, for_good: bool = True) -> None:
        """Both sides see their connections end."""
        self.is_cut = for_good
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._ends.clear()

    async def close(self) -> None:
        self.cut()
        await asyncio.gather(*self._serving, return_exceptions=True)


class Side:
    """One host."""

    def __init__(self, directory: Path, wire: Wire, disks: SharedDisks) -> None:
        directory.mkdir(exist_ok=True)
        self.disks = disks
        self._directory, self._wire = directory, wire
        self.store = Store(directory)
        self.backend = Simulator(directory, directory)
        self.gone: list[VmId] = []
        self.world = World(
            backend=self.backend,
            storage=Storage(self.disks, self.disks, 0.0),
            store=self.store,
            hooks=Hooks(directory / "hooks"),
            changed=lambda _item: None,
            gone=lambda record: self.gone.append(record.vm.id),
            connect=wire.connect,
        )
        self.tasks = Tasks()
        self._workers = Workers(4)
        self.executor = Executor(self.world, self.tasks, self._workers)
        self.arrivals = Arrivals(str(directory / "socket"), self.store, self.executor, self.tasks)

    async def killed(self) -> Side:
        """Its xenopsd dies in the middle of what it does, and another one is started in its place."""
        self._wire.cut(for_good=False)
        await self._workers.close()
        await self.tasks.close()
        await self.backend.stop()
        successor = Side(self._directory, self._wire, self.disks)
        await successor.backend.start(lambda _vm: None)
        successor.executor.check(VM)
        return successor

    async def begin(self, step: Step) -> TaskId:
        """Begin `step` as an operation on the VM."""
        return self.executor.submit("test", VM, lambda _record, _domain: step)

    async def end(self, task: TaskId) -> Task:
        """The task when it ended."""
        async with asyncio.timeout(20):
            while (found := await self.tasks.wait("test", task)).state is State.PENDING:
                pass
        return found

    async def boot(self, **fields: Any) -> None:
        """A running VM with two disks and an interface."""
        record = self.store.add(vm(**fields))
        record.vbds = {disk.id.device: disk for disk in DISKS}
        record.vifs = {"0": vif()}
        for step in (plans.start(VM, DISKS), Serial((VmUnpause(VM),))):
            assert (await self.end(await self.begin(step))).state is State.COMPLETED

    def departure(self, *, compress: bool = False) -> Departure:
        """The VM's, to the other host."""
        return Departure(VM, THERE, self.world.connect, compress=compress)

    def plan(self, departure: Departure) -> Serial:
        """The whole migration."""
        record = self.store.get(VM)
        return plans.migrate(VM, record.vbds.values(), record.vifs.values(), record.open, departure)

    async def power(self) -> PowerState | None:
        """The VM's; None if it isn't known here."""
        if VM not in self.store:
            return None
        return power_state(self.store.get(VM), await self.backend.domain(VM))

    async def ran(self) -> float:
        """Seconds the guest ran, by its own count."""
        [found] = [each for each in await self.backend.counters() if each.id == VM]
        return max(found.vcpu_seconds)

    def record(self) -> Record:
        return self.store.get(VM)
