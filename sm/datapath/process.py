"""The process of a storage daemon: started detached so that it outlives us, found again by its pid file, ended."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
import signal
from pathlib import Path

from common import unix
from common.command import run
from sm.datapath.qmp import Qmp, QmpGone, QmpRefused

log = logging.getLogger(__name__)

PROGRAM = "qemu-storage-daemon"
START_DEADLINE = 30.0  # seconds
QUIT_DEADLINE = 40.0  # seconds to flush what it holds; with the kill less than a call to the worker may take
KILL_DEADLINE = 10.0  # seconds; longer means that it hangs in the kernel


class Process:
    """The storage daemon of one disk. Everything about it is in `directory`: `qmp`, `nbd`, `pid`, `ln/`."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.nbd = directory / "nbd"
        self.links = directory / "ln"
        self._qmp = directory / "qmp"
        self._pid = directory / "pid"

    async def start(self) -> Qmp:
        """Start it and its NBD server, without a disk yet. Raises `CommandFailed`, `QmpGone`."""
        shutil.rmtree(self.links, ignore_errors=True)
        self.links.mkdir(parents=True)
        for stale in (self._qmp, self.nbd, self._pid):
            stale.unlink(missing_ok=True)
        await run(
            PROGRAM,
            *("--chardev", f"socket,id=qmp,server=on,wait=off,path={_escaped(unix.short(str(self._qmp)))}"),
            *("--monitor", "chardev=qmp"),
            *("--pidfile", str(self._pid)),
            "--daemonize",
            deadline=START_DEADLINE,
        )
        qmp = await Qmp.connect(self._qmp)
        address = {"type": "unix", "data": {"path": unix.short(str(self.nbd))}}
        await qmp.execute("nbd-server-start", {"addr": address, "max-connections": 0})
        return qmp

    async def connect(self) -> Qmp:
        """Connect to the one that runs already. Raises `QmpGone`."""
        if not self._qmp.exists():
            raise QmpGone(f"no {self._qmp}")
        return await Qmp.connect(self._qmp)

    def pid(self) -> int | None:
        """Its process, if it lives."""
        try:
            pid = int(self._pid.read_text())
            arguments = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError, ValueError):
            return None
        # The number may be another process's by now.
        return pid if str(self._pid).encode() in arguments else None

    async def quit(self, qmp: Qmp) -> None:
        """Let it flush, close and end; kill it if it does not. Safe to repeat."""
        pid = self.pid()
        qmp.on_gone = lambda: None
        try:
            await qmp.execute("quit")
        except (QmpGone, QmpRefused) as error:
            log.info("%s: quit: %s", self.directory.name, error)
        await qmp.close()
        if pid is not None and not await _ended(pid, QUIT_DEADLINE):
            await self.kill()
        self.clean()

    async def kill(self) -> None:
        """End it at once; what it has not flushed is lost. Raises `QmpGone` when even that fails. Safe to repeat."""
        pid = self.pid()
        if pid is None:
            return
        log.warning("%s: killing storage daemon %d", self.directory.name, pid)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        if not await _ended(pid, KILL_DEADLINE):
            raise QmpGone(f"storage daemon {pid} can't be killed")

    async def ended(self) -> None:
        """Return when no process is left; one that only lost its monitor is killed."""
        pid = self.pid()
        if pid is not None and not await _ended(pid, 1.0):
            await self.kill()

    def clean(self) -> None:
        """Remove its files. Safe to repeat."""
        shutil.rmtree(self.directory, ignore_errors=True)


async def _ended(pid: int, deadline: float) -> bool:
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    loop.add_reader(descriptor, ended.set)
    try:
        await asyncio.wait_for(ended.wait(), deadline)
    except TimeoutError:
        return False
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)
    return True


def _escaped(value: str) -> str:
    return value.replace(",", ",,")
