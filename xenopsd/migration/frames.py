"""Frames on a line: a letter, a length, and so many bytes. Memory goes in threads, in as few steps as it can."""

from __future__ import annotations

import os
import select
import struct
import zlib

from xenopsd.migration.apart import Stop
from xenopsd.migration.line import Broken, Line

HEAD = struct.Struct("!cI")
MESSAGE, MEMORY, COMPRESSED, ALIVE = b"J", b"M", b"Z", b"A"
CHUNK = 1 << 18  # bytes of memory in a frame
LONGEST = 1 << 22  # bytes of a frame that is taken
ALIVE_EVERY = 3.0  # seconds
FASTEST = 1  # zlib's level


def send_memory(line: Line, source: int, compress: bool, stop: Stop) -> None:
    """What can be read from `source`, to its end. Stopped, it ends between two frames.

    Raises `Broken`, `Stopped`; `OSError` of the source.
    """
    buffer = memoryview(bytearray(HEAD.size + CHUNK))
    while True:
        if not stop.wait(source, select.POLLIN, ALIVE_EVERY):
            line.send_now(memoryview(HEAD.pack(ALIVE, 0)))
            continue
        count = os.readv(source, [buffer[HEAD.size :]])
        if not count:
            return
        if compress:
            data = zlib.compress(buffer[HEAD.size : HEAD.size + count], FASTEST)
            line.send_now(memoryview(HEAD.pack(COMPRESSED, len(data)) + data))
        else:
            HEAD.pack_into(buffer, 0, MEMORY, count)
            line.send_now(buffer[: HEAD.size + count])


class Receiver:
    """Writes memory to `sink`, which must not block, until a message comes. The last byte is kept in `last`."""

    def __init__(self, line: Line, sink: int) -> None:
        self._line, self._sink = line, sink
        self._buffer = memoryview(bytearray(1 + CHUNK))
        self.got = bytearray()
        """What has come of a frame that is wanted whole."""
        self.rest = 0
        """Bytes of a frame of memory that have not come."""
        self.last = b""

    def run(self, stop: Stop) -> bytes:
        """The message. Raises `Broken`, `Stopped`; `OSError` of the sink. What it leaves of a frame stays told."""
        while True:
            kind, length = head_of(self._whole(HEAD.size, stop))
            if kind == MEMORY:
                self.got.clear()
                self.rest = length
                self._pass_on(stop)
                continue
            data = self._whole(HEAD.size + length, stop)[HEAD.size :]
            self.got.clear()
            if kind == COMPRESSED:
                self._write(memoryview(self.last + expand(data)), stop)
            elif kind == MESSAGE:
                return data

    def _whole(self, size: int, stop: Stop) -> bytes:
        while (missing := size - len(self.got)) > 0:
            room = self._buffer[1 : 1 + min(missing, CHUNK)]
            self.got += room[: self._line.read_now(room, stop)]
        return bytes(self.got[:size])

    def _pass_on(self, stop: Stop) -> None:
        """The rest of a frame. The byte that was kept goes before it."""
        while self.rest:
            kept = len(self.last)
            count = self._line.read_now(self._buffer[1 : 1 + min(self.rest, CHUNK)], stop)
            self.rest -= count
            self._buffer[1 - kept : 1] = self.last
            self._write(self._buffer[1 - kept : 1 + count], stop)

    def _write(self, data: memoryview, stop: Stop) -> None:
        """All but the last byte, which is kept."""
        if data:
            self.last = bytes(data[-1:])
            pour(self._sink, data[:-1], stop)


def pour(sink: int, data: memoryview, stop: Stop) -> None:
    """Write all of it to what must not block, however long that takes. Raises `OSError`, `Stopped`."""
    while data:
        try:
            data = data[os.write(sink, data) :]
        except BlockingIOError:
            stop.wait(sink, select.POLLOUT)


def head_of(data: bytes) -> tuple[bytes, int]:
    """Letter and length. Raises `Broken`."""
    kind, length = HEAD.unpack(data)
    if length > LONGEST:
        raise Broken("it sent a frame that is too long")
    return kind, length


def expand(data: bytes) -> bytes:
    """Compressed memory as it was. Raises `Broken`."""
    expander = zlib.decompressobj()
    try:
        expanded = expander.decompress(data, CHUNK + 1)
    except zlib.error as error:
        raise Broken(f"it sent what makes no sense: {error}") from error
    if expander.unconsumed_tail or not expander.eof:
        raise Broken("it sent compressed memory that is too long")
    return expanded
