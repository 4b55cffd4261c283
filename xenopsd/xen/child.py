"""The program that calls libxl: `python -m xenopsd.xen.child`, a socket to xenopsd as its standard input.

Building, restoring and suspending have a process for each; short operations share one. When xenopsd is gone, what is
under way is given up and what was half-made is destroyed; device operations are finished first.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import socket
import sys
import termios
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from xenopsd.xen import protocol
from xenopsd.xen.context import Context, LibxlError, binding
from xenopsd.xen.protocol import Image, Report, Request

ADD, REMOVE, DESTROY, INSERT = range(4)
HEAVY = frozenset({"create", "restore", "suspend", "send", "receive"})
FIRST_BYTES = 120.0  # seconds for a domain's memory to begin to come
LAST_WORDS = 90.0  # seconds for what is under way when xenopsd is gone
LINE = 1 << 22  # bytes


class Child:
    """Serves one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._context = Context(self._log, self._progress)
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._heavy = 0
        self._calls: dict[str, Callable[..., Awaitable[Any]]] = {
            "create": self._create,
            "restore": self._restore,
            "suspend": self._suspend,
            "send": self._send,
            "receive": self._receive,
            "resume": self._resume,
            "destroy": lambda domid: self._context.perform("destroy", domid),
            "pause": lambda domid: self._context.perform("pause", domid),
            "unpause": lambda domid: self._context.perform("unpause", domid),
            "power_button": lambda domid: self._context.perform("power_button", domid),
            "disk": self._disk,
            "nic": self._nic,
            "give_back": lambda pci: self._context.assignable(pci, False),
            "vcpus": lambda domid, count, maximum: self._context.perform("vcpus", domid, count, maximum),
            "config": self._context.config,
        }

    async def serve(self) -> None:
        """Until the connection ends."""
        decoder = msgspec.json.Decoder(Request)
        while line := await self._reader.readline():
            request = decoder.decode(line)
            if request.call:
                self._tasks[request.id] = asyncio.create_task(self._run(request))
            elif task := self._tasks.get(request.id):
                task.cancel()
        if self._heavy and (task := self._tasks.get(self._heavy)):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=LAST_WORDS)

    async def _run(self, request: Request) -> None:
        if request.call in HEAVY:
            self._heavy = request.id
        report = Report(id=request.id, ended=True)
        try:
            report.result = await self._calls[request.call](**request.args)
        except LibxlError as error:
            report.rc, report.error = error.rc, str(error)
        except asyncio.CancelledError:
            report.rc, report.error = -22, "libxl: aborted"
        except (OSError, ValueError, KeyError, TypeError) as error:
            report.rc, report.error = -1, f"{type(error).__name__}: {error}"
        del self._tasks[request.id]
        self._say(report)

    async def _create(self, config: dict[str, Any], lock: str) -> int:
        await _hold(lock)
        for device in config.get("pcidevs", []):
            # Also what pciback has already: libxl then sees to it that nobody's memory can be reached by it.
            await self._context.assignable(device, True)
        return await self._made("create", self._context.checked("config", config))

    async def _restore(self, config: dict[str, Any], path: str, lock: str) -> int:
        await _hold(lock)
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            protocol.unpack(os.read(descriptor, Image.SIZE))
            # Without a stream libxl waits for one and can't be stopped: it would crash.
            if not any(os.pread(descriptor, 8, Image.SIZE)):
                raise ValueError("the suspend image is empty")
            os.lseek(descriptor, Image.SIZE, os.SEEK_SET)
            return await self._made("restore", self._context.checked("config", config), descriptor)
        finally:
            os.close(descriptor)

    async def _made(self, call: str, *args: Any) -> int:
        made: list[int] = []
        try:
            return await self._context.perform(call, *args, domid=made.append)
        except asyncio.CancelledError:
            # A failed build removes its domain, an aborted one does not.
            for domid in made:
                await self._quietly(self._context.perform("destroy", domid))
            raise

    async def _resume(self, domid: int, lock: str) -> None:
        await _hold(lock)
        await self._context.perform("resume", domid, 1)

    async def _suspend(self, domid: int, path: str, uuid: str, lock: str) -> None:
        await _hold(lock)
        descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            # The head comes last: an image that was not finished must not look like one.
            os.lseek(descriptor, 0, os.SEEK_SET)
            os.write(descriptor, bytes(Image.SIZE))
            await self._context.perform("suspend", domid, descriptor, 0)
            os.pwrite(descriptor, protocol.pack(msgspec.json.encode({"uuid": uuid})), 0)
            await asyncio.to_thread(os.fsync, descriptor)
        except BaseException:
            await self._quietly(self._context.perform("resume", domid, 1))
            raise
        finally:
            os.close(descriptor)

    async def _send(self, domid: int, pipe: str, lock: str) -> None:
        descriptor = os.open(pipe, os.O_WRONLY | os.O_CLOEXEC)  # an end of xenopsd's: it is there at once
        try:
            await _hold(lock)
            try:
                await self._context.perform("suspend", domid, descriptor, self._context.live)
            except BaseException:
                await self._quietly(self._context.perform("resume", domid, 1))
                raise
        finally:
            os.close(descriptor)

    async def _receive(self, config: dict[str, Any], pipe: str, lock: str) -> int:
        descriptor = os.open(pipe, os.O_RDONLY | os.O_CLOEXEC)
        try:
            await _hold(lock)
            await _readable(descriptor)
            return await self._made("restore", self._context.checked("config", config), descriptor)
        finally:
            os.close(descriptor)

    async def _disk(self, domid: int, disk: dict[str, Any], action: int) -> None:
        await self._context.perform("disk", domid, self._context.checked("disk", disk), action)

    async def _nic(self, domid: int, nic: dict[str, Any], action: int) -> None:
        await self._context.perform("nic", domid, self._context.checked("nic", nic), action)

    async def _quietly(self, work: Awaitable[Any]) -> None:
        try:
            await work
        except LibxlError as error:
            self._log(8, str(error))

    def _log(self, severity: int, line: str) -> None:
        self._say(Report(severity=severity, line=line))

    def _progress(self, fraction: float) -> None:
        if self._heavy:
            self._say(Report(id=self._heavy, progress=fraction))

    def _say(self, report: Report) -> None:
        if not self._writer.is_closing():
            self._writer.write(msgspec.json.encode(report) + b"\n")


async def _hold(path: str) -> None:
    """Be the only process that builds or saves this VM, until we end."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            await asyncio.sleep(0.1)


async def _readable(descriptor: int) -> None:
    """Until there is something to read. Without that libxl would wait for it and can't be stopped: it would crash."""
    loop, came = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(descriptor, came.set)
    try:
        async with asyncio.timeout(FIRST_BYTES):
            await came.wait()
    finally:
        loop.remove_reader(descriptor)
    if not any(fcntl.ioctl(descriptor, termios.FIONREAD, bytes(4))):
        raise ValueError("no memory came")


async def _main(connection: socket.socket) -> None:
    reader, writer = await asyncio.open_connection(sock=connection, limit=LINE)
    await Child(reader, writer).serve()


def main() -> None:
    """Serve the socket that is our standard input."""
    binding()
    connection = socket.socket(fileno=os.dup(0))
    # libxl's own children get nothing of it: a QEMU that held our end would keep xenopsd waiting for its close.
    connection.set_inheritable(False)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    asyncio.run(_main(connection))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
