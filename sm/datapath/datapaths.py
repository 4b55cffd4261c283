"""Attach, activate, deactivate, detach: the datapaths of an SR, and the storage daemons they need."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import msgspec

from common import unix
from common.errors import WireError
from common.idl.storage import (
    Attachment,
    DamagedDisk,
    DatapathState,
    DpId,
    Implementation,
    NbdSocket,
    RawFile,
    SrId,
    VdiId,
    VdiInUse,
)
from common.locks import Locks
from sm import paths
from sm.datapath.graph import READER, WRITER
from sm.datapath.opened import Opened, export_name
from sm.datapath.process import Process
from sm.datapath.qmp import QmpGone, QmpRefused
from sm.datapath.states import States
from sm.driver import Disk, Driver, Format
from sm.errors import Number, error

log = logging.getLogger(__name__)

RESTART_PAUSE = 0.5  # seconds between attempts to restart a storage daemon, doubled each time
LONGEST_PAUSE = 30.0


class Datapaths:
    """Of one SR. `locks` are shared with what changes disks: a disk's name guards its datapaths too."""

    def __init__(self, sr: SrId, driver: Driver, locks: Locks) -> None:
        self.sr, self._driver, self._locks = sr, driver, locks
        self._states = States(paths.repository(sr))
        self._opened: dict[VdiId, Opened] = {}
        self._damaged: dict[tuple[DpId, VdiId], DamagedDisk] = {}
        self._restarts: set[asyncio.Task[None]] = set()

    # What drivers see (OpenDisks)

    def disk(self, vdi: VdiId) -> Opened | None:
        """The disk if a storage daemon has it open."""
        return self._opened.get(vdi)

    def in_use(self, vdi: VdiId) -> bool:
        """Whether any datapath has the disk attached."""
        return bool(self._states.of(vdi))

    def written(self, vdi: VdiId) -> bool:
        """Whether a datapath that may write has the disk activated."""
        return any(state.activated and not state.read_only for state in self._states.of(vdi))

    # What clients call

    def all(self) -> list[DatapathState]:
        """All datapaths."""
        return self._states.all()

    def damaged(self) -> list[DamagedDisk]:
        """Disks whose storage daemon died with what guests had written."""
        return list(self._damaged.values())

    async def attach(self, dp: DpId, vdi: VdiId, read_only: bool) -> Attachment:
        """See `VDI.attach`."""
        async with self._locks.hold(vdi):
            disk = await self._driver.open(vdi)
            known = self._states.get(dp, vdi)
            if known is None or known.read_only != read_only:
                if known is not None and known.activated:
                    raise error(Number.VDI_UNAVAILABLE, f"{dp} has {vdi} activated in another mode")
                if disk.read_only and not read_only:
                    raise error(Number.VDI_UNAVAILABLE, f"{vdi} is read-only")
                self._states.put(DatapathState(dp=dp, sr=self.sr, vdi=vdi, read_only=read_only, activated=False))
            return Attachment(implementations=self._implementations(vdi, disk, read_only), read_only=read_only)

    async def activate(self, dp: DpId, vdi: VdiId) -> None:
        """See `VDI.activate`."""
        async with self._locks.hold(vdi):
            state = self._states.get(dp, vdi)
            if state is None:
                raise error(Number.VDI_UNAVAILABLE, f"{dp} does not have {vdi} attached")
            others = [other for other in self._states.of(vdi) if other.dp != dp and other.activated]
            if others and not state.read_only:
                raise VdiInUse(self.sr, vdi)
            await self._open(vdi, _kind(state))
            if not state.activated:
                self._states.put(msgspec.structs.replace(state, activated=True))

    async def deactivate(self, dp: DpId, vdi: VdiId) -> None:
        """See `VDI.deactivate`."""
        async with self._locks.hold(vdi):
            await self._deactivate(dp, vdi)

    async def detach(self, dp: DpId, vdi: VdiId) -> None:
        """See `VDI.detach`. An active datapath is deactivated first."""
        async with self._locks.hold(vdi):
            await self._deactivate(dp, vdi)
            self._states.drop(dp, vdi)

    async def destroy(self, dp: DpId) -> None:
        """See `DP.destroy`."""
        for vdi in self._states.vdis(dp):
            await self.detach(dp, vdi)

    # Life

    async def find(self) -> None:
        """Connect to the storage daemons of a predecessor; end those that no datapath needs."""
        needed = self._needed()
        await asyncio.gather(*map(self._find, needed))
        directories = {paths.storage_daemon(self.sr, vdi).name for vdi in needed}
        root = paths.storage_daemons(self.sr)
        for directory in root.iterdir() if root.is_dir() else ():
            if directory.name not in directories:
                await _end(Process(directory))

    def reopen(self) -> None:
        """Start the storage daemons that are missing."""
        for vdi in self._needed() - self._opened.keys():
            self._restart_soon(vdi)

    async def leave(self) -> None:
        """Let all storage daemons run without us."""
        for restart in self._restarts:
            restart.cancel()
        await asyncio.gather(*self._restarts, return_exceptions=True)
        for opened in self._opened.values():
            await opened.leave()
        self._opened.clear()

    def _needed(self) -> set[VdiId]:
        return {state.vdi for state in self._states.all() if state.activated}

    async def _find(self, vdi: VdiId) -> None:
        try:
            disk = await self._driver.open(vdi)
        except WireError as cause:
            log.warning("%s, which is in use: %s", vdi, cause)
            return
        if disk.direct:
            return
        kinds = {_kind(state) for state in self._states.of(vdi) if state.activated}
        found = await Opened.find(self._process(vdi), vdi, disk, kinds, self._watch(vdi))
        if found is not None:
            self._opened[vdi] = found

    async def _open(self, vdi: VdiId, kind: str) -> None:
        """Have the export `kind` of the disk. Safe to repeat."""
        disk = await self._driver.open(vdi)
        if disk.direct:
            return
        opened = self._opened.get(vdi)
        try:
            if opened is None:
                process = self._process(vdi)
                await process.ended()
                self._opened[vdi] = await Opened.start(process, vdi, disk, {kind}, self._watch(vdi))
            else:
                await opened.offer(kind)
        except (QmpGone, QmpRefused) as cause:
            raise error(Number.VDI_UNAVAILABLE, str(cause)) from cause

    async def _deactivate(self, dp: DpId, vdi: VdiId) -> None:
        self._damaged.pop((dp, vdi), None)
        state = self._states.get(dp, vdi)
        if state is None or not state.activated:
            return
        # Saved first: who finds a storage daemon that no datapath needs ends it.
        self._states.put(msgspec.structs.replace(state, activated=False))
        opened = self._opened.get(vdi)
        if opened is None:
            return
        still = {_kind(other) for other in self._states.of(vdi) if other.activated}
        try:
            if not still:
                del self._opened[vdi]
                await opened.close()
            elif _kind(state) not in still:
                await opened.withdraw(_kind(state))
        except (QmpGone, QmpRefused) as cause:
            raise error(Number.VDI_UNAVAILABLE, str(cause)) from cause

    def _watch(self, vdi: VdiId) -> Callable[[], None]:
        def died() -> None:
            log.warning("the storage daemon of %s died", vdi)
            self._opened.pop(vdi, None)
            self._restart_soon(vdi)

        return died

    def _restart_soon(self, vdi: VdiId) -> None:
        restart = asyncio.get_running_loop().create_task(self._restart(vdi))
        self._restarts.add(restart)
        restart.add_done_callback(self._restarts.discard)

    async def _restart(self, vdi: VdiId) -> None:
        pause = RESTART_PAUSE
        while True:
            try:
                async with self._locks.hold(vdi):
                    await self._revive(vdi)
                return
            except (WireError, QmpGone) as cause:
                log.warning("the storage daemon of %s: %s; next attempt in %.1f s", vdi, cause, pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _revive(self, vdi: VdiId) -> None:
        """Open the disk again for those who have it activated, unless what they wrote is lost."""
        users = [state for state in self._states.of(vdi) if state.activated]
        if not users or vdi in self._opened:
            return
        disk = await self._driver.open(vdi)
        if _loses_writes(disk) and any(not state.read_only for state in users):
            for state in users:
                damaged = DamagedDisk(dp=state.dp, sr=self.sr, vdi=vdi, must_reset=not state.read_only)
                self._damaged[state.dp, vdi] = damaged
            log.error("%s lost what was written last: its users must be reset", vdi)
            return
        for kind in {_kind(state) for state in users}:
            await self._open(vdi, kind)

    def _process(self, vdi: VdiId) -> Process:
        return Process(paths.storage_daemon(self.sr, vdi))

    def _implementations(self, vdi: VdiId, disk: Disk, read_only: bool) -> list[Implementation]:
        top = disk.layers[0]
        file = [RawFile(path=str(top.path))] if top.format is Format.RAW else []
        if disk.direct:
            return [*file]
        socket = unix.short(str(self._process(vdi).nbd))
        return [NbdSocket(socket=socket, export=export_name(vdi, READER if read_only else WRITER)), *file]


def _kind(state: DatapathState) -> str:
    return READER if state.read_only else WRITER


def _loses_writes(disk: Disk) -> bool:
    """Whether the death of a storage daemon loses acknowledged writes: those in a qcow2 image's metadata cache."""
    return disk.layers[0].format is Format.QCOW2 and not disk.write_through


async def _end(process: Process) -> None:
    try:
        await process.quit(await process.connect())
    except QmpGone as cause:
        log.info("%s: %s", process.directory.name, cause)
        await process.ended()
        process.clean()
