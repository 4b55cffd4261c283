"""Local storage: image files on an ext4 volume of our own volume group."""

from __future__ import annotations

import logging
import stat
from pathlib import Path

from common.command import CommandFailed, run
from common.idl.storage import ProbeResult, SrId, SrInfo
from common.undo import undo_on_failure
from sm import paths
from sm.driver import Capability, DriverInfo, Format
from sm.errors import Number, as_number, error
from sm.filedriver import CAPABILITIES, FileDriver
from sm.images import marker
from sm.images.marker import Marker

log = logging.getLogger(__name__)

PREFIX = "XSLocalEXT-"
SLOW = 600.0  # seconds for what writes or checks a whole file system


class ExtDriver(FileDriver):
    """Takes over whole block devices; with several, the volume is striped over them."""

    info = DriverInfo(
        type="ext",
        name="Local EXT4",
        description="qcow2 and raw files on an ext4 file system in an LVM volume",
        capabilities=CAPABILITIES | {Capability.SR_PROBE},
        configuration={"device": "block device to take over, as /dev/sdb; several with commas between"},
        formats=(Format.QCOW2, Format.RAW),
    )

    @property
    def path(self) -> Path:
        return paths.mount_point(self.sr)

    @property
    def group(self) -> str:
        """The volume group's name, as the original names it."""
        return f"{PREFIX}{self.sr}"

    @property
    def volume(self) -> str:
        """The volume's device."""
        return f"/dev/{self.group}/{self.sr}"

    @property
    def devices(self) -> list[str]:
        """What to take over. Raises `BackendError`."""
        given = [device for device in self.config.get("device", "").split(",") if device]
        if not given:
            raise error(Number.DEVICE_MISSING)
        for device in given:
            try:
                is_block = stat.S_ISBLK(Path(device).stat().st_mode)
            except OSError:
                is_block = False
            if not is_block:
                raise error(Number.DEVICE_INVALID, device)
        return given

    async def probe(self) -> list[ProbeResult]:
        with as_number(Number.SR_UNAVAILABLE):
            listing = await run(
                "vgs", "--noheadings", "--options", "vg_name,vg_size,pv_name", "--units", "b", "--nosuffix"
            )
        found = []
        for name, size, device in (line.split()[:3] for line in listing.splitlines() if len(line.split()) >= 3):
            if name.startswith(PREFIX) and device in self.config.get("device", device).split(","):
                sr = SrInfo(sr=SrId(name.removeprefix(PREFIX)), type=self.info.type, total_space=int(size))
                found.append(ProbeResult(configuration={"device": device}, complete=True, sr=sr))
        return found

    async def create(self, size: int, name_label: str, name_description: str) -> dict[str, str]:
        devices = self.devices
        with as_number(Number.LVM_GROUP_CREATE):
            async with undo_on_failure() as undo:
                await run("vgcreate", self.group, *devices)
                undo.push_async(run, "vgremove", "--force", self.group)
                stripes = ("--stripes", str(len(devices)))
                await run("lvcreate", "--yes", "--extents", "100%FREE", *stripes, "--name", self.sr, self.group)
                await run("mkfs.ext4", "-q", "-F", self.volume, deadline=SLOW)
                await self._mount()
                undo.push_async(self.detach)
                marker.write(self.path, Marker(sr=self.sr, name_label=name_label, name_description=name_description))
            await self.detach()
        return dict(self.config)

    async def attach(self) -> None:
        if self.path.is_mount():
            return
        with as_number(Number.LVM_MOUNT):
            await self._mount()

    async def detach(self) -> None:
        with as_number(Number.GENERAL):
            if self.path.is_mount():
                await run("umount", str(self.path))
            if self.path.is_dir():
                self.path.rmdir()
            await run("vgchange", "--activate", "n", self.group)

    async def destroy(self) -> None:
        await super().destroy()
        with as_number(Number.FILE_DELETE):
            await self.detach()
            await run("vgremove", "--force", self.group)

    async def _mount(self) -> None:
        await run("vgchange", "--activate", "y", self.group)
        try:
            # 1: errors were corrected.
            await run("fsck.ext4", "-p", self.volume, deadline=SLOW, accept=(0, 1))
        except CommandFailed as failure:
            raise error(Number.LVM_MOUNT, f"{self.volume} needs a manual check: {failure.stderr}") from failure
        self.path.mkdir(parents=True, exist_ok=True)
        await run("mount", "-t", "ext4", "-o", "noatime", self.volume, str(self.path))
