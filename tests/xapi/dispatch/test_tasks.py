from __future__ import annotations

from pathlib import Path

import pytest

from tests.xapi.dispatch.conftest import World
from xapi.api import task
from xapi.context import Context
from xapi.control import tasks
from xapi.datamodel.enums import TaskStatusType
from xapi.datamodel.errors import OperationNotAllowed, RbacPermissionDenied, TaskCancelled
from xapi.datamodel.refs import HostRef
from xapi.datamodel.types import NULL
from xapi.db.database import Database


def test_only_a_running_task_completes(world: World) -> None:
    ref = tasks.begin(world.shared, "x", world.root)
    tasks.complete(world.shared, ref, str, "first")

    tasks.fail(world.shared, ref, TaskCancelled(ref))

    assert world.db.task[ref].status is TaskStatusType.SUCCESS
    assert world.db.task[ref].result == "<value>first</value>"


def test_a_result_without_type_is_an_empty_value(world: World) -> None:
    ref = tasks.begin(world.shared, "x", world.root)

    tasks.complete(world.shared, ref, None, None)

    assert world.db.task[ref].result == "<value></value>"


async def test_cancelling_reaches_subtasks(world: World) -> None:
    parent = tasks.begin(world.shared, "parent", world.root)
    child = tasks.begin(world.shared, "child", world.root, parent=parent)

    with tasks.working(world.shared, child) as running:
        await tasks.cancel(world.shared, parent)

    assert running.cancelling


async def test_cancelling_a_finished_task_is_nothing(world: World) -> None:
    ref = tasks.begin(world.shared, "x", world.root)
    tasks.complete(world.shared, ref, None, None)

    await tasks.cancel(world.shared, ref)

    assert world.db.task[ref].current_operations == {}


async def test_a_task_that_allows_no_cancel_refuses_it(world: World) -> None:
    ref = tasks.begin(world.shared, "x", world.root, cancellable=False)

    with pytest.raises(OperationNotAllowed):
        await tasks.cancel(world.shared, ref)


async def test_tasks_of_a_killed_predecessor_have_failed(tmp_path: Path) -> None:
    first = Database(tmp_path / "db")
    ref = tasks.begin(Context.for_test(first).shared, "Async.VM.start", None)
    first.flush()
    first.close()

    second = Database(tmp_path / "db")
    tasks.interrupt(Context.for_test(second).shared)

    assert second.task[ref].status is TaskStatusType.FAILURE
    assert second.task[ref].error_info[0] == "INTERNAL_ERROR"
    assert second.task[ref].name_label == "Async.VM.start"
    second.close()


async def test_somebody_elses_task_is_not_to_be_touched(world: World) -> None:
    stranger = world.sessions.create(host=HostRef(NULL), user="eve", superuser=False, auth_user_sid="S-1")
    ref = tasks.begin(world.shared, "x", world.root)
    ctx = Context(world.shared, session=stranger)
    own = tasks.begin(world.shared, "y", stranger)

    with pytest.raises(RbacPermissionDenied, match=r"task\.destroy/any"):
        await task.destroy(ctx, ref)
    await task.destroy(ctx, own)

    assert ref in world.db.task
    assert own not in world.db.task
