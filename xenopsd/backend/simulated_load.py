"""Counters of guests that do not exist: straight lines whose slopes follow from the VM's uuid."""

from __future__ import annotations

import zlib
from collections.abc import Collection

from common.idl.xen import (
    DiskCounters,
    InterfaceCounters,
    VmCounters,
    VmId,
)


def counters(
    vm: VmId,
    domid: int,
    *,
    seconds: float,
    vcpus: int,
    memory: int,
    disks: Collection[str],
    interfaces: Collection[str],
) -> VmCounters:
    """What `vm` has used after running for `seconds`; the same for the same arguments."""

    def slope(name: str) -> float:
        """Between 0 and 1."""
        return zlib.crc32(f"{vm}/{name}".encode()) / 2**32

    return VmCounters(
        id=vm,
        domid=domid,
        vcpu_seconds=[seconds * slope(f"cpu{index}") for index in range(vcpus)],
        memory=memory,
        memory_target=memory,
        memory_internal_free=memory // 4096,
        disks=[
            DiskCounters(
                device=device,
                read_bytes=int(seconds * slope(f"{device}/r") * 1e6),
                write_bytes=int(seconds * slope(f"{device}/w") * 1e6),
                read_requests=int(seconds * slope(f"{device}/r") * 100),
                write_requests=int(seconds * slope(f"{device}/w") * 100),
                read_ns=int(seconds * slope(f"{device}/r") * 1e8),
                write_ns=int(seconds * slope(f"{device}/w") * 1e8),
            )
            for device in sorted(disks)
        ],
        interfaces=[
            InterfaceCounters(
                device=device,
                rx_bytes=int(seconds * slope(f"vif{device}/rx") * 1e5),
                tx_bytes=int(seconds * slope(f"vif{device}/tx") * 1e5),
            )
            for device in sorted(interfaces)
        ],
    )
