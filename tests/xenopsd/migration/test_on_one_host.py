"""A move to a new domain of the same host: whatever fails, one domain is left, and it runs."""

from __future__ import annotations

import asyncio

import pytest

from common.idl.task import State
from tests.xenopsd.migration.conftest import Pair
from tests.xenopsd.migration.pair import DISKS, Side
from tests.xenopsd.migration.test_between_hosts import faults
from tests.xenopsd.samples import VM
from tests.xenopsd.test_executor import broken_at
from xenopsd import plans
from xenopsd.backend.base import Status
from xenopsd.store import Phase

PLAN = plans.migrate_here(VM)


async def runs(side: Side) -> int:
    """The guest runs, alone, with its disks; its domain's number."""
    domains = await side.backend.domains()
    assert [*domains] == [VM]
    assert domains[VM].status is Status.RUNNING
    assert domains[VM].disks == {disk.id.device: True for disk in DISKS}
    assert side.record().phase is Phase.RUNNING
    assert len(side.disks.open) == len(DISKS)
    return domains[VM].domid


async def test_the_counter_goes_on_in_another_domain(pair: Pair) -> None:
    old = await runs(pair.here)
    await asyncio.sleep(0.05)
    before = await pair.here.ran()

    task = await pair.here.end(await pair.here.begin(PLAN))

    assert task.state is State.COMPLETED, task.error
    assert await runs(pair.here) != old
    assert await pair.here.ran() >= before


@pytest.mark.parametrize(("index", "works"), faults(PLAN))
async def test_a_failure_leaves_one_running_domain(pair: Pair, index: int, works: bool) -> None:
    task = await pair.here.end(await pair.here.begin(broken_at(PLAN, index, works=works)))

    assert task.state is State.FAILED
    await runs(pair.here)


@pytest.mark.parametrize("flag", ["fail", "refuse"])
async def test_either_end_may_fail(pair: Pair, flag: str) -> None:
    old = await runs(pair.here)
    pair.here.backend._guests[VM].vm.platform["simulator/migrate"] = flag

    task = await pair.here.end(await pair.here.begin(PLAN))

    assert task.error[0] == ("Failed_to_suspend" if flag == "fail" else "Failed_to_start_emulator")
    assert await runs(pair.here) == old


async def test_a_cancelled_one_leaves_the_old_domain(pair: Pair) -> None:
    old = await runs(pair.here)
    pair.here.backend._guests[VM].vm.platform["simulator/migrate"] = "1"
    id_ = await pair.here.begin(PLAN)
    async with asyncio.timeout(10):
        while (await pair.here.tasks.stat("test", id_)).progress < 0.3:
            await asyncio.sleep(0.005)

    await pair.here.tasks.cancel("test", id_)

    assert (await pair.here.end(id_)).error[0] == "Cancelled"
    assert await runs(pair.here) == old
