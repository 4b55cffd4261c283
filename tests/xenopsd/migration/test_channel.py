from __future__ import annotations

import asyncio
import contextlib
import os
import random
import socket
import threading
import zlib
from collections.abc import AsyncIterator

import pytest

from common.idl.xen_errors import BadPowerState
from xenopsd.migration import frames, line
from xenopsd.migration.channel import Channel
from xenopsd.migration.frames import ALIVE, CHUNK, COMPRESSED, HEAD, LONGEST, MEMORY, MESSAGE
from xenopsd.migration.line import Broken, Line
from xenopsd.migration.messages import Failed, Message, Ready, Run, Sent, Whole
from xenopsd.migration.pipe import Pipe

Ends = tuple[Channel, Channel, socket.socket]


@pytest.fixture
async def ends() -> AsyncIterator[Ends]:
    """Two ends, and what the second one writes with."""
    pair = socket.socketpair()
    one, other = (Channel(Line(each)) for each in pair)
    yield one, other, pair[1]
    await one.close()
    await other.close()


def poured(descriptor: int, data: bytes) -> threading.Thread:
    """Write it all in a thread, and close."""

    def write() -> None:
        with os.fdopen(descriptor, "wb") as file, contextlib.suppress(BrokenPipeError):
            file.write(data)

    thread = threading.Thread(target=write)
    thread.start()
    return thread


class Taken:
    """What is read from a pipe, to its end."""

    def __init__(self, pipe: Pipe) -> None:
        os.set_blocking(pipe.write, False)
        self.data = b""
        self._thread = threading.Thread(target=self._read, args=(pipe.read,))
        self._thread.start()

    def _read(self, descriptor: int) -> None:
        while data := os.read(descriptor, CHUNK):
            self.data += data

    def all(self) -> bytes:
        """It has ended."""
        self._thread.join(10.0)
        return self.data


async def send(channel: Channel, memory: bytes, *, compress: bool = False) -> None:
    """All of it, as a hypervisor would give it."""
    with contextlib.closing(Pipe()) as pipe:
        thread = poured(os.dup(pipe.write), memory)
        pipe.close_write()
        await channel.send_memory(pipe.read, compress=compress)
        thread.join(10.0)


@pytest.mark.parametrize("compress", [False, True])
async def test_memory_arrives_whole_but_its_last_byte_is_kept(ends: Ends, compress: bool) -> None:
    one, other, _ = ends
    memory = random.Random(1).randbytes(5 * CHUNK + 7)

    async def sent() -> None:
        await other.send(Ready())
        await send(other, memory, compress=compress)
        await other.send(Sent())

    sending = asyncio.create_task(sent())
    assert await one.expect(Ready) == Ready()
    with contextlib.closing(Pipe()) as pipe:
        taken = Taken(pipe)
        last, message = await one.receive_memory(pipe.write)
        pipe.close_write()
        assert message == Sent()
        assert taken.all() + last == memory
    await sending


async def test_memory_in_small_pieces_with_signs_of_life_between(ends: Ends) -> None:
    one, _, raw = ends
    memory = bytes(range(100))
    stream = b"".join(HEAD.pack(MEMORY, 1) + memory[n : n + 1] + HEAD.pack(ALIVE, 0) for n in range(100))
    stream += HEAD.pack(MEMORY, 0) + HEAD.pack(MESSAGE, len(b'{"type":"sent"}')) + b'{"type":"sent"}'

    async def dribble() -> None:
        for n in range(0, len(stream), 7):
            raw.sendall(stream[n : n + 7])
            await asyncio.sleep(0)

    with contextlib.closing(Pipe()) as pipe:
        taken = Taken(pipe)
        (last, message), _ = await asyncio.gather(one.receive_memory(pipe.write), dribble())
        pipe.close_write()
        assert (message, taken.all() + last) == (Sent(), memory)


async def test_a_sender_that_is_stopped_ends_between_two_frames(ends: Ends) -> None:
    one, other, _ = ends
    with contextlib.closing(Pipe()) as pipe:
        thread = poured(os.dup(pipe.write), bytes(8 * CHUNK))
        pipe.close_write()
        sending = asyncio.create_task(other.send_memory(pipe.read, compress=False))
        assert isinstance(await one.receive(), bytes)
        sending.cancel()
        # It stops at the end of a frame, for which somebody must read.
        received = asyncio.create_task(_first_message(one))
        with pytest.raises(asyncio.CancelledError):
            await sending
        pipe.close_read()
        thread.join(10.0)
    await other.send(Ready())

    assert await asyncio.wait_for(received, 5.0) == Ready()


async def _first_message(channel: Channel) -> Message:
    while isinstance(found := await channel.receive(), bytes):
        pass
    return found


