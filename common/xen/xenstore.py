"""xenstored's socket from asyncio: reads, writes, transactions and watches, each with a deadline.

A lost connection fails what was under way with `XenstoreError("EPIPE")` and is made anew by the next call, watches
included; each watch then fires, as it does when it is made, so that its owner reads the present.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeVar, cast

from common.errors import WireError

log = logging.getLogger(__name__)

SOCKET = "/run/xenstored/socket"
DEADLINE = 10.0  # seconds for one answer
HEADER = struct.Struct("<IIII")  # kind, request, transaction, length of what follows
PAYLOAD_LIMIT = 4096  # bytes
ATTEMPTS = 100  # of a transaction that others disturb

T = TypeVar("T")


class Kind(IntEnum):
    """Messages of the protocol (xen/io/xs_wire.h)."""

    DIRECTORY = 1
    READ = 2
    GET_PERMS = 3
    WATCH = 4
    UNWATCH = 5
    TRANSACTION_START = 6
    TRANSACTION_END = 7
    WRITE = 11
    MKDIR = 12
    RM = 13
    SET_PERMS = 14
    WATCH_EVENT = 15
    ERROR = 16
    DIRECTORY_PART = 20


@dataclass(eq=False)
class XenstoreError(WireError):
    """xenstored refused; `name` is an errno's."""

    code = "Xenstore_error"

    name: str
    path: str


class _Known(XenstoreError):
    """There is such a watch."""


class Transaction:
    """The calls, inside a transaction or (number 0) outside of one."""

    def __init__(self, store: Xenstore, number: int) -> None:
        self._store, self._number = store, number

    async def read(self, path: str) -> str | None:
        """The value as text, None where there is no such node. Raises `XenstoreError`."""
        try:
            answer = await self._call(Kind.READ, path)
        except XenstoreError as error:
            if error.name in {"ENOENT", "ENOTDIR"}:
                return None
            raise
        return answer.decode(errors="replace")

    async def write(self, path: str, value: str) -> None:
        """Make the node, and those above it, where they are not there. Raises `XenstoreError`."""
        await self._call(Kind.WRITE, path, value.encode())

    async def mkdir(self, path: str) -> None:
        """Safe to repeat."""
        await self._call(Kind.MKDIR, path)

    async def rm(self, path: str) -> None:
        """Remove the node with all below. Safe to repeat."""
        try:
            await self._call(Kind.RM, path)
        except XenstoreError as error:
            if error.name != "ENOENT":
                raise

    async def directory(self, path: str) -> list[str]:
        """Names of the nodes below; none where there is no such node. Raises `XenstoreError`."""
        try:
            return _strings(await self._call(Kind.DIRECTORY, path))
        except XenstoreError as error:
            if error.name == "E2BIG":
                return await self._long_directory(path)
            if error.name in {"ENOENT", "ENOTDIR"}:
                return []
            raise

    async def tree(self, path: str, depth: int) -> dict[str, str]:
        """Values of the node and of those at most `depth` levels below, by path relative to it (`""` for itself)."""
        found: dict[str, str] = {}
        level = [""]
        for left in range(depth, -1, -1):
            values = await asyncio.gather(*(self.read(f"{path}/{name}" if name else path) for name in level))
            found |= {name: value for name, value in zip(level, values, strict=True) if value is not None}
            if not left:
                break
            below = await asyncio.gather(*(self.directory(f"{path}/{name}" if name else path) for name in level))
            level = [
                f"{name}/{child}" if name else child
                for name, children in zip(level, below, strict=True)
                for child in children
            ]
        return found

    async def permissions(self, path: str) -> list[str]:
        """As xenstored writes them: `n0`, `r5`; the first is the owner's."""
        return _strings(await self._call(Kind.GET_PERMS, path))

    async def set_permissions(self, path: str, permissions: list[str]) -> None:
        """Raises `XenstoreError`."""
        await self._call(Kind.SET_PERMS, path, "".join(f"{each}\0" for each in permissions).encode())

    async def _long_directory(self, path: str) -> list[str]:
        while True:
            listed, generation = b"", b""
            while not listed.endswith(b"\0\0"):
                answer = await self._call(Kind.DIRECTORY_PART, path, f"{len(listed)}\0".encode())
                now, _, part = answer.partition(b"\0")
                if generation not in {b"", now}:
                    break
                generation, listed = now, listed + part
                if part == b"\0":
                    return _strings(listed[:-1])
            else:
                return _strings(listed[:-1])

    async def _call(self, kind: Kind, path: str, rest: bytes = b"") -> bytes:
        return await self._store.call(kind, path.encode() + b"\0" + rest, self._number, path)


