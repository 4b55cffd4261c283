"""rrdd alone: a tick, memory, `/rrd_updates`, a large plug-in, and rrdtool updating the same data.

`python -m tests.bench.bench_rrd [VMs]` prints a JSON line for each figure; no other load should run meanwhile.
"""

from __future__ import annotations

import asyncio
import json
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
from common.idl.xen import DiskCounters, InterfaceCounters, VmCounters, VmId
from common.metrics import Metric, Plugin
from rrdd.plugins.directory import Directory
from rrdd.rrd import updates
from rrdd.rrd.layout import STEP
from rrdd.source import Batch, Kind, Source
from rrdd.sources import vm
from rrdd.store import Store

HOST = "00000000-0000-0000-0000-00000000000f"
START = 1_800_000_000.0
TICKS = 12


def say(name: str, value: float, unit: str, **facts: object) -> None:
    sys.stdout.write(json.dumps({"name": name, "value": round(value, 4), "unit": unit, **facts}) + "\n")
    sys.stdout.flush()


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


def main(vms: int = 1000) -> None:
    """All figures."""
    folder = Path(tempfile.mkdtemp(prefix="bench-rrd."))
    try:
        _vms(folder / "vms", vms)
        _against_rrdtool(folder / "rrdtool")
        _memory(folder / "guests", owner=Owner.VM, name="rrdd.bytes_per_vm_source", target=7 * 1024, sources=16384)
        _memory(folder / "host", owner=Owner.HOST, name="rrdd.bytes_per_host_source", target=20 * 1024)
        _plugin(folder / "plugin")
    finally:
        shutil.rmtree(folder)


def _vms(folder: Path, vms: int) -> None:
    host = Host(folder, vms)
    host.tick()
    spent = [host.tick() for _ in range(TICKS)]
    each = sum(spent) / len(spent)
    say("rrdd.tick_cpu", each, "s", vms=vms, sources=host.sources)
    say("rrdd.core_share", each / STEP, "fraction", target=0.05, vms=vms)
    members = [owned.member() for owned in host.store]
    found = updates.table(updates.Query(int(START) + 5), members)
    say(
        "rrdd.updates_table",
        cpu(lambda: updates.table(updates.Query(int(START) + 5), members)),
        "s",
        rows=len(found.times),
    )
    say("rrdd.updates_xml", cpu(lambda: updates.to_xml(found)), "s", bytes=len(updates.to_xml(found)))
    say("rrdd.updates_json", cpu(lambda: updates.to_json(found)), "s", bytes=len(updates.to_json(found)))
    one = next(iter(host.store))
    say("rrdd.archive_one_vm", cpu(lambda: host.store.archive(one.uuid)), "s")
    say("rrdd.load_one_vm", cpu(lambda: host.store.need(Owner.VM, one.uuid, START)), "s")
    host.store.close()


def _against_rrdtool(folder: Path, files: int = 250, ticks: int = 24) -> None:
    """The same gauges by `rrdtool update`, all in one run of it, and by us; a file has 40 sources."""
    if shutil.which("rrdtool") is None:
        say("rrdd.rrdtool_ratio", 0.0, "times", skipped="rrdtool is not installed")
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
    say("rrdd.rrdtool_ratio", theirs / spent, "times", target=10, rrdtool_us=theirs * each, ours_us=spent * each)


def _rrdtool(lines: Iterable[str]) -> None:
    asyncio.run(command.run("rrdtool", "-", stdin="\n".join(lines).encode() + b"\n"))


def _children(work: Callable[[], object]) -> float:
    begun = resource.getrusage(resource.RUSAGE_CHILDREN)
    work()
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime - begun.ru_utime - begun.ru_stime


def _memory(folder: Path, *, owner: Owner, name: str, target: int, sources: int = 2048) -> None:
    """Every ring is gone round once: two years in steps of an hour fill them all."""
    store = Store(folder / "live", folder / "archives")
    described = tuple([Source(f"s{i}", "a source", "B", Kind.GAUGE) for i in range(sources)])
    values = [float(i) for i in range(sources)]
    before = resident()
    for tick in range(380):
        store.tick(START + tick * 86400.0, [Batch(owner, HOST, described, values)])
    for tick in range(130):
        store.tick(START + 380 * 86400.0 + tick * 60.0, [Batch(owner, HOST, described, values)])
    say(name, (resident() - before) / sources, "bytes", target=target)
    store.close()


def _plugin(folder: Path, sources: int = 1000) -> None:
    directory = Directory(folder)
    with Plugin("bench", [Metric(f"m{i}", kind="derive") for i in range(sources)], directory=folder) as plugin:
        list(directory.batches(START, HOST))
        plugin.publish([float(i) for i in range(sources)], now=START)
        say("rrdd.plugin_read", cpu(lambda: list(directory.batches(START, HOST))), "s", sources=sources)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
