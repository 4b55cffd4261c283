"""Whole development hosts, started as `make run` does, each in a folder of its own."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from common.development import run, state
from common.development.client import Client
from common.development.layout import CHECKOUT, Host

PATIENCE = 30.0  # seconds, for what takes one or two when the machine is idle


@dataclass(frozen=True)
class Running:
    """A host that runs."""

    host: Host

    def status(self) -> dict[str, Any]:
        """Its entry in what `make status` prints."""
        [found] = json.loads(self.tool("status"))["hosts"]
        return dict(found)

    def daemons(self) -> dict[str, dict[str, Any]]:
        """`pid`, `socket` and `healthy` of each daemon."""
        return dict(self.status()["daemons"])

    @property
    def password(self) -> str:
        """Of the user root."""
        return self.host.password_file.read_text().strip()

    @property
    def certificate(self) -> Path:
        """What its TLS certificate is checked with."""
        return self.host.root / "etc/xensource/xapi-ssl.pem"

    @property
    def url(self) -> str:
        """Of the API, over TLS."""
        found = state.read(self.host.state_file)
        assert found is not None
        return found.https

    def client(self) -> Client:
        """A XenAPI client that is not logged in yet: `with running.client() as api: api.call(...)`."""
        return Client(self.url, self.certificate, "root", self.password)

    def kill(self, daemon: str) -> int:
        """Kill a daemon; answers what was its pid."""
        found = state.read(self.host.state_file)
        assert found is not None
        process = found.daemons[daemon].process
        process.signal(signal.SIGKILL)
        return process.pid

    def wait_until_healthy(self) -> None:
        """Until every daemon answers."""
        wait_for(lambda: all(daemon["healthy"] for daemon in self.daemons().values()))

    def tool(self, name: str, *arguments: str) -> str:
        """What a module of `common.development` prints when it is run for this host's folder."""
        done = subprocess.run(
            [sys.executable, "-m", f"common.development.{name}", "--folder", str(self.host.folder), *arguments],
            cwd=CHECKOUT,
            check=True,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        return done.stdout


def wait_for(what: Callable[[], object], timeout: float = PATIENCE) -> None:
    """Until `what` answers something true."""
    deadline = time.monotonic() + timeout
    while not what():
        assert time.monotonic() < deadline, f"not in {timeout} s"
        time.sleep(0.05)


@contextmanager
def a_host(backend: str) -> Iterator[Running]:
    """A host of its own, up and answering; nothing is left of it afterwards."""
    if os.geteuid() != 0:
        pytest.skip("a host needs root for its network namespace")
    with tempfile.TemporaryDirectory(prefix="xapi-host-") as folder:
        running = Running(Host(Path(folder), 1))

        async def start() -> None:
            described = await run.start(running.host, backend)
            client = await run.wait_for_api(running.host, described, running.password)
            await asyncio.to_thread(client.__exit__, None, None, None)

        try:
            asyncio.run(start())
            running.wait_until_healthy()
            yield running
        finally:
            running.tool("stop", "--clean")


@pytest.fixture(scope="session")
def simulated() -> Iterator[Running]:
    """A host with the simulator, shared by all tests of the session: leave it as it was."""
    with a_host("simulator") as running:
        yield running


@pytest.fixture(scope="session")
def real() -> Iterator[Running]:
    """A host with libvirt and QEMU, shared by all tests of the session: leave it as it was."""
    with a_host("libvirt") as running:
        yield running
