"""The project as dom0 gets it: its dependencies and its wheel, both installed outside by dom0's own Python."""

from __future__ import annotations

import asyncio
import os
import shutil
import tarfile
from pathlib import Path

from common import command
from tests.bed.image import MAKE_DISK
from tests.bed.layout import CACHE, CHECKOUT, key_of, newest_only

PREFIX = Path("/opt/xcp")
PYTHON = PREFIX / "bin/python"
TESTS = PREFIX / "project"
"""Where the tests lie in dom0: without the packages, so that they can only find the wheel's."""
REQUIREMENTS = CHECKOUT / "requirements-dev.txt"
RECIPE = b"1"  # counts up when this module makes something else of the same requirements
DISK_SIZE = "3G"  # sparse
DEADLINE = 600.0
PIP = ("-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input")


async def environment(root: Path) -> Path:
    """A disk of the virtual environment that is mounted at /opt/xcp; made by Python and compiler of `root`."""
    disk = CACHE / f"environment-{key_of([root.name.encode(), REQUIREMENTS.read_bytes(), RECIPE])}.ext4"
    inside = root / PREFIX.relative_to("/")
    if disk.exists() and inside.is_dir():
        return disk
    shutil.rmtree(inside, ignore_errors=True)
    archives = await _archives()
    beside = root / "srv/archives"
    shutil.rmtree(beside, ignore_errors=True)
    await command.run("cp", "--archive", "--link", str(archives), str(beside))
    await _in(root, "/usr/bin/python3", "-m", "venv", str(PREFIX))
    install = (str(PYTHON), *PIP, "install", "--no-index", "--find-links", "/srv/archives", "--no-deps")
    # First what builds the others: nothing may be fetched, so nothing is built in isolation.
    await _in(root, *install, "packaging", "setuptools", "wheel")
    shutil.copyfile(REQUIREMENTS, beside / "requirements.txt")
    await _in(
        root, *install, "--no-build-isolation", "--require-hashes", "--requirement", "/srv/archives/requirements.txt"
    )
    shutil.rmtree(beside)
    fresh = disk.with_suffix(".part")
    fresh.unlink(missing_ok=True)
    await command.run(*MAKE_DISK, "-L", "environment", "-d", str(inside), str(fresh), DISK_SIZE, deadline=120.0)
    fresh.rename(disk)
    for old in newest_only("environment-*", disk):
        old.unlink()
    return disk


async def _archives() -> Path:
    """Every requirement, as its index has it: only what has no wheel for dom0 is built there."""
    folder = CACHE / f"archives-{key_of([REQUIREMENTS.read_bytes()])}"
    if not folder.is_dir():
        fresh = folder.with_suffix(".part")
        shutil.rmtree(fresh, ignore_errors=True)
        python = str(CHECKOUT / ".venv/bin/python")
        options = ("--no-deps", "--no-build-isolation", "--require-hashes", "--dest", str(fresh))
        await command.run(python, *PIP, "download", *options, "--requirement", str(REQUIREMENTS), deadline=DEADLINE)
        fresh.rename(folder)
    for old in newest_only("archives-*", folder):
        shutil.rmtree(old, ignore_errors=True)
    return folder


async def archive(root: Path, target: Path) -> None:
    """Write to `target` a tar archive, for dom0's root, of the installed wheel and of the tests."""
    work = root / "srv/project"
    shutil.rmtree(work, ignore_errors=True)
    for name in await sources():
        copy = work / "source" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(CHECKOUT / name, copy)
    pip = (str(PYTHON), *PIP)
    await _in(
        root,
        *pip,
        "wheel",
        "--no-deps",
        "--no-index",
        "--no-build-isolation",
        "-w",
        "/srv/project",
        "/srv/project/source",
    )
    [wheel] = work.glob("*.whl")
    where = ("--root", "/srv/project/installed", "--prefix", str(PREFIX), "--ignore-installed")
    await _in(
        root,
        *pip,
        "install",
        "--no-deps",
        "--no-index",
        "--no-warn-script-location",
        *where,
        f"/srv/project/{wheel.name}",
    )
    with tarfile.open(target, "w:gz", compresslevel=1) as tar:
        tar.add(work / "installed", arcname=".")
        for name in ("tests", "pyproject.toml"):
            tar.add(work / "source" / name, arcname=str(TESTS / name).lstrip("/"))
    shutil.rmtree(work)


async def sources() -> list[str]:
    """The files that make the project, committed or not, by name."""
    listed = await command.run(
        "git", "-C", str(CHECKOUT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"
    )
    return sorted(name for name in listed.split("\0") if name and (CHECKOUT / name).is_file())


async def state() -> str:
    """A name for the very content of the project."""
    names = await sources()
    return await asyncio.to_thread(
        lambda: key_of(part for name in names for part in (name.encode(), (CHECKOUT / name).read_bytes()))
    )


async def _in(root: Path, *argv: str) -> str:
    """Run a program of dom0's root, here: a hundred times faster than in the emulated machine."""
    settings = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8", "PIP_NO_CACHE_DIR": "1"}
    keep = {name: value for name, value in os.environ.items() if name == "SOURCE_DATE_EPOCH"}
    return await command.run("chroot", str(root), *argv, deadline=DEADLINE, environment=settings | keep)
