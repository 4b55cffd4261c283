"""Our daemons below a root of their own, with nothing that restarts them: a test kills them and starts them itself."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import aiohttp

from common import unix
from common.development.services import DAEMONS

START_DEADLINE = 120.0  # seconds; importing xapi alone takes ten in an emulated machine
STOP_DEADLINE = 30.0
POLL = 0.2
OUR_NETWORK = {"XAPI_CHANGE": "no"}  # eth0 is the test's own way into dom0
SERVICES = {service.name: service for service in DAEMONS}


class Daemons:
    """The daemons of one host, each a process of its own."""

    def __init__(self, root: Path, backend: str) -> None:
        self.root = root
        self._backend = backend
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        for folder in ("var/lib/xcp", "var/run", "var/log", "etc/xapi-toolstack", "tmp"):
            (root / folder).mkdir(parents=True, exist_ok=True)

    def socket(self, name: str) -> Path:
        """Where a daemon listens."""
        return self.root / (SERVICES[name].socket or "").lstrip("/")

    def log(self, name: str) -> Path:
        """What a daemon wrote."""
        return self.root / "var/log" / f"{name}.out"

    async def start(self, names: Iterable[str] = tuple(SERVICES), settings: Mapping[str, str] | None = None) -> None:
        """Start them side by side; back when each is well. Raises `AssertionError` with the log of one that isn't."""
        names = list(names)
        environment = OUR_NETWORK | {"XAPI_ROOT": str(self.root), "XAPI_BACKEND": self._backend, **(settings or {})}
        for name in names:
            with self.log(name).open("ab") as log:
                self._processes[name] = subprocess.Popen(
                    [sys.executable, "-m", SERVICES[name].main],
                    env=os.environ | environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
        await asyncio.gather(*(self._well(name) for name in names))

    async def _well(self, name: str) -> None:
        deadline = time.monotonic() + START_DEADLINE
        connector = aiohttp.UnixConnector(unix.short(str(self.socket(name))))
        async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(10.0)) as session:
            while time.monotonic() < deadline:
                with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError):
                    async with session.get("http://localhost/health") as answer:
                        if answer.status == 200:
                            return
                assert self._processes[name].poll() is None, f"{name} ended:\n{self._tail(name)}"
                await asyncio.sleep(POLL)
        raise AssertionError(f"{name} is not well after {START_DEADLINE:.0f} s:\n{self._tail(name)}")

    def pid(self, name: str) -> int:
        """Of a daemon's process."""
        return self._processes[name].pid

    def kill(self, name: str) -> None:
        """End a daemon as a power cut would."""
        self._processes[name].kill()
        self._processes.pop(name).wait()

    def kill_all(self) -> None:
        """The same, to all of them in the same moment."""
        for process in self._processes.values():
            process.kill()
        for name in list(self._processes):
            self._processes.pop(name).wait()

    def stop(self) -> None:
        """End all of them."""
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            try:
                process.wait(STOP_DEADLINE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._processes.clear()

    def _tail(self, name: str) -> str:
        return self.log(name).read_text(errors="replace")[-4000:]
