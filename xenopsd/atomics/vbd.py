"""Steps that concern a virtual disk drive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import msgspec

from common.idl.xen import (
    ChangedVbd,
    DeviceId,
    Disk,
    VmId,
)
from xenopsd.backend.base import Drive
from xenopsd.steps import Job, World
from xenopsd.store import Open, Record


@dataclass(frozen=True, slots=True)
class DiskOpen:
    """Have sm attach and activate a disk for `device` (a VBD's, or the suspend image's). Safe to repeat."""

    weight: ClassVar[float] = 1.0

    vm: VmId
    device: str
    disk: Disk
    read_only: bool

    async def perform(self, job: Job) -> None:
        world, record = job.world, job.world.store.get(self.vm)
        opened = record.open.get(self.device)
        if opened is None or opened.disk != self.disk:
            opened = record.open[self.device] = Open(disk=self.disk, read_only=self.read_only)
        world.store.save(record)
        attachment = await world.storage.open(job.dbg, self.vm, self.device, self.disk, read_only=self.read_only)
        source = world.backend.choose(attachment)
        record.open[self.device] = msgspec.structs.replace(opened, source=source, active=True)
        world.store.save(record)


@dataclass(frozen=True, slots=True)
class DiskAttach:
    """Have sm prepare a disk that another host still writes. Safe to repeat; `DiskOpen` follows."""

    weight: ClassVar[float] = 1.0

    vm: VmId
    device: str
    disk: Disk
    read_only: bool

    async def perform(self, job: Job) -> None:
        world, record = job.world, job.world.store.get(self.vm)
        record.open[self.device] = Open(disk=self.disk, read_only=self.read_only, active=False)
        world.store.save(record)
        await world.storage.attach(job.dbg, self.vm, self.device, self.disk, read_only=self.read_only)


@dataclass(frozen=True, slots=True)
class DiskLetGo:
    """Let another host open the disk, which nobody here writes any more. Safe to repeat."""

    weight: ClassVar[float] = 1.0

    vm: VmId
    device: str

    async def perform(self, job: Job) -> None:
        world, record = job.world, job.world.store.get(self.vm)
        opened = record.open[self.device]
        record.open[self.device] = msgspec.structs.replace(opened, active=False)
        world.store.save(record)
        await world.storage.let_go(job.dbg, self.vm, self.device, opened.disk)


@dataclass(frozen=True, slots=True)
class DiskClose:
    """Have sm deactivate and detach the disk of `device`. Safe to repeat: clean-up relies on it."""

    weight: ClassVar[float] = 1.0

    vm: VmId
    device: str

    async def perform(self, job: Job) -> None:
        world, record = job.world, job.world.store.get(self.vm)
        opened = record.open.get(self.device)
        if opened is None:
            return
        await world.storage.close(job.dbg, self.vm, self.device, opened.disk)
        record.open.pop(self.device, None)
        world.store.save(record)


@dataclass(frozen=True, slots=True)
class VbdPlug:
    """Connect the drive, its disk open, to the running domain."""

    weight: ClassVar[float] = 1.0

    id: DeviceId

    async def perform(self, job: Job) -> None:
        record = job.world.store.get(self.id.vm)
        await job.world.backend.plug_disk(self.id.vm, _drive(job.world, self.id))
        record.active_vbds.add(self.id.device)
        job.world.store.save(record)
        job.world.changed(ChangedVbd(id=self.id))


@dataclass(frozen=True, slots=True)
class VbdUnplug:
    """Disconnect the drive from the domain. Safe to repeat."""

    weight: ClassVar[float] = 1.0

    id: DeviceId
    force: bool

    async def perform(self, job: Job) -> None:
        await job.world.backend.unplug_disk(self.id.vm, self.id.device, self.force)
        record = job.world.store.get(self.id.vm)
        record.active_vbds.discard(self.id.device)
        job.world.store.save(record)
        job.world.changed(ChangedVbd(id=self.id))


@dataclass(frozen=True, slots=True)
class VbdSetDisk:
    """Remember what is in the drive."""

    weight: ClassVar[float] = 0.1

    id: DeviceId
    disk: Disk | None

    async def perform(self, job: Job) -> None:
        record = job.world.store.get(self.id.vm)
        set_disk(record, self.id.device, self.disk)
        job.world.store.save(record)
        job.world.changed(ChangedVbd(id=self.id))


@dataclass(frozen=True, slots=True)
class VbdChangeMedium:
    """Put the open disk into the running domain's drive, or take the medium out when there is none."""

    weight: ClassVar[float] = 1.0

    id: DeviceId
    empty: bool

    async def perform(self, job: Job) -> None:
        drive = _drive(job.world, self.id)
        if self.empty:
            drive = msgspec.structs.replace(drive, source=None)
        await job.world.backend.change_medium(self.id.vm, drive)


def set_disk(record: Record, device: str, disk: Disk | None) -> None:
    """Remember what is in the drive; the caller saves the record."""
    record.vbds[device] = msgspec.structs.replace(record.vbds[device], disk=disk)


def _drive(world: World, id_: DeviceId) -> Drive:
    opened = world.store.get(id_.vm).open.get(id_.device)
    return Drive(vbd=world.store.vbd(id_), source=None if opened is None else opened.source)
