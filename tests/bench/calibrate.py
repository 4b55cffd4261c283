"""How fast this machine is now, so that figures taken on different machines or hours can be compared."""

from __future__ import annotations

import hashlib
import math
import os
import tempfile
import time
import xmlrpc.client
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ORIGINAL = {"sha": 1739.2, "loop": 1705.7, "xml": 2928.2}
"""Work per second on the machine, and in the hour, where the baselines were taken."""

SECONDS, ROUNDS = 0.25, 4
BLOB = bytes(1_000_000)
DOCUMENT = xmlrpc.client.dumps(({f"k{number}": "v" for number in range(100)},), methodresponse=True)
STEPS = 20_000
PAGE = bytes(4096)


@dataclass(frozen=True)
class Machine:
    """`index` 1.0: as fast as where the baselines were taken; `syncs`: pages written and synced each second."""

    index: float
    syncs: float


def measure(folder: Path) -> Machine:
    """Takes some five seconds; syncs are those of the file system that holds `folder`."""
    speeds = {"sha": best(_sha), "loop": best(_loop), "xml": best(_xml)}
    logs = [math.log(speeds[name] / ORIGINAL[name]) for name in ORIGINAL]
    return Machine(math.exp(sum(logs) / len(logs)), syncs(folder))


def syncs(folder: Path) -> float:
    """Pages written and synced to disk each second, one after the other."""
    with tempfile.TemporaryFile(dir=folder) as file:

        def write() -> None:
            file.write(PAGE)
            file.flush()
            os.fdatasync(file.fileno())

        return best(write)


def best(work: Callable[[], object], seconds: float = SECONDS, rounds: int = ROUNDS) -> float:
    """Calls of `work` a second, in the best of several rounds."""
    return max(_rate(work, seconds) for _ in range(rounds))


def _rate(work: Callable[[], object], seconds: float) -> float:
    count, start = 0, time.perf_counter()
    while (now := time.perf_counter()) - start < seconds:
        work()
        count += 1
    return count / (now - start)


def _sha() -> None:
    hashlib.sha256(BLOB).digest()


def _loop() -> None:
    total = 0
    for number in range(STEPS):
        total += number & 7


def _xml() -> None:
    xmlrpc.client.loads(DOCUMENT)
