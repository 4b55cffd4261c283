"""The real `xe` and a real xapi on its socket; no other daemon runs."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import speed
from tests.integration.host import wait_for
from xapi.db.database import Database

pytestmark = pytest.mark.integration

BIN = Path(sys.executable).parent
COMPLETION = Path(__file__).parents[2] / "xapi/cli/service/xe.bash-completion"
DEADLINE = 60.0
MANY = 5000
WITHIN = 0.4  # seconds of work for a list of them
LISTS = 5


@dataclass
class Host:
    """One xapi and the command that speaks to it."""

    root: Path
    process: subprocess.Popen[bytes]

    def xe(self, *words: str, answer: str = "") -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "XAPI_ROOT": str(self.root), "HOME": str(self.root)}
        return subprocess.run(
            [str(BIN / "xe"), *words],
            input=answer,
            capture_output=True,
            text=True,
            timeout=DEADLINE,
            env=environment,
            check=False,
        )

    def ok(self, *words: str) -> str:
        done = self.xe(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


def start(root: Path) -> Host:
    environment = {**os.environ, "XAPI_ROOT": str(root)}
    flags = ["--address", "127.0.0.1", "--port", "0", "--authentication", "file"]
    process = subprocess.Popen([str(BIN / "xapi"), *flags], env=environment, stderr=subprocess.PIPE)
    give_up = time.monotonic() + DEADLINE
    assert process.stderr is not None
    os.set_blocking(process.stderr.fileno(), False)
    log = b""
    while b"serving after" not in log:
        assert time.monotonic() < give_up, log.decode()
        assert process.poll() is None, log.decode()
        log += process.stderr.read() or b""
        time.sleep(0.05)
    # What it logs from here on must not fill the pipe.
    os.set_blocking(process.stderr.fileno(), True)
    subprocess.Popen(["cat"], stdin=process.stderr, stdout=subprocess.DEVNULL)
    return Host(root, process)


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    root = tmp_path_factory.mktemp("xe")
    made = start(root)
    try:
        yield made
    finally:
        made.process.send_signal(signal.SIGTERM)
        made.process.wait(DEADLINE)


def test_root_needs_no_password_on_the_local_socket(host: Host) -> None:
    uuid = host.ok("host-list", "--minimal")

    assert host.ok("host-param-get", f"uuid={uuid}", "param-name=uuid") == uuid
    assert host.ok("pool-list", "params=master", "--minimal") == uuid


def test_a_vm_is_made_changed_listed_and_destroyed(host: Host) -> None:
    vm = host.ok("vm-create", "name-label=a, b")

    host.ok("vm-param-set", f"uuid={vm}", "name-description=of a test", "other-config:colour=red")
    host.ok("vm-param-add", f"uuid={vm}", "param-name=tags", "param-key=blue")

    assert host.ok("vm-list", "other-config:colour=red", "--minimal") == vm
    assert host.ok("vm-list", "tags:contains=blue", "params=name-label", "--minimal") == "a\\, b"
    assert host.xe("vm-uninstall", f"uuid={vm}", answer="no\n").returncode == 1
    assert host.ok("vm-list", f"uuid={vm}", "--minimal") == vm
    done = host.xe("vm-uninstall", f"uuid={vm}", answer="yes\n")
    assert done.stdout.splitlines()[-1] == "All objects destroyed"
    assert host.ok("vm-list", f"uuid={vm}", "--minimal") == ""


def test_an_error_of_the_api_ends_with_status_1(host: Host) -> None:
    done = host.xe("vm-destroy", "uuid=bad")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[1:] == ["type: VM", "uuid: bad"]


def test_bash_completes_commands_parameters_and_what_the_host_knows(host: Host) -> None:
    uuid = host.ok("host-list", "--minimal")

    assert completed(host, "xe vm-sn") == ["vm-snapshot ", "vm-snapshot-with-quiesce "]
    assert completed(host, "xe vm-clone new") == ["new-name-label=", "new-name-description="]
    assert completed(host, "xe host-graph format=") == ["png ", "svg ", "text "]
    assert completed(host, "xe host-param-list uuid=") == [f"{uuid} "]
    assert "name-label" in [word.strip() for word in completed(host, "xe vm-list params=")]


def completed(host: Host, line: str) -> list[str]:
    """What bash offers after `line`."""
    script = f"""
        . "{COMPLETION}"
        COMP_LINE="{line}" COMP_POINT={len(line)}
        _xe
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    environment = {**os.environ, "XAPI_ROOT": str(host.root), "PATH": f"{BIN}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, timeout=DEADLINE, env=environment, check=True
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_sessions_do_not_pile_up(host: Host) -> None:
    for _ in range(3):
        host.ok("vm-list", "--minimal")

    wait_for(lambda: sessions(host.root) == 0, DEADLINE, "the sessions to end")


def sessions(root: Path) -> int:
    """How many sessions there are; nobody may list them, so they are counted in a copy of the database."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.db"
        source = sqlite3.connect(f"file:{root}/var/lib/xcp/xapi.db?mode=ro", uri=True)
        with contextlib.closing(source), contextlib.closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        database = Database(copy)
        try:
            return len(database.session)
        finally:
            database.close()


def test_a_client_that_is_killed_leaves_the_server_well(host: Host) -> None:
    environment = {**os.environ, "XAPI_ROOT": str(host.root)}
    waiting = subprocess.Popen(
        [str(BIN / "xe"), "event-wait", "class=vm", "name-label=never"], env=environment, stdout=subprocess.DEVNULL
    )
    wait_for(lambda: sessions(host.root) == 1, DEADLINE, "its session")
    assert waiting.poll() is None

    waiting.kill()
    waiting.wait(DEADLINE)

    assert host.ok("host-list", "--minimal")
    assert host.process.poll() is None
    wait_for(lambda: sessions(host.root) == 0, DEADLINE, "its session to end")


def test_event_wait_ends_when_the_event_comes(host: Host) -> None:
    environment = {**os.environ, "XAPI_ROOT": str(host.root)}
    waiting = subprocess.Popen([str(BIN / "xe"), "event-wait", "class=vm", "name-label=soon"], env=environment)
    wait_for(lambda: sessions(host.root) == 1, DEADLINE, "its session")
    assert waiting.poll() is None

    vm = host.ok("vm-create", "name-label=soon")

    assert waiting.wait(DEADLINE) == 0
    host.ok("vm-destroy", f"uuid={vm}")


def test_the_audit_log_tells_who_did_what(host: Host, tmp_path: Path) -> None:
    vm = host.ok("vm-create", "name-label=audited")
    host.ok("vm-param-set", f"uuid={vm}", "name-description=secret")
    host.ok("vm-destroy", f"uuid={vm}")
    target = tmp_path / "audit.log"

    host.ok("audit-log-get", f"filename={target}")

    lines = [line for line in target.read_text().splitlines() if vm in line]
    assert [line.split()[8] for line in lines] == ["'VM.create'", "'VM.set_name_description'", "'VM.destroy'"]
    assert all("'ALLOWED' 'OK' 'API'" in line for line in lines)
    assert "secret" not in target.read_text()
    host.ok("audit-log-get", f"filename={tmp_path / 'none'}", "since=9")
    assert (tmp_path / "none").read_text() == ""


def test_a_stranger_needs_a_password(host: Host) -> None:
    port = _port(host)

    nobody = host.xe("-s", "127.0.0.1", "-p", port, "--nossl", "host-list")
    wrong = host.xe("-s", "127.0.0.1", "-p", port, "--nossl", "-u", "root", "-pw", "bad", "host-list")

    assert nobody.stderr == "Username/password must be specified\nFor usage run: 'xe help'\n"
    assert wrong.stderr == "Authentication failed\nFor usage run: 'xe help'\n"
    assert (nobody.returncode, wrong.returncode) == (1, 1)


def _port(host: Host) -> str:
    """The port that xapi listens on."""
    listing = Path(f"/proc/{host.process.pid}/net/tcp").read_text().splitlines()[1:]
    inodes = {str(link.readlink()) for link in Path(f"/proc/{host.process.pid}/fd").iterdir()}
    for line in listing:
        words = line.split()
        if words[3] == "0A" and f"socket:[{words[9]}]" in inodes:
            return str(int(words[1].split(":")[1], 16))
    raise AssertionError("xapi does not listen")


def test_5000_vms_are_listed_at_once(tmp_path: Path) -> None:
    async def fill() -> None:
        path = tmp_path / "var/lib/xcp/xapi.db"
        path.parent.mkdir(parents=True)
        database = Database(path)
        for number in range(MANY):
            metrics = database.vm_metrics.create()
            database.vm.create(name_label=f"vm{number}", metrics=metrics.ref)
        await database.durable()
        database.close()

    asyncio.run(fill())
    host = start(tmp_path)
    try:
        host.ok("host-list")
        took: list[float] = []
        listed = ""
        for _ in range(LISTS):
            before = speed.used(host.process.pid) + speed.used_by_ended_children()
            listed = host.ok("vm-list")
            took.append(speed.used(host.process.pid) + speed.used_by_ended_children() - before)
    finally:
        host.process.send_signal(signal.SIGTERM)
        host.process.wait(DEADLINE)

    assert listed.count("power-state") == MANY + 1
    assert statistics.median(took) < speed.allowed(WITHIN), took
