"""libxl in a process of its own: one context, a thread that pumps it, operations as awaitables.

libxl installs a SIGCHLD handler here and reaps its own children only. So the process starts no others, and its loop
must not touch SIGCHLD: plain asyncio, never uvloop.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import importlib
import itertools
import json
import os
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from xenopsd.xen.normal import difference

ENDED, DISASTER = 1, 3
NO_DOMAIN = 0xFFFFFFFF
INFO, ERROR = 5, 8  # severities of log lines, as libxl counts
NAMES = {
    -3: "failed",
    -4: "not implemented",
    -5: "no memory",
    -6: "invalid",
    -8: "the guest timed out",
    -9: "timed out",
    -10: "the guest has no PV drivers",
    -11: "not ready",
    -15: "lock failed",
    -17: "the device exists",
    -21: "no such domain",
    -22: "aborted",
    -23: "not found",
    -24: "the domain is destroyed",
}
LOG_SIZE = 2048
LogLine = Callable[[int, str], None]
Progress = Callable[[float], None]


@functools.cache
def binding() -> Any:
    """The compiled module. Raises `ImportError` where it was not compiled, or libxl is not there."""
    return importlib.import_module("xenopsd.xen._libxl")


@dataclass
class LibxlError(Exception):
    """libxl refused or failed; `lines` is what it logged meanwhile."""

    rc: int
    lines: list[str]

    def __str__(self) -> str:
        return "; ".join([f"libxl: {NAMES.get(self.rc, self.rc)}", *self.lines])


@dataclass(eq=False)
class _Operation:
    handle: Any
    ended: asyncio.Future[int]


class Context:
    """One libxl_ctx. `on_log` is told of each line with its severity, `on_progress` of long operations."""

    def __init__(self, on_log: LogLine, on_progress: Progress) -> None:
        module = binding()
        self._ffi, self._lib = module.ffi, module.lib
        self._loop = asyncio.get_running_loop()
        self._on_log, self._on_progress = on_log, on_progress
        self._errors: list[str] = []
        self._numbers = itertools.count(1)
        self._operations: dict[int, _Operation] = {}
        self._log_in, self._log_out = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._log_in.setblocking(False)
        self._logger = self._lib.logger_new(self._log_out.fileno(), INFO)
        self._queue = self._lib.queue_new()
        self._ctx = self._lib.context_new(self._logger, self._queue)
        if self._ctx == self._ffi.NULL:
            raise LibxlError(-3, ["no context: is this a Xen host?"])
        self._loop.add_reader(self._lib.queue_fd(self._queue), self._take)
        self._loop.add_reader(self._log_in.fileno(), self._read_log)
        self._stop_in, self._stop_out = os.pipe()
        self._pump = threading.Thread(target=self._lib.context_pump, args=(self._ctx, self._stop_in), daemon=True)
        self._pump.start()

    def close(self) -> None:
        """Free everything; nothing may be under way."""
        os.write(self._stop_out, b"x")
        self._pump.join(10.0)
        self._loop.remove_reader(self._lib.queue_fd(self._queue))
        self._loop.remove_reader(self._log_in.fileno())
        self._lib.libxl_ctx_free(self._ctx)
        self._lib.xtl_logger_destroy(self._logger)
        os.close(self._lib.queue_fd(self._queue))
        for descriptor in (self._stop_in, self._stop_out):
            os.close(descriptor)
        self._log_in.close()
        self._log_out.close()

    async def perform(self, name: str, *args: Any, domid: Callable[[int], None] | None = None) -> int:
        """Run `start_<name>` to its end; the domain it made. Cancelled, it aborts and waits. Raises `LibxlError`.

        `domid` is told of a domain that was made, also when the operation failed.
        """
        number = next(self._numbers)
        handle = self._lib.operation_new(self._queue, number)
        operation = self._operations[number] = _Operation(handle, self._loop.create_future())
        self._errors.clear()
        call = functools.partial(getattr(self._lib, f"start_{name}"), self._ctx, handle, *args)
        # The call itself may take seconds: it builds the domain. It is never left alone with memory that we freed.
        initiated = self._loop.run_in_executor(None, call)
        try:
            rc = await self._until_ended(initiated, operation)
        finally:
            made = self._lib.operation_domid(handle)
            if domid is not None and made != NO_DOMAIN:
                domid(made)
            del self._operations[number]
            self._lib.operation_free(handle)
        if rc:
            self._read_log()
            raise LibxlError(rc, self._errors[:5])
        return int(made)

    async def _until_ended(self, initiated: asyncio.Future[int], operation: _Operation) -> int:
        cancelled = await _patiently(initiated)
        if rc := initiated.result():
            return rc
        try:
            if not cancelled:
                await asyncio.wait([operation.ended])
        except asyncio.CancelledError:
            cancelled = True
        if cancelled and not operation.ended.done():
            abort = self._loop.run_in_executor(None, self._lib.operation_abort, self._ctx, operation.handle)
            await _patiently(abort)
            await _patiently(operation.ended)
        rc = operation.ended.result()
        if cancelled and rc:
            raise asyncio.CancelledError
        return rc

    def checked(self, kind: str, wanted: Mapping[str, Any]) -> bytes:
        """`wanted` as JSON for libxl, proved to be understood whole: libxl drops silently what it doesn't know.

        `kind` is config, disk or nic. Raises `LibxlError`.
        """
        text = json.dumps(wanted).encode()
        pointer = getattr(self._lib, f"normal_{kind}")(self._ctx, text)
        understood = self._text(pointer)
        if understood is None:
            self._read_log()
            raise LibxlError(-6, [f"{kind} refused", *self._errors[:5]])
        if lost := difference(wanted, json.loads(understood)):
            raise LibxlError(-6, [f"{kind}: not understood: {', '.join(lost)}"])
        return text

    async def config(self, domid: int) -> dict[str, Any]:
        """What libxl knows of a domain. Raises `LibxlError`."""
        pointer = await self._loop.run_in_executor(None, self._lib.current_config, self._ctx, domid)
        text = self._text(pointer)
        if text is None:
            raise LibxlError(-3, self._errors[:5])
        found: dict[str, Any] = json.loads(text)
        return found

    async def assignable(self, pci: Mapping[str, int], add: bool) -> None:
        """Have pciback hold a device of the host, or its former driver have it again. Raises `LibxlError`."""
        self._errors.clear()
        call = functools.partial(self._lib.pci_assignable, self._ctx, json.dumps(pci).encode(), add)
        held = self._loop.run_in_executor(None, call)
        cancelled = await _patiently(held)
        if rc := held.result():
            self._read_log()
            raise LibxlError(rc, self._errors[:5])
        if cancelled:
            raise asyncio.CancelledError

    @property
    def live(self) -> int:
        """The flag of `suspend` with which the guest runs on meanwhile."""
        return int(self._lib.LIBXL_SUSPEND_LIVE)

    def _text(self, pointer: Any) -> str | None:
        if pointer == self._ffi.NULL:
            return None
        try:
            return bytes(self._ffi.string(pointer)).decode()
        finally:
            self._lib.free(pointer)

    def _take(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._lib.queue_fd(self._queue), 8)
        record = self._ffi.new("record_t *")
        while self._lib.queue_take(self._queue, record):
            if record.kind == DISASTER:
                self._on_log(ERROR, f"libxl lost events: errno {record.rc}")
            operation = self._operations.get(record.operation) if record.kind == ENDED else None
            if operation is not None and not operation.ended.done():
                operation.ended.set_result(record.rc)

    def _read_log(self) -> None:
        while True:
            try:
                line = self._log_in.recv(LOG_SIZE).decode(errors="replace")
            except BlockingIOError:
                return
            if not line:
                return
            severity, _, text = line.partition(" ")
            if severity == "P":
                self._on_progress(int(text.split(" ")[0]) / 100)
                continue
            if int(severity) >= ERROR:
                self._errors.append(text)
            self._on_log(int(severity), text)


async def _patiently(future: asyncio.Future[int]) -> bool:
    """Wait for the end whatever happens; whether we were cancelled meanwhile."""
    cancelled = False
    while not future.done():
        try:
            await asyncio.wait([future])
        except asyncio.CancelledError:
            cancelled = True
    return cancelled
