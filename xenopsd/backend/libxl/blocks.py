"""Block devices of this host for disks that are reached otherwise: files by loop, NBD exports by nbd-client.

What was made for a device of a VM stands in a file of its own, written before it is made, so that a killed xenopsd
finds and removes it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
from pathlib import Path

import msgspec

from common import command, unix
from common.files import write_atomically
from common.idl.storage import BlockDevice, Implementation, NbdSocket
from common.idl.xen import VmId
from common.idl.xen_errors import Unimplemented
from xenopsd.backend.libxl import loops, namespace

log = logging.getLogger(__name__)

SYS = Path("/sys/block")
NBD_DEVICES = 256
NBD_READY = 8
"""Devices made with the module: each costs udev an event. More are made when they are connected."""
CONNECTED_IN = 10.0  # seconds for an NBD device to have its size


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A device of ours; `path` is empty while it is being made."""

    source: Implementation
    read_only: bool
    path: str = ""


class Blocks:
    """All of them. `directory` holds the files."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._choosing = asyncio.Lock()

    async def attach(self, vm: VmId, device: str, source: Implementation, *, read_only: bool) -> str:
        """A block device with the content of `source`. Safe to repeat. Raises `CommandFailed`, `Unimplemented`."""
        if isinstance(source, BlockDevice):
            return source.path
        file = self._directory / vm / f"{device}.json"
        made = _read(file)
        if made is not None:
            if made.path and made.source == source and made.read_only == read_only and _works(made):
                return made.path
            await self._remove(file, made)
        async with self._choosing:
            if isinstance(source, NbdSocket):
                return await self._nbd(file, source, read_only)
            return await self._loop(file, Made(source=source, read_only=read_only))

    async def write_out(self, vm: VmId) -> None:
        """Have all that a stopped guest wrote reach the files: what else opens them must see it."""
        for file in sorted((self._directory / vm).glob("*.json")):
            made = _read(file)
            if made is not None and not made.read_only and not isinstance(made.source, NbdSocket):
                for path in (made.path, made.source.path):
                    await asyncio.to_thread(_write_out, path)

    async def detach(self, vm: VmId, device: str) -> None:
        """Remove what `attach` made. Safe to repeat."""
        file = self._directory / vm / f"{device}.json"
        if made := _read(file):
            await self._remove(file, made)

    async def detach_all(self, vm: VmId) -> None:
        """Of all devices. Safe to repeat."""
        for file in sorted((self._directory / vm).glob("*.json")):
            if made := _read(file):
                await self._remove(file, made)
        with contextlib.suppress(OSError):
            (self._directory / vm).rmdir()

    async def _loop(self, file: Path, made: Made) -> str:
        assert not isinstance(made.source, NbdSocket)  # noqa: S101
        write_atomically(file, msgspec.json.encode(made), sync=False)
        try:
            path = await asyncio.to_thread(loops.attach, made.source.path, read_only=made.read_only)
        except OSError as error:
            raise command.CommandFailed(f"loop device of {made.source.path}", error.errno or 0, str(error)) from error
        write_atomically(file, msgspec.json.encode(msgspec.structs.replace(made, path=path)), sync=False)
        return path

    async def _nbd(self, file: Path, source: NbdSocket, read_only: bool) -> str:
        if shutil.which("nbd-client") is None:
            raise Unimplemented("an NBD disk on Xen: nbd-client is not installed")
        if not (SYS / "nbd0").exists():
            await command.run("modprobe", "nbd", f"nbds_max={NBD_READY}")
        path = self._free_nbd()
        write_atomically(file, msgspec.json.encode(Made(source=source, read_only=read_only, path=path)), sync=False)
        words = ["-unix", unix.short(source.socket), path, "-name", source.export, "-persist"]
        # The kernel hears of such disks in the machine's namespace only.
        await command.run(*namespace.outside("nbd-client", *words, *(["-readonly"] if read_only else [])))
        await _sized(path)
        return path

    def _free_nbd(self) -> str:
        taken = {made.path for file in self._directory.glob("*/*.json") if (made := _read(file))}
        for number in range(NBD_DEVICES):
            path = f"/dev/nbd{number}"
            if path not in taken and not (SYS / f"nbd{number}" / "pid").exists():
                return path
        raise Unimplemented("so many NBD disks: no /dev/nbd is free")

    async def _remove(self, file: Path, made: Made) -> None:
        paths = [made.path]
        if not isinstance(made.source, NbdSocket) and not made.path:
            # We were killed before its name was written.
            paths = [entry.removeprefix(" ") for entry in await _loops_of(made.source.path)]
        for path in filter(None, paths):
            try:
                if isinstance(made.source, NbdSocket):
                    await command.run(*namespace.outside("nbd-client", "-d", path))
                else:
                    loops.detach(path)
            except (command.CommandFailed, OSError) as error:
                log.info("%s: %s", path, error)
        file.unlink(missing_ok=True)


def _write_out(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


async def _loops_of(path: str) -> list[str]:
    listed = await command.run("losetup", "--noheadings", "--output", "NAME", "--associated", path, accept=(0, 1))
    return listed.split()


async def _sized(path: str) -> None:
    size = SYS / Path(path).name / "size"
    give_up = asyncio.get_running_loop().time() + CONNECTED_IN
    while int(size.read_text()) == 0:
        if asyncio.get_running_loop().time() > give_up:
            raise command.CommandFailed(f"nbd-client {path}", 0, "the device stays empty")
        await asyncio.sleep(0.05)


def _works(made: Made) -> bool:
    entry = SYS / Path(made.path).name
    if isinstance(made.source, NbdSocket):
        return (entry / "pid").exists()
    with contextlib.suppress(OSError):
        return Path((entry / "loop/backing_file").read_text().strip()) == Path(made.source.path).resolve()
    return False


def _read(file: Path) -> Made | None:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Made)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
