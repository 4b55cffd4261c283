"""One connection between two hosts: messages and memory in frames, and a sign of life when there is nothing to say."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import TypeVar

import msgspec

from common.errors import WireError, from_wire
from xenopsd.migration import frames
from xenopsd.migration.apart import Stop, apart
from xenopsd.migration.frames import ALIVE, COMPRESSED, HEAD, MEMORY, MESSAGE
from xenopsd.migration.line import Broken, Line
from xenopsd.migration.messages import Failed, Message

LINGER = 10.0  # seconds

M = TypeVar("M", bound=Message)
T = TypeVar("T")

_decoder: msgspec.json.Decoder[Message] = msgspec.json.Decoder(Message)


class Channel:
    """Both sides' view. Only one task reads at a time; any may write."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._writing = asyncio.Lock()
        self._broken = ""
        self._got = bytearray()
        """What has come of the next frame; it outlives a cancelled wait for the rest."""
        self._unwanted = 0
        """Bytes of memory that are still to come, and that nobody wants."""
        self._frames: set[asyncio.Task[None]] = set()
        self._alive = asyncio.get_running_loop().create_task(self._show_life())

    async def send(self, message: Message) -> None:
        """Raises `Broken`."""
        await self._frame(MESSAGE, msgspec.json.encode(message))

    async def send_memory(self, source: int, *, compress: bool) -> None:
        """What can be read from the descriptor `source`, to its end. Raises `Broken`, `OSError`."""
        async with self._writing:
            await self._apart(lambda stop: frames.send_memory(self._line, source, compress, stop))

    async def receive_memory(self, sink: int) -> tuple[bytes, Message]:
        """Write memory to the descriptor `sink`, which must not block, until a message comes: the memory's last byte,
        which is kept, and the message. Raises as `receive` does, and `OSError`.
        """
        receiver = frames.Receiver(self._line, sink)
        try:
            data = await self._apart(receiver.run)
        finally:
            self._got, self._unwanted = receiver.got, receiver.rest
        return receiver.last, self._understood(data)

    async def receive(self) -> Message | bytes:
        """The next message, or a piece of memory. Raises `Broken`; what the destination failed with."""
        while True:
            with self._once():
                kind, data = await self._next()
                if kind == COMPRESSED:
                    return frames.expand(data)
            if kind == MEMORY:
                return data
            if kind != ALIVE:
                return self._understood(data)

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
        unfinished = {self._alive, *self._frames}
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)
        self._line.close()

    async def _frame(self, kind: bytes, data: bytes) -> None:
        """A frame that was begun is finished, also when nobody waits for that any more."""
        task = asyncio.get_running_loop().create_task(self._write(HEAD.pack(kind, len(data)) + data))
        self._frames.add(task)
        task.add_done_callback(self._written)
        await asyncio.shield(task)

    async def _write(self, frame: bytes) -> None:
        async with self._writing:
            with self._once():
                await self._line.send(frame)

    def _written(self, task: asyncio.Task[None]) -> None:
        self._frames.discard(task)
        if not task.cancelled():
            task.exception()  # it is told to who waits, if anybody does

    async def _apart(self, work: Callable[[Stop], T]) -> T:
        def run(stop: Stop) -> T:
            # Here, since who was cancelled meanwhile hears nothing of it.
            with self._once():
                return work(stop)

        with self._line.used():
            return await apart(run)

    async def _next(self) -> tuple[bytes, bytes]:
        while self._unwanted:
            self._unwanted -= len(await self._line.some(min(self._unwanted, frames.CHUNK)))
        await self._gather(HEAD.size)
        kind, length = frames.head_of(bytes(self._got[: HEAD.size]))
        await self._gather(HEAD.size + length)
        data = bytes(self._got[HEAD.size :])
        self._got.clear()
        return kind, data

    async def _gather(self, size: int) -> None:
        while (missing := size - len(self._got)) > 0:
            self._got += await self._line.some(missing)

    def _understood(self, data: bytes) -> Message:
        try:
            message = _decoder.decode(data)
        except msgspec.MsgspecError as error:
            raise Broken(f"it sent what makes no sense: {error}") from error
        if isinstance(message, Failed):
            self._broken = "it gave up"
            raise from_wire(message.code, message.params)
        return message

    @contextlib.contextmanager
    def _once(self) -> Iterator[None]:
        """Once broken, a channel stays so: nobody waits for a dead host twice."""
        if self._broken:
            raise Broken(self._broken)
        try:
            yield
        except Broken as error:
            self._broken = str(error)
            raise

    async def _show_life(self) -> None:
        with contextlib.suppress(Broken):
            while True:
                await asyncio.sleep(frames.ALIVE_EVERY)
                if not self._writing.locked():
                    await self._frame(ALIVE, b"")
