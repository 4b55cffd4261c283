"""The development host as a whole: what `make run`, `make status` and `make stop` promise."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from common.development import layout, network, state, stop
from common.development.layout import CHECKOUT, Host
from tests.integration.host import DAEMON_BACK, DevelopmentHost, wait_for

pytestmark = [pytest.mark.integration, pytest.mark.root]

DAEMONS = ("xapi", "xenopsd", "rrdd", "networkd", "sm", "perfmon", "mpathalert", "snapwatchd", "stunnel")


def make(*arguments: str, timeout: float = 300.0) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        stdin=subprocess.DEVNULL,
    )


class Running(DevelopmentHost):
    """A host that is asked as its user asks: by what the make targets print."""

    def status(self) -> dict[str, Any]:
        """Its entry in what `make status` prints."""
        [found] = json.loads(self.tool("status"))["hosts"]
        return dict(found)

    def daemons(self) -> dict[str, dict[str, Any]]:
        """`pid`, `socket` and `healthy` of each daemon."""
        return dict(self.status()["daemons"])

    def wait_until_healthy(self) -> None:
        """Until every daemon answers."""
        wait_for(
            lambda: all(daemon["healthy"] for daemon in self.daemons().values()), DAEMON_BACK, "all daemons to be well"
        )

    def tool(self, name: str, *arguments: str) -> str:
        """What a module of `common.development` prints when it is run for this host's folder."""
        done = subprocess.run(
            [sys.executable, "-m", f"common.development.{name}", "--folder", str(self.layout.folder), *arguments],
            cwd=CHECKOUT,
            check=True,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        return done.stdout


@contextmanager
def running(backend: str) -> Iterator[Running]:
    """A host of its own; nothing is left of it afterwards."""
    with tempfile.TemporaryDirectory(prefix="xapi-host-") as folder:
        host = Running(Path(folder), backend)
        try:
            host.start()
            host.wait_until_healthy()
            yield host
        finally:
            host.tool("stop", "--clean")


@pytest.fixture(scope="module")
def simulated() -> Iterator[Running]:
    """A host that these tests may hurt."""
    with running("simulator") as host:
        yield host


@pytest.fixture(scope="module")
def real() -> Iterator[Running]:
    """One with real guests."""
    with running("libvirt") as host:
        yield host


def test_status_describes_the_host(simulated: Running) -> None:
    found = simulated.status()

    assert set(found["daemons"]) >= set(DAEMONS)
    assert all(daemon["healthy"] for daemon in found["daemons"].values())
    assert (found["backend"], found["coordinator"], found["username"]) == ("simulator", True, "root")
    assert (found["http"], found["https"]) == (f"http://{found['address']}", f"https://{found['address']}")
    assert (Path("/run/netns") / found["netns"]).exists()
    password = Path(found["password_file"])
    assert stat.S_IMODE(password.stat().st_mode) == 0o600
    assert len(password.read_text().splitlines()) == 1


def test_the_server_keeps_no_plain_password(simulated: Running) -> None:
    secret = simulated.password.encode()

    holders = [
        path
        for path in simulated.root.rglob("*")
        if path.is_file() and not path.is_symlink() and secret in path.read_bytes()
    ]

    assert holders == [simulated.layout.password_file]


def test_the_api_answers_with_a_certificate_that_names_the_host(simulated: Running) -> None:
    with simulated.client() as api:
        [host] = api.call("host.get_all")
        assert api.call("host.get_address", host) == simulated.status()["address"]


def test_the_local_socket_is_for_root_alone(simulated: Running) -> None:
    sockets = [Path(daemon["socket"]) for daemon in simulated.daemons().values() if daemon["socket"]]
    assert len(sockets) >= 8
    assert {stat.S_IMODE(path.stat().st_mode) for path in sockets} == {0o600}


@pytest.mark.parametrize("daemon", DAEMONS)
def test_a_killed_daemon_comes_back_healthy(simulated: Running, daemon: str) -> None:
    old = simulated.kill(daemon).pid

    wait_for(lambda: _is_another(simulated.daemons()[daemon], old), DAEMON_BACK, f"{daemon} to be back")

    with simulated.client() as api:
        assert len(api.call("host.get_all")) == 1


def _is_another(daemon: dict[str, Any], old: int) -> bool:
    return bool(daemon["healthy"]) and daemon["pid"] != old


@pytest.mark.parametrize("daemon", ["xapi", "sm", "stunnel", "perfmon"])
def test_status_is_in_time_and_right_when_a_daemon_hangs(simulated: Running, daemon: str) -> None:
    pid = simulated.daemons()[daemon]["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        started = time.monotonic()
        found = simulated.daemons()
        assert time.monotonic() - started < 10
    finally:
        os.kill(pid, signal.SIGCONT)

    assert not found[daemon]["healthy"]
    assert found[daemon]["pid"] == pid
    simulated.wait_until_healthy()


def test_daemons_hold_nothing_of_the_caller(simulated: Running) -> None:
    for daemon in simulated.daemons().values():
        folder = Path(f"/proc/{daemon['pid']}/fd")
        held = {path.name: str(path.readlink()) for path in folder.iterdir()}
        assert (folder / "0").samefile("/dev/null")
        assert {held["1"], held["2"]} == {held["1"]}
        assert held["1"].startswith(str(simulated.layout.log_folder))
        assert os.getsid(daemon["pid"]) not in {os.getsid(0), 0}


def test_the_machines_own_network_is_not_touched(simulated: Running) -> None:
    own = {path.name for path in Path("/sys/class/net").iterdir()}
    bridge = layout.bridge(simulated.layout.folder)

    assert {bridge, simulated.layout.link} <= own
    assert (Path(f"/sys/class/net/{simulated.layout.link}/master")).resolve().name == bridge
    # What the host makes for itself stays in its namespace.
    assert own.isdisjoint({"xenbr0", "xenapi"})


def test_a_pool_is_refused_in_words() -> None:
    done = make("run", "HOSTS=2")
    assert done.returncode != 0
    assert "HOSTS=1" in done.stderr


def test_stop_ends_all_and_a_stopped_host_answers_again_within_ten_seconds(simulated: Running) -> None:
    before = simulated.daemons()
    with simulated.client() as api:
        identity = api.call("pool.get_all_records")

    simulated.tool("stop")

    assert not any(state.process(daemon["pid"]).alive for daemon in before.values())
    assert stop.leftovers(simulated.layout) == []
    started = time.monotonic()
    simulated.tool("run", "--backend", "simulator")
    # The main job is part of it.
    assert time.monotonic() - started < 20
    with simulated.client() as api:
        assert api.call("pool.get_all_records").keys() == identity.keys()
        assert [vm["power_state"] for vm in api.call("VM.get_all_records").values() if vm["name_label"] == "demo"] == [
            "Running"
        ]
    started = time.monotonic()
    simulated.tool("run", "--backend", "simulator")
    assert time.monotonic() - started < 5


def test_the_main_job_ends_at_the_guests_prompt(real: Running) -> None:
    shown = real.tool("run")

    assert "demo login:" in shown
    assert "the guest is up" in shown
    assert real.status()["https"] in shown
    assert str(real.layout.password_file) in shown
    with real.client() as api:
        [demo] = [vm for vm in api.call("VM.get_all_records").values() if vm["name_label"] == "demo"]
    assert demo["power_state"] == "Running"


def test_without_namespaces_the_machines_network_is_only_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    def interfaces() -> list[str]:
        links = json.loads(subprocess.check_output(["ip", "-json", "address", "show"]))
        return sorted(f"{link['ifname']} {link.get('master')} {link['addr_info']}" for link in links)

    monkeypatch.setattr(network, "allowed", lambda: False)
    before = interfaces()

    with running("auto") as host:
        found = host.status()
        assert (found["netns"], found["backend"], found["address"]) == (None, "simulator", "127.0.0.1")
        with urllib.request.urlopen(found["http"], timeout=10) as answer:
            assert answer.status == 200
        assert interfaces() == before


def test_clean_leaves_nothing(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("var")
    host = Host(folder, 1)
    host.log_folder.mkdir(parents=True)

    subprocess.run(
        ["python3", "-m", "common.development.stop", "--clean", "--folder", str(folder)],
        cwd=CHECKOUT,
        check=True,
        capture_output=True,
    )

    assert list(folder.iterdir()) == []
