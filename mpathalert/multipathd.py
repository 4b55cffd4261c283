"""What multipathd tells on its socket: a length of eight bytes, a command that ends in NUL; the answer comes alike."""

from __future__ import annotations

import asyncio
import socket
import struct
from dataclasses import dataclass
from pathlib import Path as File

import msgspec

from common.errors import WireError

SOCKETS = ("/run/multipathd.socket", "\0/org/kernel/linux/storage/multipathd")
"""A file since 0.9.8, before it a name in the abstract space."""
LENGTH = struct.Struct("=Q")
LARGEST = 64 * 1024 * 1024  # bytes of an answer
DEADLINE = 10.0  # seconds
COMMAND = b"show maps json\0"
BLOCK = File("/sys/block")
KERNELS_NAME = "mpath-"  # before the SCSI id


@dataclass(eq=False)
class NoAnswer(WireError):
    """multipathd is not there or says something else than it should."""

    code = "Multipathd_unreachable"

    reason: str


class Path(msgspec.Struct):
    """A path as multipathd tells it: `dm_st` is `active` while the kernel uses it."""

    dev: str = ""
    dm_st: str = ""


class Group(msgspec.Struct):
    """Paths of the same priority."""

    paths: list[Path] = []


class Map(msgspec.Struct):
    """A multipath device; `uuid` is the SCSI id."""

    uuid: str
    path_groups: list[Group] = []


class Maps(msgspec.Struct):
    """The answer to `COMMAND`."""

    maps: list[Map]


@dataclass(frozen=True, slots=True)
class Count:
    """Paths of a device that work, and all it has."""

    current: int
    total: int


async def counts(sockets: tuple[str, ...] = SOCKETS) -> dict[str, Count]:
    """The paths of every device, by SCSI id. Raises `NoAnswer`."""
    try:
        answer = await asyncio.wait_for(_ask(sockets), DEADLINE)
    except TimeoutError as error:
        raise NoAnswer(f"no answer in {DEADLINE:.0f} s") from error
    return parse(answer)


def mapped(block: File = BLOCK) -> frozenset[str]:
    """SCSI ids of the kernel's maps: they are there also while multipathd isn't, or has yet to find them."""
    found = set()
    for entry in block.glob("dm-*"):
        try:
            name = (entry / "dm/uuid").read_text().strip()
        except OSError:  # just removed
            continue
        if name.startswith(KERNELS_NAME):
            found.add(name.removeprefix(KERNELS_NAME))
    return frozenset(found)


def parse(answer: bytes) -> dict[str, Count]:
    """The counts in multipathd's answer. Raises `NoAnswer`."""
    try:
        maps = msgspec.json.decode(answer, type=Maps).maps
    except msgspec.MsgspecError as error:
        raise NoAnswer(f"{error}: {answer[:100]!r}") from error
    return {each.uuid: _count([path for group in each.path_groups for path in group.paths]) for each in maps}


def _count(paths: list[Path]) -> Count:
    return Count(sum(path.dm_st == "active" for path in paths), len(paths))


async def _ask(sockets: tuple[str, ...]) -> bytes:
    reason = "no socket"
    for address in sockets:
        try:
            reader, writer = await _connect(address)
        except OSError as error:
            reason = str(error)
            continue
        try:
            writer.write(LENGTH.pack(len(COMMAND)) + COMMAND)
            await writer.drain()
            (length,) = LENGTH.unpack(await reader.readexactly(LENGTH.size))
            if length > LARGEST:
                raise NoAnswer(f"{length} bytes")
            return (await reader.readexactly(length)).rstrip(b"\0")
        except (OSError, asyncio.IncompleteReadError) as error:
            raise NoAnswer(f"{type(error).__name__}: {error}") from error
        finally:
            writer.close()
    raise NoAnswer(reason)


async def _connect(address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """uvloop has no abstract names of its own: it gets a socket that is connected."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    try:
        await asyncio.get_running_loop().sock_connect(connection, address)
        return await asyncio.open_unix_connection(sock=connection)
    except BaseException:
        connection.close()
        raise
