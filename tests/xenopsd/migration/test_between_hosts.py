"""Whatever fails on either host: the guest runs on exactly one of them, and nothing is left on the other."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from common.idl.task import State
from common.idl.xen import PowerState
from tests.xenopsd.migration.conftest import Pair
from tests.xenopsd.migration.pair import DISKS, THERE, Side
from tests.xenopsd.samples import VM
from tests.xenopsd.test_executor import broken_at
from xenopsd import plans
from xenopsd.atomics.migration import ArrivalReceive, DepartureRun
from xenopsd.backend.base import Status
from xenopsd.migration.departure import Departure
from xenopsd.steps import Serial, Step, atomics
from xenopsd.store import Phase

DEVICES = {disk.id.device for disk in DISKS}
NOWHERE = Departure(VM, THERE, lambda _to: None, compress=False)  # type: ignore[arg-type, return-value]
DEPARTURE = plans.migrate(VM, DISKS, [], DEVICES, NOWHERE)
ARRIVAL = plans.receive(VM, DISKS, None)  # type: ignore[arg-type]
COMMITTED = next(n for n, atomic in enumerate(atomics(DEPARTURE)) if isinstance(atomic, DepartureRun))


def faults(step: Step) -> list[Any]:
    """Each atomic of the plan, failing before and after its work."""
    return [
        pytest.param(index, works, id=f"{index}-{type(atomic).__name__}-{'after' if works else 'before'}")
        for index, atomic in enumerate(atomics(step))
        for works in (False, True)
    ]


async def runs_only_on(side: Side, other: Side) -> None:
    """The guest runs here with its disks; the other host has no trace of it."""
    domain = await side.backend.domain(VM)
    assert domain is not None
    assert domain.status is Status.RUNNING
    assert domain.disks == dict.fromkeys(DEVICES, True)
    assert side.record().phase is Phase.RUNNING
    assert {*side.record().open} == DEVICES
    assert all(opened.active and opened.source for opened in side.record().open.values())
    assert len(side.disks.open) == len(DEVICES)
    assert await other.backend.domains() == {}
    assert not other.disks.open
    assert await other.power() in {None, PowerState.HALTED}


async def gone_from(side: Side) -> None:
    """Wait until the host has forgotten the VM: it notices by itself that the other one went away."""
    async with asyncio.timeout(10):
        while VM in side.store:
            await asyncio.sleep(0.01)


async def test_a_running_guest_moves_and_its_counter_goes_on(pair: Pair) -> None:
    await asyncio.sleep(0.05)
    before = await pair.here.ran()

    task = await pair.here.end(await pair.here.begin(pair.here.plan(pair.here.departure())))

    assert task.state is State.COMPLETED, task.error
    await runs_only_on(pair.there, pair.here)
    assert await pair.there.ran() >= before
    assert pair.here.gone == [VM]
    assert await pair.here.power() is None
    assert pair.there.record().vbds == {disk.id.device: disk for disk in DISKS}


async def test_memory_may_be_compressed(pair: Pair) -> None:
    task = await pair.here.end(await pair.here.begin(pair.here.plan(pair.here.departure(compress=True))))

    assert task.state is State.COMPLETED, task.error
    await runs_only_on(pair.there, pair.here)


@pytest.mark.parametrize(("index", "works"), faults(DEPARTURE))
async def test_a_failure_at_the_source(pair: Pair, index: int, works: bool) -> None:
    plan = broken_at(pair.here.plan(pair.here.departure()), index, works=works)

    task = await pair.here.end(await pair.here.begin(plan))

    assert task.state is State.FAILED
    if (index, works) >= (COMMITTED, True):
        await runs_only_on(pair.there, pair.here)
    else:
        await gone_from(pair.there)
        await runs_only_on(pair.here, pair.there)


@pytest.mark.parametrize(("index", "works"), faults(ARRIVAL)[:-1])
async def test_a_failure_at_the_destination(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, index: int, works: bool
) -> None:
    whole = plans.receive

    def broken(*args: Any) -> Serial:
        step = broken_at(whole(*args), index, works=works)
        assert isinstance(step, Serial)
        return step

    monkeypatch.setattr(plans, "receive", broken)

    task = await pair.here.end(await pair.here.begin(pair.here.plan(pair.here.departure())))

    assert task.error == ["Failed_to_start_emulator", VM, "test", "broken"]
    await gone_from(pair.there)
    await runs_only_on(pair.here, pair.there)


@pytest.mark.parametrize("fraction", [0.25, 0.5, 0.75])
@pytest.mark.parametrize("how", ["cut", "cancel"])
async def test_in_the_middle(pair: Pair, fraction: float, how: str) -> None:
    pair.here.backend._guests[VM].vm.platform["simulator/migrate"] = "0.5"
    id_ = await pair.here.begin(pair.here.plan(pair.here.departure()))
    async with asyncio.timeout(10):
        while (await pair.here.tasks.stat("test", id_)).progress < fraction:
            await asyncio.sleep(0.005)

    if how == "cut":
        pair.wire.cut()
    else:
        await pair.here.tasks.cancel("test", id_)
    task = await pair.here.end(id_)

    assert task.error[0] == ("Migration_failed" if how == "cut" else "Cancelled")
    await gone_from(pair.there)
    await runs_only_on(pair.here, pair.there)


async def test_a_source_that_was_not_answered_asks(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    unpause = pair.there.backend.unpause

    async def unpause_and_cut(vm: Any) -> None:
        await unpause(vm)
        pair.wire.cut(for_good=False)

    monkeypatch.setattr(pair.there.backend, "unpause", unpause_and_cut)

    task = await pair.here.end(await pair.here.begin(pair.here.plan(pair.here.departure())))

    assert task.state is State.COMPLETED, task.error
    await runs_only_on(pair.there, pair.here)


async def test_in_doubt_the_guest_stays_stopped_until_somebody_decides(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xenopsd.migration.departure.ASK_FOR", 0.2)
    monkeypatch.setattr("xenopsd.migration.departure.ASK_EVERY", 0.05)
    unpause = pair.there.backend.unpause

    async def unpause_and_cut(vm: Any) -> None:
        await unpause(vm)
        pair.wire.cut()

    monkeypatch.setattr(pair.there.backend, "unpause", unpause_and_cut)

    task = await pair.here.end(await pair.here.begin(pair.here.plan(pair.here.departure())))

    assert task.error == ["Migration_in_doubt", VM, "https://there"]
    assert await pair.here.power() is PowerState.PAUSED
    pair.here.executor.check(VM)
    await pair.here.executor.run(VM, lambda: asyncio.sleep(0))
    assert await pair.here.power() is PowerState.PAUSED

    await pair.there.end(await pair.there.begin(plans.poweroff(VM, DEVICES, None)))
    task = await pair.here.end(await pair.here.begin(plans.stay(VM, pair.here.record().open)))
    assert task.state is State.COMPLETED, task.error
    await runs_only_on(pair.here, pair.there)


async def test_a_vm_that_runs_there_is_not_overrun(pair: Pair) -> None:
    pair.there.store.add(pair.here.record().vm).phase = Phase.RUNNING

    task = await pair.here.end(await pair.here.begin(pair.here.plan(pair.here.departure())))

    assert task.error[0] == "Bad_power_state"
    assert await pair.here.power() is PowerState.RUNNING
    assert pair.there.record().phase is Phase.RUNNING


def test_the_arrivals_plan_takes_memory_before_it_opens_disks() -> None:
    names = [type(atomic).__name__ for atomic in atomics(ARRIVAL)]
    assert names.index(ArrivalReceive.__name__) < names.index("DiskOpen")
