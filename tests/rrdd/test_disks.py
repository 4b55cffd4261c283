"""Sources of disks: what is at work is told where all of a VM's disks tell it."""

from __future__ import annotations

import math

from common.idl.xen import (
    DiskCounters,
    VmCounters,
    VmId,
)
from rrdd.sources.vm import Reader

SR = "01234567-0000-0000-0000-000000000000"


def guest(*in_flight: int | None) -> VmCounters:
    disks = [
        DiskCounters(device=f"xvd{'ab'[at]}", sr=SR, read_requests=10, read_ns=5_000_000, in_flight=count)
        for at, count in enumerate(in_flight)
    ]
    return VmCounters(id=VmId("v"), domid=1, vcpu_seconds=[1.0], disks=disks)


def told(reader: Reader, vm: VmCounters) -> dict[str, float]:
    return dict(zip([source.name for source in reader.sources(vm)], reader.values(vm), strict=True))


def test_what_disks_are_at() -> None:
    reader = Reader()
    reader.begin(5.0)
    found = told(reader, guest(3, 1))
    sources, values = reader.by_sr()
    of_sr = dict(zip([source.name for source in sources], values, strict=True))

    assert (found["vbd_xvda_inflight"], found["vbd_xvdb_inflight"]) == (3, 1)
    assert of_sr["inflight_01234567"] == 4
    reader.begin(5.0)
    told(reader, guest(0, 2))
    assert reader.by_sr()[1][-1] == 2


def test_no_source_where_it_is_not_known() -> None:
    reader = Reader()
    reader.begin(5.0)
    found = told(reader, guest(3, None))

    assert not [name for name in found if "inflight" in name]
    assert math.isnan(found["vbd_xvda_latency"])
    assert not [source.name for source in reader.by_sr()[0] if "inflight" in source.name]
