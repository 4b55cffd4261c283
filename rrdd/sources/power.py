"""Sources of the processors' idle and frequency states, from sysfs, where the kernel manages them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from rrdd.source import Kind, Source

CPU = re.compile(r"cpu(\d+)")
TICK = 100  # units of cpufreq's time_in_state in a second

Readings = Iterator[tuple[Source, float]]


def states(directory: Path) -> Readings:
    """Of each processor below `directory`: seconds in each C and P state, and its frequency."""
    for cpu in sorted(directory.glob("cpu[0-9]*")):
        found = CPU.fullmatch(cpu.name)
        if found is None:
            continue
        number = found[1]
        for state in sorted(cpu.glob("cpuidle/state[0-9]*")):
            yield (
                _share(f"cpu{number}-C{state.name[5:]}", f"CPU {number} in C-state {state.name[5:]}"),
                _read(state / "time") / 1e6,
            )
        yield from _frequencies(number, cpu / "cpufreq")


def _frequencies(number: str, directory: Path) -> Readings:
    current = directory / "scaling_cur_freq"
    if not current.exists():
        return
    yield Source(f"CPU{number}-avg-freq", f"Average frequency of CPU {number}", "MHz"), _read(current) / 1e3
    times = directory / "stats/time_in_state"
    if times.exists():
        for state, line in enumerate(times.read_text().splitlines()):
            seconds = int(line.split()[1]) / TICK
            yield _share(f"cpu{number}-P{state}", f"CPU {number} in P-state {state}"), seconds


def _share(name: str, doc: str) -> Source:
    return Source(name, doc, "(fraction)", Kind.DERIVE, 0.0, 1.0)


def _read(path: Path) -> int:
    return int(path.read_text())
