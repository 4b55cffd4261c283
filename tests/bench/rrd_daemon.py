"""rrdd as a process, with somebody in xenopsd's place who has a thousand VMs: what a tick and an answer cost it."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from abc import abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from common import http, unix
from common.config import under_root
from common.idl import rrd, xen
from common.idl.xen import VmCounters
from common.rpc.interface import Interface
from common.rpc.server import Server
from rrdd.rrd.layout import STEP
from tests.bench.lines import Line, Report

VMS, TICKS = 1000, 8
DEADLINE = 60.0  # seconds to the first tick
Counters = Callable[[int, int], VmCounters]
"""By the number of the VM and of the tick."""


class Asked(Interface, prefix="VM"):
    """The one call of xenopsd that rrdd makes each tick."""

    @abstractmethod
    async def counters(self, dbg: str) -> list[VmCounters]:
        """Of every VM."""


class Guests(Asked):
    """VMs that are only numbers."""

    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        self.ticks = 0

    async def counters(self, dbg: str) -> list[VmCounters]:
        self.ticks += 1
        return [self._counters(number, self.ticks) for number in range(VMS)]


def run(report: Report, root: Path, counters: Counters) -> None:
    """The figures, of a root of its own."""
    root.mkdir(parents=True)
    with _rooted(root):
        asyncio.run(_measured(report, root, Guests(counters)))


async def _measured(report: Report, root: Path, guests: Guests) -> None:
    server = Server(str(under_root(xen.SOCKET)), guests, name="guests", version="0")
    await server.start()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "rrdd.main", "--plugins", "/plugins", stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(DEADLINE):
            await _ticked(guests, 2)
        before = _cpu(process.pid)
        async with asyncio.timeout(DEADLINE + TICKS * STEP):
            await _ticked(guests, guests.ticks + TICKS)
        share = (_cpu(process.pid) - before) / TICKS / STEP
        what = f"{VMS:,} VMs of 40 sources"
        report.add(Line(f"rrdd: the process's share of a core, {what}", share, "", TICKS, baseline=0.05, target=1))
        report.add(Line(f"rrdd: memory of the process, {what}", _resident(process.pid), "MB", 1))
        for form in ("xml", "json"):
            begun = time.perf_counter()
            size = await _updates(f"/rrd_updates?start={int(time.time()) - 60}{'&json=true' if form == 'json' else ''}")
            spent = time.perf_counter() - begun
            report.add(Line(f"rrdd: /rrd_updates of a minute, {form}, {size / 1e6:.0f} MB", spent, "s", 1))
    finally:
        process.kill()
        await process.wait()
        await server.stop()


async def _ticked(guests: Guests, ticks: int) -> None:
    while guests.ticks < ticks:
        await asyncio.sleep(0.1)
    await asyncio.sleep(1.0)  # the answer is worked on meanwhile


async def _updates(target: str) -> int:
    async with http.request(unix.short(str(under_root(rrd.SOCKET))), "GET", target) as response:
        return sum([len(piece) async for piece in response.pieces()])


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextmanager
def _rooted(root: Path) -> Iterator[None]:
    """This process and its children take `root` for the host's root."""
    before = os.environ.get("XAPI_ROOT")
    os.environ["XAPI_ROOT"] = str(root)
    try:
        yield
    finally:
        if before is None:
            del os.environ["XAPI_ROOT"]
        else:
            os.environ["XAPI_ROOT"] = before
