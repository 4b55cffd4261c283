"""Steps that move a running VM: to another host, from another host, or to a new domain of this one."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import ClassVar

import msgspec

from common.errors import WireError
from common.idl.xen import (
    ChangedVm,
    FirmwareState,
    Vbd,
    Vif,
    VmId,
)
from common.idl.xen_errors import MigrationInDoubt
from xenopsd.atomics.vm import VmReady, memory_for, spec
from xenopsd.memory.policy import Room
from xenopsd.migration.arrival import Arrival
from xenopsd.migration.departure import Departure
from xenopsd.migration.machine import MigrationMachine, beside, machine
from xenopsd.migration.messages import Offer
from xenopsd.migration.pipe import Pipe
from xenopsd.migration.together import end, together
from xenopsd.steps import Job
from xenopsd.store import Phase, Record


@dataclass(frozen=True, slots=True)
class DepartureOffer:
    """Have the destination make ready for the VM with devices as it knows them."""

    weight: ClassVar[float] = 1.0

    vm: VmId
    vbds: tuple[Vbd, ...]
    vifs: tuple[Vif, ...]
    departure: Departure

    async def perform(self, job: Job) -> None:
        record = job.world.store.get(self.vm)
        domain = await job.world.backend.domain(self.vm)
        job.resources.push_async_callback(self.departure.close)
        offer = Offer(
            dbg=job.dbg,
            vm=record.vm,
            vbds=list(self.vbds),
            vifs=list(self.vifs),
            memory=0 if domain is None else domain.memory_target,
            told={} if domain is None else domain.guest_agent,
            started=record.last_start_time,
            crashed=record.last_crash_time,
        )
        await job.interruptible(self.departure.offer(offer))


@dataclass(frozen=True, slots=True)
class DepartureSend:
    """Send the domain's memory; at the end the guest is stopped. Cancelling ends it, and the guest runs on."""

    weight: ClassVar[float] = 50.0

    vm: VmId
    departure: Departure

    async def perform(self, job: Job) -> None:
        backend = machine(job.world.backend)
        await job.interruptible(
            self.departure.send(
                lambda descriptor: backend.send(self.vm, descriptor, lambda part: job.part(self.weight * part))
            )
        )


@dataclass(frozen=True, slots=True)
class DepartureSent:
    """The guest is stopped, its disks are free: the destination completes the domain. It can still be cancelled."""

    weight: ClassVar[float] = 5.0

    vm: VmId
    departure: Departure

    async def perform(self, job: Job) -> None:
        await job.interruptible(self.departure.sent())


@dataclass(frozen=True, slots=True)
class DepartureRun:
    """Let the guest run at the destination. Recorded first: it runs here again only if it surely does not there."""

    weight: ClassVar[float] = 1.0

    vm: VmId
    departure: Departure

    async def perform(self, job: Job) -> None:
        if job.handle is not None:
            job.handle.uncancellable()
        _enter(job, self.vm, Phase.LEAVING)
        try:
            await self.departure.run()
        except MigrationInDoubt:
            raise
        except WireError:
            _enter(job, self.vm, Phase.SENDING)
            raise
        _enter(job, self.vm, Phase.STOPPING)


@dataclass(frozen=True, slots=True)
class VmRunOn:
    """The VM stays: its guest, if it was stopped to be saved or moved, runs on. Safe to repeat."""

    weight: ClassVar[float] = 1.0

    vm: VmId

    async def perform(self, job: Job) -> None:
        backend = job.world.backend
        if isinstance(backend, MigrationMachine):
            await backend.run_on(self.vm)
        _enter(job, self.vm, Phase.RUNNING)
        job.world.changed(ChangedVm(id=self.vm))


@dataclass(frozen=True, slots=True)
class VmForget:
    """The VM is another host's now."""

    weight: ClassVar[float] = 0.1

    vm: VmId

    async def perform(self, job: Job) -> None:
        record = job.world.store.get(self.vm)
        await job.world.backend.set_firmware(self.vm, FirmwareState())
        job.world.store.forget(self.vm)
        job.world.gone(record)


