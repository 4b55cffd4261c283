"""Counters from libvirt's statistics."""

from __future__ import annotations

from common.idl.xen import (
    DiskCounters,
    InterfaceCounters,
)
from tests.xenopsd.samples import VM, vbd, vif, vm
from xenopsd.backend.base import Drive, Spec
from xenopsd.backend.libvirt import observe, stats, xml

SEEN = observe.parse(
    xml.domain(
        Spec(vm=vm(), drives=[Drive(vbd=vbd("xvda", 0), source=None)], vifs=[vif()]),
        xml.Place(domid=7, kvm=False, vt100="/a", rfb="/b"),
    )
)


def test_devices_are_named_as_xapi_names_them() -> None:
    assert SEEN is not None
    found = stats.counters(
        VM,
        SEEN,
        {
            "vcpu.current": 2,
            "vcpu.maximum": 4,
            "vcpu.0.time": 2_000_000_000,
            "vcpu.2.time": 500_000_000,
            "balloon.current": 1024,
            "balloon.unused": 99,
            "block.count": 2,
            "block.0.name": "vda",
            "block.0.rd.bytes": 10,
            "block.0.wr.reqs": 3,
            "block.1.name": "vdz",
            "net.count": 1,
            "net.0.name": "vif7.0",
            "net.0.rx.bytes": 5,
            "net.0.tx.bytes": 6,
        },
    )
    assert found.vcpu_seconds == [2.0, 0.5]
    assert (found.domid, found.memory, found.memory_internal_free) == (7, 1 << 20, 99)
    assert found.disks == [DiskCounters(device="xvda", read_bytes=10, write_requests=3)]
    assert found.interfaces == [InterfaceCounters(device="0", rx_bytes=5, tx_bytes=6)]


def test_a_guest_without_balloon_driver_tells_no_free_memory() -> None:
    assert SEEN is not None
    assert stats.counters(VM, SEEN, {}).memory_internal_free is None
