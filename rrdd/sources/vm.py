"""Sources of running VMs, from the counters that xenopsd tells each tick; and the host's sums of disk traffic by SR."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from common.idl.xen import DiskCounters, InterfaceCounters, VmCounters
from rrdd.source import Kind, Source

MEMORY = Source("memory", "Memory currently allocated to VM", "B")
TARGET = Source("memory_target", "Target of VM balloon driver", "B")
INTERNAL_FREE = Source("memory_internal_free", "Memory used as reported by the guest agent", "KiB")
CPU_USAGE = Source("cpu_usage", "Domain CPU usage", "(fraction)", Kind.DERIVE, 0.0, 1.0)

Readings = Iterator[tuple[Source, float]]


def readings(vm: VmCounters) -> Readings:
    """All raw values of one VM."""
    for number, seconds in enumerate(vm.vcpu_seconds):
        yield Source(f"cpu{number}", f"CPU{number} usage", "(fraction)", Kind.DERIVE, 0.0, 1.0), seconds
    if vm.vcpu_seconds:
        yield CPU_USAGE, sum(vm.vcpu_seconds) / len(vm.vcpu_seconds)
    yield MEMORY, float(vm.memory)
    yield TARGET, float(vm.memory_target)
    if vm.memory_internal_free is not None:
        yield INTERNAL_FREE, float(vm.memory_internal_free)
    for disk in vm.disks:
        yield from _disk(disk)
    for interface in vm.interfaces:
        yield from _interface(interface)


def _disk(disk: DiskCounters) -> Readings:
    device = disk.device
    rates = (
        ("read", f"Reads from device '{device}' in bytes per second", "B/s", disk.read_bytes),
        ("write", f"Writes to device '{device}' in bytes per second", "B/s", disk.write_bytes),
        ("iops_read", "Read requests per second", "requests/s", disk.read_requests),
        ("iops_write", "Write requests per second", "requests/s", disk.write_requests),
        ("iops_total", "I/O Requests per second", "requests/s", disk.read_requests + disk.write_requests),
    )
    for name, doc, units, value in rates:
        yield Source(f"vbd_{device}_{name}", doc, units, Kind.DERIVE), float(value)


def _interface(interface: InterfaceCounters) -> Readings:
    number = interface.device
    for name, doc, units, value, default in (
        ("rx", "Bytes per second received", "B/s", interface.rx_bytes, True),
        ("tx", "Bytes per second transmitted", "B/s", interface.tx_bytes, True),
        ("rx_errors", "Receive errors per second", "err/s", interface.rx_errors, False),
        ("tx_errors", "Transmission errors per second", "err/s", interface.tx_errors, False),
    ):
        source = Source(
            f"vif_{number}_{name}", f"{doc} on virtual interface number '{number}'", units, Kind.DERIVE, default=default
        )
        yield source, float(value)


def by_sr(vms: Iterable[VmCounters]) -> Readings:
    """Traffic of all VMs to each SR, as sources of the host."""
    reads: defaultdict[str, int] = defaultdict(int)
    writes: defaultdict[str, int] = defaultdict(int)
    for vm in vms:
        for disk in vm.disks:
            if disk.sr:
                reads[disk.sr] += disk.read_bytes
                writes[disk.sr] += disk.write_bytes
    for sr in sorted(reads):
        short = sr[:8]
        yield Source(f"read_{short}", f"Reads from SR {sr}", "B/s", Kind.DERIVE), float(reads[sr])
        yield Source(f"write_{short}", f"Writes to SR {sr}", "B/s", Kind.DERIVE), float(writes[sr])
