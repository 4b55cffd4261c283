"""`hold` keeps `current_operations` true, whatever happens in the block."""

from __future__ import annotations

import asyncio

import pytest

from common.errors import WireError
from xapi.context import Context
from xapi.control import operations
from xapi.control.operations.core import _waiting
from xapi.datamodel.enums import VMPowerState
from xapi.datamodel.refs import VMRef
from xapi.datamodel.wire import MESSAGES
from xapi.db.database import Database


def make() -> tuple[Context, VMRef]:
    db = Database()
    return Context.for_test(db), VMRef(db.vm.create(power_state=VMPowerState.HALTED).ref)


async def test_the_operation_is_shown_while_it_runs() -> None:
    ctx, vm = make()
    async with operations.hold(ctx, "VM", vm, "clone"):
        assert list(ctx.db.vm[vm].current_operations.values()) == ["clone"]
        assert set(ctx.db.vm[vm].allowed_operations) == {"clone", "copy", "export"}
    assert ctx.db.vm[vm].current_operations == {}
    assert "start" in ctx.db.vm[vm].allowed_operations


async def test_it_is_gone_after_an_error() -> None:
    ctx, vm = make()
    with pytest.raises(RuntimeError):
        async with operations.hold(ctx, "VM", vm, "start"):
            raise RuntimeError
    assert ctx.db.vm[vm].current_operations == {}


async def test_the_object_may_vanish_in_the_block() -> None:
    ctx, vm = make()
    async with operations.hold(ctx, "VM", vm, "destroy"):
        ctx.db.vm.delete(vm)


async def test_an_object_that_is_none_is_an_invalid_handle() -> None:
    ctx, _ = make()
    with pytest.raises(WireError) as caught:
        async with operations.hold(ctx, "VM", "OpaqueRef:none", "start"):
            pass
    assert (caught.value.wire_code, caught.value.params) == ("HANDLE_INVALID", ["VM", "OpaqueRef:none"])


async def test_it_waits_for_the_one_before() -> None:
    ctx, vm = make()
    entered, leave = asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with operations.hold(ctx, "VM", vm, "start"):
            entered.set()
            await leave.wait()

    job = asyncio.get_running_loop().create_task(first())
    await entered.wait()
    asyncio.get_running_loop().call_later(0.05, leave.set)
    async with operations.hold(ctx, "VM", vm, "destroy", wait=5.0):
        assert list(ctx.db.vm[vm].current_operations.values()) == ["destroy"]
    await job


async def test_it_waits_no_longer_than_it_was_told() -> None:
    ctx, vm = make()
    async with operations.hold(ctx, "VM", vm, "start"):
        with pytest.raises(WireError) as caught:
            async with operations.hold(ctx, "VM", vm, "destroy", wait=0.05):
                pass
        assert caught.value.wire_code == "OTHER_OPERATION_IN_PROGRESS"
    assert not _waiting


def test_every_guard_names_a_parameter_and_an_operation_of_its_message() -> None:
    for name, guard in operations.GUARDED.items():
        message = MESSAGES[name]
        assert guard.param in [param.name for param in message.message.params], name
