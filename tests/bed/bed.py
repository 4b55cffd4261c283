"""One or two hosts with the project in them, from the cache to `xl info`."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import fcntl
import platform
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bed import project
from tests.bed.dom0 import Dom0, Shape
from tests.bed.image import Image, image
from tests.bed.layout import CACHE, BedUnavailable

TOOLS = ("mmdebstrap", "mke2fs", "dpkg-scanpackages", "qemu-system-x86_64", "qemu-img", "ssh", "setpriv")
SINGLE = Shape(data=512)
PAIR = (Shape(1, data=512), Shape(2, data=512))


@dataclass(frozen=True)
class Parts:
    """What a boot needs, made once."""

    image: Image
    environment: Path
    project: Path
    """A tar archive for dom0's root."""


@contextlib.asynccontextmanager
async def parts(say: Callable[[str], None]) -> AsyncIterator[Parts]:
    """Everything from the cache, made where it isn't there. Raises `BedUnavailable`, `CommandFailed`."""
    check_machine()
    with tempfile.TemporaryDirectory(prefix="bed-") as folder:
        async with _alone():
            _forget_the_dead()
            say("dom0's image: from the cache, or made anew of Debian packages in about three minutes")
            made = await image()
            say("its Python environment, and the project's wheel")
            environment = await project.environment(made.root)
            archive = Path(folder) / "project.tar.gz"
            await project.archive(made.root, archive)
        yield Parts(made, environment, archive)


@contextlib.asynccontextmanager
async def _alone() -> AsyncIterator[None]:
    """Only one run at a time makes what is cached."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await asyncio.sleep(1.0)
        yield


def _forget_the_dead() -> None:
    """Remove the disks and logs of runs that are over, but for the last: its logs may still be read."""
    folders = sorted(CACHE.glob("host-*"), key=lambda path: path.stat().st_mtime)
    over = [path for path in folders if not Path("/proc", path.name.split("-")[1]).exists()]
    for folder in over[:-2]:
        shutil.rmtree(folder, ignore_errors=True)


def check_machine() -> None:
    """Raises `BedUnavailable` where the bed can't be."""
    if platform.machine() != "x86_64":
        raise BedUnavailable(f"the bed's Xen is for x86_64; this machine is {platform.machine()}")
    if missing := [tool for tool in TOOLS if shutil.which(tool) is None]:
        raise BedUnavailable(f"missing here: {', '.join(missing)}; tests/bed/debian-packages.txt names their packages")


@contextlib.asynccontextmanager
async def hosts(made: Parts, count: int, *, iommu: bool = False, nodes: int = 1) -> AsyncIterator[Sequence[Dom0]]:
    """That many hosts, freshly booted, the project in each; the rest as in `Shape`. Raises `BedFault`."""
    async with contextlib.AsyncExitStack() as stack:
        shapes: Sequence[Shape] = [SINGLE]
        if count > 1:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="bed-"))
            pair = Path(folder) / "pair"
            shapes = [dataclasses.replace(shape, pair=pair) for shape in PAIR]
        shapes = [dataclasses.replace(shape, iommu=iommu, nodes=nodes) for shape in shapes]
        machines = [Dom0(made.image, made.environment, shape) for shape in shapes]
        for machine in machines:
            stack.push_async_callback(machine.close)
        await asyncio.gather(*(_boot(machine, made.project) for machine in machines))
        yield machines


async def _boot(machine: Dom0, archive: Path) -> None:
    await machine.create()
    await machine.start()
    await machine.put(archive)
