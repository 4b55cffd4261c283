"""Promises about speed that hold on any machine, however busy: CPU seconds, scaled by how fast the machine is now."""

from __future__ import annotations

import json
import os
import resource
import statistics
import time
from pathlib import Path

REFERENCE = 0.050
"""CPU seconds of the yardstick on the machine for which the promises are made."""
ROUNDS = 5
TICKS = os.sysconf("SC_CLK_TCK")


def allowed(seconds: float) -> float:
    """`seconds` of work on the reference machine, in CPU seconds of this one."""
    return seconds * max(1.0, statistics.median(_yardstick() for _ in range(ROUNDS)) / REFERENCE)


def used(pid: int) -> float:
    """CPU seconds of a process so far, all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def used_by_ended_children() -> float:
    """CPU seconds of the processes that this one started and waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _yardstick() -> float:
    began = time.process_time()
    for _ in range(20):
        table = {str(number): [number, number * 2.5, f"name{number}"] for number in range(2000)}
        sorted(json.loads(json.dumps(table)).values(), key=lambda row: str(row[2]))
    return time.process_time() - began
