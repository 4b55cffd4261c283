"""Base of the drivers that keep disks as image files in a directory; a subclass provides the directory."""

from __future__ import annotations

import logging
import os
import uuid
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import msgspec

from common.command import run
from common.files import sync_directory
from common.idl.storage import SrInfo, SrNotEmpty, VdiDoesNotExist, VdiId, VdiInfo, VdiInUse
from sm.driver import Capability, Disk, Driver, Format, GraphRefused, Layer, OpenDisks
from sm.errors import Number, error
from sm.formats import qcow2
from sm.gc import plan
from sm.images import marker, sidecar, split
from sm.images.catalogue import Catalogue, Image
from sm.images.sidecar import Sidecar

log = logging.getLogger(__name__)

GRANULE = 64 * 1024  # bytes; sizes of disks are multiples of it
LONGEST_CHAIN = 30  # images, as in the original
CACHE_KEY = "write-cache"  # sm_config: `on` trades safety for speed, `off` forbids it, absent: the setting decides
COPY_DEADLINE = 600.0  # seconds
DIRECT_TYPES = frozenset({"suspend"})  # xenopsd reads and writes these as plain files

CAPABILITIES = frozenset(
    {
        Capability.SR_UPDATE,
        Capability.VDI_CREATE,
        Capability.VDI_DELETE,
        Capability.VDI_ATTACH,
        Capability.VDI_DETACH,
        Capability.VDI_ACTIVATE,
        Capability.VDI_DEACTIVATE,
        Capability.VDI_CLONE,
        Capability.VDI_SNAPSHOT,
        Capability.VDI_RESIZE,
        Capability.VDI_RESIZE_ONLINE,
        Capability.VDI_INTRODUCE,
        Capability.VDI_UPDATE,
        Capability.THIN_PROVISIONING,
    }
)


