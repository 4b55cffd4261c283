"""The destination's end by itself."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket

import pytest

from common.idl.xen_errors import (
    MigrationFailed,
    NotEnoughMemory,
)
from tests.xenopsd.samples import GIB, vm
from xenopsd.migration.arrival import Arrival
from xenopsd.migration.channel import Channel
from xenopsd.migration.line import Line, ready
from xenopsd.migration.messages import GiveUp, Offer, Ready, Sent
from xenopsd.migration.pipe import Pipe

OFFER = Offer(dbg="", vm=vm(), vbds=[], vifs=[], memory=GIB, told={}, started=0.0, crashed=0.0)


async def test_it_is_ready_when_there_is_room_and_not_before() -> None:
    source, destination = (Channel(Line(end)) for end in socket.socketpair())
    arrival, room = Arrival(destination, OFFER), asyncio.Event()
    taken: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def receive(descriptor: int) -> None:
        await room.wait()
        await arrival.ready()
        await ready(descriptor)
        taken.set_result(os.read(descriptor, 100))
        await asyncio.Event().wait()

    receiving = asyncio.create_task(arrival.receive(receive))
    told = asyncio.create_task(source.expect(Ready))
    await asyncio.sleep(0.1)
    assert not told.done()
    room.set()
    await asyncio.wait_for(told, 5.0)

    with contextlib.closing(Pipe()) as pipe:
        os.write(pipe.write, b"mx")
        pipe.close_write()
        await source.send_memory(pipe.read, compress=False)
    await source.send(Sent())
    await asyncio.wait_for(receiving, 5.0)
    assert await asyncio.wait_for(taken, 5.0) == b"m"
    await arrival.close()
    for channel in (source, destination):
        await channel.close()


@pytest.mark.parametrize("why", ["no room", "given up"])
async def test_it_fails_before_it_is_ready(why: str) -> None:
    source, destination = (Channel(Line(end)) for end in socket.socketpair())
    arrival = Arrival(destination, OFFER)

    async def receive(_: int) -> None:
        if why == "no room":
            raise NotEnoughMemory(GIB, 0)
        await asyncio.Event().wait()

    if why == "given up":
        await source.send(GiveUp())
    with pytest.raises(NotEnoughMemory if why == "no room" else MigrationFailed):
        await asyncio.wait_for(arrival.receive(receive), 5.0)
    await asyncio.wait_for(arrival.close(), 5.0)
    for channel in (source, destination):
        await channel.close()
