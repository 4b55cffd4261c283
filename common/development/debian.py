"""Takes files out of Debian packages without installing them: download by apt, unpack by dpkg-deb."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Mapping
from pathlib import Path

from common import command

DOWNLOAD_DEADLINE = 600.0  # seconds for all packages of one call
UNPACK_DEADLINE = 120.0


async def dependencies(package: str, *, recurse: bool = False) -> list[str]:
    """What `package` depends on, by apt's own lists; with `recurse` the whole closure, itself included."""
    options = [
        f"--no-{kind}"
        for kind in ("recommends", "suggests", "conflicts", "breaks", "replaces", "enhances", "pre-depends")
    ]
    if recurse:
        text = await command.run("apt-cache", "depends", "--recurse", *options, package)
        return [line.strip() for line in text.splitlines() if re.match(r"[a-z0-9]", line)]
    text = await command.run("apt-cache", "depends", *options, package)
    return re.findall(r"^\s*\|?Depends: ([a-z0-9][^\s:]*)", text, re.MULTILINE)


async def unpack(packages: list[str], folder: Path) -> Mapping[str, Path]:
    """Each package's files in a directory of its own below `folder`. Safe to repeat: what is there is kept."""
    wanted = [package for package in packages if not (folder / package).is_dir()]
    archives = folder / "archives"
    archives.mkdir(parents=True, exist_ok=True)
    if wanted:
        await _download(wanted, archives)
    for package in wanted:
        [archive] = sorted(archives.glob(f"{package}_*.deb"), key=lambda path: path.stat().st_mtime)[-1:]
        fresh = folder / f".{package}.{os.getpid()}"
        await command.run("dpkg-deb", "--extract", str(archive), str(fresh), deadline=UNPACK_DEADLINE)
        archive.unlink()
        fresh.rename(folder / package)
    with contextlib.suppress(OSError):
        archives.rmdir()
    return {package: folder / package for package in packages}


async def _download(packages: list[str], folder: Path) -> None:
    # apt-get download writes to the working directory and knows no other.
    await command.run(
        "env", f"--chdir={folder}", "apt-get", "download", "--quiet", *packages, deadline=DOWNLOAD_DEADLINE
    )
