"""How simulated guests move: a description stands for their memory."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

import msgspec

from common.idl.xen import FailedToStartEmulator, FailedToSuspend, Vm, VmId
from xenopsd.backend.base import Drive, Spec, Status
from xenopsd.backend.simulated_guest import Guest
from xenopsd.migration.machine import incoming

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
        guest.status, guest.stopped = Status.PAUSED, True
        self._save(guest)
        os.write(descriptor, msgspec.json.encode(guest) + b"\n")

    async def run_on(self, vm: VmId) -> None:
        guest = self._alive(vm)
        if guest.stopped:
            guest.status, guest.stopped, guest.unpaused = Status.RUNNING, False, time.time()
            self._save(guest)

    async def receive(self, spec: Spec, told: dict[str, str], descriptor: int, *, beside: bool) -> None:
        vm = spec.vm.id
        memory = await _read(descriptor)
        there = msgspec.json.decode(memory, type=Guest)
        if there.asked("migrate") == "refuse":
            raise FailedToStartEmulator(vm, "simulator", "asked to refuse")
        drives = spec.drives if beside else self._supplied.pop(vm)
        self._last_domid += 1
        id_ = incoming(vm) if beside else vm
        self._guests[id_] = Guest(
            vm=msgspec.structs.replace(spec.vm, id=id_),
            domid=self._last_domid,
            started=there.started,
            ran=there.ran,
            memory=there.memory,
            vcpus=there.vcpus,
            drives={drive.vbd.id.device: drive for drive in drives},
            vifs={vif.id.device: vif for vif in spec.vifs},
        )
        self._save(self._guests[id_])

    async def supply(self, vm: VmId, drives: list[Drive]) -> None:
        self._supplied[vm] = drives

    async def replace(self, vm: VmId) -> None:
        guest = self._guests.pop(incoming(vm), None)
        if guest is not None:
            guest.vm = msgspec.structs.replace(guest.vm, id=vm)
            self._guests[vm] = guest
            self._save(guest)
            self._path(incoming(vm)).unlink(missing_ok=True)


async def _read(descriptor: int) -> bytes:
    with socket.socket(fileno=os.dup(descriptor)) as connection:
        connection.setblocking(False)
        read = b""
        while data := await asyncio.get_running_loop().sock_recv(connection, len(PIECE)):
            read += data
    return read
