"""A VM on its way to another host, as its source sees it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterator

from common.errors import WireError
from common.idl.xen import (
    Destination,
    VmId,
)
from common.idl.xen_errors import (
    MigrationFailed,
    MigrationInDoubt,
)
from xenopsd.migration.channel import Channel
from xenopsd.migration.connection import Connect
from xenopsd.migration.line import Broken
from xenopsd.migration.messages import Ask, GiveUp, Offer, Ready, Run, Running, Sent, Whole
from xenopsd.migration.pipe import Pipe
from xenopsd.migration.together import end, together

log = logging.getLogger(__name__)

ASK_FOR = 120.0  # seconds a destination that may have the guest is asked about it
ASK_EVERY = 2.0
LET_GO_WITHIN = 60.0  # seconds

Write = Callable[[int], Awaitable[None]]
"""Writes a domain's memory to a descriptor; afterwards the guest is stopped."""


class Departure:
    """The source's end. All but `close` raise `MigrationFailed`, or what the destination failed with."""

    def __init__(self, vm: VmId, destination: Destination, connect: Connect, *, compress: bool) -> None:
        self.vm, self.destination = vm, destination
        self._connect, self._compress = connect, compress
        self._channel: Channel | None = None
        self._sending: asyncio.Task[None] | None = None
        self._gone = False

    def __repr__(self) -> str:
        return f"Departure({self.vm}, {self.destination.url})"

    async def offer(self, offer: Offer) -> None:
        """Connect, and have the destination make ready."""
        with self._failing():
            self._channel = await self._connect(self.destination)
            await self._channel.send(offer)
            await self._channel.expect(Ready)

    async def send(self, write: Write) -> None:
        """Send what `write` writes. Cancelled, `write` goes on to its end until `close`."""
        self._sending = asyncio.get_running_loop().create_task(self._send(write))
        await asyncio.shield(self._sending)

    async def sent(self) -> None:
        """All is sent and the disks are free; the destination makes the domain whole."""
        with self._failing():
            await self._here.send(Sent())
            await self._here.expect(Whole)

    async def run(self) -> None:
        """Let the guest run there, and know that it does. Raises `MigrationInDoubt` when that can't be known."""
        self._gone = True
        try:
            await self._here.send(Run())
            await self._here.expect(Running)
        except Broken as error:
            log.warning("VM %s: %s", self.vm, error)
            with self._failing():
                await self._ask()

    async def close(self) -> None:
        """End everything, and wait for that. Safe to repeat."""
        if self._sending is not None:
            await end(self._sending)
        if self._channel is not None:
            if not self._gone:
                await self._give_up(self._channel)
            await self._channel.close()

    @property
    def _here(self) -> Channel:
        if self._channel is None:
            raise Broken("there is no connection yet")
        return self._channel

    async def _send(self, write: Write) -> None:
        pipe = Pipe()
        with contextlib.closing(pipe), self._failing():
            passing_on = self._here.send_memory(pipe.read, compress=self._compress)
            await together(self._write(write, pipe), passing_on, unless=self._nothing_wrong())

    async def _write(self, write: Write, pipe: Pipe) -> None:
        try:
            await write(pipe.write)
        finally:
            pipe.close_write()

    async def _nothing_wrong(self) -> None:
        """The destination has nothing to say while memory comes, but that it failed."""
        message = await self._here.receive()
        raise Broken(f"it said {type(message).__name__} too early")

    async def _ask(self) -> None:
        give_up = asyncio.get_running_loop().time() + ASK_FOR
        while asyncio.get_running_loop().time() < give_up:
            try:
                channel = await self._connect(self.destination)
                try:
                    await channel.send(Ask(vm=self.vm))
                    await channel.expect(Running)
                finally:
                    await channel.close()
            except Broken as error:
                log.warning("VM %s: does it run on %s? %s", self.vm, self.destination.url, error)
                await asyncio.sleep(ASK_EVERY)
            else:
                return
        raise MigrationInDoubt(self.vm, self.destination.url)

    async def _give_up(self, channel: Channel) -> None:
        """Have the destination let go of the disks before we take them back; no longer than it shows life."""
        with contextlib.suppress(Broken, WireError, TimeoutError):
            async with asyncio.timeout(LET_GO_WITHIN):
                await channel.send(GiveUp())
                while True:
                    await channel.receive()

    @contextlib.contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except (Broken, OSError) as error:
            raise MigrationFailed(self.vm, self.destination.url, str(error)) from error
