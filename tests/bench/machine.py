"""What a whole host costs: guests started and stopped, memory, start and stop of xapi, logins, `xe`, `make run`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from tests.bench import client
from tests.bench.calibrate import Machine
from tests.bench.client import Connection, Session
from tests.bench.lines import Line, Report
from tests.integration.host import DevelopmentHost, wait_for, xe_program

ROUNDS, SECONDS = 3, 0.6
CYCLES = 30
LOGINS = 80
EIGHT, MANY = 8, 16  # connections
PATIENCE = 60.0  # seconds
MIB = 1 << 20

MEMORY = {"xapi": 62.0, "networkd": 21.0, "xenopsd": 18.0}
"""MB resident of the original's fresh daemons."""
WANTED_MEMORY = 150.0  # MB, of all daemons of a development host and stunnel; the original has no supervisor
XAPI_MEMORY = (95.0, 249.0, 562.0)
LOADED_MEMORY = (215.0, 535.0, 1319.0)
LIMIT_AT_5000 = 300.0


def address(host: DevelopmentHost) -> client.Address:
    """Of its plain HTTP."""
    parts = urlsplit(host.state.http)
    return str(parts.hostname), parts.port or 80


def login(host: DevelopmentHost) -> Session:
    """A session over plain HTTP."""
    return Session(address(host), host.state.username, host.password)


def memory(pid: int) -> float:
    """MB, its share of what is shared."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise LookupError(f"no Pss of {pid}")


def resident(pid: int) -> float:
    """MB, as the original's was measured."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def daemons(report: Report, host: DevelopmentHost) -> None:
    """Memory of each daemon of a fresh host, and their sum."""
    found = {name: daemon.process.pid for name, daemon in host.state.daemons.items()}
    sizes = {name: memory(pid) for name, pid in found.items()}
    for name, size in sizes.items():
        report.add(Line(f"memory of {name}, fresh", size, "MB", 1, MEMORY.get(name)))
    report.add(Line("memory of all daemons, fresh", sum(sizes.values()), "MB", len(sizes), WANTED_MEMORY, 1.0))
    report.add(Line("memory of their supervisor", memory(host.state.supervisor.pid), "MB", 1))


def cycles(report: Report, machine: Machine, session: Session) -> None:
    """VM.start and hard_shutdown of a guest without disks."""
    [template, *_] = session.call("VM.get_by_name_label", "Other install media")
    vm = session.call("VM.clone", template, "cycles")
    session.call("VM.provision", vm)

    def at_once() -> None:
        session.call("VM.start", vm, False, False)
        session.call("VM.hard_shutdown", vm)

    def as_tasks() -> None:
        for message, arguments in (("Async.VM.start", (vm, False, False)), ("Async.VM.hard_shutdown", (vm,))):
            task = session.call(message, *arguments)
            while session.call("task.get_status", task) == "pending":
                time.sleep(0.001)
            session.call("task.destroy", task)

    for name, work, original in (("", at_once, 12.7), (", asynchronous", as_tasks, 8.9)):
        value = _repeated(work, CYCLES)
        report.add(Line(f"VM.start and hard_shutdown{name}", value, "/s", CYCLES, original * machine.index, 5.0))
    session.call("VM.destroy", vm)


def small(report: Report, machine: Machine, host: DevelopmentHost, session: Session) -> None:
    """Tiny calls and logins."""
    where = session.address
    tiny = session.xml("host.get_all")
    connection = Connection(where)

    def add(name: str, value: float, original: float, target: float, n: int = ROUNDS) -> None:
        report.add(Line(name, value, "/s", n, original * machine.index, target))

    one = max(client.rate(connection, lambda _: tiny, SECONDS) for _ in range(ROUNDS))
    add("host.get_all", one, 6679, 0.85)
    several = max(client.together(where, lambda _: tiny, MANY, SECONDS)[0] for _ in range(ROUNDS))
    add("host.get_all, 16 connections", several, 6679, 1.0)
    add("host.get_all, a new connection each", _repeated(lambda: _alone(where, tiny), 1500), 3011, 0.85, 1500)
    connection.close()
    user, password = host.state.username, host.password
    add("login and logout", _repeated(lambda: _visit(session, user, password), LOGINS), 113, 1.0, LOGINS)
    logins = [client.xml("session.login_with_password", user, password, "2.23", "bench")] * EIGHT
    pairs = _pairs(where, logins[0])
    add("login and logout, 8 connections", pairs, 177, 1.0, LOGINS)


