"""The task of an HTTP request: the client's own, given as `task_id`, or a new one. It ends when the work does.

And its line in the audit log.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from common.errors import WireError
from xapi.control import audit, tasks
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


def noted(request: Request) -> AbstractContextManager[object]:
    """Write the block down in the audit log as what the request did."""
    trail = request.ctx.shared.audit
    if trail is None or request.action.name in audit.UNNOTED_HTTP:
        return nullcontext()
    return trail.noting(request.ctx, audit.Kind.HTTP, request.action.name, about(request))


def about(request: Request) -> list[audit.Object]:
    """The objects that the query names."""
    return audit.objects(request.ctx.db, list(request.query), list(request.query.values()))


def fail(request: Request, error: BaseException) -> None:
    """Fail the client's task, if the request names one: it never got to its work."""
    given = request.param("task_id")
    if given is not None and given in request.ctx.db.task:
        tasks.fail(request.ctx.shared, TaskRef(given), _failure(request, error))


def _failure(request: Request, error: BaseException) -> WireError:
    if isinstance(error, WireError):
        return request.ctx.shared.translate(request.ctx.db, error)
    return InternalError(f"{type(error).__name__}: {error}")
