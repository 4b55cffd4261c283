"""A VM that comes from another host, as its destination sees it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Iterator

from common.idl.xen import MigrationFailed
from xenopsd.migration.channel import Broken, Channel
from xenopsd.migration.messages import Offer, Ready, Run, Sent, Whole
from xenopsd.migration.together import end, together

Read = Callable[[int], Awaitable[None]]
"""Makes a domain of what can be read from a descriptor."""


class Arrival:
    """The destination's end. All but `close` raise `MigrationFailed`, or what making the domain failed with."""

    def __init__(self, channel: Channel, offer: Offer) -> None:
        self.offer = offer
        self._channel = channel
        self._ours: socket.socket | None = None
        self._reading: asyncio.Task[None] | None = None
        self._last = b""

    def __repr__(self) -> str:
        return f"Arrival({self.offer.vm.id})"

    async def receive(self, read: Read) -> None:
        """Say that we are ready, and give memory to `read` until the source has sent all of it.

        The last byte is kept, so that the domain isn't finished before its disks are there.
        """
        self._ours, theirs = socket.socketpair()
        self._ours.setblocking(False)
        self._reading = asyncio.get_running_loop().create_task(_read(read, theirs))
        with self._failing():
            await self._channel.send(Ready())
            await together(self._pump(), unless=self._early_end())

    async def complete(self) -> None:
        """The disks are there: have the domain finished, tell so, and wait for the word to run."""
        assert self._ours is not None and self._reading is not None  # noqa: S101, PT018
        with self._failing():
            await self._pass_on(self._last)
            self._ours.shutdown(socket.SHUT_WR)
            await asyncio.shield(self._reading)
            await self._channel.send(Whole())
            await self._channel.expect(Run)

    async def close(self) -> None:
        """Give up what is still being made, and wait for that. The channel is the caller's. Safe to repeat."""
        if self._reading is not None:
            await end(self._reading)
        if self._ours is not None:
            self._ours.close()

    async def _pump(self) -> None:
        while True:
            item = await self._channel.receive()
            if isinstance(item, Sent):
                return
            if not isinstance(item, bytes):
                raise Broken(f"it said {type(item).__name__} instead of sending memory")
            if item:
                await self._pass_on(self._last + item[:-1])
                self._last = item[-1:]

    async def _pass_on(self, data: bytes) -> None:
        assert self._ours is not None and self._reading is not None  # noqa: S101, PT018
        try:
            await asyncio.get_running_loop().sock_sendall(self._ours, data)
        except OSError:
            await asyncio.shield(self._reading)  # it knows better why nobody reads
            raise

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


async def _read(read: Read, theirs: socket.socket) -> None:
    with theirs:
        await read(theirs.fileno())
