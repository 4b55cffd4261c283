"""A xenopsd is killed before each step of a move: with its successor the guest runs on one host, and only there."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

import pytest

from common.idl.xen import PowerState
from tests.xenopsd.migration.conftest import Pair
from tests.xenopsd.migration.pair import Side
from tests.xenopsd.migration.test_between_hosts import ARRIVAL, COMMITTED, DEPARTURE, gone_from, runs_only_on
from tests.xenopsd.migration.test_on_one_host import PLAN, runs
from tests.xenopsd.samples import VM
from xenopsd import plans
from xenopsd.steps import Atomic, Job, Parallel, Serial, Step, atomics


class Reached:
    """Stands in a plan: it tells that it was reached, and goes no further."""

    weight: ClassVar[float] = 1.0

    def __init__(self) -> None:
        self.event = asyncio.Event()

    async def perform(self, job: Job) -> None:
        self.event.set()
        await asyncio.Event().wait()


def stopped_at(step: Step, index: int) -> tuple[Serial, asyncio.Event]:
    """`step` that stops before its atomic number `index`."""
    numbers, there = iter(range(10**6)), Reached()

    def rebuilt(inner: Step) -> Step:
        if isinstance(inner, Serial | Parallel):
            return type(inner)(tuple(rebuilt(each) for each in inner.steps))
        return Serial((there, inner)) if next(numbers) == index else inner

    made = rebuilt(step)
    assert isinstance(made, Serial)
    return made, there.event


def steps(step: Step) -> list[Any]:
    """Each atomic of the plan."""

    def name(atomic: Atomic) -> str:
        return type(atomic).__name__

    return [pytest.param(index, id=f"{index}-{name(atomic)}") for index, atomic in enumerate(atomics(step))]


async def settled(side: Side) -> None:
    await side.executor.run(VM, lambda: asyncio.sleep(0))


@pytest.mark.parametrize("index", steps(DEPARTURE))
async def test_the_source_is_killed(pair: Pair, index: int) -> None:
    plan, reached = stopped_at(pair.here.plan(pair.here.departure()), index)
    await pair.here.begin(plan)
    await asyncio.wait_for(reached.wait(), 10.0)

    pair.here = await pair.here.killed()
    await settled(pair.here)

    if index > COMMITTED:
        await runs_only_on(pair.there, pair.here)
    else:
        await gone_from(pair.there)
        await again(pair.here)
        await runs_only_on(pair.here, pair.there)


async def again(side: Side) -> None:
    """The look that follows from time to time: the other host may have had a disk when this one looked first."""
    side.executor.check(VM)
    await settled(side)


@pytest.mark.parametrize("index", steps(ARRIVAL))
async def test_the_destination_is_killed(pair: Pair, monkeypatch: pytest.MonkeyPatch, index: int) -> None:
    monkeypatch.setattr("xenopsd.migration.departure.ASK_EVERY", 0.05)
    whole, stops = plans.receive, asyncio.Queue[asyncio.Event]()

    def stopping(*args: Any) -> Serial:
        made, event = stopped_at(whole(*args), index)
        stops.put_nowait(event)
        return made

    monkeypatch.setattr(plans, "receive", stopping)
    task = await pair.here.begin(pair.here.plan(pair.here.departure()))
    async with asyncio.timeout(10):
        await (await stops.get()).wait()

    pair.there = await pair.there.killed()
    pair.wire.to = pair.there.arrivals
    await settled(pair.there)

    assert (await pair.here.end(task)).error[0] in {"Migration_failed", "Does_not_exist"}
    await again(pair.here)
    assert await pair.there.power() in {None, PowerState.HALTED}
    await runs_only_on(pair.here, pair.there)


@pytest.mark.parametrize("index", steps(PLAN))
async def test_killed_in_a_move_on_one_host(pair: Pair, index: int) -> None:
    plan, reached = stopped_at(PLAN, index)
    await pair.here.begin(plan)
    await asyncio.wait_for(reached.wait(), 10.0)

    pair.here = await pair.here.killed()
    await settled(pair.here)

    await runs(pair.here)
