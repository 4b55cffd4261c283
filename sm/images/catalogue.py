"""The images of a directory, as they are on it now; a header or sidecar that did not change is not read again."""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from common.idl.storage import SrId, VdiId, VdiInfo
from sm.driver import Format
from sm.formats import qcow2
from sm.images import sidecar
from sm.images.sidecar import Sidecar

log = logging.getLogger(__name__)

NAME = re.compile(r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.(qcow2|raw|json)")
BLOCK = 512  # bytes, the unit of st_blocks
TICK = 1_000_000_000  # nanoseconds; what the coarsest clock of a file system may be behind
NONE = Sidecar()

Stamp = tuple[int, int, int]
"""What tells that a file is the one we read: inode, size, time of modification."""


@dataclass(frozen=True, slots=True)
class Image:
    """One image. `parent`: uuid of what it stands on, or empty. Sizes in bytes. `damaged`: its header can't be read."""

    uuid: str
    format: Format
    virtual_size: int
    physical: int
    parent: str
    about: Sidecar
    damaged: bool = False

    @property
    def name(self) -> str:
        """Its file's name."""
        return f"{self.uuid}.{self.format}"

    def info(self, sr: SrId) -> VdiInfo:
        """As clients see it."""
        about = self.about
        config = dict(about.sm_config) | {"image-format": str(self.format)}
        if self.format is Format.RAW:
            config["type"] = "raw"
        if self.parent:
            config["vhd-parent"] = self.parent
        return VdiInfo(
            vdi=VdiId(self.uuid),
            uuid=self.uuid,
            sr=sr,
            content_id=self.uuid,
            name_label=about.name_label,
            name_description=about.name_description,
            type=about.type,
            virtual_size=self.virtual_size,
            physical_utilisation=self.physical,
            read_only=about.read_only or about.hidden,
            sharable=about.sharable,
            managed=not about.hidden,
            missing=self.damaged,
            is_a_snapshot=about.is_a_snapshot,
            snapshot_of=about.snapshot_of,
            snapshot_time=about.snapshot_time,
            metadata_of_pool=about.metadata_of_pool,
            sm_config=config,
        )


class Catalogue:
    """The images in `directory`. Reading is always of the present; only the parsing is remembered."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._headers: dict[str, tuple[Stamp, int, str]] = {}
        self._sidecars: dict[str, tuple[Stamp, Sidecar]] = {}
        self._listed: list[tuple[str, Format]] = []
        self._listed_at: int | None = None

    def all(self) -> dict[str, Image]:
        """All images by uuid. Raises `OSError` when the directory can't be read."""
        stamp = self.directory.stat().st_mtime_ns
        if stamp == self._listed_at:
            return self._listed_again()
        stats: dict[str, os.stat_result] = {}
        with os.scandir(self.directory) as entries:
            for entry in entries:
                if NAME.fullmatch(entry.name) and (stat := _try_stat(entry.path)) is not None:
                    stats[entry.name] = stat
        found = {}
        for uuid, format_ in _images(stats):
            name = f"{uuid}.{format_}"
            found[uuid] = self._image(uuid, format_, stats[name], self._about(uuid, stats.get(f"{uuid}.json")))
        for cache in (self._headers, self._sidecars):
            for gone in cache.keys() - found.keys():
                del cache[gone]
        self._listed = [(image.uuid, image.format) for image in found.values()]
        # A change in the same tick of the clock would go unseen.
        self._listed_at = stamp if stamp < time.time_ns() - TICK else None
        return found

    def _listed_again(self) -> dict[str, Image]:
        """All images of a directory whose entries are those of the last time.

        Images come, go and get another sidecar by a rename only, which changes the directory's time; what is left to
        look at is how the images themselves grow.
        """
        found = {}
        start = f"{self.directory}/"
        for uuid, format_ in self._listed:
            if (stat := _try_stat(f"{start}{uuid}.{format_}")) is not None:
                about = self._sidecars.get(uuid)
                found[uuid] = self._image(uuid, format_, stat, about[1] if about else NONE)
        return found

    def get(self, uuid: str) -> Image | None:
        """One image."""
        if not NAME.fullmatch(f"{uuid}.raw"):
            return None
        about = _try_stat(self.directory / f"{uuid}.json")
        for format_ in (Format.QCOW2, Format.RAW):
            if (stat := _try_stat(self.directory / f"{uuid}.{format_}")) is not None:
                return self._image(uuid, format_, stat, self._about(uuid, about))
        return None

    def chain(self, uuid: str) -> list[Image]:
        """The image and what it stands on, top first; ends early when one is not there."""
        found: dict[str, Image] = {}
        while uuid not in found and (image := self.get(uuid)) is not None:
            found[uuid] = image
            uuid = image.parent
        return list(found.values())

    def path(self, image: Image) -> Path:
        """The image's file."""
        return self.directory / image.name

    def sidecar(self, uuid: str) -> Path:
        """Where the image's sidecar is, or would be."""
        return self.directory / f"{uuid}.json"

    def orphans(self) -> list[Path]:
        """Files a crash left: sidecars without an image, unfinished images, raw images a qcow2 one took over from."""
        names = set(os.listdir(self.directory))  # noqa: PTH208 - thousands of names
        found = [name for name in names if name.endswith(".new")]
        for match in filter(None, map(NAME.fullmatch, names)):
            uuid, suffix = match.groups()
            taken_over = suffix == "raw" and f"{uuid}.qcow2" in names
            alone = suffix == "json" and not {f"{uuid}.{format_}" for format_ in Format} & names
            if taken_over or alone:
                found.append(match.group())
        return [self.directory / name for name in sorted(found)]

    def _image(self, uuid: str, format_: Format, stat: os.stat_result, facts: Sidecar) -> Image:
        physical = stat.st_blocks * BLOCK
        if format_ is Format.RAW:
            return Image(uuid, format_, stat.st_size, physical, "", facts)
        try:
            virtual_size, parent = self._header(uuid, stat)
        except (qcow2.FormatError, OSError) as error:
            log.warning("%s: %s", uuid, error)
            return Image(uuid, format_, facts.virtual_size, physical, "", facts, damaged=True)
        return Image(uuid, format_, virtual_size, physical, parent, facts)

    def _header(self, uuid: str, stat: os.stat_result) -> tuple[int, str]:
        stamp = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
        known = self._headers.get(uuid)
        if known is None or known[0] != stamp:
            header = qcow2.read_header(self.directory / f"{uuid}.{Format.QCOW2}")
            known = stamp, header.virtual_size, Path(header.backing).stem
            self._headers[uuid] = known
        return known[1], known[2]

    def _about(self, uuid: str, stat: os.stat_result | None) -> Sidecar:
        if stat is None:
            self._sidecars.pop(uuid, None)
            return NONE
        stamp = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
        known = self._sidecars.get(uuid)
        if known is None or known[0] != stamp:
            known = stamp, sidecar.read(self.sidecar(uuid))
            self._sidecars[uuid] = known
        return known[1]


def _images(stats: dict[str, os.stat_result]) -> Iterator[tuple[str, Format]]:
    for name in stats:
        uuid, _, suffix = name.rpartition(".")
        # Where both are, the qcow2 image was made over the raw one and a crash kept the latter's name.
        if suffix == Format.QCOW2 or (suffix == Format.RAW and f"{uuid}.{Format.QCOW2}" not in stats):
            yield uuid, Format(suffix)


def _try_stat(path: str | Path) -> os.stat_result | None:
    try:
        return os.stat(path)  # noqa: PTH116 - tens of thousands of times in a scan
    except FileNotFoundError:
        return None
