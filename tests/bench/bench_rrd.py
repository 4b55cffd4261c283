"""rrdd alone: a tick, memory, `/rrd_updates`, a large plug-in, and rrdtool updating the same data.

`python -m tests.bench.bench_rrd` prints these lines of `make bench` only; no other load should run meanwhile.
"""

from __future__ import annotations

import asyncio
import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from common import command
from common.idl.rrd import Owner
from common.idl.xen import (
    DiskCounters,
    InterfaceCounters,
    VmCounters,
    VmId,
)
from common.metrics import Metric, Plugin
from rrdd.plugins.directory import Directory
from rrdd.rrd import updates
from rrdd.rrd.layout import STEP
from rrdd.source import Batch, Kind, Source
from rrdd.sources import vm
from rrdd.store import Store
from tests.bench import rrd_daemon as daemon
from tests.bench.lines import Line, Report

HOST = "00000000-0000-0000-0000-00000000000f"
START = 1_800_000_000.0
TICKS = 12
VMS = 1000


def resident() -> float:
    """Bytes resident, mapped files too."""
    pages = int(Path("/proc/self/statm").read_text("utf-8").split()[1])
    return float(pages * os.sysconf("SC_PAGE_SIZE"))


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds of this process."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def counters(number: int, tick: int) -> VmCounters:
    """A VM with 40 standard sources: 2 VCPUs, 2 disks, 4 interfaces."""
    return VmCounters(
        id=VmId(f"00000000-0000-0000-0000-{number:012x}"),
        domid=number,
        vcpu_seconds=[tick * 0.7 + number, tick * 1.1],
        memory=1 << 30,
        memory_target=1 << 30,
        memory_internal_free=1000 + tick,
        disks=[
            DiskCounters(
                device=name,
                read_bytes=tick * 4096 * number,
                write_bytes=tick * 512,
                read_requests=tick * 9,
                write_requests=tick * 3,
                read_ns=tick * 10**6,
                write_ns=tick * 10**6,
            )
            for name in ("xvda", "xvdb")
        ],
        interfaces=[InterfaceCounters(device=str(n), rx_bytes=tick * 99, tx_bytes=tick * 7) for n in range(4)],
    )


class Host:
    """As the collector, with VMs that are only numbers."""

    def __init__(self, folder: Path, vms: int) -> None:
        self.store = Store(folder / "live", folder / "archives")
        self.reader = vm.Reader()
        self.vms, self.ticks = vms, 0

    def tick(self, seconds: float = STEP) -> float:
        """CPU seconds of one tick, reading the counters' JSON not included."""
        self.ticks += 1
        read = [counters(number, self.ticks) for number in range(self.vms)]
        return cpu(lambda: self._take(read, seconds))

    def _take(self, read: list[VmCounters], seconds: float) -> None:
        self.reader.begin(seconds)
        self.store.tick(
            START + self.ticks * seconds,
            (Batch(Owner.VM, one.id, self.reader.sources(one), self.reader.values(one), one.domid) for one in read),
        )

    @property
    def sources(self) -> int:
        return sum(len(owned.positions) for owned in self.store)


def run(report: Report) -> None:
    """All figures."""
    folder = Path(tempfile.mkdtemp(prefix="bench-rrd."))
    try:
        _in_process(report, folder / "vms")
        daemon.run(report, folder / "daemon", counters)
        _against_rrdtool(report, folder / "rrdtool")
        _memory(report, folder / "guests", owner=Owner.VM, limit=7 * 1024, sources=16384)
        _memory(report, folder / "host", owner=Owner.HOST, limit=20 * 1024)
        _plugin(report, folder / "plugin")
    finally:
        shutil.rmtree(folder)