@dataclass
class FileDriver(Driver):
    """Images named `<uuid>.qcow2` or `<uuid>.raw` in `path`; a VDI's location is its uuid."""

    @property
    @abstractmethod
    def path(self) -> Path:
        """The directory, once attached."""

    @cached_property
    def catalogue(self) -> Catalogue:
        """The images."""
        return Catalogue(self.path)

    # The SR

    async def recover(self, disks: OpenDisks) -> None:
        for unfinished in split.pending(self.path):
            disk = disks.disk(VdiId(unfinished.live))
            if split.relinked(self.path, unfinished):
                log.warning("%s: finishing the split of %s", self.sr, unfinished.live)
                await split.redirect(self.path, unfinished, disk)
                split.finish(self.path, unfinished)
            else:
                log.warning("%s: undoing the split of %s", self.sr, unfinished.live)
                split.undo(self.path, unfinished, disk)
        for path in self.catalogue.orphans():
            log.info("%s: removing %s, left by a crash", self.sr, path.name)
            path.unlink(missing_ok=True)
        self.collect()

    async def destroy(self) -> None:
        if any(not image.about.hidden for image in self.catalogue.all().values()):
            raise SrNotEmpty(self.sr)
        self.collect()
        marker.remove(self.path)

    async def stat(self) -> SrInfo:
        return self._figures(self.catalogue.all())

    async def scan(self) -> list[VdiInfo]:
        images = self.catalogue.all()
        # A hidden image without children is deleted already; only its file is still there.
        gone = set(plan.garbage(images))
        return [image.info(self.sr) for uuid_, image in images.items() if uuid_ not in gone]

    async def update(self, name_label: str, name_description: str) -> None:
        about = marker.read(self.path) or marker.Marker(sr=self.sr)
        marker.write(
            self.path, msgspec.structs.replace(about, name_label=name_label, name_description=name_description)
        )

    def collect(self) -> None:
        """Delete the images that nothing needs."""
        for uuid_ in plan.garbage(images := self.catalogue.all()):
            log.info("%s: deleting %s, which no disk needs any more", self.sr, uuid_)
            self._delete(images[uuid_])

    # Disks

    async def vdi(self, vdi: VdiId) -> VdiInfo:
        return self._image(vdi).info(self.sr)

    async def open(self, vdi: VdiId) -> Disk:
        layers = self.catalogue.chain(vdi)
        if not layers:
            raise VdiDoesNotExist(self.sr, vdi)
        if layers[-1].parent or any(image.damaged for image in layers):
            raise error(Number.VDI_UNAVAILABLE, f"image {layers[-1].uuid} is damaged or lacks its parent")
        top = layers[0]
        return Disk(
            layers=tuple(Layer(self.catalogue.path(image), image.format) for image in layers),
            read_only=top.about.read_only or top.about.hidden,
            direct=top.format is Format.RAW and top.about.type in DIRECT_TYPES,
            write_through=_write_through(top, self.write_through),
        )

    async def vdi_create(self, info: VdiInfo) -> VdiInfo:
        size = _rounded(info.virtual_size)
        format_ = _format(info, self.default_format)
        made = _new_uuid(info)
        if self.catalogue.get(made) is not None:
            raise error(Number.VDI_EXISTS, made)
        beside = self.path / f"{made}.new"
        try:
            if format_ is Format.RAW:
                _write_sparse(beside, size)
            else:
                qcow2.write_empty(beside, size)
            self._publish(beside, made, format_, sidecar.of(info, size))
        finally:
            beside.unlink(missing_ok=True)
        return self._image(made).info(self.sr)

    async def vdi_destroy(self, vdi: VdiId) -> None:
        image = self._image(vdi)
        if any(other.parent == vdi for other in self.catalogue.all().values()):
            hidden = msgspec.structs.replace(image.about, hidden=True)
            sidecar.write(self.catalogue.sidecar(vdi), hidden)
            return
        self._delete(image)
        self.collect()

    async def vdi_snapshot(self, vdi: VdiId, info: VdiInfo, disks: OpenDisks) -> VdiInfo:
        image = self._healthy(vdi)
        made = _new_uuid(info)
        if self.catalogue.get(made) is not None:
            raise error(Number.VDI_EXISTS, made)
        about = sidecar.of(_copied(image, info), image.virtual_size)
        await self._child(image, made, about, disks)
        return self._image(made).info(self.sr)

    async def is_copied(self, vdi: VdiId) -> bool:
        return self._image(vdi).about.type in DIRECT_TYPES

    async def vdi_revert(self, snapshot: VdiId, vdi: VdiId, disks: OpenDisks) -> VdiInfo:
        source, target = self._healthy(snapshot), self._image(vdi)
        between = str(uuid.uuid4())
        # First a hidden child of the snapshot, then it takes the disk's name in one step.
        about = Sidecar(name_label="revert", virtual_size=source.virtual_size, hidden=True)
        await self._child(source, between, about, disks)
        kept = msgspec.structs.replace(target.about, virtual_size=source.virtual_size)
        sidecar.write(self.catalogue.sidecar(vdi), kept)
        (self.path / f"{between}.{Format.QCOW2}").replace(self.path / f"{vdi}.{Format.QCOW2}")
        sync_directory(self.path)
        self.catalogue.sidecar(between).unlink(missing_ok=True)
        if target.format is Format.RAW:
            self.catalogue.path(target).unlink()
        self.collect()
        return self._image(vdi).info(self.sr)

    async def vdi_resize(self, vdi: VdiId, size: int, disks: OpenDisks) -> VdiInfo:
        image = self._healthy(vdi)
        wanted = _rounded(size)
        if wanted < image.virtual_size:
            raise error(Number.VDI_SIZE, f"the disk has {image.virtual_size} bytes and can't shrink to {size}")
        if wanted == image.virtual_size:
            return image.info(self.sr)
        path = self.catalogue.path(image)
        disk = disks.disk(vdi)
        if disk is not None:
            if not disk.writable:
                raise VdiInUse(self.sr, vdi)
            try:
                await disk.resize(wanted)
            except GraphRefused as cause:
                raise error(Number.VDI_RESIZE, str(cause)) from cause
        elif image.format is Format.RAW:
            os.truncate(path, wanted)
        else:
            await run("qemu-img", "resize", "-q", "-f", str(image.format), str(path), str(wanted))
        sidecar.write(self.catalogue.sidecar(vdi), msgspec.structs.replace(image.about, virtual_size=wanted))
        return self._image(vdi).info(self.sr)

    async def vdi_introduce(self, uuid: str, sm_config: Mapping[str, str], location: str) -> VdiInfo:
        image = self._image(VdiId(location or uuid))
        return image.info(self.sr)

    async def vdi_update(self, vdi: VdiId, name_label: str, name_description: str) -> None:
        about = msgspec.structs.replace(
            self._image(vdi).about, name_label=name_label, name_description=name_description
        )
        sidecar.write(self.catalogue.sidecar(vdi), about)

    async def _child(self, image: Image, made: str, about: Sidecar, disks: OpenDisks) -> None:
        """An image `made` that begins with what `image` shows now."""
        if image.about.type in DIRECT_TYPES:
            await self._full_copy(image, made, about)
            return
        disk = disks.disk(VdiId(image.uuid))
        if image.format is Format.RAW and disks.written(VdiId(image.uuid)):
            # Its client may have opened the file itself, and would go on writing into the base.
            raise VdiInUse(self.sr, image.uuid)
        if not disks.written(VdiId(image.uuid)) and self._is_empty(image):
            parent = self.catalogue.get(image.parent) if image.parent else None
            beside = self.path / f"{made}.new"
            backing = (parent.name, str(parent.format)) if parent else ("", "")
            qcow2.write_empty(beside, image.virtual_size, *backing)
            self._publish(beside, made, Format.QCOW2, about)
            return
        if len(self.catalogue.chain(image.uuid)) >= LONGEST_CHAIN:
            raise error(Number.CHAIN_TOO_LONG, image.uuid)
        base = Sidecar(
            name_label="base copy", virtual_size=image.virtual_size, type=image.about.type, read_only=True, hidden=True
        )
        wanted = split.Split(
            live=image.uuid,
            live_format=image.format,
            base=str(uuid.uuid4()),
            size=image.virtual_size,
            about_base=base,
            child=made,
            about_child=about,
        )
        try:
            await split.perform(self.path, wanted, disk)
        except GraphRefused as cause:
            raise error(Number.VDI_SNAPSHOT, str(cause)) from cause

    async def _full_copy(self, image: Image, made: str, about: Sidecar) -> None:
        # Who opens these opens plain files, so they can't share blocks by a chain; by the file system they may.
        beside = self.path / f"{made}.new"
        source = str(self.catalogue.path(image))
        await run("cp", "--sparse=always", "--reflink=auto", source, str(beside), deadline=COPY_DEADLINE)
        self._publish(beside, made, image.format, about)

    def _is_empty(self, image: Image) -> bool:
        if image.format is Format.RAW:
            return False
        path = self.catalogue.path(image)
        return qcow2.is_empty(path, qcow2.read_header(path))

    def _publish(self, beside: Path, made: str, format_: Format, about: Sidecar) -> None:
        sidecar.write(self.catalogue.sidecar(made), about)
        beside.rename(self.path / f"{made}.{format_}")
        sync_directory(self.path)

    def _delete(self, image: Image) -> None:
        self.catalogue.path(image).unlink(missing_ok=True)
        self.catalogue.sidecar(image.uuid).unlink(missing_ok=True)
        sync_directory(self.path)

    def _image(self, vdi: str) -> Image:
        image = self.catalogue.get(vdi)
        if image is None:
            raise VdiDoesNotExist(self.sr, vdi)
        return image

    def _healthy(self, vdi: str) -> Image:
        image = self._image(vdi)
        if image.damaged:
            raise error(Number.VDI_UNAVAILABLE, f"image {vdi} is damaged")
        return image

    def _figures(self, images: Mapping[str, Image]) -> SrInfo:
        space = os.statvfs(self.path)
        about = marker.read(self.path)
        return SrInfo(
            sr=self.sr,
            type=self.info.type,
            name_label=about.name_label if about else "",
            name_description=about.name_description if about else "",
            total_space=space.f_blocks * space.f_frsize,
            free_space=space.f_bavail * space.f_frsize,
            virtual_allocation=sum(image.virtual_size for image in images.values() if not image.about.hidden),
        )


