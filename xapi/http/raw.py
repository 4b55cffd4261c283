"""A connection without HTTP: what is left when a handler takes it over, for consoles and the `xe` protocol."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Awaitable, Callable

CHUNK = 64 * 1024
LIMIT = 256 * 1024  # bytes buffered before the sender is made to wait

Drain = Callable[[], Awaitable[None]]


class RawStream:
    """Bytes both ways."""

    def __init__(self, transport: asyncio.Transport, drain: Drain, first: bytes = b"") -> None:
        self.reader = asyncio.StreamReader(limit=LIMIT)
        self.reader.set_transport(transport)
        self._transport = transport
        self._drain = drain
        if first:
            self.reader.feed_data(first)

    async def read(self, size: int = CHUNK) -> bytes:
        """What has arrived, at most `size` bytes; empty at the end."""
        return await self.reader.read(size)

    async def read_exactly(self, size: int) -> bytes:
        """Exactly `size` bytes. Raises `asyncio.IncompleteReadError`."""
        return await self.reader.readexactly(size)

    async def write(self, data: bytes) -> None:
        """Send, waiting while the other side is slow. Raises `ConnectionError`."""
        if self._transport.is_closing():
            raise ConnectionResetError("the client went away")
        self._transport.write(data)
        await self._drain()

    def part(self) -> socket.socket:
        """The connection as a socket of the caller's own. Here nothing more is read, and `close` leaves it open.

        Raises `ConnectionError`.
        """
        if self._transport.is_closing():
            raise ConnectionResetError("the client went away")
        self._transport.pause_reading()
        return socket.socket(fileno=os.dup(self._transport.get_extra_info("socket").fileno()))

    def end(self) -> None:
        """Tell the other side that nothing more comes."""
        with contextlib.suppress(OSError, RuntimeError, NotImplementedError):
            if not self._transport.is_closing():
                self._transport.write_eof()

    def close(self) -> None:
        """Close once all is sent. Safe to repeat."""
        self._transport.close()


async def relay(one: RawStream, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy bytes both ways until the far side ends, or one breaks."""

    async def forth() -> None:
        while data := await one.read():
            writer.write(data)
            await writer.drain()
        with contextlib.suppress(OSError, RuntimeError):
            writer.write_eof()

    async def back() -> None:
        while data := await reader.read(CHUNK):
            await one.write(data)
        one.end()

    loop = asyncio.get_running_loop()
    forward, backward = loop.create_task(forth()), loop.create_task(back())
    jobs = (forward, backward)
    try:
        done, _ = await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
        if backward not in done and forward.exception() is None:
            await asyncio.wait((backward,))  # a client that only half-closed still gets the rest
    finally:
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)
        writer.close()
        one.close()
