"""event.from: how soon a change is told, the first call, and a thousand who wait for the same change."""

from __future__ import annotations

import json
import selectors
import statistics
import time
from typing import Any

from tests.bench.calibrate import Machine
from tests.bench.calls import SIZES, Row, row
from tests.bench.client import DEADLINE, PIECE, Connection, Session
from tests.bench.lines import Line, Report

CHANGES = 60
SETTLED = 0.03  # seconds: the waiter waits, and what came before it is told
WAITERS = 1000
ALL_WAIT = 1.0  # seconds after which the server has read what a thousand sent
ROUNDS = 3

P50 = row(2.4, 3.2, 6.1, targets=(2.4 / 1.5, 3.2 / 1.5, 6.1 / 1.5))
WORST = row(4.1, 6.4, 9.7)
FIRST = row(60, 172, 638, target=8)
LAST_OF_MANY = 100.0  # milliseconds


def run(report: Report, machine: Machine, session: Session, size: int) -> None:
    """All that depends on the number of VMs."""
    took = latencies(session)
    at = SIZES.index(size)

    def add(name: str, value: float, n: int, figures: Row) -> None:
        baseline, target = figures.baselines[at] / machine.index, figures.targets[at]
        report.add(Line(f"{name}, {size:,} VMs", value, "ms", n, baseline, target))

    add("event.from, latency p50", statistics.median(took), len(took), P50)
    add("event.from, latency max", max(took), len(took), WORST)
    times, length = first(session)
    add("event.from, first call, every class", min(times), len(times), FIRST)
    report.add(Line(f"event.from, first call, size, {size:,} VMs", length / 1e6, "MB", 1))


def latencies(session: Session) -> list[float]:
    """Milliseconds from sending a change on one connection to the answer of event.from on another."""
    vm = session.call("VM.get_all")[0]
    token = session.call("event.from", ["vm"], "", 0.0)["token"]
    waiting, changing = Connection(session.address), Connection(session.address)
    took = []
    for number in range(CHANGES):
        waiting.send(session.json("event.from", ["vm"], token, 30.0))
        _busy(SETTLED)
        start = time.perf_counter()
        changing.send(session.json("VM.set_name_description", vm, f"seen {number}"))
        answer = waiting.receive()
        took.append((time.perf_counter() - start) * 1000)
        changing.receive()
        token = json.loads(answer)["result"]["token"]
    waiting.close()
    changing.close()
    return took


def _busy(seconds: float) -> None:
    """Wait without sleeping: a processor that sleeps takes its time to wake, which is not the server's."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


def first(session: Session) -> tuple[list[float], int]:
    """Milliseconds of a call without a token for every class, and the bytes of its answer."""
    connection = Connection(session.address)
    request = session.xml("event.from", ["*"], "", 30.0)
    times, size = [], 0
    for _ in range(ROUNDS):
        start = time.perf_counter()
        size = connection.drain(request)
        times.append((time.perf_counter() - start) * 1000)
    connection.close()
    return times, size


def crowd(report: Report, session: Session, user: str, password: str) -> None:
    """A thousand wait, each in a session of its own; one object changes; the last of them is answered."""
    vm = session.call("VM.get_all")[0]
    waiters = [Session(session.address, user, password, f"waiter {number}") for number in range(WAITERS)]
    connections = [each.connection for each in waiters]
    selector = selectors.DefaultSelector()
    for connection in connections:
        selector.register(connection.socket, selectors.EVENT_READ, connection)
    took = []
    for number in range(ROUNDS):
        token = session.call("event.from", ["vm"], "", 0.0)["token"]
        for waiter in waiters:
            waiter.connection.send(waiter.json("event.from", ["vm"], token, 60.0))
        time.sleep(ALL_WAIT)
        start = time.perf_counter()
        session.connection.send(session.json("VM.set_name_description", vm, f"crowd {number}"))
        _all_answered(selector, set(connections))
        took.append((time.perf_counter() - start) * 1000)
        session.connection.receive()
    for waiter in waiters:
        waiter.call("session.logout")
        waiter.connection.close()
    selector.close()
    report.add(Line("event.from, 1,000 waiters, the last one answered", min(took), "ms", ROUNDS, LAST_OF_MANY, 1.0))


def _all_answered(selector: selectors.BaseSelector, waiting: set[Any]) -> None:
    """The answers are small: one read holds each."""
    while waiting:
        ready = selector.select(DEADLINE)
        if not ready:
            raise TimeoutError(f"{len(waiting)} waiters were not answered")
        for key, _ in ready:
            key.data.socket.recv(PIECE)
            waiting.discard(key.data)
