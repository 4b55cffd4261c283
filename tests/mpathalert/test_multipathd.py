"""multipathd's socket and the kernel's events."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import uvloop

from mpathalert.multipathd import COMMAND, LENGTH, Count, NoAnswer, counts, mapped, parse
from mpathalert.uevents import interesting

ANSWER = json.dumps(
    {
        "major_version": 0,
        "maps": [
            {
                "name": "mpatha",
                "uuid": "3600a",
                "sysfs": "dm-0",
                "path_groups": [
                    {"group": 1, "paths": [{"dev": "sda", "dm_st": "active", "chk_st": "ready"}]},
                    {"group": 2, "paths": [{"dev": "sdb", "dm_st": "failed", "chk_st": "faulty"}]},
                ],
            },
            {"name": "mpathb", "uuid": "3600b", "path_groups": []},
        ],
    }
).encode()


@asynccontextmanager
async def daemon(where: Path | socket.socket, answer: bytes) -> AsyncIterator[list[bytes]]:
    """A multipathd that answers anything so."""
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        (length,) = LENGTH.unpack(await reader.readexactly(LENGTH.size))
        asked.append(await reader.readexactly(length))
        writer.write(answer)
        writer.close()

    place: Any = {"sock": where} if isinstance(where, socket.socket) else {"path": where}
    async with await asyncio.start_unix_server(serve, **place):
        yield asked


async def test_working_paths_are_counted_by_device(tmp_path: Path) -> None:
    body = ANSWER + b"\0"
    async with daemon(tmp_path / "s", LENGTH.pack(len(body)) + body) as asked:
        found = await counts((str(tmp_path / "absent"), str(tmp_path / "s")))
    assert found == {"3600a": Count(1, 2), "3600b": Count(0, 0)}
    assert asked == [COMMAND]


def test_a_name_in_the_abstract_space_on_the_daemons_event_loop() -> None:
    body = ANSWER + b"\0"

    async def ask() -> dict[str, Count]:
        name = f"\0mpathalert-{os.getpid()}"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(name)
            listener.listen()
            async with daemon(listener, LENGTH.pack(len(body)) + body):
                return await counts((name,))

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(ask()) == {"3600a": Count(1, 2), "3600b": Count(0, 0)}


@pytest.mark.parametrize(
    "answer",
    [b"", b"\1", LENGTH.pack(100) + b"short", LENGTH.pack(2**60), LENGTH.pack(3) + b"ok\0", LENGTH.pack(3) + b"{}\0"],
)
async def test_other_answers_are_none(tmp_path: Path, answer: bytes) -> None:
    async with daemon(tmp_path / "s", answer):
        with pytest.raises(NoAnswer):
            await counts((str(tmp_path / "s"),))


async def test_nobody_there(tmp_path: Path) -> None:
    with pytest.raises(NoAnswer):
        await counts((str(tmp_path / "absent"),))
    with pytest.raises(NoAnswer):
        parse(b"timeout")


def test_the_kernels_maps(tmp_path: Path) -> None:
    for name, uuid in (("dm-0", "mpath-3600a\n"), ("dm-1", "LVM-xyz\n"), ("dm-2", "part1-mpath-3600b\n")):
        (tmp_path / name / "dm").mkdir(parents=True)
        (tmp_path / name / "dm/uuid").write_text(uuid)
    (tmp_path / "dm-3").mkdir()  # on its way out
    (tmp_path / "sda").mkdir()
    assert mapped(tmp_path) == {"3600a"}


@pytest.mark.parametrize(
    ("event", "matters"),
    [
        (b"change@/d\0SUBSYSTEM=block\0DEVTYPE=disk\0DEVNAME=dm-0\0DM_ACTION=PATH_FAILED\0DM_PATH=8:16\0", True),
        (b"remove@/d\0SUBSYSTEM=block\0DEVTYPE=disk\0DEVNAME=sdb\0", True),
        (b"change@/d\0SUBSYSTEM=block\0DEVTYPE=disk\0DEVNAME=loop0\0", False),
        (b"add@/d\0SUBSYSTEM=net\0INTERFACE=eth0\0", False),
        (b"", False),
        (b"\xff" * 100, False),
    ],
)
def test_which_events_matter(event: bytes, matters: bool) -> None:
    assert interesting(event) is matters
