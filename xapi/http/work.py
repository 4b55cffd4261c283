"""The task of an HTTP request: the client's own, given as `task_id`, or a new one. It ends when the work does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from common.errors import WireError
from xapi.control import tasks
from xapi.datamodel.errors import InternalError
from xapi.datamodel.refs import TaskRef
from xapi.datamodel.types import Type
from xapi.http.request import Request


@dataclass(slots=True)
class Outcome:
    """What the work puts here is the task's result."""

    type: Type | None = None
    value: Any = None


@asynccontextmanager
async def in_task(request: Request, label: str) -> AsyncIterator[Outcome]:
    """Run the block as the request's task; `request.ctx` carries it. An error fails the task and goes on."""
    ctx = request.ctx
    given = request.param("task_id")
    if given is not None and given in ctx.db.task:
        ctx.task = TaskRef(given)
    else:
        ctx.task = tasks.begin(ctx.shared, label, ctx.session, parent=request.param("subtask_of") or "")
    outcome = Outcome()
    with tasks.working(ctx.shared, ctx.task) as ctx.state:
        try:
            yield outcome
        except BaseException as error:
            tasks.fail(ctx.shared, ctx.task, _failure(request, error))
            raise
        tasks.complete(ctx.shared, ctx.task, outcome.type, outcome.value)
    await ctx.db.durable()


def fail(request: Request, error: BaseException) -> None:
    """Fail the client's task, if the request names one: it never got to its work."""
    given = request.param("task_id")
    if given is not None and given in request.ctx.db.task:
        tasks.fail(request.ctx.shared, TaskRef(given), _failure(request, error))


def _failure(request: Request, error: BaseException) -> WireError:
    if isinstance(error, WireError):
        return request.ctx.shared.translate(request.ctx.db, error)
    return InternalError(f"{type(error).__name__}: {error}")
