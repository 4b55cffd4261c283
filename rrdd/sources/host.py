"""Sources of the host, read from /proc: processors, memory, load, NICs. The files' text comes in, samples go out."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from common.idl.xen import VmCounters
from rrdd.source import Kind, Source

TICK = os.sysconf("SC_CLK_TCK")  # a second in /proc/stat's units
LOAD = Source("loadavg", "Domain0 loadavg", "(fraction)")
AVERAGE = Source("cpu_avg", "Average physical cpu usage", "(fraction)", Kind.DERIVE, 0.0, 1.0, inverse=True)
TOTAL = Source("memory_total_kib", "Total amount of memory in use", "KiB")
FREE = Source("memory_free_kib", "Total amount of free memory", "KiB")
RECLAIMED = Source("memory_reclaimed", "Host memory reclaimed from VMs", "B", minimum=-math.inf)
RECLAIMABLE = Source("memory_reclaimed_max", "Host memory that could be reclaimed from VMs", "B", minimum=-math.inf)
DOMAINS = Source("running_domains", "Number of domains that run", "count")
CPU_LINE = re.compile(r"cpu(\d+) +(.*)")
IDLE_COLUMNS = (3, 4)  # idle and waiting for disks, proc(5)

Readings = Iterator[tuple[Source, float]]


def idle_of_proc(stat: str) -> dict[int, float]:
    """From /proc/stat: idle seconds of each processor."""
    idle = {}
    for line in stat.splitlines():
        found = CPU_LINE.match(line)
        if found is not None:
            columns = found[2].split()
            idle[int(found[1])] = sum(int(columns[i]) for i in IDLE_COLUMNS) / TICK
    return idle


def processors(idle: Mapping[int, float]) -> Readings:
    """From idle seconds of each processor: they and their average; the sources turn them into usage."""
    for number, seconds in idle.items():
        name = f"cpu{number}"
        yield Source(name, f"Physical cpu usage for {name}", "(fraction)", Kind.DERIVE, 0.0, 1.0, inverse=True), seconds
    if idle:
        yield AVERAGE, sum(idle.values()) / len(idle)


def load(loadavg: str) -> Readings:
    """From /proc/loadavg: the load of the last minute."""
    yield LOAD, float(loadavg.split()[0])


def memory(total: int, free: int) -> Readings:
    """From the hypervisor, in bytes."""
    yield TOTAL, total / 1024
    yield FREE, free / 1024


def reclaimed(counters: Iterable[VmCounters]) -> Readings:
    """What the balancer took from VMs, and could take still: of those whose range is known."""
    ranged = [vm for vm in counters if vm.memory_dynamic_max]
    yield RECLAIMED, float(sum(max(0, vm.memory_dynamic_max - vm.memory_target) for vm in ranged))
    yield RECLAIMABLE, float(sum(max(0, vm.memory_target - vm.memory_dynamic_min) for vm in ranged))


def memory_of_proc(meminfo: str) -> tuple[int, int]:
    """Total and available bytes from /proc/meminfo, for when no hypervisor answers."""
    values = {line.split(":")[0]: int(line.split()[1]) for line in meminfo.splitlines() if line.endswith("kB")}
    return values["MemTotal"] * 1024, values["MemAvailable"] * 1024


def nics(dev: str, physical: Collection[str]) -> Readings:
    """From /proc/net/dev: traffic of each physical NIC and of all together."""
    received = sent = 0
    for line in dev.splitlines()[2:]:
        name, _, rest = line.strip().partition(":")
        if name not in physical:
            continue
        columns = [int(column) for column in rest.split()]
        received += columns[0]
        sent += columns[8]
        yield _pif(f"pif_{name}_rx", f"Bytes per second received on physical interface {name}"), float(columns[0])
        yield _pif(f"pif_{name}_tx", f"Bytes per second sent on physical interface {name}"), float(columns[8])
        for suffix, column, words in (("rx_errors", 2, "Receive"), ("tx_errors", 10, "Transmit")):
            doc = f"{words} errors per second on physical interface {name}"
            yield Source(f"pif_{name}_{suffix}", doc, "err/s", Kind.DERIVE, default=False), float(columns[column])
    yield _pif("pif_aggr_rx", "Bytes per second received on all physical interfaces"), float(received)
    yield _pif("pif_aggr_tx", "Bytes per second sent on all physical interfaces"), float(sent)


def _pif(name: str, doc: str) -> Source:
    return Source(name, doc, "B/s", Kind.DERIVE)


def read(path: Path) -> str:
    """A file of /proc."""
    return path.read_text()
