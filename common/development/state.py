"""What a supervisor tells of its host, on disk, and processes told apart from strangers that reuse their number.

Standard library only: `make status` reads it without the virtual environment.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from common.files import write_atomically

POLL = 0.05  # seconds


@dataclass(frozen=True)
class Process:
    """A process: its number, and when the kernel started it, in ticks since boot."""

    pid: int
    start: int

    @property
    def alive(self) -> bool:
        """Whether this very process runs."""
        return self.start != 0 and self.start == start_time(self.pid)

    def signal(self, number: int) -> None:
        """Send a signal, if it still runs."""
        if self.alive:
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                return


@dataclass(frozen=True)
class Daemon:
    """A daemon as its supervisor sees it."""

    process: Process
    socket: str | None = None
    """Absolute path, of the socket where /health is answered."""


@dataclass(frozen=True)
class HostState:
    """A running host; the fields are those of `make status`."""

    name: str
    root: str
    netns: str | None
    address: str
    http: str
    https: str
    username: str
    password_file: str
    backend: str
    coordinator: bool
    supervisor: Process
    daemons: dict[str, Daemon] = field(default_factory=dict)

    def write(self, path: Path) -> None:
        """Replace the file at `path`; a reader sees the old or the new state."""
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, json.dumps(asdict(self), indent=1).encode(), mode=0o644)


def read(path: Path) -> HostState | None:
    """The state at `path`; none when there is none or it can't be read."""
    try:
        fields = json.loads(path.read_bytes())
        supervisor = Process(**fields.pop("supervisor"))
        daemons = {
            name: Daemon(Process(**daemon["process"]), daemon["socket"])
            for name, daemon in fields.pop("daemons").items()
        }
        return HostState(supervisor=supervisor, daemons=daemons, **fields)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def start_time(pid: int) -> int:
    """When `pid` was started, in ticks since boot; 0 when it has ended."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0
    # The name in parentheses may hold anything; the state and then 18 more fields follow its end.
    fields = text.rpartition(")")[2].split()
    return 0 if fields[0] in {"Z", "X"} else int(fields[19])


def process(pid: int) -> Process:
    """The process that has this number now; one that is not alive when there is none."""
    return Process(pid, start_time(pid))


def end(processes: Iterable[Process], patience: float) -> list[Process]:
    """SIGTERM to all, SIGKILL to those still there after `patience` seconds; answers those that had to be killed."""
    remaining = [each for each in processes if each.alive]
    for each in remaining:
        each.signal(signal.SIGTERM)
    remaining = _wait(remaining, patience)
    for each in remaining:
        each.signal(signal.SIGKILL)
    _wait(remaining, patience)
    return remaining


def _wait(processes: list[Process], patience: float) -> list[Process]:
    deadline = time.monotonic() + patience
    while (processes := [each for each in processes if each.alive]) and time.monotonic() < deadline:
        time.sleep(POLL)
    return processes
