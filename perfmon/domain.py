"""How full the control domain's own file systems and memory are; rules of its VM may ask."""

from __future__ import annotations

import os
from pathlib import Path

from common.config import under_root

PLACES = {"fs_usage": "/", "log_fs_usage": "/var/log"}
MEMORY = Path("/proc/meminfo")


def usage(name: str) -> float | None:
    """`fs_usage`, `log_fs_usage` or `mem_usage` as a fraction; None if it can't be had."""
    if name == "mem_usage":
        return memory(MEMORY.read_text())
    try:
        found = os.statvfs(under_root(PLACES[name]))
    except FileNotFoundError:
        return None
    return (found.f_blocks - found.f_bfree) / found.f_blocks if found.f_blocks else None


def memory(meminfo: str) -> float:
    """From /proc/meminfo: what programs can't get any more, of all."""
    values = {line.split(":")[0]: int(line.split()[1]) for line in meminfo.splitlines() if line.endswith("kB")}
    return 1.0 - values["MemAvailable"] / values["MemTotal"]
