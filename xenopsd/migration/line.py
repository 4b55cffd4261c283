"""A connection between two hosts as bytes: for the event loop, and for a thread while memory is passed on."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import select
import socket
import threading
from collections.abc import Callable, Iterator

from xenopsd.migration.apart import Stop
from xenopsd.migration.secure import Secure

SILENCE = 30.0  # seconds after which the other side is given up


class Broken(Exception):
    """The other side went away, is silent, or says what makes no sense."""


class Line:
    """A connected socket, with TLS or without. One at a time reads, and one writes: each the loop or a thread."""

    def __init__(self, connection: socket.socket | Secure) -> None:
        self._secure = connection if isinstance(connection, Secure) else None
        self._socket = connection.socket if isinstance(connection, Secure) else connection
        self._socket.setblocking(False)
        self._bytes = connection
        # What TLS reads and writes goes through one state. Both are short: neither waits.
        self._turn = threading.Lock()
        self._drained = False
        """The last read got all that had come, so the next one would come to nothing."""
        self._users = 0
        self._over = False

    @contextlib.contextmanager
    def used(self) -> Iterator[None]:
        """While a thread reads or writes: closed meanwhile, the connection ends for the thread too. Raises `Broken`."""
        if self._over:
            raise Broken("the connection is closed")
        self._users += 1
        try:
            yield
        finally:
            self._users -= 1
            self._close()

    async def shake_hands(self) -> None:
        """Begin with TLS, if that is what it has. Raises `Broken`."""
        if self._secure is not None:
            with self.used():
                await self._eventually(functools.partial(self._shake_hands, self._secure), reading=True)

    async def some(self, size: int) -> bytes:
        """What has arrived, at least a byte and at most `size`. Raises `Broken`."""
        buffer = bytearray(size)
        with self.used():
            count = await self._eventually(lambda: self._read_into(memoryview(buffer)), reading=True)
        return bytes(buffer[:count])

    async def send(self, data: bytes) -> None:
        """All of it. Raises `Broken`."""
        rest = memoryview(data)
        with self.used():
            while rest:
                rest = rest[await self._eventually(functools.partial(self._write, rest), reading=False) :]
            await self._eventually(self._flush, reading=False)

    def read_now(self, into: memoryview, stop: Stop) -> int:
        """In a thread: as `some`, into memory. Raises `Broken`, `Stopped`."""
        if self._drained:
            self._wait(stop)
        while (count := self._read_into(into)) is None:
            self._wait(stop)
        # TLS gives a record at a time, and may hold the next one.
        self._drained = count < len(into) and self._secure is None
        return count

    def send_now(self, data: memoryview) -> None:
        """In a thread: all of it, without a stop, so that it is whole. Raises `Broken`."""
        poll = select.poll()
        poll.register(self._socket.fileno(), select.POLLOUT)
        while data:
            if (count := self._write(data)) is None:
                _wait_for(poll)
            else:
                data = data[count:]
        while self._flush() is None:
            _wait_for(poll)

    def close(self) -> None:
        """Who reads or writes gets `Broken`. Safe to repeat."""
        if self._over:
            return
        self._over = True
        if self._users:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
        self._close()

    def _close(self) -> None:
        """The last one does, if it is to be closed."""
        if self._users or not self._over:
            return
        self._bytes.close()

    def _wait(self, stop: Stop) -> None:
        if not stop.wait(self._socket.fileno(), select.POLLIN, SILENCE):
            raise _silent()

    def _read_into(self, buffer: memoryview) -> int | None:
        """None if nothing has arrived."""
        try:
            with self._turn:
                count = self._bytes.recv_into(buffer)
        except BlockingIOError:
            return None
        except OSError as error:
            raise _cut(error) from error
        if not count:
            raise Broken("it ended the connection")
        return count

    def _write(self, data: memoryview) -> int | None:
        """None if there is no room."""
        try:
            with self._turn:
                return self._bytes.send(data)
        except BlockingIOError:
            return None
        except OSError as error:
            raise _cut(error) from error

    def _flush(self) -> int | None:
        """None if some of what was written has not left."""
        if self._secure is None:
            return 0
        try:
            with self._turn:
                return 0 if self._secure.flush() else None
        except OSError as error:
            raise _cut(error) from error

    def _shake_hands(self, secure: Secure) -> int | None:
        try:
            secure.shake_hands()
        except BlockingIOError:
            return None
        except OSError as error:
            raise _cut(error) from error
        return 0

    async def _eventually(self, attempt: Callable[[], int | None], *, reading: bool) -> int:
        while (count := attempt()) is None:
            try:
                async with asyncio.timeout(SILENCE):
                    await ready(self._socket.fileno(), reading=reading)
            except TimeoutError:
                raise _silent() from None
        return count


async def ready(descriptor: int, *, reading: bool = True) -> None:
    """Until there is something to read, an end, or room to write."""
    loop = asyncio.get_running_loop()
    add, remove = (loop.add_reader, loop.remove_reader) if reading else (loop.add_writer, loop.remove_writer)
    told: asyncio.Future[None] = loop.create_future()
    add(descriptor, _tell, told)
    try:
        await told
    finally:
        remove(descriptor)


def _cut(error: OSError) -> Broken:
    return Broken(f"the connection broke: {error}")


def _wait_for(poll: select.poll) -> None:
    if not poll.poll(SILENCE * 1000):
        raise _silent()


def _silent() -> Broken:
    return Broken(f"it is silent for {SILENCE:.0f} s")


def _tell(told: asyncio.Future[None]) -> None:
    if not told.done():
        told.set_result(None)
