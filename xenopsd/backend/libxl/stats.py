"""Counters of a domain from the hypervisor, sysfs and xenstore."""

from __future__ import annotations

from pathlib import Path

from common.idl.xen import (
    DiskCounters,
    InterfaceCounters,
    VmCounters,
    VmId,
)
from common.xen.libxc import DomainInfo
from xenopsd.backend.libxl.observe import Seen

SECTOR = 512
DEVICES = Path("/sys/dev/block")
READ_MS, WRITE_MS, IN_FLIGHT = 3, 7, 8
"""Where a block device's `stat` has its times and what it is at."""
BACKENDS, NETWORK = Path("/sys/bus/xen-backend/devices"), Path("/sys/class/net")


def counters(info: DomainInfo, seen: Seen, vcpu_seconds: list[float]) -> VmCounters:
    """Of one domain."""
    free = seen.agent.get("data/meminfo_free", "")
    return VmCounters(
        id=VmId(info.handle),
        domid=info.domid,
        vcpu_seconds=vcpu_seconds,
        memory=info.memory,
        memory_target=seen.memory_target,
        memory_internal_free=int(free) if free.isdigit() else None,
        disks=[disk(name, BACKENDS / f"vbd-{info.domid}-{each.number}") for name, each in sorted(seen.disks.items())],
        interfaces=[interface(name, NETWORK / each.name) for name, each in sorted(seen.interfaces.items())],
        granted=seen.granted,
    )


def disk(name: str, entry: Path) -> DiskCounters:
    """From blkback's files and the device below, which is the drive's own; zeros where it is not blkback's."""
    times = _times(entry)
    values = {key: _number(entry / "statistics" / key) for key in ("rd_sect", "wr_sect", "rd_req", "wr_req")}
    return DiskCounters(
        device=name,
        read_bytes=values["rd_sect"] * SECTOR,
        write_bytes=values["wr_sect"] * SECTOR,
        read_requests=values["rd_req"],
        write_requests=values["wr_req"],
        read_ns=times[READ_MS] * 10**6 if times else 0,
        write_ns=times[WRITE_MS] * 10**6 if times else 0,
        in_flight=times[IN_FLIGHT] if times else None,
    )


def _times(entry: Path) -> list[int]:
    """The figures of the device that a drive of blkback's is on; empty if they can't be had."""
    try:
        major, minor = (int(part, 16) for part in (entry / "physical_device").read_text().strip().split(":"))
        found = [int(word) for word in (DEVICES / f"{major}:{minor}/stat").read_text().split()]
    except (OSError, ValueError):
        return []
    return found if len(found) > IN_FLIGHT else []


def interface(name: str, entry: Path) -> InterfaceCounters:
    """What the host's end sent is what the guest received."""
    values = {key: _number(entry / "statistics" / key) for key in ("rx_bytes", "tx_bytes", "rx_errors", "tx_errors")}
    return InterfaceCounters(
        device=name,
        rx_bytes=values["tx_bytes"],
        tx_bytes=values["rx_bytes"],
        rx_errors=values["tx_errors"],
        tx_errors=values["rx_errors"],
    )


def _number(file: Path) -> int:
    try:
        return int(file.read_text())
    except (OSError, ValueError):
        return 0