def _in_process(report: Report, folder: Path) -> None:
    host = Host(folder, VMS)
    host.tick()
    spent = [host.tick() for _ in range(TICKS)]
    what = f"{VMS:,} VMs of {host.sources // VMS} sources"
    share = sum(spent) / len(spent) / STEP
    report.add(Line(f"rrdd: ticks' share of a core, {what}", share, "", TICKS, baseline=0.05, target=1))
    members = [owned.member() for owned in host.store]
    query = updates.Query(int(START) + 5)
    found = updates.table(query, members)
    report.add(Line(f"rrdd: rows of {what}", cpu(lambda: updates.table(query, members)), "s", 1))
    report.add(Line("rrdd: the same as XML", cpu(lambda: updates.to_xml(found)), "s", 1))
    report.add(Line("rrdd: the same as JSON", cpu(lambda: updates.to_json(found)), "s", 1))
    one = next(iter(host.store))
    report.add(Line("rrdd: archive of a VM", cpu(lambda: host.store.archive(one.uuid)), "s", 1))
    report.add(Line("rrdd: a VM from its archive", cpu(lambda: host.store.need(Owner.VM, one.uuid, START)), "s", 1))
    host.store.close()


def _against_rrdtool(report: Report, folder: Path, files: int = 250, ticks: int = 24) -> None:
    """The same gauges by `rrdtool update`, all in one run of it, and by us; a file has 40 sources."""
    if shutil.which("rrdtool") is None:
        sys.stderr.write("rrdtool is not installed: nothing to compare with\n")
        return
    folder.mkdir()
    shapes = " ".join(
        f"RRA:AVERAGE:0.5:{pdps}:{rows}" for pdps, rows in ((1, 120), (12, 120), (720, 168), (17280, 366))
    )
    names = " ".join(f"DS:s{i}:GAUGE:300:0:U" for i in range(40))
    _rrdtool(f"create {folder}/{n}.rrd --step 5 --start {int(START)} {names} {shapes}" for n in range(files))
    values = [[tick * 1.5 + i for i in range(40)] for tick in range(ticks)]
    lines = [
        f"update {folder}/{number}.rrd {int(START) + (tick + 1) * STEP}:{':'.join(map(str, row))}"
        for tick, row in enumerate(values)
        for number in range(files)
    ]
    theirs = _children(lambda: _rrdtool(lines))
    store = Store(folder / "live", folder / "archives")
    described = tuple([Source(f"s{i}", "a source", "B") for i in range(40)])
    uuids = [f"00000000-0000-0000-0000-{number:012x}" for number in range(files)]
    store.tick(START, [Batch(Owner.VM, uuid, described, values[0]) for uuid in uuids])

    def ours() -> None:
        for tick, row in enumerate(values):
            store.tick(START + (tick + 1) * STEP, [Batch(Owner.VM, uuid, described, row) for uuid in uuids])

    spent = cpu(ours)
    store.close()
    each = 1e6 / ticks / files / 40
    what = "rrdd: update of a source, against rrdtool"
    report.add(Line(what, spent * each, "µs", ticks, baseline=theirs * each, target=10))


def _rrdtool(lines: Iterable[str]) -> None:
    asyncio.run(command.run("rrdtool", "-", stdin="\n".join(lines).encode() + b"\n"))


def _children(work: Callable[[], object]) -> float:
    begun = resource.getrusage(resource.RUSAGE_CHILDREN)
    work()
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime - begun.ru_utime - begun.ru_stime


def _memory(report: Report, folder: Path, *, owner: Owner, limit: int, sources: int = 2048) -> None:
    """Every ring is gone round once: two years in steps of an hour fill them all."""
    store = Store(folder / "live", folder / "archives")
    described = tuple([Source(f"s{i}", "a source", "B", Kind.GAUGE) for i in range(sources)])
    values = [float(i) for i in range(sources)]
    before = resident()
    for tick in range(380):
        store.tick(START + tick * 86400.0, [Batch(owner, HOST, described, values)])
    for tick in range(130):
        store.tick(START + 380 * 86400.0 + tick * 60.0, [Batch(owner, HOST, described, values)])
    each = (resident() - before) / sources
    report.add(Line(f"rrdd: memory of a source of a {owner}", each, "bytes", sources, baseline=limit, target=1))
    store.close()


def _plugin(report: Report, folder: Path, sources: int = 1000) -> None:
    directory = Directory(folder)
    with Plugin("bench", [Metric(f"m{i}", kind="derive") for i in range(sources)], directory=folder) as plugin:
        list(directory.batches(START, HOST))
        plugin.publish([float(i) for i in range(sources)], now=START)
        spent = cpu(lambda: list(directory.batches(START, HOST)))
        report.add(Line(f"rrdd: a plug-in with {sources:,} sources, read", spent, "s", 1))


if __name__ == "__main__":
    run(Report(sys.stdout))
