"""One connection between two hosts: messages and memory in frames, and a sign of life when there is nothing to say."""

from __future__ import annotations

import asyncio
import contextlib
import struct
import zlib
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec

from common.errors import WireError, from_wire
from xenopsd.migration.messages import Failed, Message

HEAD = struct.Struct("!cI")
MESSAGE, MEMORY, COMPRESSED, ALIVE = b"J", b"M", b"Z", b"A"
CHUNK = 1 << 18  # bytes of memory in a frame
LONGEST = 1 << 22  # bytes of a frame that is taken
ALIVE_EVERY = 3.0  # seconds
SILENCE = 30.0  # seconds after which the other side is given up
LINGER = 10.0  # seconds
FASTEST = 1  # zlib's level

M = TypeVar("M", bound=Message)
T = TypeVar("T")

_decoder: msgspec.json.Decoder[Message] = msgspec.json.Decoder(Message)


class Broken(Exception):
    """The other side went away, is silent, or says what makes no sense."""


class Channel:
    """Both sides' view. Only one task reads at a time; any may write."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._writing = asyncio.Lock()
        self._broken = ""
        self._alive = asyncio.get_running_loop().create_task(self._show_life())

    async def send(self, message: Message) -> None:
        """Raises `Broken`."""
        await self._frame(MESSAGE, msgspec.json.encode(message))

    async def send_memory(self, data: bytes, *, compress: bool) -> None:
        """Raises `Broken`."""
        if compress:
            data = await asyncio.to_thread(zlib.compress, data, FASTEST)
        await self._frame(COMPRESSED if compress else MEMORY, data)

    async def receive(self) -> Message | bytes:
        """The next message, or piece of memory. Raises `Broken`; what the destination failed with."""
        while True:
            kind, data = await self._next()
            if kind == ALIVE:
                continue
            if kind == MEMORY:
                return data
            try:
                if kind == COMPRESSED:
                    return await asyncio.to_thread(_expand, data)
                message = _decoder.decode(data)
            except (zlib.error, msgspec.MsgspecError) as error:
                raise Broken(f"it sent what makes no sense: {error}") from error
            if isinstance(message, Failed):
                self._broken = "it gave up"
                raise from_wire(message.code, message.params)
            return message

    async def expect(self, kind: type[M]) -> M:
        """The next message, which must be a `kind`. Raises as `receive` does."""
        message = await self.receive()
        if not isinstance(message, kind):
            raise Broken(f"it answered {type(message).__name__} instead of {kind.__name__}")
        return message

    async def linger(self) -> None:
        """Wait a little for the other side to go first: what was said last may get lost in a proxy that sees an end."""
        with contextlib.suppress(Broken, WireError, TimeoutError):
            async with asyncio.timeout(LINGER):
                while True:
                    await self.receive()

    async def close(self) -> None:
        """Safe to repeat."""
        self._alive.cancel()
        self._writer.close()
        await asyncio.gather(self._alive, return_exceptions=True)

    async def _frame(self, kind: bytes, data: bytes) -> None:
        async with self._writing:
            self._writer.write(HEAD.pack(kind, len(data)))
            self._writer.write(data)
            await self._in_time(self._writer.drain)

    async def _next(self) -> tuple[bytes, bytes]:
        kind, length = HEAD.unpack(await self._in_time(lambda: self._reader.readexactly(HEAD.size)))
        if length > LONGEST:
            raise Broken("it sent a frame that is too long")
        return kind, await self._in_time(lambda: self._reader.readexactly(length))

    async def _in_time(self, work: Callable[[], Awaitable[T]]) -> T:
        """Once broken, a channel stays so: nobody waits for a dead host twice."""
        if self._broken:
            raise Broken(self._broken)
        try:
            async with asyncio.timeout(SILENCE):
                return await work()
        except TimeoutError as error:
            self._broken = f"it is silent for {SILENCE:.0f} s"
            raise Broken(self._broken) from error
        except asyncio.IncompleteReadError as error:
            self._broken = "it ended the connection"
            raise Broken(self._broken) from error
        except OSError as error:
            self._broken = f"the connection broke: {error}"
            raise Broken(self._broken) from error

    async def _show_life(self) -> None:
        with contextlib.suppress(Broken):
            while True:
                await asyncio.sleep(ALIVE_EVERY)
                if not self._writing.locked():
                    await self._frame(ALIVE, b"")


def _expand(data: bytes) -> bytes:
    expander = zlib.decompressobj()
    expanded = expander.decompress(data, CHUNK + 1)
    if expander.unconsumed_tail or not expander.eof:
        raise Broken("it sent compressed memory that is too long")
    return expanded
