"""Sources of running VMs, from the counters that xenopsd tells each tick; and the host's sums of disk traffic by SR."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache

from common.idl.xen import (
    DiskCounters,
    VmCounters,
)
from rrdd.source import Kind, Source

MEMORY = Source("memory", "Memory currently allocated to VM", "B")
TARGET = Source("memory_target", "Target of VM balloon driver", "B")
INTERNAL_FREE = Source("memory_internal_free", "Memory used as reported by the guest agent", "KiB")
CPU_USAGE = Source("cpu_usage", "Domain CPU usage", "(fraction)", Kind.DERIVE, 0.0, 1.0)
MIB = 1 << 20
UNKNOWN = [math.nan] * 11
RATES = (
    ("read_latency", "Average time of a read", "μs", Kind.GAUGE),
    ("write_latency", "Average time of a write", "μs", Kind.GAUGE),
    ("latency", "Average time of a request", "μs", Kind.GAUGE),
    ("avgqu_sz", "Average number of requests waiting", "requests", Kind.GAUGE),
    ("io_throughput_read", "Data read", "MiB/s", Kind.ABSOLUTE),
    ("io_throughput_write", "Data written", "MiB/s", Kind.ABSOLUTE),
    ("io_throughput_total", "All data read and written", "MiB/s", Kind.ABSOLUTE),
    ("iops_read", "Read requests per second", "requests/s", Kind.ABSOLUTE),
    ("iops_write", "Write requests per second", "requests/s", Kind.ABSOLUTE),
    ("iops_total", "I/O requests per second", "requests/s", Kind.ABSOLUTE),
    ("iowait", "Time spent waiting for disks", "s/s", Kind.ABSOLUTE),
)
"""What follows from the differences of a disk's counters, in the order of `_rates`."""


@lru_cache(maxsize=8192)
def sources(
    vcpus: int, free: bool, disks: tuple[str, ...], interfaces: tuple[str, ...], in_flight: bool = False
) -> tuple[Source, ...]:
    """All sources of a VM with these devices, in the order of `Reader.values`; the last two: what else is known."""
    found = [_usage(number) for number in range(vcpus)]
    found += [CPU_USAGE] if vcpus else []
    found += [MEMORY, TARGET]
    found += [INTERNAL_FREE] if free else []
    for device in disks:
        found += disk_sources(f"vbd_{device}_", "", f" of device '{device}'")
        found += [_in_flight(f"vbd_{device}_", "", f" of device '{device}'")] if in_flight else []
    for device in interfaces:
        found += _interface(device)
    return tuple(found)


@lru_cache(maxsize=8192)
def disk_sources(before: str, after: str, whose: str) -> tuple[Source, ...]:
    """Sources of a disk or of an SR; names go between `before` and `after`."""
    return (
        Source(f"{before}read{after}", f"Bytes read per second{whose}", "B/s", Kind.DERIVE),
        Source(f"{before}write{after}", f"Bytes written per second{whose}", "B/s", Kind.DERIVE),
        *(Source(f"{before}{name}{after}", f"{doc}{whose}", units, kind) for name, doc, units, kind in RATES),
    )


@lru_cache(maxsize=8192)
def _in_flight(before: str, after: str, whose: str) -> Source:
    return Source(f"{before}inflight{after}", f"Requests being worked on{whose}", "requests")


@lru_cache(maxsize=1024)
def _usage(number: int) -> Source:
    return Source(f"cpu{number}", f"CPU{number} usage", "(fraction)", Kind.DERIVE, 0.0, 1.0)


@lru_cache(maxsize=1024)
def _interface(number: str) -> tuple[Source, ...]:
    table = (
        ("rx", "Bytes per second received", "B/s", True),
        ("tx", "Bytes per second transmitted", "B/s", True),
        ("rx_errors", "Receive errors per second", "err/s", False),
        ("tx_errors", "Transmission errors per second", "err/s", False),
    )
    return tuple(
        Source(
            f"vif_{number}_{name}", f"{doc} on virtual interface number '{number}'", units, Kind.DERIVE, default=default
        )
        for name, doc, units, default in table
    )


