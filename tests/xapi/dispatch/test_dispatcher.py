from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest

from tests.xapi.dispatch.conftest import World
from xapi.context import Context
from xapi.datamodel.enums import TaskStatusType
from xapi.datamodel.errors import VMIsTemplate
from xapi.datamodel.refs import HostRef
from xapi.datamodel.types import NULL, Role
from xapi.dispatch.binding import Binding
from xapi.dispatch.call import LOCAL, Call, Origin
from xapi.dispatch.dispatcher import Dispatcher


def implement(world: World, **functions: Callable[..., Any]) -> None:
    """Give messages (`VM__start`) other functions than the real ones, without guards."""
    named = {name.replace("__", "."): function for name, function in functions.items()}
    binding = Binding({**world.dispatcher.binding.functions, **named})
    world.dispatcher = Dispatcher(world.shared, world.sessions, binding)
    for name in named:
        bound = binding.find(name)
        assert bound is not None
        bound.guard = None


async def settled(world: World, task: str) -> Any:
    """The row of a task that has ended."""
    async with asyncio.timeout(5):
        while world.db.task[task].status is TaskStatusType.PENDING:
            await asyncio.sleep(0.001)
    return world.db.task[task]


async def test_a_read_takes_the_short_way(world: World) -> None:
    vm = world.db.vm.create(name_label="web")

    assert await world.value("VM.get_name_label", world.root, vm.ref) == "web"


async def test_a_write_is_done_at_once_and_waits_for_the_disk_only(world: World) -> None:
    vm = world.db.vm.create(name_label="old")
    await world.db.durable()

    def write(*params: str) -> Any:
        return world.dispatcher.write(Call("VM.set_name_label", [world.root, *params]), LOCAL)

    answer, disk = write(vm.ref, "new")
    assert (answer.error, vm.name_label, disk.done()) == (None, "new", False)
    await disk

    answer, disk = write(vm.ref, "new")
    assert (answer.error, disk) == (None, None)
    answer, disk = write("OpaqueRef:no", "new")
    assert (answer.error.wire_code, disk) == ("HANDLE_INVALID", None)
    assert write(vm.ref) is None
    assert world.dispatcher.write(Call("VM.set_name_label", ["OpaqueRef:no", vm.ref, "other"]), LOCAL) is None
    assert vm.name_label == "new"


async def test_the_session_is_looked_at_after_count_and_types(world: World) -> None:
    assert (await world.error("VM.get_record", "bad"))[0] == "MESSAGE_PARAMETER_COUNT_MISMATCH"
    assert (await world.error("VM.set_is_a_template", "bad", "vm", "x"))[0] == "INTERNAL_ERROR"
    assert await world.error("VM.get_record", "bad", "vm") == ["SESSION_INVALID", "bad"]


async def test_underscored_names_are_taken_for_synchronous_calls_only(world: World) -> None:
    assert await world.value("host_metrics_get_all", world.root) is not None
    assert await world.value("VM_get_by_name_label", world.root, "x") == ()
    assert (await world.error("Async.VM_start", world.root, "x", False, False))[0] == "MESSAGE_METHOD_UNKNOWN"


async def test_a_role_that_is_not_enough_is_denied(world: World) -> None:
    reader = world.sessions.create(host=HostRef(NULL), user="eve", superuser=False, roles=(Role.READ_ONLY,))

    assert await world.value("VM.get_by_name_label", reader, "x") == ()
    assert (await world.error("VM.start", reader, "vm", False, False))[:2] == ["RBAC_PERMISSION_DENIED", "vm.start"]
    assert (await world.error("VM.set_name_label", reader, "vm", "x"))[0] == "RBAC_PERMISSION_DENIED"


