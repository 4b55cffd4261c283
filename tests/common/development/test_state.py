from __future__ import annotations

import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from common.development import state
from common.development.state import Daemon, HostState, Process

STUBBORN = (
    "import signal,time,sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
)


def test_what_is_written_is_read_again(a_host: HostState, tmp_path: Path) -> None:
    host = replace(a_host, daemons={"xapi": Daemon(Process(1, 2), "/socket"), "stunnel": Daemon(Process(3, 4))})
    host.write(tmp_path / "run/state.json")
    assert state.read(tmp_path / "run/state.json") == host


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"supervisor": 1}'])
def test_a_damaged_state_is_no_state(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "state.json").write_bytes(content)
    assert state.read(tmp_path / "state.json") is None


def test_a_stranger_with_the_same_number_is_never_signalled() -> None:
    with subprocess.Popen(["sleep", "30"]) as stranger:
        remembered = Process(stranger.pid, state.start_time(stranger.pid) - 1)
        assert not remembered.alive

        state.end([remembered], patience=0.1)

        assert stranger.poll() is None
        stranger.kill()


def test_a_process_that_ignores_the_signal_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE) as deaf:
        assert deaf.stdout is not None
        assert deaf.stdout.readline() == b"deaf\n"
        process = state.process(deaf.pid)

        assert state.end([process], patience=0.3) == [process]

        assert deaf.wait(5) == -signal.SIGKILL


def test_an_ended_process_waits_for_nobody() -> None:
    with subprocess.Popen(["sleep", "30"]) as child:
        started = time.monotonic()
        assert state.end([state.process(child.pid)], patience=10) == []
        assert time.monotonic() - started < 5
        # It is a zombie until it is reaped, and that is no life.
        assert not state.process(child.pid).alive