async def test_a_receiver_that_is_stopped_in_a_frame_finds_what_follows(ends: Ends) -> None:
    one, other, raw = ends
    raw.sendall(HEAD.pack(MEMORY, 1000) + bytes(400))
    with contextlib.closing(Pipe()) as pipe:
        os.set_blocking(pipe.write, False)
        receiving = asyncio.create_task(one.receive_memory(pipe.write))
        while len(await asyncio.to_thread(os.read, pipe.read, 400)) < 300:
            pass
        receiving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await receiving
    raw.sendall(bytes(600))
    await other.send(Ready())

    assert await asyncio.wait_for(one.receive(), 5.0) == Ready()


async def test_nobody_reads_the_memory_that_comes(ends: Ends) -> None:
    one, other, _ = ends
    with contextlib.closing(Pipe()) as pipe:
        os.set_blocking(pipe.write, False)
        pipe.close_read()
        sending = asyncio.create_task(send(other, bytes(CHUNK)))
        with pytest.raises(BrokenPipeError):
            await one.receive_memory(pipe.write)
    waiting = asyncio.create_task(one.receive())
    await sending
    await other.send(Ready())

    assert await asyncio.wait_for(waiting, 5.0) == Ready()


@pytest.mark.parametrize("how", ["waited for", "cancelled"])
async def test_nobody_reads_what_is_sent(ends: Ends, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    monkeypatch.setattr(line, "SILENCE", 0.5)
    _, other, _ = ends
    with contextlib.closing(Pipe()) as pipe:
        thread = poured(os.dup(pipe.write), bytes(8 << 20))
        pipe.close_write()
        sending = asyncio.create_task(other.send_memory(pipe.read, compress=False))
        if how == "cancelled":
            await asyncio.sleep(0.1)
            sending.cancel()
        with pytest.raises(Broken if how == "waited for" else asyncio.CancelledError):
            await asyncio.wait_for(sending, 5.0)
        pipe.close_read()
        thread.join(10.0)

    # A frame is cut off: nothing that follows would be understood, so nothing is sent.
    with pytest.raises(Broken, match="silent"):
        await asyncio.wait_for(other.send(Ready()), 0.3)


async def test_a_hypervisor_that_takes_its_time_is_no_silence(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "ALIVE_EVERY", 0.02)
    monkeypatch.setattr(line, "SILENCE", 0.5)
    one, other, _ = ends
    with contextlib.closing(Pipe()) as source, contextlib.closing(Pipe()) as sink:
        os.set_blocking(sink.write, False)
        sending = asyncio.create_task(other.send_memory(source.read, compress=False))
        receiving = asyncio.create_task(one.receive_memory(sink.write))
        await asyncio.sleep(1.5)
        source.close_write()
        await sending
        await other.send(Sent())
        assert await asyncio.wait_for(receiving, 5.0) == (b"", Sent())


@pytest.mark.parametrize("what", ["message", "memory"])
async def test_who_waits_when_it_is_closed_waits_no_more(ends: Ends, what: str) -> None:
    one, _, _ = ends
    with contextlib.closing(Pipe()) as pipe:
        os.set_blocking(pipe.write, False)
        work = one.receive() if what == "message" else one.receive_memory(pipe.write)
        waiting = asyncio.ensure_future(work)
        await asyncio.sleep(0.05)
        held = one._line._socket.fileno()

        await one.close()

        with pytest.raises(Broken):
            await asyncio.wait_for(waiting, 5.0)
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(held)
    with pytest.raises(Broken):
        await one.send(Ready())


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
    writer.sendall(sent)

    with pytest.raises(Broken):
        await one.receive()


async def test_another_message_than_expected_breaks_it(ends: Ends) -> None:
    one, other, _ = ends
    await other.send(Run())

    with pytest.raises(Broken):
        await one.expect(Whole)


async def test_silence_breaks_it_at_once_for_all_that_follows(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    one, _, _ = ends
    monkeypatch.setattr(line, "SILENCE", 0.1)

    with pytest.raises(Broken, match="silent"):
        await one.receive()
    monkeypatch.setattr(line, "SILENCE", 60.0)
    with pytest.raises(Broken, match="silent"):
        await asyncio.wait_for(one.send(Ready()), 5.0)


async def test_who_has_nothing_to_say_shows_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "ALIVE_EVERY", 0.02)
    monkeypatch.setattr(line, "SILENCE", 1.0)
    one, other = [Channel(Line(each)) for each in socket.socketpair()]
    waiting = asyncio.create_task(one.expect(Ready))
    await asyncio.sleep(1.5)

    await other.send(Ready())

    assert await asyncio.wait_for(waiting, 5.0) == Ready()
    await one.close()
    await other.close()
