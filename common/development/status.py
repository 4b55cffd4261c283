"""`make status`: what runs and whether it is well, as one JSON object. Standard library only; at most ten seconds."""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import socket
import ssl
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from common import unix
from common.development import layout, state
from common.development.layout import VAR
from common.development.state import HostState

PATIENCE = 3.0  # seconds for each daemon's answer; all are asked at once
DEADLINE = 8.0  # seconds for everything


def report(folder: Path = VAR) -> dict[str, Any]:
    """The object that `make status` prints."""
    running = [found for host in layout.hosts(folder) if (found := state.read(host.state_file)) and _runs(found)]
    running.sort(key=lambda host: not host.coordinator)
    pool = ThreadPoolExecutor(max_workers=64)
    questions = {(host.root, name): pool.submit(check) for host in running for name, check in _checks(host).items()}
    report = {"hosts": [_describe(host, questions) for host in running]}
    pool.shutdown(wait=False, cancel_futures=True)
    return report


def _runs(host: HostState) -> bool:
    return host.supervisor.alive or any(daemon.process.alive for daemon in host.daemons.values())


def _checks(host: HostState) -> dict[str, Callable[[], bool]]:
    checks: dict[str, Callable[[], bool]] = {}
    for name, daemon in host.daemons.items():
        if not daemon.process.alive:
            checks[name] = lambda: False
        elif daemon.socket is not None:
            checks[name] = lambda path=daemon.socket: healthy(path)  # type: ignore[misc]
        elif name == "stunnel":
            checks[name] = lambda: speaks_tls(host.https)
        else:
            checks[name] = lambda: True
    return checks


def _describe(host: HostState, questions: dict[tuple[str, str], Future[bool]]) -> dict[str, Any]:
    daemons = {}
    for name, daemon in host.daemons.items():
        try:
            well = questions[host.root, name].result(DEADLINE)
        except (TimeoutError, OSError):
            well = False
        daemons[name] = {"pid": daemon.process.pid, "socket": daemon.socket, "healthy": well}
    return {
        "name": host.name,
        "root": host.root,
        "netns": host.netns,
        "address": host.address,
        "http": host.http,
        "https": host.https,
        "username": host.username,
        "password_file": host.password_file,
        "backend": host.backend,
        "coordinator": host.coordinator,
        "daemons": daemons,
    }


def healthy(path: str, patience: float = PATIENCE) -> bool:
    """Whether the daemon at the socket `path` answers GET /health in time."""
    connection = _UnixConnection(path, patience)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def speaks_tls(url: str, patience: float = PATIENCE) -> bool:
    """Whether a TLS handshake succeeds: a connection alone would, with a process that hangs."""
    parts = urlsplit(url)
    context = ssl.create_default_context()
    # Whether it answers is asked, not who it is.
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 443), timeout=patience) as plain:
            context.wrap_socket(plain).close()
    except OSError:
        return False
    return True


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, patience: float) -> None:
        super().__init__("localhost", timeout=patience)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(unix.short(self._path))


def main() -> None:
    """Print the report. Leaves without waiting for a daemon that still owes an answer."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--folder", type=Path, default=VAR)
    print(json.dumps(report(parser.parse_args().folder), indent=2))
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
