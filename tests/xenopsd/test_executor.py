"""A failure in any step leaves neither a domain nor an open disk."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, ClassVar

import pytest

from common.idl.task import State
from common.idl.xen import VdiDisk
from common.idl.xen_errors import FailedToStartEmulator
from common.tasks import Tasks
from common.workers import Workers
from tests.xenopsd.conftest import CountingStorage
from tests.xenopsd.samples import SR, VM, vbd, vif, vm
from xenopsd import plans
from xenopsd.backend.base import Domain
from xenopsd.backend.simulator import Simulator
from xenopsd.executor import Executor
from xenopsd.hooks import Hooks
from xenopsd.steps import Atomic, Job, Parallel, Serial, Step, World, atomics
from xenopsd.storage import Storage
from xenopsd.store import Phase, Record, Store

IMAGE = VdiDisk(sr=SR, vdi="image")
DISKS = [vbd("xvda", 0), vbd("xvdb", 1), vbd("xvdd", 3, "iso", read_only=True)]


class Broken:
    """An atomic that does its work, or not, and then fails."""

    weight: ClassVar[float] = 1.0

    def __init__(self, atomic: Atomic, *, works: bool) -> None:
        self._atomic, self._works = atomic, works

    async def perform(self, job: Job) -> None:
        if self._works:
            await self._atomic.perform(job)
        raise FailedToStartEmulator(VM, "test", "broken")


def broken_at(step: Step, index: int, *, works: bool) -> Step:
    """`step` with its atomic number `index` broken."""
    numbers = iter(range(10**6))

    def rebuilt(inner: Step) -> Step:
        if isinstance(inner, Serial | Parallel):
            return type(inner)(tuple(rebuilt(each) for each in inner.steps))
        return Broken(inner, works=works) if next(numbers) == index else inner

    return rebuilt(step)


class Fixture:
    """An executor with a VM of three disks and an interface."""

    def __init__(self, directory: Path) -> None:
        self.disks, self.store = CountingStorage(), Store(directory)  # type: ignore[abstract]
        self.backend = Simulator(directory, directory)
        self.world = World(
            backend=self.backend,
            storage=Storage(self.disks, self.disks, 0.0),
            store=self.store,
            hooks=Hooks(directory / "hooks"),
            changed=lambda _item: None,
        )
        self.tasks = Tasks()
        self.executor = Executor(self.world, self.tasks, Workers(4))
        record = self.store.add(vm())
        record.vbds = {disk.id.device: disk for disk in DISKS}
        record.vifs = {"0": vif()}

    async def perform(self, step: Step) -> State:
        """Run `step` as an operation."""
        id_ = self.executor.submit("test", VM, lambda _record, _domain: step)
        async with asyncio.timeout(10):
            while (task := await self.tasks.wait("test", id_)).state is State.PENDING:
                pass
        return task.state


@pytest.fixture
async def fixture(tmp_path: Path) -> Any:
    made = Fixture(tmp_path)
    await made.backend.start(lambda _vm: None)
    yield made
    await made.backend.stop()


START = plans.start(VM, DISKS)
RESUME = plans.resume(VM, DISKS, IMAGE)
OPEN = [disk.id.device for disk in DISKS]
SUSPEND = plans.suspend(VM, OPEN, IMAGE)
POWEROFF = plans.poweroff(VM, OPEN, None)


def faults(step: Step) -> list[Any]:
    """Each atomic of the plan, failing before and after its work."""
    return [
        pytest.param(index, works, id=f"{index}-{type(atomic).__name__}-{'after' if works else 'before'}")
        for index, atomic in enumerate(atomics(step))
        for works in (False, True)
    ]


@pytest.mark.parametrize(("index", "works"), faults(START)[:-1])
async def test_a_failed_start_leaves_nothing(fixture: Fixture, index: int, works: bool) -> None:
    assert await fixture.perform(broken_at(START, index, works=works)) is State.FAILED

    assert await fixture.backend.domain(VM) is None
    assert not fixture.disks.open
    assert not fixture.store.get(VM).open
    assert fixture.store.get(VM).phase is Phase.HALTED
    assert await fixture.perform(START) is State.COMPLETED


@pytest.mark.parametrize(("index", "works"), faults(POWEROFF))
async def test_a_failed_poweroff_is_finished_or_not_begun(fixture: Fixture, index: int, works: bool) -> None:
    await fixture.perform(START)

    assert await fixture.perform(broken_at(POWEROFF, index, works=works)) is State.FAILED

    whole = await fixture.backend.domain(VM) is not None
    assert len(fixture.disks.open) == (len(DISKS) if whole else 0)
    assert fixture.store.get(VM).phase is (Phase.RUNNING if whole else Phase.HALTED)


@pytest.mark.parametrize(("index", "works"), faults(SUSPEND))
async def test_a_failed_suspend_runs_on_or_is_suspended(fixture: Fixture, index: int, works: bool) -> None:
    await fixture.perform(START)

    assert await fixture.perform(broken_at(SUSPEND, index, works=works)) is State.FAILED

    whole = await fixture.backend.domain(VM) is not None
    assert len(fixture.disks.open) == (len(DISKS) if whole else 0)
    assert fixture.store.get(VM).vm.suspended is not whole


@pytest.mark.parametrize(("index", "works"), faults(RESUME)[:-3])
async def test_a_failed_resume_can_be_repeated(fixture: Fixture, index: int, works: bool) -> None:
    fixture.store.add(vm(suspended=True))

    assert await fixture.perform(broken_at(RESUME, index, works=works)) is State.FAILED

    assert await fixture.backend.domain(VM) is None
    assert fixture.store.get(VM).vm.suspended
    assert not fixture.disks.open
    assert await fixture.perform(RESUME) is State.COMPLETED


async def test_parallel_steps_finish_before_the_first_error_is_raised(fixture: Fixture) -> None:
    fixture.disks.fail.add("vdi-xvda")

    assert await fixture.perform(START) is State.FAILED

    assert ("attach", f"vbd/{VM}/xvdb") in fixture.disks.log


async def test_what_a_killed_predecessor_left_is_taken_down(fixture: Fixture, tmp_path: Path) -> None:
    await fixture.perform(START)
    record = fixture.store.get(VM)
    record.phase = Phase.STARTING
    fixture.store.save(record)
    world = fixture.world
    successor = Executor(
        World(
            backend=world.backend,
            storage=world.storage,
            store=Store(tmp_path),
            hooks=world.hooks,
            changed=world.changed,
        ),
        Tasks(),
        Workers(1),
    )

    successor.check(VM)
    await successor.run(VM, lambda: asyncio.sleep(0))

    assert await fixture.backend.domain(VM) is None
    assert not fixture.disks.open


async def test_a_vm_whose_disk_cannot_be_closed_is_halted_and_closing_is_repeated(fixture: Fixture) -> None:
    await fixture.perform(START)
    fixture.disks.stuck.add("vdi-xvda")

    assert await fixture.perform(POWEROFF) is State.FAILED
    assert fixture.store.get(VM).phase is Phase.HALTED
    assert [*fixture.disks.open] == [f"vbd/{VM}/xvda"]

    fixture.disks.stuck.clear()
    fixture.executor.check(VM)
    await fixture.executor.run(VM, lambda: asyncio.sleep(0))
    assert not fixture.disks.open


async def test_what_prepare_refuses_touches_nothing(fixture: Fixture) -> None:
    await fixture.perform(START)

    def refuse(record: Record, domain: Domain | None) -> Step:
        raise FailedToStartEmulator(VM, "test", "refused")

    id_ = fixture.executor.submit("test", VM, refuse)
    while (await fixture.tasks.wait("test", id_)).state is State.PENDING:
        pass

    assert await fixture.backend.domain(VM) is not None
    assert len(fixture.disks.open) == len(DISKS)