def _rounded(size: int) -> int:
    if size < 0 or size > qcow2.MAX_SIZE:
        raise error(Number.VDI_SIZE, f"{size} is not between 0 and {qcow2.MAX_SIZE}")
    return max(GRANULE, -(-size // GRANULE) * GRANULE)


def _format(info: VdiInfo, default: Format) -> Format:
    wanted = info.sm_config.get("image-format") or info.sm_config.get("type") or ""
    if info.type in DIRECT_TYPES:
        return Format.RAW
    if wanted in {"", "vhd"}:
        # A client that asks for VHD by habit gets a disk; which format it has is ours to choose.
        return default
    if wanted not in set(Format):
        raise error(Number.INVALID_ARGUMENT, f"no image format {wanted!r}")
    return Format(wanted)


def _new_uuid(info: VdiInfo) -> str:
    if not info.uuid:
        return str(uuid.uuid4())
    try:
        return str(uuid.UUID(info.uuid))
    except ValueError as cause:
        raise error(Number.INVALID_ARGUMENT, f"{info.uuid!r} is not a uuid") from cause


def _copied(image: Image, info: VdiInfo) -> VdiInfo:
    """`info` completed by what a child of `image` inherits."""
    inherited = {key: value for key, value in image.about.sm_config.items() if key == CACHE_KEY}
    return msgspec.structs.replace(
        info,
        type=image.about.type,
        name_label=info.name_label or image.about.name_label,
        name_description=info.name_description or image.about.name_description,
        sm_config=inherited | info.sm_config,
    )


def _write_through(image: Image, default: bool) -> bool:
    if image.format is Format.RAW:
        # No metadata of the image is lost with the storage daemon: what it acknowledged is in the host's page cache.
        return False
    return {"on": False, "off": True}.get(image.about.sm_config.get(CACHE_KEY, ""), default)


def _write_sparse(path: Path, size: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.ftruncate(descriptor, size)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
