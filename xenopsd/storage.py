"""Opens VMs' disks through sm, one datapath for each device. sm may be killed at any time: calls are repeated."""

from __future__ import annotations

import asyncio
import logging
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from common.errors import DaemonUnreachable
from common.idl import storage
from common.idl.storage import Attachment, BlockDevice, DpId, RawFile, SrId, VdiId
from common.idl.xen import (
    Disk,
    LocalDisk,
    RemoteDisk,
    VdiDisk,
    VmId,
)

log = logging.getLogger(__name__)

PAUSE = 0.5  # seconds between attempts

T = TypeVar("T")


def datapath(vm: VmId, device: str) -> DpId:
    """The name sm knows this use of a disk by."""
    return DpId(f"vbd/{vm}/{device}")


class Storage:
    """sm as xenopsd uses it. All its calls are idempotent for a datapath, so an unanswered one may be repeated."""

    def __init__(self, vdi: storage.VDI, dp: storage.DP, deadline: float) -> None:
        self._vdi, self._dp, self._deadline = vdi, dp, deadline

    async def open(self, dbg: str, vm: VmId, device: str, disk: Disk, *, read_only: bool) -> Attachment:
        """Attach and activate. Safe to repeat. Raises sm's errors, `DaemonUnreachable` after the deadline."""
        if isinstance(disk, LocalDisk):
            return _local(disk, read_only)
        if isinstance(disk, RemoteDisk):
            return Attachment(implementations=[BlockDevice(path=disk.path)], read_only=read_only)
        dp, sr, vdi = datapath(vm, device), SrId(disk.sr), VdiId(disk.vdi)
        attachment = await self._repeat(lambda: self._vdi.attach(dbg, dp, sr, vdi, read_only))
        await self._repeat(lambda: self._vdi.activate(dbg, dp, sr, vdi))
        return attachment

    async def attach(self, dbg: str, vm: VmId, device: str, disk: Disk, *, read_only: bool) -> None:
        """Attach without activating. Safe to repeat."""
        if isinstance(disk, VdiDisk):
            dp, sr, vdi = datapath(vm, device), SrId(disk.sr), VdiId(disk.vdi)
            await self._repeat(lambda: self._vdi.attach(dbg, dp, sr, vdi, read_only))

    async def let_go(self, dbg: str, vm: VmId, device: str, disk: Disk) -> None:
        """Deactivate, so that another host may open it; `open` takes it back. Safe to repeat."""
        if isinstance(disk, VdiDisk):
            dp, sr, vdi = datapath(vm, device), SrId(disk.sr), VdiId(disk.vdi)
            await self._repeat(lambda: self._vdi.deactivate(dbg, dp, sr, vdi))

    async def close(self, dbg: str, vm: VmId, device: str, disk: Disk) -> None:
        """Deactivate and detach. Safe to repeat."""
        if isinstance(disk, VdiDisk):
            await self._repeat(lambda: self._dp.destroy(dbg, datapath(vm, device)))

    async def lost_writes(self, dbg: str, vm: VmId) -> bool:
        """Whether a disk of `vm` lost writes that its guest believes to be safe."""
        damaged = await self._repeat(lambda: self._dp.damaged(dbg))
        return any(each.must_reset and each.dp.startswith(datapath(vm, "")) for each in damaged)

    async def _repeat(self, call: Callable[[], Awaitable[T]]) -> T:
        give_up = asyncio.get_running_loop().time() + self._deadline
        while True:
            try:
                return await call()
            except DaemonUnreachable as error:
                if asyncio.get_running_loop().time() > give_up:
                    raise
                log.info("%s; trying again", error)
                await asyncio.sleep(PAUSE)


def _local(disk: LocalDisk, read_only: bool) -> Attachment:
    path = Path(disk.path)
    device = path.exists() and stat.S_ISBLK(path.stat().st_mode)
    return Attachment(implementations=[(BlockDevice if device else RawFile)(path=disk.path)], read_only=read_only)
