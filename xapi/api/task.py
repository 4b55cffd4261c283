"""Implementation of task: rows that clients make and cancel. Those of calls are made by the dispatcher."""

from __future__ import annotations

from collections.abc import Mapping

from xapi.auth import roles
from xapi.context import Context
from xapi.control import tasks
from xapi.datamodel.enums import TaskStatusType
from xapi.datamodel.refs import TaskRef

ANY = "task.destroy/any"


async def create(ctx: Context, label: str, description: str) -> TaskRef:
    """The client completes it, or an HTTP request that names it."""
    return tasks.begin(ctx.shared, label, ctx.session, description=description, cancellable=False)


async def destroy(ctx: Context, self: TaskRef) -> None:
    _own(ctx, self)
    tasks.destroy(ctx.shared, self)


async def cancel(ctx: Context, task: TaskRef) -> None:
    _own(ctx, task)
    await tasks.cancel(ctx.shared, task)


async def set_status(ctx: Context, self: TaskRef, value: TaskStatusType) -> None:
    _own(ctx, self)
    ctx.db.task.update(self, status=value)


async def set_progress(ctx: Context, self: TaskRef, value: float) -> None:
    _own(ctx, self)
    ctx.db.task.update(self, progress=value)


async def set_result(ctx: Context, self: TaskRef, value: str) -> None:
    _own(ctx, self)
    ctx.db.task.update(self, result=value)


async def set_error_info(ctx: Context, self: TaskRef, value: tuple[str, ...]) -> None:
    _own(ctx, self)
    ctx.db.task.update(self, error_info=value)


async def add_to_other_config(ctx: Context, self: TaskRef, key: str, value: str) -> None:
    ctx.db.task.add_to(self, "other_config", key, value)


async def remove_from_other_config(ctx: Context, self: TaskRef, key: str) -> None:
    ctx.db.task.remove_from(self, "other_config", key)


async def set_other_config(ctx: Context, self: TaskRef, value: Mapping[str, str]) -> None:
    ctx.db.task.update(self, other_config=value)


def _own(ctx: Context, ref: TaskRef) -> None:
    """Raise RBAC_PERMISSION_DENIED for somebody else's task, unless the session may touch any."""
    task = ctx.db.task[ref]
    if ctx.session is None or task.session == ctx.session or ctx.may(ANY):
        return
    owner, asking = ctx.db.session.get(task.session), ctx.db.session.get(ctx.session)
    if owner is None or asking is None or (owner.auth_user_sid or owner.ref) != asking.auth_user_sid:
        raise roles.denied(ANY)
