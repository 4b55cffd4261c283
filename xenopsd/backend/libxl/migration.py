"""Guests that move: to another host, from another host, and to a new domain of this one."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from common.idl.storage import RawFile
from common.idl.xen import (
    DirectBoot,
    DiskType,
    DomainType,
    Vm,
    VmId,
)
from common.idl.xen_errors import (
    CannotMigrate,
    FailedToStartEmulator,
    FailedToSuspend,
)
from common.xen.libxc import DomainInfo, Libxc, Shutdown
from common.xen.xenstore import Xenstore
from xenopsd.backend.base import Drive, Spec
from xenopsd.backend.libxl import configuration, guest
from xenopsd.backend.libxl.blocks import Blocks
from xenopsd.backend.libxl.consoles import Consoles
from xenopsd.backend.libxl.observe import Observer
from xenopsd.backend.libxl.places import Places
from xenopsd.migration.machine import beside
from xenopsd.migration.together import together
from xenopsd.xen.processes import LibxlFailed, Processes

log = logging.getLogger(__name__)

DEADLINE = 24 * 3600.0  # seconds: a busy guest on a slow wire; silence and cancellation end it earlier
RESUME_DEADLINE = 120.0
LOCK_DEADLINE = 120.0
STAND_IN = "stand-in"
"""The block device that later disks' paths lead to at first, as it is called among the VM's."""


class Moving(ABC):
    """Implements `xenopsd.migration.machine.MigrationMachine`."""

    _xc: Libxc
    _store: Xenstore
    _observer: Observer
    _processes: Processes
    _blocks: Blocks
    _consoles: Consoles
    _places: Places
    _stub: Path

    @abstractmethod
    async def destroy(self, vm: VmId) -> None: ...

    @abstractmethod
    async def unpause(self, vm: VmId) -> None: ...

    @abstractmethod
    def _alive(self, vm: VmId) -> DomainInfo: ...

    @abstractmethod
    def _lock(self, vm: str) -> str: ...

    @abstractmethod
    async def _disk(self, vm: VmId, drive: Drive, *, hvm: bool) -> dict[str, Any] | None: ...

    @abstractmethod
    async def _make(
        self, spec: Spec, disks: list[dict[str, Any]], call: str, *, second: bool = False, **args: Any
    ) -> int: ...

    @abstractmethod
    async def _introduce(self, spec: Spec, domid: int) -> None: ...

    @abstractmethod
    async def _end(self, info: DomainInfo) -> None: ...

    async def check_migration(self, vm: Vm) -> None:
        if vm.type is DomainType.PV and not self._xc.machine().shadow:
            raise CannotMigrate(vm.id, "this Xen has no shadow paging, without which PV guests can't be moved")

    async def send(self, vm: VmId, descriptor: int, progress: Callable[[float], None]) -> None:
        info = self._alive(vm)
        try:
            await self._processes.long(
                "send", DEADLINE, progress, descriptor=descriptor, domid=info.domid, lock=self._lock(vm)
            )
        except LibxlFailed as error:
            log.warning("VM %s: not sent: %s", vm, error)
            raise FailedToSuspend(vm, DEADLINE) from error
        await self._blocks.write_out(vm)

    async def run_on(self, vm: VmId) -> None:
        # A process that saved or sent it for our killed predecessor may be just about to let it run on by itself.
        for name in (vm, beside(vm)):
            await until_free(self._lock(name))
        await self._end_others(vm)
        info = self._observer.find(vm)
        if info is not None and info.shutdown is Shutdown.SUSPEND:
            await self._processes.long("resume", RESUME_DEADLINE, domid=info.domid, lock=self._lock(vm))
        elif info is not None and info.paused:
            await self.unpause(vm)

    async def receive(self, spec: Spec, told: dict[str, str], descriptor: int) -> None:
        vm, hvm = spec.vm.id, configuration.is_hvm(spec.vm)
        await self.destroy(vm)
        with _explained(vm):
            try:
                disks = [found for drive in spec.drives if (found := await self._promised(vm, drive, hvm=hvm))]
                domid = await self._make(replace(spec, vm=_bootless(spec.vm)), disks, "receive", descriptor=descriptor)
                await self._introduce(spec, domid)
                await guest.repeat(self._store, domid, told)
                await self._blocks.detach(vm, STAND_IN)
            except BaseException:
                await self.destroy(vm)
                raise

    async def supply(self, spec: Spec) -> None:
        vm, hvm = spec.vm.id, configuration.is_hvm(spec.vm)

        async def give(drive: Drive) -> None:
            if drive.source is not None and (found := await self._disk(vm, drive, hvm=hvm)):
                self._places.point(vm, drive.vbd.id.device, found["pdev_path"])

        # The guest stands still.
        await together(*map(give, spec.drives))

    async def double(self, spec: Spec, descriptor: int) -> None:
        vm, hvm = spec.vm.id, configuration.is_hvm(spec.vm)
        with _explained(vm):
            try:
                disks = [found for drive in spec.drives if (found := await self._disk(vm, drive, hvm=hvm))]
                await self._make(
                    replace(spec, vm=_bootless(spec.vm)), disks, "receive", descriptor=descriptor, second=True
                )
            except BaseException:
                await self._end_others(vm)
                raise

    async def replace(self, spec: Spec, told: dict[str, str]) -> None:
        vm = spec.vm.id
        *old, new = self._observer.find_all(vm)
        for each in old:
            await self._end(each)
        with contextlib.suppress(FileNotFoundError):
            Path(self._consoles.path(beside(vm), "rfb")).rename(self._consoles.path(vm, "rfb"))
        await self._introduce(spec, new.domid)
        await guest.repeat(self._store, new.domid, told)
        self._observer.spoil(new.domid)

    async def _end_others(self, vm: VmId) -> None:
        for info in self._observer.find_all(vm)[1:]:
            await self._end(info)

    async def _promised(self, vm: VmId, drive: Drive, *, hvm: bool) -> dict[str, Any] | None:
        """A drive for libxl; where its source comes later, by a link."""
        if drive.source is not None or drive.vbd.disk is None:
            return await self._disk(vm, drive, hvm=hvm)
        target = str(self._stub)
        if not (hvm and drive.vbd.type is DiskType.CDROM):
            target = await self._blocks.attach(vm, STAND_IN, RawFile(path=target), read_only=True)
        return configuration.disk(drive.vbd, self._places.point(vm, drive.vbd.id.device, target), hvm=hvm)


@contextlib.contextmanager
def _explained(vm: VmId) -> Iterator[None]:
    try:
        yield
    except LibxlFailed as error:
        raise FailedToStartEmulator(vm, "libxl", error.message) from error


def _bootless(vm: Vm) -> Vm:
    """Where a PV or PVH guest was booted from, its new host need not have."""
    if configuration.is_hvm(vm) or not isinstance(vm.boot, DirectBoot):
        return vm
    return replace(vm, boot=DirectBoot(kernel=""))


async def until_free(lock: str) -> None:
    """Until no process holds the lock; after a time in any case."""
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOCK_DEADLINE):
                while not _free(descriptor):
                    await asyncio.sleep(0.1)
    finally:
        os.close(descriptor)


def _free(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