class Reader:
    """Turns counters into raw values; remembers the counters before, for what depends on differences."""

    def __init__(self) -> None:
        self._before: dict[tuple[str, int, str], DiskCounters] = {}
        self._now: dict[tuple[str, int, str], DiskCounters] = {}
        self._sums: defaultdict[str, list[float]] = defaultdict(lambda: [0.0] * 6)
        self._in_flight: defaultdict[str, float] = defaultdict(float)
        """By SR, of this tick; only of disks whose host tells."""
        self._totals: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        self._seconds = 0.0

    def begin(self, seconds: float) -> None:
        """A tick, `seconds` after the one before."""
        self._before, self._now, self._seconds = self._now, {}, seconds
        for sums in self._sums.values():
            sums[:] = [0.0] * 6
        self._in_flight.clear()

    def sources(self, vm: VmCounters) -> tuple[Source, ...]:
        """The sources of a VM, the same object as long as it has the same devices."""
        return sources(
            len(vm.vcpu_seconds),
            vm.memory_internal_free is not None,
            tuple([disk.device for disk in vm.disks]),
            tuple([interface.device for interface in vm.interfaces]),
            _tell_in_flight(vm),
        )

    def values(self, vm: VmCounters) -> list[float]:
        """Raw values of one VM, in the order of its sources."""
        found = list(vm.vcpu_seconds)
        if found:
            found.append(sum(found) / len(found))
        found += (vm.memory, vm.memory_target)
        if vm.memory_internal_free is not None:
            found.append(vm.memory_internal_free)
        in_flight = _tell_in_flight(vm)
        for disk in vm.disks:
            found += (disk.read_bytes, disk.write_bytes)
            found += self._disk((vm.id, vm.domid, disk.device), disk)
            if in_flight and disk.in_flight is not None:
                found.append(disk.in_flight)
                self._in_flight[disk.sr] += disk.in_flight
        for interface in vm.interfaces:
            found += (interface.rx_bytes, interface.tx_bytes, interface.rx_errors, interface.tx_errors)
        return found

    def by_sr(self) -> tuple[tuple[Source, ...], list[float]]:
        """Sources of the host: the traffic of all VMs to each SR, since we started and in this tick."""
        sources: list[Source] = []
        values: list[float] = []
        for sr, sums in sorted(self._sums.items()):
            totals = self._totals[sr]
            totals[0] += sums[0]
            totals[1] += sums[1]
            sources += disk_sources("", f"_{sr[:8]}", f" in SR {sr}")
            values += totals
            values += _rates(sums, self._seconds)
            if sr in self._in_flight:
                sources.append(_in_flight("", f"_{sr[:8]}", f" in SR {sr}"))
                values.append(self._in_flight[sr])
        return tuple(sources), values

    def _disk(self, key: tuple[str, int, str], disk: DiskCounters) -> Sequence[float]:
        self._now[key] = disk
        before = self._before.get(key)
        if before is None:
            if disk.sr:
                self._sums[disk.sr]  # a source from the first disk on, even while nothing is known
            return UNKNOWN
        deltas = (
            disk.read_bytes - before.read_bytes,
            disk.write_bytes - before.write_bytes,
            disk.read_requests - before.read_requests,
            disk.write_requests - before.write_requests,
            disk.read_ns - before.read_ns,
            disk.write_ns - before.write_ns,
        )
        if min(deltas) < 0:
            return UNKNOWN
        if disk.sr:
            sums = self._sums[disk.sr]
            for i, delta in enumerate(deltas):
                sums[i] += delta
        return _rates(deltas, self._seconds)


def _tell_in_flight(vm: VmCounters) -> bool:
    """Whether all disks of a VM say what they are at."""
    return bool(vm.disks) and all([disk.in_flight is not None for disk in vm.disks])


def _rates(deltas: Sequence[float], seconds: float) -> tuple[float, ...]:
    read, written, reads, writes, read_ns, write_ns = deltas
    return (
        read_ns / reads / 1e3 if reads else 0.0,
        write_ns / writes / 1e3 if writes else 0.0,
        (read_ns + write_ns) / (reads + writes) / 1e3 if reads or writes else 0.0,
        (read_ns + write_ns) / 1e9 / seconds if seconds > 0 else math.nan,
        read / MIB,
        written / MIB,
        (read + written) / MIB,
        reads,
        writes,
        reads + writes,
        (read_ns + write_ns) / 1e9,
    )
