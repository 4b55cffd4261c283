"""The consoles all simulated guests share: a terminal that prompts and echoes, and a grey picture by RFB (RFC 6143)."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import Awaitable, Callable
from pathlib import Path

from common import unix

PROMPT = b"\r\nsimulator login: "
VERSION = b"RFB 003.008\n"
WIDTH, HEIGHT = 320, 200
GREY = 0x40
NAME = b"simulator"
IDLE = 3600.0  # seconds after which a silent viewer is dropped

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Consoles:
    """Both listeners."""

    def __init__(self, directory: Path) -> None:
        self.vt100, self.rfb = str(directory / "simulator.vt100"), str(directory / "simulator.rfb")
        self._servers: list[asyncio.Server] = []

    async def start(self) -> None:
        """Listen."""
        for path, serve in ((self.vt100, _terminal), (self.rfb, _picture)):
            self._servers.append(await asyncio.start_unix_server(_quietly(serve), sock=unix.listen(path)))

    async def stop(self) -> None:
        """Stop listening."""
        for server in self._servers:
            server.close()
        self._servers.clear()


def _quietly(serve: Serve) -> Serve:
    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, TimeoutError):
            await serve(reader, writer)
        writer.close()

    return served


async def _terminal(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await asyncio.wait_for(reader.read(1024), IDLE):
        writer.write(data.replace(b"\r", PROMPT).replace(b"\n", PROMPT))
        await writer.drain()


async def _picture(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(VERSION)
    await reader.readexactly(len(VERSION))
    writer.write(b"\x01\x01")  # one security type: none
    await reader.readexactly(1)
    writer.write(struct.pack(">I", 0))
    await reader.readexactly(1)
    pixel = struct.pack(">BBBBHHHBBB3x", 32, 24, 0, 1, 255, 255, 255, 16, 8, 0)
    writer.write(struct.pack(">HH", WIDTH, HEIGHT) + pixel + struct.pack(">I", len(NAME)) + NAME)
    depth = 4
    while True:
        await writer.drain()
        kind = (await asyncio.wait_for(reader.readexactly(1), IDLE))[0]
        if kind == 0:
            depth = (await reader.readexactly(19))[3] // 8
        elif kind == 2:
            await reader.readexactly(4 * struct.unpack(">xH", await reader.readexactly(3))[0])
        elif kind == 3:
            if not (await reader.readexactly(9))[0]:
                writer.write(struct.pack(">BxHHHHHi", 0, 1, 0, 0, WIDTH, HEIGHT, 0))
                writer.write(bytes([GREY]) * (WIDTH * HEIGHT * depth))
        elif kind == 6:
            await reader.readexactly(struct.unpack(">3xI", await reader.readexactly(7))[0])
        else:
            await reader.readexactly({4: 7, 5: 5}[kind])
