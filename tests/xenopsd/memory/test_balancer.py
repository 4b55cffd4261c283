"""The loop against a host with guests that follow their balloons, slowly, or not at all. Time is the test's."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Collection
from dataclasses import dataclass

import pytest

from common.idl.xen import (
    Vm,
    VmId,
)
from common.idl.xen_errors import NotEnoughMemory
from tests.xenopsd.samples import vm as sample
from xenopsd.memory import balancer
from xenopsd.memory.balancer import Balancer
from xenopsd.memory.machine import Balloon, BalloonMachine
from xenopsd.memory.policy import HOST_RESERVE, TOLERANCE, Room

MIB = 1 << 20
GIB = 1 << 30
OVERHEAD = 4 * MIB


@dataclass
class Domain:
    """`speed`: bytes a look; 0 for one that does not move. `extra`: pages its driver knows nothing of."""

    minimum: int
    maximum: int
    actual: int
    target: int = 0
    limit: int = 0
    speed: int = 64 * MIB
    extra: int = 0
    offset: int | None = None
    balloons: bool = True
    marked: bool = False

    def __post_init__(self) -> None:
        self.target = self.target or self.actual - self.extra
        self.limit = self.limit or self.actual


class Host:
    """Each look lets a second pass."""

    def __init__(self, total: int, **domains: Domain) -> None:
        self.total, self.domains = total, {VmId(name): domain for name, domain in domains.items()}
        self.now = 0.0
        self.lowest = self.free

    @property
    def free(self) -> int:
        return self.total - sum(domain.actual for domain in self.domains.values())

    async def memory(self) -> tuple[int, Collection[Balloon]]:
        self.now += 1
        for domain in self.domains.values():
            if domain.balloons:
                wanted = min(domain.target + domain.extra, max(domain.limit, domain.actual))
                step = max(-domain.speed, min(domain.speed, wanted - domain.actual))
                domain.actual += min(step, self.free)
        self.lowest = min(self.lowest, self.free)
        balloons = [
            Balloon(vm, each.actual, each.target, each.limit, each.balloons, each.offset)
            for vm, each in self.domains.items()
        ]
        return self.free, balloons

    def memory_overhead(self, vm: Vm) -> int:
        return OVERHEAD

    async def set_memory_target(self, vm: VmId, target: int, limit: int) -> None:
        self.domains[vm].target, self.domains[vm].limit = target, limit

    async def set_memory_offset(self, vm: VmId, offset: int) -> None:
        self.domains[vm].offset = offset

    async def set_uncooperative(self, vm: VmId, uncooperative: bool) -> None:
        self.domains[vm].marked = uncooperative

    def balancer(self) -> Balancer:
        def range_of(vm: VmId) -> tuple[int, int]:
            return self.domains[vm].minimum, self.domains[vm].maximum

        return Balancer(self, range_of, pause=0.0, clock=lambda: self.now)


NEW = sample(id=VmId("new"))


def marked(host: Host) -> set[str]:
    return {name for name, domain in host.domains.items() if domain.marked}


def test_the_simulated_host_is_one() -> None:
    assert isinstance(Host(0), BalloonMachine)
    assert not isinstance(object(), BalloonMachine)


async def test_guests_give_what_a_new_one_needs_and_get_back_what_it_did_not_take() -> None:
    host = Host(2 * GIB, a=Domain(GIB // 2, 2 * GIB, GIB * 19 // 10))
    memory = host.balancer()
    async with memory.reserved(NEW, Room(GIB, GIB)) as granted:
        assert granted == GIB
        assert host.free >= GIB + OVERHEAD
        await memory.balance()
        assert host.free >= GIB + OVERHEAD
    await memory.balance()
    assert host.free == pytest.approx(HOST_RESERVE, abs=TOLERANCE)


async def test_as_much_of_the_range_as_the_others_leave() -> None:
    host = Host(2 * GIB + HOST_RESERVE + OVERHEAD, a=Domain(GIB // 2, 3 * GIB // 2, GIB))
    async with host.balancer().reserved(NEW, Room(GIB // 2, 3 * GIB // 2)) as granted:
        assert granted == pytest.approx(GIB, abs=TOLERANCE)
        assert host.domains[VmId("a")].actual == pytest.approx(GIB, abs=TOLERANCE)


async def test_too_much_is_refused_at_once_and_nobody_shrinks_for_it() -> None:
    host = Host(2 * GIB, a=Domain(GIB, 2 * GIB, 3 * GIB // 2))
    with pytest.raises(NotEnoughMemory) as error:
        async with host.balancer().reserved(NEW, Room(GIB, GIB)):
            pass
    assert (error.value.needed, error.value.free) == (GIB + OVERHEAD, GIB // 2 - HOST_RESERVE)
    assert host.domains[VmId("a")].target == 3 * GIB // 2
    assert host.now == 1


async def test_a_guest_that_keeps_its_memory_is_waited_for_then_marked_and_unmarked_when_it_moves() -> None:
    stubborn = Domain(GIB // 2, 3 * GIB // 2, 3 * GIB // 2, speed=0)
    host = Host(2 * GIB, a=stubborn)
    memory = host.balancer()
    with pytest.raises(NotEnoughMemory):
        async with memory.reserved(NEW, Room(GIB, GIB)):
            pass
    assert 5 <= host.now <= 12
    assert marked(host) == set()
    stubborn.target = GIB  # somebody still wants it to shrink
    stubborn.minimum = stubborn.maximum = GIB
    for _ in range(4):
        await memory.balance()
        host.now += 5
    assert marked(host) == {"a"}
    stubborn.speed = 64 * MIB
    await memory.balance()
    await memory.balance()
    assert marked(host) == set()


async def test_many_starts_at_once_never_get_the_same_memory() -> None:
    host = Host(2 * GIB + HOST_RESERVE + 4 * OVERHEAD)
    memory = host.balancer()
    together = 0
    most = 0

    async def start(name: str) -> bool:
        nonlocal together, most
        try:
            async with memory.reserved(sample(id=VmId(name)), Room(GIB // 2, GIB // 2)) as size:
                together += size
                most = max(most, together)
                for _ in range(10):
                    await asyncio.sleep(0)
                together -= size
        except NotEnoughMemory:
            return False
        return True

    done = await asyncio.gather(*(start(str(number)) for number in range(10)))
    assert done.count(True) >= 4
    assert most == 2 * GIB


async def test_what_the_driver_knows_nothing_of_is_measured_once() -> None:
    host = Host(2 * GIB, a=Domain(GIB // 4, GIB, GIB // 2 + 5 * MIB, extra=5 * MIB))
    memory = host.balancer()
    await memory.balance()
    domain = host.domains[VmId("a")]
    assert (domain.offset, domain.target, domain.limit, domain.actual) == (5 * MIB, GIB, GIB + 5 * MIB, GIB + 5 * MIB)


async def test_random_hosts_settle_and_never_run_dry() -> None:
    dice = random.Random(11)
    for _ in range(150):
        domains = {}
        for number in range(dice.randint(1, 6)):
            minimum = dice.randint(64, 512) * MIB
            maximum = minimum + dice.randint(0, 1024) * MIB
            domain = Domain(
                minimum,
                maximum,
                dice.randint(minimum // MIB, maximum // MIB) * MIB,
                speed=dice.choice([0, 16, 256, 1024]) * MIB,
                balloons=dice.random() < 0.8,
            )
            domains[f"d{number}"] = domain
        used = sum(domain.actual for domain in domains.values())
        host = Host(used + HOST_RESERVE + dice.randint(0, 1024) * MIB, **domains)
        memory = host.balancer()
        await memory.balance()
        assert host.lowest >= HOST_RESERVE
        minimum = dice.randint(16, 1024) * MIB
        try:
            async with memory.reserved(NEW, Room(minimum, minimum + dice.randint(0, 512) * MIB)) as granted:
                assert granted >= minimum
                assert host.free >= granted + OVERHEAD + HOST_RESERVE - TOLERANCE * len(domains)
                await memory.balance()
                assert host.free >= granted + OVERHEAD + HOST_RESERVE - TOLERANCE * len(domains)
        except NotEnoughMemory as refused:
            giving = sum(
                max(0, each.actual - each.minimum) for each in domains.values() if each.balloons and each.speed
            )
            assert refused.needed > host.free + giving - HOST_RESERVE - TOLERANCE * len(domains)  # noqa: PT017
        assert host.now < balancer.DEADLINE * 4
