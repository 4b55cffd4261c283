"""A guest's terminal for several viewers."""

from __future__ import annotations

import asyncio
import os
import pty
import tty
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from xenopsd.backend.libxl.consoles import Consoles


@pytest.fixture
async def consoles(tmp_path: Path) -> AsyncIterator[Consoles]:
    made = Consoles(tmp_path)
    yield made
    made.keep(set())


async def _read(reader: asyncio.StreamReader, end: bytes) -> bytes:
    return await asyncio.wait_for(reader.readuntil(end), 5.0)


async def test_viewers_share_a_terminal(consoles: Consoles, tmp_path: Path) -> None:
    master, slave = pty.openpty()
    tty.setraw(master)
    await consoles.show("vm", 1, os.ttyname(slave))
    os.write(master, b"before\n")
    await asyncio.sleep(0.05)
    first, first_writer = await asyncio.open_unix_connection(consoles.path("vm", "vt100"))
    assert await _read(first, b"\n") == b"before\n"
    second, second_writer = await asyncio.open_unix_connection(consoles.path("vm", "vt100"))
    assert await _read(second, b"\n") == b"before\n"
    os.write(master, b"after\n")
    assert await _read(first, b"\n") == await _read(second, b"\n") == b"after\n"
    second_writer.write(b"typed")
    assert await asyncio.to_thread(os.read, master, 100) == b"typed"
    consoles.keep(set())
    assert await asyncio.wait_for(first.read(), 5.0) == b""
    assert not (tmp_path / "vm.vt100").exists()
    first_writer.close()
    second_writer.close()
    os.close(master)
    os.close(slave)


async def test_a_new_terminal_replaces_the_old(consoles: Consoles) -> None:
    old, old_end = pty.openpty()
    await consoles.show("vm", 1, os.ttyname(old_end))
    reader, writer = await asyncio.open_unix_connection(consoles.path("vm", "vt100"))
    tty.setraw(old)
    os.write(old, b"of the old domain\n")
    assert await _read(reader, b"\n") == b"of the old domain\n"
    os.close(old)
    os.close(old_end)
    new, new_end = pty.openpty()
    tty.setraw(new)
    await consoles.show("vm", 2, os.ttyname(new_end))
    await asyncio.sleep(0.1)
    os.write(new, b"again\n")
    assert await _read(reader, b"\n") == b"again\n"
    late, late_writer = await asyncio.open_unix_connection(consoles.path("vm", "vt100"))
    assert await _read(late, b"\n") == b"again\n"
    late_writer.close()
    writer.close()
    os.close(new)
    os.close(new_end)


async def test_keys_wait_for_a_terminal_that_is_not_there(consoles: Consoles, tmp_path: Path) -> None:
    terminal = tmp_path / "terminal"
    await consoles.show("vm", 1, str(terminal))
    _, writer = await asyncio.open_unix_connection(consoles.path("vm", "vt100"))
    writer.write(b"typed")
    master, slave = pty.openpty()
    tty.setraw(master)
    terminal.symlink_to(os.ttyname(slave))
    assert await asyncio.wait_for(asyncio.to_thread(os.read, master, 100), 10.0) == b"typed"
    writer.close()
    os.close(master)
    os.close(slave)
