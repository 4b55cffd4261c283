"""Sources of the host about two of its own daemons, by the original's names: memory, threads and open files."""

from __future__ import annotations

import contextlib
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

from common import unix
from rrdd.source import Source

CREDENTIALS = struct.Struct("3i")  # pid, uid, gid
WITHIN = 0.2  # seconds to connect
RSS = Source("xenopsd-xc_rss", "Memory that xenopsd has resident", "B")
DATA = Source("xenopsd-xc_vmdata", "Memory that xenopsd has for data", "B")
THREADS = Source("xenopsd-xc_threads", "Threads of xenopsd", "count")
MEMORY = Source("xapi_memory_usage_kib", "Memory that xapi has resident", "KiB")
FILES = Source("xapi_open_fds", "Files and connections that xapi has open", "count")

Readings = Iterator[tuple[Source, float]]


def listener(path: Path) -> int:
    """The process that listens on a Unix socket; 0 if nobody does."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(WITHIN)
        try:
            probe.connect(unix.short(str(path)))
            pid, _, _ = CREDENTIALS.unpack(probe.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size))
        except OSError:
            return 0
    return int(pid)


def xenopsd(proc: Path) -> Readings:
    """From its folder in /proc; nothing once it is gone."""
    status = _status(proc)
    for source, name, unit in ((RSS, "VmRSS", 1024), (DATA, "VmData", 1024), (THREADS, "Threads", 1)):
        if name in status:
            yield source, float(status[name] * unit)


def xapi(proc: Path) -> Readings:
    """From its folder in /proc; nothing once it is gone."""
    status = _status(proc)
    if "VmRSS" in status:
        yield MEMORY, float(status["VmRSS"])
    with contextlib.suppress(OSError):
        yield FILES, float(len(list((proc / "fd").iterdir())))


def _status(proc: Path) -> dict[str, int]:
    try:
        lines = (proc / "status").read_text().splitlines()
    except OSError:
        return {}
    pairs = (line.split() for line in lines)
    return {pair[0].rstrip(":"): int(pair[1]) for pair in pairs if len(pair) > 1 and pair[1].isdigit()}
