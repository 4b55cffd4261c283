"""xenopsd's side of its libxl processes: one for short operations, a fresh one for each build, restore and suspend."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from common import command
from common.errors import WireError
from xenopsd.xen.protocol import Report, Request

log = logging.getLogger(__name__)

PROGRAM = (sys.executable, "-m", "xenopsd.xen.child")
GRACE = 15.0  # seconds for an aborted operation to end
SPARE_LATER = 10.0  # seconds
SHORT = 180.0  # seconds for a short operation: hot-plug scripts and guests take their time
LEVELS = {5: logging.DEBUG, 6: logging.INFO, 7: logging.WARNING, 8: logging.ERROR, 9: logging.CRITICAL}


@dataclass(eq=False)
class LibxlFailed(WireError):
    """libxl refused, failed, was too slow, or took its process with it."""

    code = "Libxl_failed"

    call: str
    rc: int
    """libxl's number; 0 when it never said one."""
    message: str


class _Process:
    """One process. Ends by itself once its connection is closed."""

    def __init__(self, process: asyncio.subprocess.Process, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self._process, self._reader, self._writer = process, reader, writer
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Report]] = {}
        self._progress: dict[int, Callable[[float], None]] = {}
        self._listening = asyncio.get_running_loop().create_task(self._listen())

    @classmethod
    async def start(cls) -> _Process:
        return cls(*await command.companion(*PROGRAM))

    @property
    def alive(self) -> bool:
        return not self._listening.done()

    async def call(
        self, call: str, args: dict[str, Any], deadline: float, progress: Callable[[float], None] | None = None
    ) -> Any:
        """Raises `LibxlFailed`. Cancelled or too slow, it aborts and waits a little for the end."""
        number = next(self._numbers)
        answer: asyncio.Future[Report] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        if progress is not None:
            self._progress[number] = progress
        try:
            self._send(Request(id=number, call=call, args=args))
            try:
                report = await asyncio.wait_for(asyncio.shield(answer), deadline)
            except TimeoutError:
                report = await self._abort(number, answer)
                report.error = report.error and f"no end in {deadline:.0f} s; {report.error}"
            except asyncio.CancelledError:
                await self._abort(number, answer)
                raise
        finally:
            self._waiting.pop(number, None)
            self._progress.pop(number, None)
        if report.error:
            raise LibxlFailed(call, report.rc, report.error)
        return report.result

    async def close(self) -> None:
        """Let it end; it finishes or undoes what it is doing."""
        self._writer.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), GRACE)
        await self.kill()

    async def kill(self) -> None:
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
        self._writer.close()
        await asyncio.gather(self._listening, return_exceptions=True)

    async def _abort(self, number: int, answer: asyncio.Future[Report]) -> Report:
        self._send(Request(id=number))
        try:
            return await asyncio.wait_for(asyncio.shield(answer), GRACE)
        except TimeoutError:
            return Report(id=number, ended=True, error="it can't be aborted")

    def _send(self, request: Request) -> None:
        if not self._writer.is_closing():
            self._writer.write(msgspec.json.encode(request) + b"\n")

    async def _listen(self) -> None:
        decoder = msgspec.json.Decoder(Report)
        with contextlib.suppress(ConnectionError):
            while line := await self._reader.readline():
                self._take(decoder.decode(line))
        status = await self._process.wait()
        for number, answer in self._waiting.items():
            if not answer.done():
                answer.set_result(Report(id=number, ended=True, error=f"libxl's process ended with status {status}"))

    def _take(self, report: Report) -> None:
        if report.line:
            log.log(LEVELS.get(report.severity, logging.DEBUG), "libxl: %s", report.line)
        elif report.progress is not None:
            if told := self._progress.get(report.id):
                told(report.progress)
        elif (answer := self._waiting.get(report.id)) and not answer.done():
            answer.set_result(report)


class Processes:
    """All of them. One that nobody used waits for the next long operation, which so need not wait for its start."""

    def __init__(self) -> None:
        self._short: _Process | None = None
        self._spare: asyncio.Task[_Process] | None = None
        self._later: asyncio.TimerHandle | None = None
        self._starting = asyncio.Lock()

    async def prepare(self) -> None:
        """Start those that the first operations will want."""
        await self._shared()
        self._prepare_spare()

    async def short(self, call: str, deadline: float = SHORT, **args: Any) -> Any:
        """A short operation, side by side with others. Raises `LibxlFailed`."""
        return await (await self._shared()).call(call, args, deadline)

    async def long(
        self,
        call: str,
        deadline: float,
        progress: Callable[[float], None] | None = None,
        descriptor: int | None = None,
        **args: Any,
    ) -> Any:
        """An operation in a process of its own. Raises `LibxlFailed`; the caller looks at what it left.

        `descriptor` is an end of a pipe, which the process opens for itself.
        """
        if descriptor is not None:
            args |= {"pipe": f"/proc/{os.getpid()}/fd/{descriptor}"}
        process = await self._fresh()
        try:
            return await process.call(call, args, deadline, progress)
        finally:
            await process.kill()
            # A guest that moves stands still now: another process can be started when it runs.
            self._prepare_spare(after=0.0 if descriptor is None else SPARE_LATER)

    async def close(self) -> None:
        """End the shared process and the spare one."""
        if self._later is not None:
            self._later.cancel()
        if self._spare is not None:
            spare, self._spare = self._spare, None
            spare.cancel()
            with contextlib.suppress(asyncio.CancelledError, OSError):
                await (await spare).kill()
        if self._short is not None:
            await self._short.close()

    async def _shared(self) -> _Process:
        async with self._starting:
            if self._short is None or not self._short.alive:
                self._short = await _Process.start()
            return self._short

    async def _fresh(self) -> _Process:
        spare, self._spare = self._spare, None
        if spare is not None:
            with contextlib.suppress(OSError):
                process = await spare
                if process.alive:
                    return process
        return await _Process.start()

    def _prepare_spare(self, after: float = 0.0) -> None:
        if after:
            if self._later is not None:
                self._later.cancel()
            self._later = asyncio.get_running_loop().call_later(after, self._prepare_spare)
        elif self._spare is None:
            self._spare = asyncio.get_running_loop().create_task(_Process.start())
