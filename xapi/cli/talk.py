"""The server's side of one conversation: print, ask, have files sent and fetched."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol

from xapi.cli import protocol

GREETING_DEADLINE = 30.0  # seconds for the client's greeting
ANSWER_DEADLINE = 24 * 3600.0  # seconds for a person to answer, or a file to be moved
MAX_FILE = 32 * 1024 * 1024  # bytes of a file that is read into memory
FULL = 256 * 1024  # bytes kept before they are sent


class Stream(Protocol):
    """The connection: `xapi.http.raw.RawStream`."""

    @property
    def reader(self) -> asyncio.StreamReader: ...

    async def read_exactly(self, size: int) -> bytes: ...

    async def write(self, data: bytes) -> None: ...


class Talk:
    """One conversation. Its methods raise `ConnectionError` or `IncompleteReadError` when the client is gone."""

    def __init__(self, stream: Stream, columns: int = 0) -> None:
        self._stream = stream
        self._pending = bytearray()
        self.columns = columns
        """Width of the client's terminal; 0 if it has none."""

    async def greet(self) -> None:
        """Exchange greetings. Raises `protocol.ProtocolError`."""
        await self._stream.write(protocol.GREETING)
        async with asyncio.timeout(GREETING_DEADLINE):
            protocol.check_greeting(await self._stream.read_exactly(len(protocol.GREETING)))

    def tell(self, command: protocol.Command) -> None:
        """Keep a command to be sent with the next."""
        self._pending += protocol.encode(command)

    def print(self, text: str) -> None:
        """A line for standard output."""
        self.tell(protocol.Print(text))

    async def flush(self) -> None:
        """Send what was kept."""
        if self._pending:
            data, self._pending = bytes(self._pending), bytearray()
            await self._stream.write(data)

    async def flush_if_full(self) -> None:
        """Send what was kept if it is much."""
        if len(self._pending) > FULL:
            await self.flush()

    def check(self) -> None:
        """Raise `ConnectionResetError` if the client is gone: for those who wait without a word."""
        if self._stream.reader.at_eof():
            raise ConnectionResetError("the client went away")

    async def until_gone(self) -> None:
        """Wait for the client to leave: it has been told all."""
        await self.flush()
        async with asyncio.timeout(ANSWER_DEADLINE):
            while True:
                await self._stream.read_exactly(1)

    async def ask(self) -> str:
        """A line that the user types."""
        self.tell(protocol.Prompt())
        await self.flush()
        return (await self._blob()).decode(errors="replace").strip()

    async def load(self, filename: str) -> bytes | None:
        """The content of a file on the client's side; None if it could not be read."""
        self.tell(protocol.Load(filename))
        await self.flush()
        return await self._blob() if await self._answer() else None

    async def fetch(self, filename: str, path: str) -> bool:
        """Have the client fetch `path` into a file; whether it could."""
        self.tell(protocol.HttpGet(filename, path))
        await self.flush()
        return await self._answer()

    async def send(self, filename: str, path: str) -> bool:
        """Have the client send a file to `path`; whether it could."""
        self.tell(protocol.HttpPut(filename, path))
        await self.flush()
        return await self._answer()

    async def _answer(self) -> bool:
        """Whether the client could do what it was told."""
        while True:
            match message := await self._receive():
                case protocol.Ok():
                    return True
                case protocol.Failed():
                    return False
                case protocol.Wait():
                    continue
                case _:
                    raise protocol.ProtocolError(f"unexpected {type(message).__name__}")

    async def _blob(self) -> bytes:
        data = b""
        while True:
            match message := await self._receive():
                case protocol.Chunk(size) if 0 <= size <= MAX_FILE - len(data):
                    data += await self._stream.read_exactly(size)
                case protocol.End():
                    return data
                case _:
                    raise protocol.ProtocolError(f"unexpected {type(message).__name__}")

    async def _receive(self) -> protocol.Message:
        async with asyncio.timeout(ANSWER_DEADLINE):
            size = protocol.length(await self._stream.read_exactly(4))
            return protocol.decode(await self._stream.read_exactly(size))


@contextlib.asynccontextmanager
async def ticking(every: float, tick: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """While in the block, `tick` each `every` seconds until it raises."""

    async def run() -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                await asyncio.sleep(every)
                await tick()

    job = asyncio.get_running_loop().create_task(run())
    try:
        yield
    finally:
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)
