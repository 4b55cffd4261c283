"""Steps that concern a domain."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import ClassVar

import msgspec

from common.idl.xen import (
    ChangedVm,
    Vm,
    VmId,
)
from common.idl.xen_errors import (
    BadPowerState,
    FailedToShutdown,
)
from xenopsd.backend.base import Drive, Ending, Spec
from xenopsd.memory.policy import Room
from xenopsd.steps import Job
from xenopsd.store import Phase, Record

log = logging.getLogger(__name__)

SUSPEND_DEVICE = "suspend"
"""Stands for the suspend image among a VM's open disks."""


@dataclass(frozen=True, slots=True)
class Hook:
    """Run the administrator's scripts."""

    weight: ClassVar[float] = 1.0

    vm: VmId
    hook: str
    reason: str

    async def perform(self, job: Job) -> None:
        await job.world.hooks.run(self.hook, self.vm, self.reason)


@dataclass(frozen=True, slots=True)
class VmEnter:
    """Record the phase before its first change is made, so that a killed xenopsd knows what is half-made."""

    weight: ClassVar[float] = 0.1

    vm: VmId
    phase: Phase

    async def perform(self, job: Job) -> None:
        record = job.world.store.get(self.vm)
        record.phase = self.phase
        job.world.store.save(record)


@dataclass(frozen=True, slots=True)
class VmTakeFirmware:
    """Have firmware remember what xapi says that it does, whatever this host still has of the VM."""

    weight: ClassVar[float] = 0.1

    vm: VmId

    async def perform(self, job: Job) -> None:
        await job.world.backend.set_firmware(self.vm, job.world.store.get(self.vm).vm.firmware)


@dataclass(frozen=True, slots=True)
class VmCreate:
    """Make the paused domain with the devices whose disks are open."""

    weight: ClassVar[float] = 5.0

    vm: VmId

    async def perform(self, job: Job) -> None:
        record = job.world.store.get(self.vm)
        async with memory_for(
            job, record.vm, Room(record.vm.memory_dynamic_min, record.vm.memory_dynamic_max)
        ) as memory:
            await job.world.backend.create(spec(record, memory))


@dataclass(frozen=True, slots=True)
class VmRestore:
    """Make the paused domain from the open suspend image."""

    weight: ClassVar[float] = 10.0

    vm: VmId

    async def perform(self, job: Job) -> None:
        record = job.world.store.get(self.vm)
        image = record.open[SUSPEND_DEVICE].source
        if image is None:
            raise BadPowerState(self.vm, "Halted", "Suspended")
        size = record.suspended_memory or record.vm.memory_dynamic_max
        async with memory_for(job, record.vm, Room(size, size)) as memory:
            await job.world.backend.restore(spec(record, memory), image)


@dataclass(frozen=True, slots=True)
class VmReady:
    """The domain is whole: from here on it survives us."""

    weight: ClassVar[float] = 0.1

    vm: VmId

    async def perform(self, job: Job) -> None:
        record = job.world.store.get(self.vm)
        record.phase = Phase.RUNNING
        record.last_start_time = time.time()
        record.active_vbds, record.active_vifs = set(record.vbds), set(record.vifs)
        record.vm = msgspec.structs.replace(record.vm, suspended=False)
        job.world.store.save(record)


@dataclass(frozen=True, slots=True)
class VmCrashed:
    """Remember that the guest crashed, for those who ask later. Safe to repeat."""

    weight: ClassVar[float] = 0.1

    vm: VmId

    async def perform(self, job: Job) -> None:
        record = job.world.store.get(self.vm)
        record.last_crash_time = time.time()
        job.world.store.save(record)
        job.world.changed(ChangedVm(id=self.vm))


@dataclass(frozen=True, slots=True)
class VmUnpause:
    """Let the VCPUs run."""

    weight: ClassVar[float] = 1.0

    vm: VmId

    async def perform(self, job: Job) -> None:
        await job.world.backend.unpause(self.vm)
        job.world.changed(ChangedVm(id=self.vm))


@dataclass(frozen=True, slots=True)
class VmPause:
    """Stop the VCPUs."""

    weight: ClassVar[float] = 1.0

    vm: VmId

    async def perform(self, job: Job) -> None:
        await job.world.backend.pause(self.vm)
        job.world.changed(ChangedVm(id=self.vm))


@dataclass(frozen=True, slots=True)
class VmShutdown:
    """Ask the guest to end and wait for it. Cancelling gives up the wait; the guest may still end later."""

    weight: ClassVar[float] = 10.0

    vm: VmId
    ending: Ending
    timeout: float

    async def perform(self, job: Job) -> None:
        backend, limit = job.world.backend, min(self.timeout, job.world.acknowledge_timeout)
        await job.interruptible(backend.request_shutdown(self.vm, self.ending, limit))
        if not await job.interruptible(backend.wait_ended(self.vm, self.timeout)):
            raise FailedToShutdown(self.vm, self.timeout)


