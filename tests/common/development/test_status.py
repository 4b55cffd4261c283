from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from common import unix
from common.development import state, status
from common.development.layout import CHECKOUT, Host
from common.development.state import Daemon, HostState, Process

Answer = Callable[[str, bytes], None]


@pytest.fixture
def answer() -> Iterator[Answer]:
    """Serves one connection on a Unix socket: says what it is given, or nothing at all, and keeps it open."""
    listeners = []

    def serve(path: str, words: bytes) -> None:
        listener = unix.listen(path)
        listener.setblocking(True)
        listeners.append(listener)

        def once() -> None:
            connection, _ = listener.accept()
            connection.recv(4096)
            connection.sendall(words)
            time.sleep(0.5)
            connection.close()

        if words:
            threading.Thread(target=once, daemon=True).start()

    yield serve
    for listener in listeners:
        listener.close()


def test_nothing_runs() -> None:
    assert status.report(Path("/nonexistent")) == {"hosts": []}


def test_a_host_whose_processes_have_ended_does_not_run(host: Host, a_host: HostState) -> None:
    replace(a_host, supervisor=Process(os.getpid(), 1)).write(host.state_file)
    assert status.report(host.folder) == {"hosts": []}


def test_only_a_daemon_that_answers_is_healthy(host: Host, a_host: HostState, answer: Answer) -> None:
    me = state.process(os.getpid())
    sockets = {name: str(host.root / name) for name in ("well", "hangs", "fails", "dead", "absent")}
    answer(sockets["well"], b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
    answer(sockets["hangs"], b"")
    answer(sockets["fails"], b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n")
    daemons = {name: Daemon(me, path) for name, path in sockets.items()}
    daemons["dead"] = Daemon(Process(me.pid, 1), sockets["dead"])
    daemons["stunnel"] = Daemon(me)
    replace(a_host, daemons=daemons).write(host.state_file)
    started = time.monotonic()

    [found] = status.report(host.folder)["hosts"]

    assert time.monotonic() - started < 10
    assert [name for name, daemon in found["daemons"].items() if daemon["healthy"]] == ["well"]
    assert found["daemons"]["well"] == {"pid": me.pid, "socket": sockets["well"], "healthy": True}
    assert found["daemons"]["stunnel"]["socket"] is None
    assert set(found) == {
        "name", "root", "netns", "address", "http", "https", "username", "password_file", "backend", "coordinator",
        "daemons",
    }  # fmt: skip


def test_a_process_that_accepts_and_says_nothing_speaks_no_tls() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        assert not status.speaks_tls(f"https://127.0.0.1:{deaf.getsockname()[1]}", patience=0.2)


def test_the_coordinator_comes_first(tmp_path: Path, a_host: HostState) -> None:
    for number in (1, 2, 3):
        other = Host(tmp_path, number)
        replace(a_host, name=other.name, root=str(other.root), coordinator=number == 2).write(other.state_file)
    assert [found["name"] for found in status.report(tmp_path)["hosts"]] == ["host2", "host1", "host3"]


def test_it_needs_nothing_but_the_standard_library() -> None:
    code = (
        "import sys; import common.development.status, common.development.stop; "
        "print([m for m in sys.modules if 'site-packages' in (getattr(sys.modules[m], '__file__', None) or '')])"
    )

    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(CHECKOUT)!r}); {code}"],
        check=True,
        capture_output=True,
        text=True,
    )

    assert json.loads(done.stdout) == []
