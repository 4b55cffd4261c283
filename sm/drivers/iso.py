"""A library of ISO images: the files of a directory, opened by their reader directly."""

from __future__ import annotations

import os
import re
import uuid
from dataclasses import dataclass
from pathlib import Path

from common.files import sync_directory
from common.idl.storage import SrInfo, VdiDoesNotExist, VdiId, VdiInfo
from sm import paths
from sm.driver import Capability, Disk, Driver, DriverInfo, Format, Layer, OpenDisks
from sm.errors import Number, as_number, error

NAME = re.compile(r"[^/]+\.(iso|img)", re.IGNORECASE)
OURS = re.compile(r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.(iso|img)")
TOOLS = re.compile(r"(xs-tools|guest-tools)(?:-(?P<version>[0-9.]+)(?:-(?P<build>[0-9]+))?)?\.iso")


@dataclass
class IsoDriver(Driver):
    """A VDI's location is its file's name; its uuid is made from that, so it is the same on every host and scan."""

    info = DriverInfo(
        type="iso",
        name="ISO",
        description="CD images in a directory of the host",
        capabilities=frozenset(
            {
                Capability.VDI_CREATE,
                Capability.VDI_DELETE,
                Capability.VDI_ATTACH,
                Capability.VDI_DETACH,
                Capability.VDI_ACTIVATE,
                Capability.VDI_DEACTIVATE,
            }
        ),
        configuration={
            "location": "directory that holds the images",
            "legacy_mode": "true: location is a directory of the host (the only kind there is)",
            "iso_path": "directory below location",
        },
        formats=(Format.RAW,),
    )

    @property
    def path(self) -> Path:
        """The directory. Raises `BackendError`: a location that is none (a share, an export) is not mounted."""
        location = self.config.get("location", "")
        if not location:
            raise error(Number.LOCATION_MISSING)
        if not location.startswith("/") or location.startswith("//"):
            raise error(Number.ISO_LOCATION, location)
        return paths.on_host(location) / self.config.get("iso_path", "").strip("/")

    async def create(self, size: int, name_label: str, name_description: str) -> dict[str, str]:
        await self.attach()
        return dict(self.config)

    async def attach(self) -> None:
        if not self.path.is_dir():
            raise error(Number.ISO_LOCATION, str(self.path))

    async def detach(self) -> None:
        """Nothing to undo."""

    async def destroy(self) -> None:
        """The images are somebody's: only the SR goes."""

    async def stat(self) -> SrInfo:
        with as_number(Number.SR_UNAVAILABLE):
            space = os.statvfs(self.path)
        return SrInfo(
            sr=self.sr,
            type=self.info.type,
            total_space=space.f_blocks * space.f_frsize,
            free_space=space.f_bavail * space.f_frsize,
            virtual_allocation=sum(info.virtual_size for info in await self.scan()),
        )

    async def scan(self) -> list[VdiInfo]:
        with as_number(Number.SR_SCAN), os.scandir(self.path) as entries:
            files = [entry for entry in entries if NAME.fullmatch(entry.name) and entry.is_file()]
            # A name that is no text can't be a location.
            return [self._info(file.name, file.stat()) for file in files if file.name.isprintable()]

    async def vdi(self, vdi: VdiId) -> VdiInfo:
        path = self._file(vdi)
        return self._info(path.name, path.stat())

    async def open(self, vdi: VdiId) -> Disk:
        path = self._file(vdi)
        return Disk(layers=(Layer(path, Format.RAW),), read_only=not OURS.fullmatch(path.name), direct=True)

    async def vdi_create(self, info: VdiInfo) -> VdiInfo:
        name = info.sm_config.get("path") or f"{info.uuid or uuid.uuid4()}.img"
        if not NAME.fullmatch(name) or not name.isprintable():
            raise error(Number.ISO_NAME, name)
        path = self.path / name
        with as_number(Number.VDI_CREATE):
            try:
                with path.open("xb") as file:
                    file.truncate(info.virtual_size)
                    os.fsync(file.fileno())
            except FileExistsError as cause:
                raise error(Number.VDI_EXISTS, name) from cause
            sync_directory(self.path)
        return await self.vdi(VdiId(name))

    async def vdi_destroy(self, vdi: VdiId) -> None:
        with as_number(Number.VDI_DELETE):
            self._file(vdi).unlink()
            sync_directory(self.path)

    async def vdi_resize(self, vdi: VdiId, size: int, disks: OpenDisks) -> VdiInfo:
        path = self._file(vdi)
        if not OURS.fullmatch(path.name) or size < path.stat().st_size:
            raise error(Number.VDI_SIZE, str(size))
        os.truncate(path, size)
        return await self.vdi(vdi)

    def _file(self, vdi: VdiId) -> Path:
        path = self.path / vdi
        if not NAME.fullmatch(vdi) or not path.is_file():
            raise VdiDoesNotExist(self.sr, vdi)
        return path

    def _info(self, name: str, stat: os.stat_result) -> VdiInfo:
        ours, tools = OURS.fullmatch(name), TOOLS.fullmatch(name)
        config = {}
        if ours:
            config["created"] = str(int(stat.st_mtime))
        if tools:
            config |= {
                "xs-tools": "true",
                "xs-tools-version": tools["version"] or "",
                "xs-tools-build": tools["build"] or "",
            }
        return VdiInfo(
            vdi=VdiId(name),
            uuid=ours.group(1) if ours else str(uuid.uuid5(uuid.NAMESPACE_URL, f"iso:{self.sr}/{name}")),
            sr=self.sr,
            content_id=name,
            name_label=f"{tools.group(1)}.iso" if tools else name,
            virtual_size=stat.st_size,
            physical_utilisation=stat.st_size,
            read_only=not ours,
            sharable=False,
            sm_config=config,
        )
