"""Splits a disk: its data moves into a hidden base, the disk goes on as an empty image above it, under its own uuid.

Snapshot and clone of a disk are this, and one more image above the base. The steps span several files, so a journal in
the SR says what was meant. Until the empty image has the disk's name everything can be undone; from then on it is
finished, whoever finds the journal.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from common.files import sync_directory, write_atomically
from sm.driver import Format, GraphRefused, Layer, OpenDisk
from sm.formats import qcow2
from sm.images import sidecar
from sm.images.sidecar import Sidecar

PREFIX = ".split-"


class Split(msgspec.Struct, frozen=True, kw_only=True):
    """`live` is the disk, `base` the new hidden image, `child` one more image above the base, or empty."""

    live: str
    live_format: Format
    base: str
    size: int
    about_base: Sidecar
    child: str = ""
    about_child: Sidecar = Sidecar()

    @property
    def base_name(self) -> str:
        """File name of the base."""
        return f"{self.base}.{self.live_format}"

    @property
    def old_name(self) -> str:
        """File name the data has before."""
        return f"{self.live}.{self.live_format}"

    @property
    def new_name(self) -> str:
        """File name of the empty image that takes the disk's place."""
        return f"{self.live}.{Format.QCOW2}"


async def perform(directory: Path, split: Split, disk: OpenDisk | None) -> None:
    """Do it. `disk` is the live disk if it is open. Raises `OSError`, `GraphRefused`; then nothing was changed."""
    journal = _journal(directory, split)
    write_atomically(journal, msgspec.json.encode(split))
    try:
        move_data(directory, split, disk)
        await redirect(directory, split, disk)
    except (OSError, GraphRefused):
        undo(directory, split, disk)
        raise
    try:
        finish(directory, split)
    except OSError:
        # The disk may be written by now, so it stays above its base; only the child is given up.
        _forget_child(directory, split)
        raise


def move_data(directory: Path, split: Split, disk: OpenDisk | None) -> None:
    """Give the data the base's name, and the disk's name to an empty image above it."""
    sidecar.write(directory / f"{split.base}.json", split.about_base)
    old, base = directory / split.old_name, directory / split.base_name
    os.link(old, base)
    if disk is not None:
        disk.retarget(old, base)
    beside = directory / f"{split.live}.new"
    beside.unlink(missing_ok=True)
    qcow2.write_empty(beside, split.size, split.base_name, split.live_format)
    beside.rename(directory / split.new_name)
    sync_directory(directory)


async def redirect(directory: Path, split: Split, disk: OpenDisk | None) -> None:
    """Let a guest that has the disk open write to the empty image."""
    if disk is not None and disk.writable:
        await disk.snapshot(directory / split.base_name, Layer(directory / split.new_name, Format.QCOW2))


def finish(directory: Path, split: Split) -> None:
    """Make the child and forget the journal. Safe to repeat."""
    if split.old_name != split.new_name:
        (directory / split.old_name).unlink(missing_ok=True)
    if split.child:
        sidecar.write(directory / f"{split.child}.json", split.about_child)
        beside = directory / f"{split.child}.new"
        beside.unlink(missing_ok=True)
        qcow2.write_empty(beside, split.size, split.base_name, split.live_format)
        beside.rename(directory / f"{split.child}.{Format.QCOW2}")
        sync_directory(directory)
    _close(directory, split)


def undo(directory: Path, split: Split, disk: OpenDisk | None) -> None:
    """Put everything back; no guest writes to the empty image yet. Safe to repeat."""
    old, base = directory / split.old_name, directory / split.base_name
    if base.exists():
        if relinked(directory, split) and split.new_name == split.old_name:
            base.replace(old)
        elif old.samefile(base):
            base.unlink()
        if disk is not None:
            disk.retarget(base, old)
    if split.new_name != split.old_name:
        (directory / split.new_name).unlink(missing_ok=True)
    (directory / f"{split.live}.new").unlink(missing_ok=True)
    (directory / f"{split.base}.json").unlink(missing_ok=True)
    sync_directory(directory)
    _close(directory, split)


def pending(directory: Path) -> list[Split]:
    """The splits that a predecessor began and did not finish."""
    return [msgspec.json.decode(path.read_bytes(), type=Split) for path in sorted(directory.glob(f"{PREFIX}*.json"))]


def relinked(directory: Path, split: Split) -> bool:
    """Whether the empty image has the disk's name already: then the split is finished, not undone."""
    try:
        return qcow2.read_header(directory / split.new_name).backing == split.base_name
    except (qcow2.FormatError, FileNotFoundError):
        return False


def _forget_child(directory: Path, split: Split) -> None:
    for name in (f"{split.child}.new", f"{split.child}.json"):
        (directory / name).unlink(missing_ok=True)
    _close(directory, split)


def _close(directory: Path, split: Split) -> None:
    _journal(directory, split).unlink(missing_ok=True)
    # A journal that came back after a power cut would undo what was built on the split since.
    sync_directory(directory)


def _journal(directory: Path, split: Split) -> Path:
    return directory / f"{PREFIX}{split.live}.json"
