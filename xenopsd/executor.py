"""Performs plans: a queue per VM, progress by weight, cancellation between atomics, clean-up from what is seen."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TypeVar

from common import log as task_log
from common.errors import InternalFailure, WireError
from common.idl.task import TaskId
from common.idl.xen import (
    ChangedVbd,
    ChangedVif,
    ChangedVm,
    VmId,
)
from common.tasks import Handle, Tasks
from common.workers import Workers
from xenopsd.atomics.vm import VmCreate, VmHalted
from xenopsd.backend.base import Domain
from xenopsd.settle import settle
from xenopsd.steps import Atomic, Parallel, Serial, Step, World, atomics
from xenopsd.store import Phase, Record

log = logging.getLogger(__name__)

CHUNK = 10  # parallel steps at once
DEADLINE = 1800.0  # seconds for one atomic: longer than the longest wait for a guest

T = TypeVar("T")
Prepare = Callable[[Record, Domain | None], Step]
"""Checks that the operation may be done now and says its steps; what it raises needs no clean-up."""


class Operation:
    """One plan being performed."""

    def __init__(self, world: World, dbg: str, handle: Handle | None) -> None:
        self.world, self.dbg, self.handle = world, dbg, handle
        self.begun = False
        self.cancelled = asyncio.Event()
        self.resources = AsyncExitStack()
        self._total, self._done = 1.0, 0.0

    async def perform(self, step: Step) -> None:
        """Do all of `step`, and end what it opened. Raises the first error."""
        self._total, self._done = sum(atomic.weight for atomic in atomics(step)) or 1.0, 0.0
        async with self.resources:
            await self._step(step)

    def part(self, weight: float) -> None:
        """So much of the weight of the atomic that is performed now is done."""
        if self.handle is not None:
            self.handle.progress((self._done + weight) / self._total)

    async def interruptible(self, work: Awaitable[T]) -> T:
        """Await `work`, giving it up when the task is cancelled."""
        working = asyncio.ensure_future(work)
        cancelled = asyncio.ensure_future(self.cancelled.wait())
        try:
            await asyncio.wait({working, cancelled}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                self._check()
            return await working
        finally:
            cancelled.cancel()
            working.cancel()

    def _check(self) -> None:
        if self.handle is not None:
            self.handle.check()

    async def _step(self, step: Step) -> None:
        if isinstance(step, Serial):
            for inner in step.steps:
                await self._step(inner)
        elif isinstance(step, Parallel):
            await self._parallel(step.steps)
        else:
            await self._atomic(step)

    async def _parallel(self, steps: tuple[Step, ...]) -> None:
        failures: list[BaseException] = []
        for first in range(0, len(steps), CHUNK):
            results = await asyncio.gather(*map(self._step, steps[first : first + CHUNK]), return_exceptions=True)
            failures += [result for result in results if result is not None]
        if failures:
            raise failures[0]

    async def _atomic(self, atomic: Atomic) -> None:
        self._check()
        log.debug("%s", atomic)
        try:
            async with asyncio.timeout(DEADLINE):
                await atomic.perform(self)
        except TimeoutError as error:
            raise InternalFailure(f"{type(atomic).__name__}: no end in {DEADLINE:.0f} s") from error
        self._done += atomic.weight
        if self.handle is not None:
            self.handle.progress(self._done / self._total)


class Executor:
    """Queues operations and looks after what they leave."""

    def __init__(self, world: World, tasks: Tasks, workers: Workers) -> None:
        self._world, self._tasks, self._workers = world, tasks, workers
        self._checks: set[VmId] = set()
        self.rebooting: set[VmId] = set()
        """VMs that clients are told to be running though their domain is between two."""

    def submit(self, dbg: str, vm: VmId, prepare: Prepare, *, reboot: bool = False) -> TaskId:
        """Queue an operation behind the VM's others. Raises `DoesNotExist` at once."""
        self._world.store.get(vm)

        async def work(handle: Handle) -> None:
            operation = Operation(self._world, dbg, handle)
            running = asyncio.ensure_future(
                self._workers.run(vm, lambda: self._operate(vm, operation, prepare, reboot))
            )
            running.add_done_callback(lambda future: future.cancelled() or future.exception())
            await _follow(running, operation, handle)

        return self._tasks.start(dbg, work)

    def check(self, vm: VmId) -> None:
        """Queue a look at `vm`; a look that waits in the queue already is enough."""
        if vm in self._checks or vm not in self._world.store:
            return
        self._checks.add(vm)

        async def job() -> None:
            self._checks.discard(vm)
            with task_log.task("events"):
                await self._settle(vm, "events")

        self._workers.push(vm, job)

    async def run(self, vm: VmId, job: Callable[[], Awaitable[T]]) -> T:
        """Run something short in the VM's queue."""
        return await self._workers.run(vm, job)

    async def _operate(self, vm: VmId, operation: Operation, prepare: Prepare, reboot: bool) -> None:
        operation.begun = True
        handle = operation.handle
        if handle is not None:
            handle.check()
        step = prepare(self._world.store.get(vm), await self._world.backend.domain(vm))
        if reboot:
            self.rebooting.add(vm)
        try:
            await operation.perform(step)
        except Exception as error:
            log.info("%s; looking at what is left of VM %s", error, vm)
            self.rebooting.discard(vm)
            await self._settle(vm, operation.dbg)
            raise
        finally:
            self.rebooting.discard(vm)
            self._tell(vm)

    async def _settle(self, vm: VmId, dbg: str) -> None:
        """Bring the VM into a lasting state; errors are logged, and the next look tries again."""
        if vm not in self._world.store:
            return
        try:
            await self._act(vm, dbg)
        except WireError as error:
            log.warning("VM %s could not be settled: %s", vm, error)
            await self._halt(vm)
        except Exception:
            log.exception("VM %s could not be settled", vm)

    async def _halt(self, vm: VmId) -> None:
        """A VM whose domain is gone is halted, even if sm keeps a disk of it open; closing is tried again later."""
        record = self._world.store.get(vm)
        try:
            gone = await self._world.backend.domain(vm) is None
        except WireError:
            return
        if gone and record.phase is not Phase.HALTED:
            await Operation(self._world, "events", None).perform(VmHalted(vm, discard=False))
            self._tell(vm)

    async def _act(self, vm: VmId, dbg: str) -> None:
        world = self._world
        record, domain = world.store.get(vm), await world.backend.domain(vm)
        stalled = domain is not None and domain.stalled
        step = settle(
            record,
            domain,
            now=time.time(),
            minimum_run=world.backend.minimum_run,
            lost_writes=stalled and await world.storage.lost_writes(dbg, vm),
        )
        if not step.steps:
            return
        log.info("VM %s: %s, %s: %s", vm, record.phase, domain and domain.status, [*atomics(step)])
        if any(isinstance(atomic, VmCreate) for atomic in atomics(step)):
            self.rebooting.add(vm)
        try:
            await Operation(world, dbg, None).perform(step)
        finally:
            self.rebooting.discard(vm)
            self._tell(vm)

    def _tell(self, vm: VmId) -> None:
        if vm not in self._world.store:
            return
        record = self._world.store.get(vm)
        for vbd in record.vbds.values():
            self._world.changed(ChangedVbd(id=vbd.id))
        for vif in record.vifs.values():
            self._world.changed(ChangedVif(id=vif.id))
        self._world.changed(ChangedVm(id=vm))


async def _follow(running: asyncio.Future[None], operation: Operation, handle: Handle) -> None:
    # The task is cancelled by interrupting this wait; the plan must not be torn in the middle of an atomic, so it is
    # only told, and its clean-up awaited.
    while True:
        try:
            await asyncio.shield(running)
            return
        except asyncio.CancelledError:
            if not handle.cancelling or running.done() or not operation.begun:
                raise
            operation.cancelled.set()
