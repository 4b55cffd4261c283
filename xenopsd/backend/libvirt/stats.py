"""libvirt's statistics of a domain as counters. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.idl.xen import (
    DiskCounters,
    InterfaceCounters,
    VmCounters,
    VmId,
)
from xenopsd.backend.libvirt.observe import Seen


def counters(vm: VmId, seen: Seen, stats: Mapping[str, Any]) -> VmCounters:
    """One domain. Devices that are not ours are left out."""

    def number(key: str) -> int:
        return int(stats.get(key, 0))

    positions = {tap: position for position, tap in seen.interfaces.items()}
    free = stats.get("balloon.usable", stats.get("balloon.unused"))
    return VmCounters(
        id=vm,
        domid=seen.domid,
        vcpu_seconds=[
            number(f"vcpu.{n}.time") / 1e9 for n in range(number("vcpu.maximum")) if f"vcpu.{n}.time" in stats
        ],
        memory=number("balloon.current") << 10,
        memory_target=seen.memory,
        memory_internal_free=None if free is None else int(free),
        disks=[
            DiskCounters(
                device=seen.targets[name],
                read_bytes=number(f"block.{n}.rd.bytes"),
                write_bytes=number(f"block.{n}.wr.bytes"),
                read_requests=number(f"block.{n}.rd.reqs"),
                write_requests=number(f"block.{n}.wr.reqs"),
                read_ns=number(f"block.{n}.rd.times"),
                write_ns=number(f"block.{n}.wr.times"),
            )
            for n in range(number("block.count"))
            if (name := stats.get(f"block.{n}.name")) in seen.targets
        ],
        interfaces=[
            # libvirt turns a tap's directions round by itself: its rx is what the guest received.
            InterfaceCounters(
                device=positions[name],
                rx_bytes=number(f"net.{n}.rx.bytes"),
                tx_bytes=number(f"net.{n}.tx.bytes"),
                rx_errors=number(f"net.{n}.rx.errs"),
                tx_errors=number(f"net.{n}.tx.errs"),
            )
            for n in range(number("net.count"))
            if (name := stats.get(f"net.{n}.name")) in positions
        ],
    )