async def test_a_key_with_a_role_of_its_own(world: World) -> None:
    operator = world.sessions.create(host=HostRef(NULL), user="op", superuser=False, roles=(Role.VM_OPERATOR,))
    added = []

    async def add(ctx: Context, self: str, key: str, value: str) -> None:
        added.append(key)

    implement(world, VM__add_to_other_config=add)

    await world.value("VM.add_to_other_config", operator, "vm", "folder", "/x")

    assert added == ["folder"]
    assert (await world.error("VM.add_to_other_config", operator, "vm", "other", "x"))[0] == "RBAC_PERMISSION_DENIED"


async def test_calls_between_hosts_need_a_session_of_the_pool(world: World) -> None:
    pool = world.sessions.create(host=HostRef(NULL), user="", pool=True)

    assert (await world.error("VM.atomic_set_resident_on", world.root, "a", "b"))[0] == "INTERNAL_ERROR"
    assert (await world.error("VM.atomic_set_resident_on", pool, "a", "b"))[0] != "INTERNAL_ERROR"


async def test_a_local_session_makes_emergency_calls_only(world: World) -> None:
    local = world.sessions.create_local()

    assert await world.error("VM.get_all", local) == ["SESSION_INVALID", local]
    await world.value("session.local_logout", local)
    assert await world.error("session.local_logout", local) == ["SESSION_INVALID", local]


async def test_a_synchronous_call_has_a_task_while_it_runs(world: World) -> None:
    seen = []

    async def start(ctx: Context, vm: str, start_paused: bool, force: bool) -> None:
        seen.append(world.db.task[ctx.task].name_label)

    implement(world, VM__start=start)

    await world.value("VM.start", world.root, "vm", False, False)

    assert seen == ["VM.start"]
    assert len(world.db.task) == 0


async def test_the_end_of_a_call_s_task_is_on_disk_with_what_it_did(world: World) -> None:
    async def clone(ctx: Context, vm: str, new_name: str) -> str:
        return ctx.db.vm.create(name_label=new_name).ref

    implement(world, VM__clone=clone)

    await world.value("VM.clone", world.root, "vm", "x")

    assert (world.db.task.rows(), world.db.pending()) == ([], None)


async def test_an_asynchronous_call_leaves_its_result_in_the_task(world: World) -> None:
    async def clone(ctx: Context, vm: str, new_name: str) -> str:
        ctx.progress(0.5)
        assert world.db.task[ctx.task].progress == 0.5
        return "OpaqueRef:new"

    implement(world, VM__clone=clone)

    task = await settled(world, await world.value("Async.VM.clone", world.root, "vm", "x"))

    assert task.name_label == "Async.VM.clone"
    assert task.status is TaskStatusType.SUCCESS
    assert task.result == "<value>OpaqueRef:new</value>"
    assert (task.progress, task.allowed_operations) == (1.0, ())


async def test_an_asynchronous_call_leaves_its_error_in_the_task(world: World) -> None:
    async def clone(ctx: Context, vm: str, new_name: str) -> str:
        raise VMIsTemplate(vm)

    implement(world, VM__clone=clone)

    task = await settled(world, await world.value("Async.VM.clone", world.root, "vm", "x"))

    assert (task.status, task.result) == (TaskStatusType.FAILURE, "")
    assert task.error_info == ("VM_IS_TEMPLATE", "vm")


async def test_checks_of_an_asynchronous_call_answer_at_once(world: World) -> None:
    assert await world.error("Async.VM.clone", world.root, "vm") == [
        "MESSAGE_PARAMETER_COUNT_MISMATCH", "VM.clone", "2", "1",
    ]  # fmt: skip
    assert await world.error("Async.VM.get_all", world.root) == [
        "Fault", "No async mode for this operation (rpc: VM.get_all)",
    ]  # fmt: skip
    assert len(world.db.task) == 0


async def test_a_cancelled_call_ends_as_cancelled(world: World) -> None:
    async def clone(ctx: Context, vm: str, new_name: str) -> str:
        while True:
            ctx.check_cancelled()
            await asyncio.sleep(0.001)

    implement(world, VM__clone=clone)
    ref = await world.value("Async.VM.clone", world.root, "vm", "x")

    await world.value("task.cancel", world.root, ref)

    task = await settled(world, ref)
    assert task.status is TaskStatusType.CANCELLED
    assert task.error_info == ("TASK_CANCELLED", ref)