def _alone(where: client.Address, request: bytes) -> None:
    connection = Connection(where)
    connection.exchange(request)
    connection.close()


def _visit(session: Session, user: str, password: str) -> None:
    answer = session.connection.exchange(client.xml("session.login_with_password", user, password, "2.23", "bench"))
    session.connection.exchange(client.xml("session.logout", _reference(answer)))


def _reference(answer: bytes) -> str:
    (decoded,), _ = xmlrpc.client.loads(answer.decode())
    return str(decoded["Value"])  # type: ignore[index,call-overload]


def _pairs(where: client.Address, login_: bytes) -> float:
    """Logins and logouts a second on eight connections: each sends, then each reads."""
    connections = [Connection(where) for _ in range(EIGHT)]
    start = time.perf_counter()
    for _ in range(LOGINS // EIGHT):
        for connection in connections:
            connection.send(login_)
        refs = [_reference(connection.receive()) for connection in connections]
        for connection, ref in zip(connections, refs, strict=True):
            connection.send(client.xml("session.logout", ref))
        for connection in connections:
            connection.receive()
    took = time.perf_counter() - start
    for connection in connections:
        connection.close()
    return LOGINS / took


def listing(report: Report, machine: Machine, host: DevelopmentHost) -> None:
    """`xe vm-list` with 5,000 VMs."""
    found = host.state
    parts = urlsplit(found.http)
    words = [xe_program(), "-s", str(parts.hostname), "-p", str(parts.port or 80), "--nossl", "-u", found.username,
             "-pwf", found.password_file, "vm-list"]  # fmt: skip
    took = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        subprocess.run(words, stdout=subprocess.DEVNULL, check=True, timeout=PATIENCE)
        took.append(time.perf_counter() - start)
    report.add(Line("xe vm-list, 5,000 VMs", min(took), "s", ROUNDS, 0.78 / machine.index, 0.78 / 0.4))


def restart(report: Report, machine: Machine, host: DevelopmentHost) -> None:
    """Stop of xapi with 5,000 VMs, and its start to the first answer."""
    before = host.daemon("xapi")
    start = time.perf_counter()
    before.signal(signal.SIGTERM)
    wait_for(lambda: not before.alive, PATIENCE, "xapi to stop")
    report.add(Line("stop of xapi, 5,000 VMs", time.perf_counter() - start, "s", 1, 6.0 / machine.index, 6.0))
    wait_for(lambda: host.daemon("xapi") != before, PATIENCE, "another xapi")
    began = _age(host.daemon("xapi").start)
    wait_for(lambda: _answers(host), PATIENCE, "xapi to answer")
    value = _age(host.daemon("xapi").start)
    assert value >= began
    report.add(Line("start of xapi, 5,000 VMs", value, "s", 1, 6.9 / machine.index, 6.9 / 3.0))


def run_again(report: Report, host: DevelopmentHost) -> None:
    """`make run` on a host that was set up before: to the API answering; and once more, while it is up."""
    where = address(host)
    host.stop()
    start = time.perf_counter()
    subprocess.run(["make", "--no-print-directory", "packages"], check=True, stdout=subprocess.DEVNULL)
    words = [sys.executable, "-m", "common.development.run", "--folder", str(host.layout.folder), "--backend",
             host.backend]  # fmt: skip
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
        wait_for(lambda: _logs_in(host, where), PATIENCE, "the API to answer")
        report.add(
            Line("make run on a stopped host, to the API answering", time.perf_counter() - start, "s", 1, 10.0, 1.0)
        )
        assert process.wait(PATIENCE) == 0
    start = time.perf_counter()
    subprocess.run(["make", "--no-print-directory", "packages"], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, timeout=PATIENCE)
    report.add(Line("make run while it is up, to done", time.perf_counter() - start, "s", 1, 5.0, 1.0))


def _logs_in(host: DevelopmentHost, where: client.Address) -> bool:
    with suppress(OSError, ValueError, RuntimeError):
        Session(where, "root", host.password).call("host.get_all")
        return True
    return False


def _answers(host: DevelopmentHost) -> bool:
    return _logs_in(host, address(host))


def _age(start: int) -> float:
    """Seconds since a process was started, given the kernel's ticks."""
    uptime = float(Path("/proc/uptime").read_text().split()[0])
    return uptime - start / os.sysconf("SC_CLK_TCK")


def _repeated(work: Callable[[], object], count: int) -> float:
    start = time.perf_counter()
    for _ in range(count):
        work()
    return count / (time.perf_counter() - start)
