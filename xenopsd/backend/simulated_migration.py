"""How simulated guests move: a description stands for their memory."""

from __future__ import annotations

import asyncio
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

import msgspec

from common.idl.xen import (
    Vm,
    VmId,
)
from common.idl.xen_errors import (
    FailedToStartEmulator,
    FailedToSuspend,
)
from xenopsd.backend.base import Drive, Spec, Status
from xenopsd.backend.simulated_guest import Guest
from xenopsd.migration.line import ready
from xenopsd.migration.machine import beside

PIECES = 20
PIECE = b" " * 1000


class Moving(ABC):
    """Implements `xenopsd.migration.machine.MigrationMachine`."""

    _guests: dict[VmId, Guest]
    _last_domid: int
    _supplied: dict[VmId, list[Drive]]

    @abstractmethod
    def _alive(self, vm: VmId) -> Guest: ...

    @abstractmethod
    def _save(self, guest: Guest) -> None: ...

    @abstractmethod
    def _path(self, vm: VmId) -> Path: ...

    async def check_migration(self, vm: Vm) -> None:
        return None

    async def send(self, vm: VmId, descriptor: int, progress: Callable[[float], None]) -> None:
        guest = self._alive(vm)
        wanted = guest.asked("migrate")
        seconds = float(wanted) if wanted.replace(".", "").isdigit() else 0.0
        for number in range(PIECES):
            os.write(descriptor, PIECE)
            progress(number / PIECES)
            await asyncio.sleep(seconds / PIECES)
            if wanted == "fail" and number > PIECES / 2:
                raise FailedToSuspend(vm, 0.0)
        guest.ran, guest.unpaused = guest.running_for(time.time()), None
        guest.status = Status.PAUSED
        self._save(guest)
        os.write(descriptor, msgspec.json.encode(guest) + b"\n")

    async def run_on(self, vm: VmId) -> None:
        guest = self._alive(vm)
        self._forget(beside(vm))
        if guest.status is Status.PAUSED:
            guest.status, guest.unpaused = Status.RUNNING, time.time()
            self._save(guest)

    async def receive(self, spec: Spec, told: dict[str, str], descriptor: int) -> None:
        await self._receive(spec.vm, spec, descriptor)

    async def supply(self, spec: Spec) -> None:
        self._supplied[spec.vm.id] = spec.drives

    async def double(self, spec: Spec, descriptor: int) -> None:
        self._supplied[beside(spec.vm.id)] = spec.drives
        await self._receive(msgspec.structs.replace(spec.vm, id=beside(spec.vm.id)), spec, descriptor)

    async def replace(self, spec: Spec, told: dict[str, str]) -> None:
        guest = self._guests.pop(beside(spec.vm.id))
        guest.vm = spec.vm
        self._guests[guest.vm.id] = guest
        self._save(guest)
        self._path(beside(spec.vm.id)).unlink(missing_ok=True)

    async def _receive(self, vm: Vm, spec: Spec, descriptor: int) -> None:
        try:
            there = msgspec.json.decode(await _read(descriptor), type=Guest)
        except msgspec.DecodeError as error:
            raise FailedToStartEmulator(spec.vm.id, "simulator", f"not all memory came: {error}") from error
        if there.asked("migrate") == "refuse":
            raise FailedToStartEmulator(spec.vm.id, "simulator", "asked to refuse")
        self._last_domid += 1
        self._guests[vm.id] = Guest(
            vm=vm,
            domid=self._last_domid,
            started=there.started,
            ran=there.ran,
            memory=there.memory,
            vcpus=there.vcpus,
            drives={drive.vbd.id.device: drive for drive in self._supplied.pop(vm.id)},
            vifs={vif.id.device: vif for vif in spec.vifs},
        )
        self._save(self._guests[vm.id])

    def _forget(self, vm: VmId) -> None:
        if self._guests.pop(vm, None) is not None:
            self._path(vm).unlink(missing_ok=True)


async def _read(descriptor: int) -> bytes:
    read = b""
    os.set_blocking(descriptor, False)
    while True:
        await ready(descriptor)
        if not (data := os.read(descriptor, len(PIECE))):
            return read
        read += data