async def test_a_task_destroyed_while_its_call_runs_goes_when_it_ends(world: World) -> None:
    go_on = asyncio.Event()

    async def clone(ctx: Context, vm: str, new_name: str) -> str:
        await go_on.wait()
        return NULL

    implement(world, VM__clone=clone)
    ref = await world.value("Async.VM.clone", world.root, "vm", "x")

    await world.value("task.destroy", world.root, ref)

    assert list(world.db.task[ref].current_operations.values()) == ["destroy"]
    go_on.set()
    async with asyncio.timeout(5):
        while ref in world.db.task:
            await asyncio.sleep(0.001)


async def test_a_call_inside_a_clients_task_does_not_complete_it(world: World) -> None:
    async def clone(ctx: Context, vm: str, new_name: str) -> str:
        return str(ctx.task)

    implement(world, VM__clone=clone)
    ref = await world.value("task.create", world.root, "mine", "")

    used = await world.value("VM.clone", world.root, "vm", "x", origin=Origin(task=ref))

    assert used == ref
    assert world.db.task[ref].status is TaskStatusType.PENDING
    assert not world.shared.running


async def test_headers_reach_the_task(world: World) -> None:
    parent = await world.value("task.create", world.root, "parent", "")
    origin = Origin(parent=parent, other_config={"applies_to": "x"})

    ref = await world.value("Async.VM.clone", world.root, "vm", "x", origin=origin)

    assert world.db.task[ref].subtask_of == parent
    assert world.db.task[parent].subtasks == (ref,)
    assert world.db.task[ref].other_config == {"applies_to": "x"}
    await settled(world, ref)


async def test_a_bug_answers_internal_error_and_is_logged(world: World, caplog: pytest.LogCaptureFixture) -> None:
    async def start(ctx: Context, vm: str, start_paused: bool, force: bool) -> None:
        raise ZeroDivisionError("seven")

    implement(world, VM__start=start)

    with caplog.at_level(logging.ERROR):
        error = await world.error("VM.start", world.root, "vm", False, False)

    assert error == ["INTERNAL_ERROR", "ZeroDivisionError: seven"]
    assert "Traceback" in caplog.text


async def test_a_message_without_a_function_is_not_implemented(world: World) -> None:
    world.dispatcher = Dispatcher(world.shared, world.sessions, Binding({}))

    assert await world.error("pool.disable_redo_log", world.root) == ["NOT_IMPLEMENTED", "pool.disable_redo_log"]


async def test_a_removed_message_says_so(world: World) -> None:
    assert await world.error("VBD_metrics.get_all_records", world.root) == ["MESSAGE_REMOVED"]


async def test_the_systems_own_messages(world: World) -> None:
    answer = await world.call("system.listMethods")

    assert answer.bare
    assert "VM.start" in answer.value
    assert await world.value("system.isAlive:x", "y") == "y"
    assert (await world.error("system.nope"))[0] == "MESSAGE_METHOD_UNKNOWN"


async def test_another_message_inside_a_call_shares_its_task(world: World) -> None:
    async def inner(ctx: Context, vm: str, start_paused: bool, force: bool) -> str:
        return str(ctx.task)

    async def outer(ctx: Context, vm: str, new_name: str) -> str:
        return str(ctx.task) + str(await ctx.call("VM.start", vm=vm, start_paused=False, force=True))

    implement(world, VM__start=inner, VM__clone=outer)

    both = await world.value("VM.clone", world.root, "vm", "x")

    assert both[: len(both) // 2] == both[len(both) // 2 :] != ""


async def test_an_inner_call_with_wrong_names_is_a_bug(world: World) -> None:
    ctx = Context(world.shared)

    with pytest.raises(TypeError, match="nonsense"):
        await ctx.call("VM.start", nonsense=1)
    with pytest.raises(TypeError, match="needs vm"):
        await ctx.call("VM.start")
