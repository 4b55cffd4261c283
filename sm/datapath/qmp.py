"""Talks QMP to a storage daemon: commands with deadlines, events, and word of its death."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from common import unix

log = logging.getLogger(__name__)

DEADLINE = 30.0  # seconds for a command
MAX_LINE = 16 * 1024 * 1024  # bytes
RETRY_EVERY = 0.02


class QmpRefused(Exception):
    """The storage daemon answered a command with an error."""


class QmpGone(Exception):
    """The storage daemon closed the connection, is not there, or did not answer in time."""


class Qmp:
    """One connection. A storage daemon serves one at a time, so there must be no second."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._events: list[tuple[Callable[[dict[str, Any]], bool], asyncio.Future[dict[str, Any]]]] = []
        self._receiver: asyncio.Task[None] | None = None
        self.on_gone: Callable[[], None] = lambda: None

    @classmethod
    async def connect(cls, path: Path, deadline: float = DEADLINE) -> Qmp:
        """Connect to the socket at `path` and negotiate. Raises `QmpGone`."""
        try:
            reader, writer = await asyncio.wait_for(
                asyncio.open_unix_connection(unix.short(str(path)), limit=MAX_LINE), deadline
            )
        except (OSError, TimeoutError) as error:
            raise QmpGone(f"{path}: {error}") from error
        qmp = cls(reader, writer)
        try:
            # The greeting does not come while the storage daemon serves somebody else.
            await asyncio.wait_for(reader.readline(), deadline)
            qmp._receiver = asyncio.get_running_loop().create_task(qmp._receive())
            await qmp.execute("qmp_capabilities", deadline=deadline)
        except (OSError, TimeoutError, QmpRefused, QmpGone) as error:
            await qmp.close()
            raise QmpGone(f"{path}: {error}") from error
        return qmp

    async def execute(self, command: str, arguments: dict[str, Any] | None = None, deadline: float = DEADLINE) -> Any:
        """What `command` returns. Raises `QmpRefused`, `QmpGone`."""
        number = next(self._numbers)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._answers[number] = future
        request = {"execute": command, "id": number, "arguments": arguments or {}}
        try:
            self._writer.write(msgspec.json.encode(request) + b"\n")
            return await asyncio.wait_for(future, deadline)
        except TimeoutError as error:
            raise QmpGone(f"{command}: no answer in {deadline:.0f} s") from error
        except OSError as error:
            raise QmpGone(f"{command}: {error}") from error
        finally:
            self._answers.pop(number, None)

    @contextlib.asynccontextmanager
    async def event(self, wanted: Callable[[dict[str, Any]], bool], deadline: float = DEADLINE) -> Any:
        """Leave the block only after an event that `wanted` accepts, counted from the block's start."""
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        entry = (wanted, future)
        self._events.append(entry)
        try:
            yield
            await asyncio.wait_for(future, deadline)
        except TimeoutError as error:
            raise QmpGone(f"no event in {deadline:.0f} s") from error
        finally:
            self._events.remove(entry)
            future.cancel()

    async def close(self) -> None:
        """Drop the connection; the storage daemon goes on. Safe to repeat."""
        self.on_gone = lambda: None
        if self._receiver is not None:
            self._receiver.cancel()
            await asyncio.gather(self._receiver, return_exceptions=True)
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    async def _receive(self) -> None:
        try:
            while line := await self._reader.readline():
                self._take(msgspec.json.decode(line))
        except (OSError, msgspec.DecodeError, ValueError) as error:
            log.warning("QMP: %s", error)
        self._fail(QmpGone("the storage daemon closed the connection"))
        self.on_gone()

    def _take(self, message: dict[str, Any]) -> None:
        if "event" in message:
            for wanted, future in self._events:
                if not future.done() and wanted(message):
                    future.set_result(message)
            return
        future_ = self._answers.get(message.get("id", 0))
        if future_ is None or future_.done():
            return
        if "error" in message:
            future_.set_exception(QmpRefused(message["error"].get("desc", "")))
        else:
            future_.set_result(message.get("return"))

    def _fail(self, error: Exception) -> None:
        waiting = [*self._answers.values(), *(future for _, future in self._events)]
        for future in waiting:
            if not future.done():
                future.set_exception(error)
