"""The first table: what calls cost with 50, 1,000 and 5,000 VMs."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.bench import client
from tests.bench.calibrate import Machine
from tests.bench.client import Connection, Session
from tests.bench.lines import Line, Report

SIZES = (50, 1000, 5000)
ROUNDS, SECONDS = 3, 0.6
MANY = 16  # connections
CLONES = 200


@dataclass(frozen=True)
class Row:
    """The original's figures at each of `SIZES`, and how many times better ours is to be."""

    baselines: tuple[float, float, float]
    targets: tuple[float | None, float | None, float | None]


def row(*baselines: float, target: float | None = None, targets: tuple[float | None, ...] = ()) -> Row:
    """One row of the table; `target` holds at every size."""
    first, second, third = baselines
    wanted = targets or (target, target, target)
    return Row((first, second, third), (wanted[0], wanted[1], wanted[2]))


# Rates are per second, times in milliseconds.
ROWS = {
    "VM.get_all_records, XML-RPC": row(4, 104, 577, targets=(None, 8, 8)),
    "VM.get_all_records, JSON-RPC": row(2, 76, 487, targets=(None, 9.5, 9.9)),
    "VM.get_record": row(4207, 4420, 6492, targets=(4800 / 4207, 4800 / 4420, 4800 / 6492)),
    "VM.get_record, 16 connections": row(3694, 3816, 4119, target=2.5),
    "VM.get_record, 16 connections, p99": row(12, 12, 15),
    "VM.get_power_state": row(7151, 6692, 6245, target=0.85),
    "VM.get_all": row(5453, 1153, 211, targets=(None, None, 5)),
    "VM.get_all_records_where, one match": row(4131, 1747, 493),
    "VM.set_name_description, 16 connections": row(5140, 4863, 4433, target=1.0),
    "VM.clone": row(621, 590, 595, target=1.0),
    "VM.destroy": row(1305, 1221, 1212, target=1.0),
}
DURABLE = 0.35
"""Writes on one connection, each on disk before its answer, against syncs of the disk."""


class Table:
    """Measures the rows at one size."""

    def __init__(self, report: Report, machine: Machine, session: Session, size: int) -> None:
        self._report, self._machine, self._session, self._size = report, machine, session, size
        self._at = SIZES.index(size)
        self._vms = session.call("VM.get_all")
        self._connection = Connection(session.address)

    def run(self) -> None:
        """All rows."""
        session, vms = self._session, self._vms
        self._time("VM.get_all_records, XML-RPC", session.xml("VM.get_all_records"))
        self._time("VM.get_all_records, JSON-RPC", session.json("VM.get_all_records"))
        records = [session.xml("VM.get_record", vm) for vm in vms]
        self._rate("VM.get_record", lambda number: records[number % len(records)])
        self._together("VM.get_record, 16 connections", lambda number: records[number % len(records)], tail=True)
        states = [session.xml("VM.get_power_state", vm) for vm in vms]
        self._rate("VM.get_power_state", lambda number: states[number % len(states)])
        everything = session.xml("VM.get_all")
        self._rate("VM.get_all", lambda _: everything)
        one = session.xml("VM.get_all_records_where", f'field "uuid"="{session.call("VM.get_uuid", vms[0])}"')
        self._rate("VM.get_all_records_where, one match", lambda _: one)
        self._writes()
        self._clones()
        self._connection.close()

    def _writes(self) -> None:
        vms = self._vms[:MANY]

        def write(number: int) -> bytes:
            return self._session.xml("VM.set_name_description", vms[number % MANY], f"changed {number}")

        value = max(client.rate(self._connection, write, SECONDS) for _ in range(ROUNDS))
        self._add("VM.set_name_description", value, "/s", ROUNDS, self._machine.syncs, DURABLE)
        self._together("VM.set_name_description, 16 connections", write)

    def _clones(self) -> None:
        [template, *_] = self._session.call("VM.get_by_name_label", "Other install media")
        made, gone = [], []
        for _ in range(ROUNDS):
            start = time.perf_counter()
            vms = [self._session.call("VM.clone", template, f"clone {number}") for number in range(CLONES)]
            middle = time.perf_counter()
            for vm in vms:
                self._session.call("VM.destroy", vm)
            made.append(CLONES / (middle - start))
            gone.append(CLONES / (time.perf_counter() - middle))
        self._compare("VM.clone", max(made), "/s", ROUNDS)
        self._compare("VM.destroy", max(gone), "/s", ROUNDS)

    def _time(self, name: str, request: bytes) -> None:
        times, size = [], 0
        for _ in range(5):
            start = time.perf_counter()
            size = self._connection.drain(request)
            times.append(time.perf_counter() - start)
        self._compare(name, min(times) * 1000, "ms", len(times))
        self._add(f"{name}, size", size / 1e6, "MB", 1, None, None)

    def _rate(self, name: str, request: Callable[[int], bytes]) -> None:
        self._compare(name, max(client.rate(self._connection, request, SECONDS) for _ in range(ROUNDS)), "/s", ROUNDS)

    def _together(self, name: str, request: Callable[[int], bytes], *, tail: bool = False) -> None:
        found = [client.together(self._session.address, request, MANY, SECONDS) for _ in range(ROUNDS)]
        value, took = max(found, key=lambda each: each[0])
        self._compare(name, value, "/s", ROUNDS)
        if tail:
            self._compare(f"{name}, p99", statistics.quantiles(took, n=100)[-1] * 1000, "ms", len(took))

    def _compare(self, name: str, value: float, unit: str, n: int) -> None:
        """With the original, at the speed of this machine."""
        figures = ROWS[name]
        index = self._machine.index
        baseline = figures.baselines[self._at] * (index if unit == "/s" else 1 / index)
        self._add(name, value, unit, n, baseline, figures.targets[self._at])

    def _add(self, name: str, value: float, unit: str, n: int, baseline: float | None, target: float | None) -> None:
        self._report.add(Line(f"{name}, {self._size:,} VMs", value, unit, n, baseline, target))