@dataclass(frozen=True, slots=True)
class ArrivalEnter:
    """Know the VM as the source describes it. It is half-made until it runs."""

    weight: ClassVar[float] = 0.1

    vm: VmId
    arrival: Arrival

    async def perform(self, job: Job) -> None:
        offer, record = self.arrival.offer, job.world.store.get(self.vm)
        record.vm = offer.vm
        record.vbds = {vbd.id.device: vbd for vbd in offer.vbds}
        record.vifs = {vif.id.device: vif for vif in offer.vifs}
        record.phase, record.last_crash_time = Phase.STARTING, offer.crashed
        job.world.store.save(record)


@dataclass(frozen=True, slots=True)
class ArrivalReceive:
    """Take in the domain's memory, until the source has sent all of it."""

    weight: ClassVar[float] = 50.0

    vm: VmId
    arrival: Arrival

    async def perform(self, job: Job) -> None:
        backend, record, offer = machine(job.world.backend), job.world.store.get(self.vm), self.arrival.offer
        room = Room(offer.memory, offer.memory) if offer.memory else Room(0, record.vm.memory_dynamic_max)
        job.resources.push_async_callback(self.arrival.close)

        async def read(descriptor: int) -> None:
            async with memory_for(job, record.vm, room) as memory:
                await self.arrival.ready()
                await backend.receive(spec(record, memory), offer.told, descriptor)

        await job.interruptible(self.arrival.receive(read))


@dataclass(frozen=True, slots=True)
class ArrivalComplete:
    """The disks are open: have the domain finished, and wait for the word to run."""

    weight: ClassVar[float] = 5.0

    vm: VmId
    arrival: Arrival

    async def perform(self, job: Job) -> None:
        await machine(job.world.backend).supply(spec(job.world.store.get(self.vm)))
        await job.interruptible(self.arrival.complete())


@dataclass(frozen=True, slots=True)
class ArrivalRun:
    """The guest is ours and runs. Should it not, it never did, and the source may have it back."""

    weight: ClassVar[float] = 1.0

    vm: VmId
    arrival: Arrival

    async def perform(self, job: Job) -> None:
        if job.handle is not None:
            job.handle.uncancellable()
        await VmReady(self.vm).perform(job)
        try:
            await job.world.backend.unpause(self.vm)
        except BaseException:
            _enter(job, self.vm, Phase.STARTING)
            raise
        record = job.world.store.get(self.vm)
        record.last_start_time = self.arrival.offer.started
        job.world.store.save(record)
        job.world.changed(ChangedVm(id=self.vm))


@dataclass(frozen=True, slots=True)
class VmDouble:
    """Make a paused domain of the running one beside it, on this host. At the end the guest is stopped."""

    weight: ClassVar[float] = 50.0

    vm: VmId

    async def perform(self, job: Job) -> None:
        working = asyncio.get_running_loop().create_task(self._double(job))
        job.resources.push_async_callback(end, working)
        await job.interruptible(asyncio.shield(working))

    async def _double(self, job: Job) -> None:
        world, backend, record = job.world, machine(job.world.backend), job.world.store.get(self.vm)
        domain = await world.backend.domain(self.vm)
        size = record.vm.memory_dynamic_max if domain is None else domain.memory_target
        pipe = Pipe()

        async def write() -> None:
            try:
                await backend.send(self.vm, pipe.write, lambda part: job.part(self.weight * part))
            finally:
                pipe.close_write()

        async def read() -> None:
            second = msgspec.structs.replace(record.vm, id=beside(self.vm))
            async with memory_for(job, second, Room(size, size)) as memory:
                await backend.double(spec(record, memory), pipe.read)

        with contextlib.closing(pipe):
            await together(write(), read())


@dataclass(frozen=True, slots=True)
class VmReplace:
    """The domain beside takes the place of the VM's own."""

    weight: ClassVar[float] = 5.0

    vm: VmId

    async def perform(self, job: Job) -> None:
        if job.handle is not None:
            job.handle.uncancellable()
        world = job.world
        domain = await world.backend.domain(self.vm)
        memory, told = (None, {}) if domain is None else (domain.memory_target, domain.guest_agent)
        await machine(world.backend).replace(spec(world.store.get(self.vm), memory), told)


def _enter(job: Job, vm: VmId, phase: Phase) -> Record:
    record = job.world.store.get(vm)
    record.phase = phase
    job.world.store.save(record)
    return record