class Xenstore(Transaction):
    """One connection. Made by the first call."""

    def __init__(self, socket: str = SOCKET, deadline: float = DEADLINE) -> None:
        super().__init__(self, 0)
        self._socket, self._deadline = socket, deadline
        self._connection: _Connection | None = None
        self._connecting = asyncio.Lock()
        self._numbers = itertools.cycle(range(1, 1 << 31))
        self._watches: dict[str, tuple[str, asyncio.Queue[str]]] = {}
        self._reconnecting: asyncio.Task[None] | None = None
        self._closed = False

    async def close(self) -> None:
        """Let go; watches end with their owners."""
        self._closed = True
        if self._reconnecting is not None:
            self._reconnecting.cancel()
            await asyncio.gather(self._reconnecting, return_exceptions=True)
        if self._connection is not None:
            self._connection.close()

    async def transaction(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """What `work` returns once all it did happened at once; it is repeated when others came between."""
        for attempt in range(ATTEMPTS):
            number = int(_strings(await self.call(Kind.TRANSACTION_START, b"\0"))[0])
            try:
                result = await work(Transaction(self, number))
            except BaseException:
                with contextlib.suppress(XenstoreError):
                    await self.call(Kind.TRANSACTION_END, b"F\0", number)
                raise
            try:
                await self.call(Kind.TRANSACTION_END, b"T\0", number)
                return result
            except XenstoreError as error:
                if error.name != "EAGAIN":
                    raise
            await asyncio.sleep(min(0.001 * attempt, 0.05))
        raise XenstoreError("EAGAIN", "")

    @contextlib.asynccontextmanager
    async def watch(self, *paths: str) -> AsyncIterator[asyncio.Queue[str]]:
        """A queue of the paths that changed at or below `paths`; each of these comes once at the start."""
        queue: asyncio.Queue[str] = asyncio.Queue()
        tokens = []
        try:
            # Connected now: a connection made later asks for all known watches by itself.
            await self.directory("/")
            for path in paths:
                tokens.append(token := str(next(self._numbers)))
                self._watches[token] = (path, queue)
                with contextlib.suppress(_Known):
                    await self.call(Kind.WATCH, _joined(path, token), path=path)
            yield queue
        finally:
            for token in tokens:
                path, _ = self._watches.pop(token)
                if not self._closed and self._connection is not None:
                    with contextlib.suppress(XenstoreError):
                        await self.call(Kind.UNWATCH, _joined(path, token), path=path)

    async def call(self, kind: Kind, payload: bytes, transaction: int = 0, path: str = "") -> bytes:
        """xenstored's answer. Raises `XenstoreError`; ETIMEDOUT after the deadline."""
        if len(payload) > PAYLOAD_LIMIT:
            raise XenstoreError("E2BIG", path)
        try:
            async with asyncio.timeout(self._deadline):
                connection = await self._connect()
                return await connection.request(next(self._numbers), kind, payload, transaction)
        except TimeoutError as error:
            raise XenstoreError("ETIMEDOUT", path) from error
        except _Refused as error:
            raise (_Known if error.args[0] == "EEXIST" else XenstoreError)(error.args[0], path) from error

    async def _connect(self) -> _Connection:
        async with self._connecting:
            if self._connection is None:
                if self._closed:
                    raise _Refused("EPIPE")
                try:
                    _, connection = await asyncio.get_running_loop().create_unix_connection(
                        lambda: _Connection(self._on_event, self._on_lost), self._socket
                    )
                except OSError as error:
                    raise _Refused("ECONNREFUSED") from error
                self._connection = connection
                for token, (path, _) in list(self._watches.items()):
                    await connection.request(next(self._numbers), Kind.WATCH, _joined(path, token), 0)
            return self._connection

    def _on_event(self, path: str, token: str) -> None:
        if token in self._watches:
            self._watches[token][1].put_nowait(path)

    def _on_lost(self, connection: _Connection) -> None:
        if connection is not self._connection:
            return
        self._connection = None
        if self._watches and not self._closed:
            log.warning("xenstored is gone; connecting again")
            self._reconnecting = asyncio.get_running_loop().create_task(self._reconnect())

    async def _reconnect(self) -> None:
        while not self._closed and self._connection is None:
            with contextlib.suppress(_Refused, TimeoutError):
                async with asyncio.timeout(self._deadline):
                    await self._connect()
                    return
            await asyncio.sleep(0.5)


class _Refused(Exception):
    """The name of an errno."""


class _Connection(asyncio.Protocol):
    """Frames in, answers to their requests; nothing of the protocol's meaning."""

    def __init__(self, on_event: Callable[[str, str], None], on_lost: Callable[[_Connection], None]) -> None:
        self._on_event, self._on_lost = on_event, on_lost
        self._buffer = bytearray()
        self._waiting: dict[int, asyncio.Future[bytes]] = {}
        self._transport: asyncio.Transport | None = None

    async def request(self, number: int, kind: Kind, payload: bytes, transaction: int) -> bytes:
        """Raises `_Refused`."""
        if self._transport is None or self._transport.is_closing():
            raise _Refused("EPIPE")
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        self._transport.write(HEADER.pack(kind, number, transaction, len(payload)) + payload)
        try:
            return await answer
        finally:
            self._waiting.pop(number, None)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance

    def connection_lost(self, exc: Exception | None) -> None:
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(_Refused("EPIPE"))
        self._on_lost(self)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        for kind, number, payload in self._frames():
            if kind == Kind.WATCH_EVENT:
                path, token, *_ = _strings(payload)
                self._on_event(path, token)
                continue
            answer = self._waiting.get(number)
            if answer is None or answer.done():
                continue
            if kind == Kind.ERROR:
                answer.set_exception(_Refused(_strings(payload)[0]))
            else:
                answer.set_result(payload)

    def _frames(self) -> Iterator[tuple[int, int, bytes]]:
        while len(self._buffer) >= HEADER.size:
            kind, number, _, length = HEADER.unpack_from(self._buffer)
            end = HEADER.size + length
            if len(self._buffer) < end:
                return
            payload = bytes(self._buffer[HEADER.size : end])
            del self._buffer[:end]
            yield int(kind), int(number), payload


def _joined(*strings: str) -> bytes:
    return "".join(f"{each}\0" for each in strings).encode()


def _strings(payload: bytes) -> list[str]:
    return payload.decode(errors="replace").rstrip("\0").split("\0") if payload.strip(b"\0") else []
