"""One attached SR inside its worker: serves the storage interface for it, in the order its disks need.

A disk's name is the lock of its datapaths and content; `TREE` that of what changes which images there are.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from common import daemon
from common.idl import storage
from common.idl.storage import (
    DP,
    SR,
    VDI,
    Attachment,
    DamagedDisk,
    DatapathState,
    DpId,
    ProbeResult,
    ScanResult,
    SrHasOpenDisks,
    SrId,
    SrInfo,
    SrNotAttached,
    VdiId,
    VdiInfo,
    VdiInUse,
)
from common.idl.task import TaskId
from common.locks import Locks
from sm import drivers
from sm.config import Settings
from sm.datapath.datapaths import Datapaths
from sm.driver import Driver, Format
from sm.errors import Number, as_number

log = logging.getLogger(__name__)

TREE = "*tree"


class Repository:
    """The SR, once attached."""

    def __init__(self, sr: SrId, settings: Settings) -> None:
        self.sr, self.settings = sr, settings
        self.locks = Locks()
        self._attached: tuple[Driver, Datapaths] | None = None

    @property
    def driver(self) -> Driver:
        """Raises `SrNotAttached`."""
        return self._present()[0]

    @property
    def datapaths(self) -> Datapaths:
        """Raises `SrNotAttached`."""
        return self._present()[1]

    def make_driver(self, type_: str, device_config: Mapping[str, str]) -> Driver:
        """The driver for this SR. Raises `UnknownDriver`."""
        return drivers.find(type_)(
            self.sr,
            device_config,
            default_format=Format(self.settings.image_format),
            write_through=self.settings.write_through,
        )

    async def attach(self, type_: str, device_config: Mapping[str, str]) -> None:
        """Attach, and bring to order what a predecessor left. Safe to repeat."""
        async with self.locks.hold(TREE):
            if self._attached is not None:
                return
            driver = self.make_driver(type_, device_config)
            await driver.attach()
            datapaths = Datapaths(self.sr, driver, self.locks)
            await datapaths.find()
            with as_number(Number.SR_UNAVAILABLE):
                await driver.recover(datapaths)
            datapaths.reopen()
            self._attached = driver, datapaths

    async def detach(self) -> None:
        """Detach. Raises `SrHasOpenDisks`. Safe to repeat."""
        async with self.locks.hold(TREE):
            if self._attached is None:
                return
            driver, datapaths = self._attached
            if datapaths.all():
                raise SrHasOpenDisks(self.sr)
            await datapaths.leave()
            await driver.detach()
            self._attached = None

    async def destroy(self) -> None:
        """Destroy the attached SR."""
        async with self.locks.hold(TREE):
            driver, datapaths = self._present()
            if datapaths.all():
                raise SrHasOpenDisks(self.sr)
            await driver.destroy()
            self._attached = None

    async def leave(self) -> None:
        """This process ends: disks that are open stay open."""
        if self._attached is not None:
            await self._attached[1].leave()

    def _present(self) -> tuple[Driver, Datapaths]:
        if self._attached is None:
            raise SrNotAttached(self.sr)
        return self._attached


class SrService(SR):
    """`SR` for the worker's own SR."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository

    async def drivers(self, dbg: str) -> list[storage.Driver]:
        return [driver.info.record(daemon.version()) for driver in drivers.DRIVERS.values()]

    async def probe(
        self, dbg: str, type: str, device_config: dict[str, str], sm_config: dict[str, str]
    ) -> list[ProbeResult]:
        return await self._repository.make_driver(type, device_config).probe()

    async def create(
        self,
        dbg: str,
        sr: SrId,
        type: str,
        device_config: dict[str, str],
        size: int = 0,
        name_label: str = "",
        name_description: str = "",
    ) -> dict[str, str]:
        driver = self._repository.make_driver(type, device_config)
        return await driver.create(size, name_label, name_description)

    async def attach(self, dbg: str, sr: SrId, type: str, device_config: dict[str, str]) -> None:
        await self._repository.attach(type, device_config)

    async def detach(self, dbg: str, sr: SrId) -> None:
        await self._repository.detach()

    async def destroy(self, dbg: str, sr: SrId) -> None:
        await self._repository.destroy()

    async def all(self, dbg: str) -> list[SrId]:
        return [self._repository.sr]

    async def stat(self, dbg: str, sr: SrId) -> SrInfo:
        with as_number(Number.SR_UNAVAILABLE):
            return await self._repository.driver.stat()

    async def scan(self, dbg: str, sr: SrId) -> ScanResult:
        driver = self._repository.driver
        # A split in progress has images that are nobody's yet.
        async with self._repository.locks.hold(TREE):
            with as_number(Number.SR_SCAN):
                return ScanResult(vdis=await driver.scan(), sr=await driver.stat())

    async def update(self, dbg: str, sr: SrId, name_label: str, name_description: str) -> None:
        with as_number(Number.GENERAL):
            await self._repository.driver.update(name_label, name_description)


