from __future__ import annotations

import asyncio
import socket
import zlib
from collections.abc import AsyncIterator

import pytest

from common.idl.xen import BadPowerState
from xenopsd.migration import channel as module
from xenopsd.migration.channel import CHUNK, COMPRESSED, HEAD, LONGEST, MEMORY, MESSAGE, Broken, Channel
from xenopsd.migration.messages import Failed, Ready, Run, Whole

Ends = tuple[Channel, Channel, asyncio.StreamWriter]


@pytest.fixture
async def ends() -> AsyncIterator[Ends]:
    """Two ends, and what the second one writes with."""
    pairs = [await asyncio.open_connection(sock=each) for each in socket.socketpair()]
    one, other = (Channel(*pair) for pair in pairs)
    yield one, other, pairs[1][1]
    await one.close()
    await other.close()


@pytest.mark.parametrize("compress", [False, True])
async def test_messages_and_memory_come_in_order(ends: Ends, compress: bool) -> None:
    one, other, _ = ends
    memory = bytes(CHUNK)

    await other.send(Ready())
    sending = asyncio.create_task(other.send_memory(memory, compress=compress))

    assert await one.expect(Ready) == Ready()
    assert await one.receive() == memory
    await sending


async def test_the_others_failure_is_raised_as_it_was(ends: Ends) -> None:
    one, other, _ = ends
    await other.send(Failed(code="Bad_power_state", params=["vm", "Running", "Halted"]))

    with pytest.raises(BadPowerState):
        await one.expect(Whole)


@pytest.mark.parametrize(
    "sent",
    [
        HEAD.pack(MESSAGE, 3) + b"{]}",
        HEAD.pack(MESSAGE, 15) + b'{"type":"other"',
        HEAD.pack(MEMORY, LONGEST + 1),
        HEAD.pack(COMPRESSED, 3) + b"xyz",
        HEAD.pack(COMPRESSED, len(bomb := zlib.compress(bytes(2 * CHUNK)))) + bomb,
        HEAD.pack(COMPRESSED, len(half := zlib.compress(b"memory")[:-2])) + half,
    ],
    ids=["no JSON", "half a message", "too long", "not compressed", "too much", "half"],
)
async def test_nonsense_breaks_it(ends: Ends, sent: bytes) -> None:
    one, _, writer = ends
    writer.write(sent)

    with pytest.raises(Broken):
        await one.receive()


async def test_another_message_than_expected_breaks_it(ends: Ends) -> None:
    one, other, _ = ends
    await other.send(Run())

    with pytest.raises(Broken):
        await one.expect(Whole)


async def test_silence_breaks_it_at_once_for_all_that_follows(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    one, _, _ = ends
    monkeypatch.setattr(module, "SILENCE", 0.1)

    with pytest.raises(Broken, match="silent"):
        await one.receive()
    monkeypatch.setattr(module, "SILENCE", 60.0)
    with pytest.raises(Broken, match="silent"):
        await asyncio.wait_for(one.send(Ready()), 5.0)


async def test_who_has_nothing_to_say_shows_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ALIVE_EVERY", 0.02)
    monkeypatch.setattr(module, "SILENCE", 1.0)
    one, other = [Channel(*await asyncio.open_connection(sock=each)) for each in socket.socketpair()]
    waiting = asyncio.create_task(one.expect(Ready))
    await asyncio.sleep(1.5)

    await other.send(Ready())

    assert await asyncio.wait_for(waiting, 5.0) == Ready()
    await one.close()
    await other.close()
