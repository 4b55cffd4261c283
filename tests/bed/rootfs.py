"""Makes dom0's root directory of Debian packages, with a package repository of its own inside."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from common import command
from tests.bed.layout import BED, CACHE, BedUnavailable, key_of

DEADLINE = 1200.0  # seconds: some 700 MB of packages, installed on two cores
SUITE = "bookworm"
SOURCES = Path("/etc/apt")
REPOSITORY = Path("var/lib/bed/repository")
RECIPE = b"1"  # counts up when this module makes something else of the same list


def packages() -> tuple[list[str], list[str]]:
    """The packages that are installed, and those that dom0's repository has besides."""
    installed, offered = [], []
    for line in (BED / "dom0-packages.txt").read_text().splitlines():
        match line.split():
            case [name] if name != "#":
                installed.append(name)
            case [name, "repository"]:
                offered.append(name)
    return installed, offered


async def rootfs() -> Path:
    """The root directory, made if it isn't there. Raises `BedUnavailable`, `CommandFailed`."""
    installed, offered = packages()
    sources = _sources()
    folder = CACHE / f"rootfs-{key_of([RECIPE, repr((installed, offered)).encode()])}"
    if folder.is_dir():
        return folder
    if os.geteuid() != 0:
        raise BedUnavailable("the image of dom0 is made by root: run with sudo")
    fresh = folder.with_suffix(".part")
    shutil.rmtree(fresh, ignore_errors=True)
    CACHE.mkdir(parents=True, exist_ok=True)
    await command.run(
        # In a mount namespace of its own: what it mounts is gone with it, even if it is killed.
        *("unshare", "--mount", "mmdebstrap", "--mode=root", "--variant=minbase", "--format=directory"),
        "--include=" + ",".join(installed),
        *("--skip=essential/unlink", "--skip=cleanup/apt", "--skip=cleanup/reproducible"),
        '--aptopt=APT::Install-Recommends "false"',
        "--dpkgopt=path-exclude=/usr/share/man/*",
        "--dpkgopt=path-exclude=/usr/share/locale/*",
        "--dpkgopt=path-exclude=/usr/share/doc/*",
        "--dpkgopt=path-include=/usr/share/doc/*/copyright",
        '--customize-hook=chroot "$1" apt-get --quiet --yes --download-only install ' + " ".join(offered),
        *(SUITE, str(fresh), *sources),
        deadline=DEADLINE,
        environment=os.environ | {"INITRD": "No", "DEBIAN_FRONTEND": "noninteractive"},
    )
    await _make_repository(fresh)
    fresh.rename(folder)
    return folder


async def _make_repository(root: Path) -> None:
    """Every package that was fetched becomes the one source of dom0's apt: no network is needed or used in there."""
    repository = root / REPOSITORY
    repository.mkdir(parents=True)
    for archive in (root / "var/cache/apt/archives").glob("*.deb"):
        archive.rename(repository / archive.name)
    index = await command.run(
        "env", f"--chdir={repository}", "dpkg-scanpackages", "--multiversion", ".", deadline=300.0
    )
    (repository / "Packages").write_text(index)
    shutil.rmtree(root / "etc/apt/sources.list.d")
    (root / "etc/apt/sources.list.d").mkdir()
    (root / "etc/apt/sources.list").write_text(f"deb [trusted=yes] file:/{REPOSITORY} ./\n")
    for leftover in (root / "var/lib/apt/lists").glob("*Packages*"):
        leftover.unlink()
    for leftover in (root / "var/lib/apt/lists").glob("*Release*"):
        leftover.unlink()
    await command.run("chroot", str(root), "apt-get", "--quiet", "update")


def _sources() -> list[str]:
    """The machine's own sources of the suite; nothing where it has none: mmdebstrap then knows Debian's."""
    files = [SOURCES / "sources.list", *sorted((SOURCES / "sources.list.d").glob("*"))]
    return [
        str(path)
        for path in files
        if path.suffix in {".list", ".sources"} and path.is_file() and SUITE in path.read_text(errors="replace")
    ]
