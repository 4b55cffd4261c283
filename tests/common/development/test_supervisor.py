"""A supervisor in a process of its own, with tiny daemons."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from common.development import state
from common.development.layout import CHECKOUT, Host
from common.development.state import HostState

DAEMONS = {
    "steady": """
        import os, signal, time
        from common import daemon
        def main(argv=None):
            signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
            daemon.ready()
            print("root", os.environ["XAPI_ROOT"], "files", sorted(os.listdir("/proc/self/fd")), flush=True)
            while True:
                time.sleep(1)
    """,
    "broken": """
        def main(argv=None):
            raise RuntimeError("cannot start")
    """,
    "deaf": """
        import signal, time
        def main(argv=None):
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            while True:
                time.sleep(1)
    """,
}

SCRIPT = """
import os, sys
from pathlib import Path
from common.development import state, supervisor
from common.development.children import Service
from dataclasses import replace
supervisor.PATIENCE = 1.0
described = replace(state.read(Path(sys.argv[1])), supervisor=state.process(os.getpid()))
services = [Service(name, name, socket="/" + name) for name in sys.argv[3:]]
services += [Service("program", argv=("sleep", "60"))]
supervisor.Supervisor(described, Path(sys.argv[1]), services, Path(sys.argv[2])).run()
"""

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start(host: Host, a_host: HostState, tmp_path: Path) -> Iterator[Start]:
    for name, text in DAEMONS.items():
        (tmp_path / f"{name}.py").write_text(textwrap.dedent(text))
    host.log_folder.mkdir(parents=True)
    a_host.write(host.state_file)
    processes = []

    def run(*names: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(host.state_file), str(host.log_folder), *names],
            env={**os.environ, "PYTHONPATH": f"{CHECKOUT}:{tmp_path}"},
            stderr=subprocess.DEVNULL,
        )
        processes.append(process)
        wait_for(lambda: pid(host, names[0]))
        return process

    yield run
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        process.wait(10)


def wait_for(what: Callable[[], object], timeout: float = 10.0) -> None:
    deadline = time.monotonic() + timeout
    while not what():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def pid(host: Host, name: str) -> int:
    """The daemon's pid; 0 while it doesn't run."""
    found = state.read(host.state_file)
    daemon = found.daemons.get(name) if found else None
    return daemon.process.pid if daemon and daemon.process.alive else 0


def test_a_killed_daemon_is_back_within_a_second(host: Host, start: Start) -> None:
    start("steady")
    for _ in range(2):
        old = pid(host, "steady")

        os.kill(old, signal.SIGKILL)

        wait_for(lambda old=old: pid(host, "steady") not in {0, old}, timeout=1.5)  # type: ignore[misc]


def test_a_daemon_that_cannot_start_holds_up_nobody(host: Host, start: Start) -> None:
    start("steady", "broken")
    log_file = host.log_folder / "broken.log"

    wait_for(lambda: log_file.exists() and log_file.read_text().count("cannot start") >= 3)

    found = state.read(host.state_file)
    assert found is not None
    assert set(found.daemons) == {"steady", "broken", "program"}
    assert pid(host, "steady")
    # It is tried again and again, but not in a busy loop.
    assert log_file.read_text().count("cannot start") < 10


def test_a_daemon_holds_nothing_of_its_supervisor(host: Host, start: Start) -> None:
    start("steady")
    log_file = host.log_folder / "steady.log"

    wait_for(lambda: log_file.exists() and log_file.read_text())

    # Standard input, output and error; the fourth is the listing's own.
    assert log_file.read_text() == f"root {host.root} files ['0', '1', '2', '3']\n"
    assert Path(f"/proc/{pid(host, 'steady')}/fd/0").readlink() == Path("/dev/null")


def test_stopping_ends_all_even_those_that_will_not(host: Host, start: Start) -> None:
    supervisor = start("steady", "deaf")
    wait_for(lambda: pid(host, "program") and pid(host, "deaf"))
    found = state.read(host.state_file)
    assert found is not None

    supervisor.terminate()

    assert supervisor.wait(10) == 0
    assert not any(daemon.process.alive for daemon in found.daemons.values())
    assert not host.state_file.exists()


def test_what_a_killed_supervisor_left_can_be_stopped(host: Host, start: Start) -> None:
    supervisor = start("steady")
    wait_for(lambda: pid(host, "program"))
    found = state.read(host.state_file)
    assert found is not None

    supervisor.kill()
    supervisor.wait(5)
    assert all(daemon.process.alive for daemon in found.daemons.values())
    done = subprocess.run(
        [sys.executable, "-m", "common.development.stop", "--folder", str(host.folder)],
        cwd=CHECKOUT,
        check=True,
        capture_output=True,
        text=True,
    )

    assert done.stdout == "host1: stopped\n"
    assert not any(daemon.process.alive for daemon in found.daemons.values())
