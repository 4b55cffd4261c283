"""A guest's memory on the way to and from its suspend image: libvirt knows files only."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from common import command
from common.idl.storage import BlockDevice, Implementation, NbdSocket, RawFile

COPY_DEADLINE = 1200.0  # seconds
FORMAT = ("-f", "raw", "-O", "raw")


@contextlib.asynccontextmanager
async def written(image: Implementation, scratch: Path) -> AsyncIterator[str]:
    """A path for libvirt to save to; what is there at the end of the block is put into `image`."""
    if isinstance(image, RawFile):
        with _kept_size(Path(image.path)):
            yield image.path
        return
    with _scratch(scratch):
        yield str(scratch)
        await command.run("qemu-img", "convert", "-n", *FORMAT, str(scratch), _target(image), deadline=COPY_DEADLINE)


@contextlib.asynccontextmanager
async def read(image: Implementation, scratch: Path) -> AsyncIterator[str]:
    """A path for libvirt to restore from, with what is in `image`."""
    if isinstance(image, RawFile):
        yield image.path
        return
    with _scratch(scratch):
        await command.run("qemu-img", "convert", *FORMAT, _target(image), str(scratch), deadline=COPY_DEADLINE)
        yield str(scratch)


def _target(image: NbdSocket | BlockDevice | RawFile) -> str:
    if isinstance(image, NbdSocket):
        return f"nbd+unix:///{image.export}?socket={image.socket}"
    return image.path


@contextlib.contextmanager
def _kept_size(path: Path) -> Iterator[None]:
    # libvirt truncates the file, and removes it when saving fails; to sm it is a disk with a size.
    size = path.stat().st_size
    try:
        yield
    finally:
        path.touch()
        if path.stat().st_size < size:
            os.truncate(path, size)


@contextlib.contextmanager
def _scratch(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
