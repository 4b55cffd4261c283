"""The socket at which xapi hands over the connections of migrations."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from common import unix
from common.idl.xen_errors import DoesNotExist
from tests.xenopsd.migration.conftest import Pair
from tests.xenopsd.samples import VM
from xenopsd.migration.channel import Channel
from xenopsd.migration.line import Broken, Line
from xenopsd.migration.messages import Ask, Running
from xenopsd.server import arrivals


@pytest.fixture
async def door(pair: Pair, tmp_path: Path) -> AsyncIterator[str]:
    """The other host's."""
    await pair.there.arrivals.start()
    yield str(tmp_path / "there/socket")
    await pair.there.arrivals.stop()


def knock(door: str) -> socket.socket:
    """xapi's connection."""
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(unix.short(door))
    return connection


def hand_over(door: str) -> Channel:
    """Our end of a connection whose other end xenopsd is given."""
    ours, theirs = socket.socketpair()
    with theirs, knock(door) as connection:
        socket.send_fds(connection, [b"\0"], [theirs.fileno()])
    return Channel(Line(ours))


async def ended(connection: socket.socket) -> None:
    connection.setblocking(False)
    assert await asyncio.wait_for(asyncio.get_running_loop().sock_recv(connection, 1), 5.0) == b""


async def test_what_is_handed_over_is_served(door: str) -> None:
    channel = hand_over(door)
    await channel.send(Ask(vm=VM))

    with pytest.raises(DoesNotExist):
        await asyncio.wait_for(channel.expect(Running), 5.0)
    await channel.close()


async def test_who_hands_over_nothing_harms_nobody(door: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "GIVEN_WITHIN", 0.2)
    knock(door).close()
    with knock(door) as words, knock(door) as silence:
        words.sendall(b"h")
        await ended(words)
        await ended(silence)

    await test_what_is_handed_over_is_served(door)


async def test_when_it_stops_the_other_side_sees_the_end(pair: Pair, door: str) -> None:
    channel = hand_over(door)
    await asyncio.sleep(0.1)

    await asyncio.wait_for(pair.there.arrivals.stop(), 5.0)

    with pytest.raises(Broken, match="ended the connection"):
        await asyncio.wait_for(channel.receive(), 5.0)
    with pytest.raises(ConnectionRefusedError):
        knock(door)
    await channel.close()