@dataclass(frozen=True, slots=True)
class VmSave:
    """Write the domain into the open suspend image; afterwards it is gone and the VM counts as suspended."""

    weight: ClassVar[float] = 10.0

    vm: VmId

    async def perform(self, job: Job) -> None:
        record = job.world.store.get(self.vm)
        image = record.open[SUSPEND_DEVICE].source
        if image is None:
            raise BadPowerState(self.vm, "Halted", "Running")
        if job.handle is not None:
            job.handle.uncancellable()
        domain = await job.world.backend.domain(self.vm)
        record.suspended_memory = 0 if domain is None else domain.memory_actual
        record.phase = Phase.SENDING
        job.world.store.save(record)
        await job.world.backend.save(self.vm, image)
        record.vm = msgspec.structs.replace(record.vm, suspended=True)
        record.phase = Phase.STOPPING
        job.world.store.save(record)


@dataclass(frozen=True, slots=True)
class VmDestroy:
    """End the domain at once. Safe to repeat: clean-up relies on it."""

    weight: ClassVar[float] = 1.0

    vm: VmId

    async def perform(self, job: Job) -> None:
        await job.world.backend.destroy(self.vm)


@dataclass(frozen=True, slots=True)
class VmHalted:
    """The VM is halted (or suspended) now and its disks are closed. `discard`: what was suspended is given up."""

    weight: ClassVar[float] = 0.1

    vm: VmId
    discard: bool
    deactivate: bool = True

    async def perform(self, job: Job) -> None:
        record = job.world.store.get(self.vm)
        record.phase = Phase.HALTED
        if self.deactivate:
            record.active_vbds, record.active_vifs = set(), set()
        if self.discard:
            record.vm = msgspec.structs.replace(record.vm, suspended=False)
        job.world.store.save(record)


@dataclass(frozen=True, slots=True)
class VmSetVcpus:
    """Plug or unplug VCPUs."""

    weight: ClassVar[float] = 1.0

    vm: VmId
    vcpus: int

    async def perform(self, job: Job) -> None:
        await job.world.backend.set_vcpus(self.vm, self.vcpus)
        record = job.world.store.get(self.vm)
        record.vm = msgspec.structs.replace(record.vm, vcpus=self.vcpus)
        job.world.store.save(record)


@dataclass(frozen=True, slots=True)
class VmSetMemory:
    """Change the dynamic range, and have the guests go to their new parts as far as they follow."""

    weight: ClassVar[float] = 1.0

    vm: VmId
    minimum: int
    maximum: int

    async def perform(self, job: Job) -> None:
        await job.world.backend.set_memory(self.vm, self.minimum, self.maximum)
        record = job.world.store.get(self.vm)
        record.vm = msgspec.structs.replace(record.vm, memory_dynamic_min=self.minimum, memory_dynamic_max=self.maximum)
        job.world.store.save(record)
        if job.world.memory is not None:
            await job.interruptible(job.world.memory.balance())


@dataclass(frozen=True, slots=True)
class VmSetXsdata:
    """Replace what the guest reads under `vm-data/`. `items` are the pairs, sorted."""

    weight: ClassVar[float] = 1.0

    vm: VmId
    items: tuple[tuple[str, str], ...]

    async def perform(self, job: Job) -> None:
        record = job.world.store.get(self.vm)
        record.vm = msgspec.structs.replace(record.vm, xsdata=dict(self.items))
        job.world.store.save(record)
        await job.world.backend.set_xsdata(self.vm, record.vm.xsdata)


@contextlib.asynccontextmanager
async def memory_for(job: Job, vm: Vm, room: Room) -> AsyncIterator[int | None]:
    """Bytes that are set aside for the domain while it is built; None where the hypervisor sees to it."""
    if job.world.memory is None:
        yield None
        return
    async with job.world.memory.reserved(vm, room) as granted:
        yield granted


def spec(record: Record, memory: int | None = None) -> Spec:
    """What the domain is built from: every drive that is empty or whose disk is open, every interface."""
    drives = []
    for device, vbd in sorted(record.vbds.items(), key=lambda item: item[1].position):
        opened = record.open.get(device)
        drives.append(Drive(vbd=vbd, source=None if opened is None else opened.source))
    vifs = sorted(record.vifs.values(), key=lambda vif: vif.position)
    return Spec(vm=record.vm, drives=drives, vifs=vifs, memory=memory)


@dataclass(frozen=True, slots=True)
class Delay:
    """Wait: a guest that reboots again and again must not take the host with it."""

    weight: ClassVar[float] = 1.0

    seconds: float

    async def perform(self, job: Job) -> None:
        await job.interruptible(asyncio.sleep(self.seconds))
