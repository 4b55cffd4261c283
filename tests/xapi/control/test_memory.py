"""Limits, overhead and room."""

from __future__ import annotations

import pytest

from common.errors import WireError
from xapi.control import memory
from xapi.control.memory import MIB, Limits
from xapi.datamodel.enums import (
    DomainType,
)
from xapi.db.database import Database


@pytest.mark.parametrize(
    ("domain_type", "mib", "vcpus", "multiplier", "overhead"),
    [  # as the original answered
        (DomainType.HVM, 256, 1, 1.0, 6),
        (DomainType.HVM, 256, 4, 1.5, 12),
        (DomainType.HVM, 2048, 2, 1.0, 21),
        (DomainType.HVM, 8192, 2, 1.0, 69),
        (DomainType.PV, 2048, 2, 1.0, 20),
        (DomainType.PV_IN_PVH, 1024, 1, 1.0, 46),
    ],
)
def test_overhead(domain_type: DomainType, mib: int, vcpus: int, multiplier: float, overhead: int) -> None:
    assert memory.overhead(domain_type, mib * MIB, vcpus, multiplier) == overhead * MIB


@pytest.mark.parametrize("limits", [Limits(2, 1, 3, 4), Limits(1, 3, 2, 4), Limits(1, 2, 4, 3), Limits(-1, 1, 1, 1)])
def test_limits_have_an_order(limits: Limits) -> None:
    with pytest.raises(WireError, match="MEMORY_CONSTRAINT_VIOLATION_ORDER"):
        limits.check_order()


def test_the_dynamic_minimum_is_a_quarter_unless_the_pool_says_otherwise() -> None:
    db = Database()
    wanted = Limits(0, 24 * MIB, 100 * MIB, 100 * MIB)
    with pytest.raises(WireError, match=r"MEMORY_CONSTRAINT_VIOLATION\("):
        memory.check_limits(db, wanted, DomainType.HVM)
    db.pool.create(other_config={"memory-ratio-hvm": "0.1"})
    memory.check_limits(db, wanted, DomainType.HVM)


def test_room_counts_what_runs_and_what_is_on_its_way() -> None:
    db = Database()
    host = db.host.create(metrics=db.host_metrics.create(memory_total=1000).ref, memory_overhead=100).ref
    db.vm.create(is_control_domain=True, resident_on=host, memory_dynamic_max=200)
    db.vm.create(resident_on=host, memory_dynamic_min=300, memory_overhead=50)
    arriving = db.vm.create(scheduled_to_be_resident_on=host, memory_dynamic_min=250, memory_overhead=50)
    other = db.vm.create(memory_dynamic_min=40, memory_overhead=10)
    assert memory.free(db, host) == 50
    memory.check_room(db, other, host, 50)
    memory.check_room(db, arriving, host, 350)
    with pytest.raises(WireError) as caught:
        memory.check_room(db, other, host, 51)
    assert (caught.value.wire_code, caught.value.params) == ("HOST_NOT_ENOUGH_FREE_MEMORY", ["51", "50"])