class VdiService(VDI):
    """`VDI` for the worker's own SR."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository

    async def create(self, dbg: str, sr: SrId, vdi: VdiInfo) -> VdiInfo:
        async with self._repository.locks.hold(TREE):
            with as_number(Number.VDI_CREATE):
                return await self._repository.driver.vdi_create(vdi)

    async def destroy(self, dbg: str, sr: SrId, vdi: VdiId) -> None:
        async with self._repository.locks.hold(TREE, vdi):
            self._must_be_closed(vdi)
            with as_number(Number.VDI_DELETE):
                await self._repository.driver.vdi_destroy(vdi)

    async def snapshot(self, dbg: str, sr: SrId, vdi: VdiId, info: VdiInfo) -> VdiInfo:
        return await self._child(vdi, info, Number.VDI_SNAPSHOT)

    async def clone(self, dbg: str, sr: SrId, vdi: VdiId, info: VdiInfo) -> VdiInfo:
        return await self._child(vdi, info, Number.VDI_CLONE)

    async def revert(self, dbg: str, sr: SrId, snapshot: VdiId, vdi: VdiId) -> VdiInfo:
        async with self._repository.locks.hold(TREE, snapshot, vdi):
            self._must_be_closed(vdi)
            with as_number(Number.VDI_SNAPSHOT):
                return await self._repository.driver.vdi_revert(snapshot, vdi, self._repository.datapaths)

    async def resize(self, dbg: str, sr: SrId, vdi: VdiId, size: int) -> VdiInfo:
        async with self._repository.locks.hold(TREE, vdi):
            with as_number(Number.VDI_RESIZE):
                return await self._repository.driver.vdi_resize(vdi, size, self._repository.datapaths)

    async def stat(self, dbg: str, sr: SrId, vdi: VdiId) -> VdiInfo:
        with as_number(Number.VDI_UNAVAILABLE):
            return await self._repository.driver.vdi(vdi)

    async def introduce(self, dbg: str, sr: SrId, uuid: str, sm_config: dict[str, str], location: str) -> VdiInfo:
        with as_number(Number.VDI_UNAVAILABLE):
            return await self._repository.driver.vdi_introduce(uuid, sm_config, location)

    async def update(self, dbg: str, sr: SrId, vdi: VdiId, name_label: str, name_description: str) -> None:
        async with self._repository.locks.hold(TREE, vdi):
            with as_number(Number.GENERAL):
                await self._repository.driver.vdi_update(vdi, name_label, name_description)

    async def copy(self, dbg: str, sr: SrId, vdi: VdiId, dest_sr: SrId, dest_vdi: VdiId) -> TaskId:
        # Two SRs may take part, so sm itself does it.
        raise storage.NotSupported("VDI_COPY")

    async def attach(self, dbg: str, dp: DpId, sr: SrId, vdi: VdiId, read_only: bool) -> Attachment:
        with as_number(Number.VDI_UNAVAILABLE):
            return await self._repository.datapaths.attach(dp, vdi, read_only)

    async def activate(self, dbg: str, dp: DpId, sr: SrId, vdi: VdiId) -> None:
        with as_number(Number.VDI_UNAVAILABLE):
            await self._repository.datapaths.activate(dp, vdi)

    async def deactivate(self, dbg: str, dp: DpId, sr: SrId, vdi: VdiId) -> None:
        with as_number(Number.VDI_UNAVAILABLE):
            await self._repository.datapaths.deactivate(dp, vdi)

    async def detach(self, dbg: str, dp: DpId, sr: SrId, vdi: VdiId) -> None:
        with as_number(Number.VDI_UNAVAILABLE):
            await self._repository.datapaths.detach(dp, vdi)

    async def _child(self, vdi: VdiId, info: VdiInfo, number: Number) -> VdiInfo:
        driver = self._repository.driver
        locks = (vdi,) if await driver.is_copied(vdi) else (TREE, vdi)
        async with self._repository.locks.hold(*locks):
            with as_number(number):
                return await driver.vdi_snapshot(vdi, info, self._repository.datapaths)

    def _must_be_closed(self, vdi: VdiId) -> None:
        if self._repository.datapaths.in_use(vdi):
            raise VdiInUse(self._repository.sr, vdi)


class DpService(DP):
    """`DP` for the worker's own SR."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository

    async def all(self, dbg: str) -> list[DatapathState]:
        return self._repository.datapaths.all()

    async def destroy(self, dbg: str, dp: DpId) -> None:
        await self._repository.datapaths.destroy(dp)

    async def damaged(self, dbg: str) -> list[DamagedDisk]:
        return self._repository.datapaths.damaged()
