"""Who gets how much memory: by example and by thousands of random hosts."""

from __future__ import annotations

import random
from typing import Any

from common.idl.xen import VmId
from xenopsd.memory.policy import HOST_RESERVE, PAGE, Guest, Order, Room, View, orders, share

MIB = 1 << 20


def guest(name: str, minimum: int, maximum: int, actual: int, **fields: Any) -> Guest:
    """Sizes in MiB."""
    size = actual * MIB
    defaults: dict[str, Any] = {"target": size, "limit": size, "balloons": True}
    return Guest(vm=VmId(name), minimum=minimum * MIB, maximum=maximum * MIB, actual=size, **(defaults | fields))


def view(free: int, *guests: Guest, **fields: Any) -> View:
    """`free` in MiB, beyond the host's reserve."""
    return View(free * MIB + HOST_RESERVE, guests, **fields)


def test_everybody_gets_the_same_part_of_its_range() -> None:
    host = view(0, guest("a", 100, 300, 300), guest("b", 100, 500, 100))
    assert share(host)[0] == {
        "a": (100 + 200 // 3 * 1) * MIB + 2 * MIB // 3 // PAGE * PAGE,
        "b": 233 * MIB + MIB // 3 // PAGE * PAGE,
    }


def test_with_plenty_everybody_has_its_maximum() -> None:
    host = view(1000, guest("a", 100, 300, 100), guest("b", 100, 500, 100))
    assert share(host)[0] == {"a": 300 * MIB, "b": 500 * MIB}


def test_what_somebody_wants_to_start_with_is_shared_too() -> None:
    host = view(0, guest("a", 100, 300, 300))
    assert share(host, Room(50 * MIB, 150 * MIB)) == ({"a": 200 * MIB}, 100 * MIB)


def test_a_guest_grows_only_into_what_is_free_already() -> None:
    host = view(10, guest("a", 100, 300, 300), guest("b", 100, 300, 100))
    assert orders(host) == {"a": Order(205 * MIB, 205 * MIB), "b": Order(110 * MIB, 110 * MIB)}


def test_a_guest_that_does_not_move_is_not_counted_on_and_may_not_take_what_others_got() -> None:
    host = view(0, guest("a", 100, 300, 300, target=100 * MIB), stuck=frozenset({VmId("a")}))
    assert host.attainable() == 0
    assert orders(host, Room(50 * MIB, 50 * MIB)) == {"a": Order(100 * MIB, 100 * MIB)}


def test_memory_of_a_domain_that_is_built_is_counted_once() -> None:
    reservations = {VmId("new"): 200 * MIB}
    assert view(300, reservations=reservations).unclaimed() == 100 * MIB
    half = guest("new", 100, 300, 150, balloons=False, target=300 * MIB, overhead=10 * MIB)
    assert view(140, half, reservations=reservations).unclaimed() == 100 * MIB


def test_a_guest_without_driver_keeps_what_it_was_built_with() -> None:
    booting = guest("a", 100, 300, 190, balloons=False, target=200 * MIB)
    host = view(50, booting)
    assert orders(host) == {}
    assert host.unclaimed() == 40 * MIB


def test_on_random_hosts_nobody_leaves_its_range_and_nothing_is_promised_twice() -> None:
    dice = random.Random(7)
    for _ in range(3000):
        guests = []
        for number in range(dice.randint(1, 8)):
            minimum = dice.randint(16, 500)
            maximum = minimum + dice.choice([0, dice.randint(0, 1000)])
            guests.append(guest(f"{number}", minimum, maximum, dice.randint(8, 1600), balloons=dice.random() < 0.8))
        stuck = frozenset(each.vm for each in guests if dice.random() < 0.2)
        reservations = {VmId("new"): dice.randint(0, 500) * MIB} if dice.random() < 0.3 else {}
        host = view(dice.randint(0, 2000), *guests, stuck=stuck, reservations=reservations)
        smallest = dice.randint(0, 300) * MIB
        room = dice.choice([None, Room(smallest, smallest + dice.randint(0, 500) * MIB)])
        told = orders(host, room)
        targets, granted = share(host, room)
        for each in guests:
            if each.vm in told:
                assert each.balloons
                assert each.minimum <= told[each.vm].target <= each.maximum or each.vm in stuck
                assert told[each.vm].target % PAGE == 0
        growth = sum(max(0, told[each.vm].limit - each.actual) for each in host.moving())
        assert growth <= max(0, host.unclaimed())
        wanted = (room.minimum if room else 0) + sum(each.minimum for each in host.moving())
        have = host.unclaimed() + sum(each.actual for each in host.moving())
        if have >= wanted:
            assert granted + sum(targets[each.vm] for each in host.moving()) <= have
