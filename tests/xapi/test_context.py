from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from common.errors import DaemonUnreachable, WireError
from common.idl import xen_errors
from common.idl.task import Task, TaskId
from common.tasks import Handle, Tasks
from xapi import context
from xapi.context import Context
from xapi.control import errors, tasks
from xapi.datamodel.errors import TaskCancelled
from xapi.datamodel.refs import TaskRef
from xapi.db.database import Database


@pytest.fixture
async def daemon() -> AsyncIterator[Tasks]:
    """The tasks of a daemon, the real ones."""
    made = Tasks()
    yield made
    await made.close()


@pytest.fixture
def ctx(daemon: Tasks) -> Context:
    """A call in a task of its own."""
    made = Context.for_test(Database())
    made.services.xen.task = daemon
    made.shared.translate = errors.translate
    made.task = tasks.begin(made.shared, "VM.start", None)
    return made


async def test_a_daemons_task_gives_its_result_and_is_forgotten(ctx: Context, daemon: Tasks) -> None:
    async def work(_handle: Handle) -> str:
        return "done"

    assert await ctx.xen_task(daemon.start("dbg", work)) == "done"
    assert await daemon.all("dbg") == []


async def test_progress_passes_into_the_part_of_the_call(
    ctx: Context, daemon: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(context, "POLL", 0.02)
    seen: list[float] = []
    go_on = asyncio.Event()

    async def work(handle: Handle) -> None:
        handle.progress(0.5)
        await go_on.wait()

    waiting = asyncio.ensure_future(ctx.part(0.2, 0.6).xen_task(daemon.start("dbg", work)))
    async with asyncio.timeout(5):
        while not seen:
            await asyncio.sleep(0.001)
            if ctx.db.task[ctx.task].progress:
                seen.append(ctx.db.task[ctx.task].progress)
    go_on.set()
    await waiting

    assert seen == [pytest.approx(0.4)]


async def test_a_cancellation_reaches_the_daemon(ctx: Context, daemon: Tasks) -> None:
    async def work(_handle: Handle) -> None:
        await asyncio.sleep(60)

    with tasks.working(ctx.shared, ctx.task) as ctx.state:
        waiting = asyncio.ensure_future(ctx.xen_task(daemon.start("dbg", work)))
        await asyncio.sleep(0.01)
        await tasks.cancel(ctx.shared, ctx.task)

        with pytest.raises(TaskCancelled) as raised:
            await asyncio.wait_for(waiting, 5)

    assert raised.value.params == [ctx.task]


async def test_a_failure_becomes_an_error_of_the_xenapi(ctx: Context, daemon: Tasks) -> None:
    vm = ctx.db.vm.create(name_label="web")

    async def work(_handle: Handle) -> None:
        raise xen_errors.FailedToShutdown(vm.uuid, 60.0)

    with pytest.raises(WireError) as raised:
        await ctx.xen_task(daemon.start("dbg", work))

    assert raised.value.wire_code == "VM_SHUTDOWN_TIMEOUT"


async def test_a_daemon_that_restarts_for_a_moment_is_asked_again(ctx: Context, daemon: Tasks) -> None:
    async def work(_handle: Handle) -> str:
        return "done"

    ctx.services.xen.task = Restarting(daemon)

    assert await ctx.xen_task(daemon.start("dbg", work)) == "done"


async def test_a_task_that_a_restarted_daemon_does_not_know_is_an_error(ctx: Context) -> None:
    with pytest.raises(WireError):
        await ctx.xen_task(TaskId("99"))


async def test_progress_of_a_task_that_is_gone_is_nothing(ctx: Context) -> None:
    ctx.task = TaskRef("OpaqueRef:gone")

    ctx.progress(0.5)


async def test_work_that_outlives_its_call_is_kept_and_its_errors_do_not_escape(ctx: Context) -> None:
    async def fail() -> None:
        raise DaemonUnreachable("x", "y")

    ctx.later(fail())

    (job,) = ctx.shared.jobs
    await job
    await asyncio.sleep(0)
    assert not ctx.shared.jobs


class Restarting(Tasks):
    """A daemon that refuses the first two calls."""

    def __init__(self, real: Tasks) -> None:
        super().__init__()
        self._real = real
        self._away = 2

    async def wait(self, dbg: str, id: TaskId, timeout: float = 30.0) -> Task:
        if self._away:
            self._away -= 1
            raise DaemonUnreachable("x", "refused")
        return await self._real.wait(dbg, id, timeout)

    async def destroy(self, dbg: str, id: TaskId) -> None:
        await self._real.destroy(dbg, id)
