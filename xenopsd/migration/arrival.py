"""A VM that comes from another host, as its destination sees it."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable, Iterator

from common.idl.xen_errors import MigrationFailed
from xenopsd.migration import frames
from xenopsd.migration.apart import apart
from xenopsd.migration.channel import Channel
from xenopsd.migration.line import Broken
from xenopsd.migration.messages import Offer, Ready, Run, Sent, Whole
from xenopsd.migration.pipe import Pipe
from xenopsd.migration.together import end, together

Read = Callable[[int], Awaitable[None]]
"""Makes a domain of what can be read from a descriptor."""


class Arrival:
    """The destination's end. All but `close` raise `MigrationFailed`, or what making the domain failed with."""

    def __init__(self, channel: Channel, offer: Offer) -> None:
        self.offer = offer
        self._channel = channel
        self._pipe: Pipe | None = None
        self._reading: asyncio.Task[None] | None = None
        self._last = b""

    def __repr__(self) -> str:
        return f"Arrival({self.offer.vm.id})"

    async def receive(self, read: Read) -> None:
        """Give memory to `read`, which says `ready`, until the source has sent all of it.

        The last byte is kept, so that the domain isn't finished before its disks are there.
        """
        self._pipe = Pipe()
        os.set_blocking(self._pipe.write, False)
        self._reading = asyncio.get_running_loop().create_task(_read(read, self._pipe))
        with self._failing():
            await together(self._pass_on(self._pipe), unless=self._early_end())

    async def ready(self) -> None:
        """There is room: memory may come. The source shows patience before this, but not after."""
        with self._failing():
            await self._channel.send(Ready())

    async def complete(self) -> None:
        """The disks are there: have the domain finished, tell so, and wait for the word to run."""
        assert self._pipe is not None and self._reading is not None  # noqa: S101, PT018
        sink, last = self._pipe.write, memoryview(self._last)
        with self._failing():
            with contextlib.suppress(BrokenPipeError):  # the reader knows better why it reads no more
                await apart(lambda stop: frames.pour(sink, last, stop))
            self._pipe.close_write()
            await asyncio.shield(self._reading)
            await self._channel.send(Whole())
            await self._channel.expect(Run)

    async def close(self) -> None:
        """Give up what is still being made, and wait for that. The channel is the caller's. Safe to repeat."""
        if self._reading is not None:
            await end(self._reading)
        if self._pipe is not None:
            self._pipe.close()

    async def _pass_on(self, pipe: Pipe) -> None:
        assert self._reading is not None  # noqa: S101
        try:
            self._last, message = await self._channel.receive_memory(pipe.write)
        except BrokenPipeError:
            await asyncio.shield(self._reading)  # it knows better why nobody reads
            raise
        if not isinstance(message, Sent):
            raise Broken(f"it said {type(message).__name__} instead of sending memory")

    async def _early_end(self) -> None:
        assert self._reading is not None  # noqa: S101
        await asyncio.shield(self._reading)
        raise Broken("it sent more than the domain needs")

    @contextlib.contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except (Broken, OSError) as error:
            raise MigrationFailed(self.offer.vm.id, "here", str(error)) from error


async def _read(read: Read, pipe: Pipe) -> None:
    try:
        await read(pipe.read)
    finally:
        pipe.close_read()
