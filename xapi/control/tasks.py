"""Task rows of calls: made before, completed after, cancelled in between.

A synchronous call's row goes with its answer, an asynchronous one's stays for its client. The live side of a running
call, which carries a cancellation to the daemons, is in `shared.running`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from common.errors import WireError
from xapi.context import Running, Shared
from xapi.datamodel.enums import TaskAllowedOperations, TaskStatusType
from xapi.datamodel.errors import OperationNotAllowed
from xapi.datamodel.refs import SessionRef, TaskRef
from xapi.datamodel.types import NEVER, NULL, Type
from xapi.db.render import xml_value

log = logging.getLogger(__name__)

NO_TYPE = "<none/>"
CANCELLED = "TASK_CANCELLED"


def begin(
    shared: Shared,
    label: str,
    session: SessionRef | None,
    *,
    description: str = "",
    parent: str = "",
    other_config: Mapping[str, str] | None = None,
    cancellable: bool = True,
) -> TaskRef:
    """A new pending task."""
    db = shared.db
    allowed = (TaskAllowedOperations.CANCEL,) if cancellable else ()
    row = db.task.create(
        name_label=label,
        name_description=description,
        allowed_operations=allowed,
        created=datetime.now(UTC),
        finished=NEVER,
        status=TaskStatusType.PENDING,
        session=session or NULL,
        resident_on=shared.host,
        type=NO_TYPE,
        other_config=dict(other_config or {}),
        subtask_of=parent if parent in db.task else NULL,
    )
    return TaskRef(row.ref)


def complete(shared: Shared, ref: TaskRef, type_: Type | None, value: Any) -> None:
    """The task succeeded with `value`. Only a task that is running can."""
    _finish(shared, ref, status=TaskStatusType.SUCCESS, result=f"<value>{xml_value(type_, value).decode()}</value>")


def fail(shared: Shared, ref: TaskRef, error: WireError) -> None:
    """The task failed, or ended because it was cancelled. Only a task that is running can."""
    cancelled = error.wire_code == CANCELLED
    status = TaskStatusType.CANCELLED if cancelled else TaskStatusType.FAILURE
    _finish(shared, ref, status=status, error_info=(error.wire_code, *error.params))


def _finish(shared: Shared, ref: TaskRef, **fields: Any) -> None:
    row = shared.db.task.get(ref)
    if row is None or row.status not in (TaskStatusType.PENDING, TaskStatusType.CANCELLING):
        return
    destroyed = TaskAllowedOperations.DESTROY in row.current_operations.values()
    shared.db.task.update(
        ref,
        finished=datetime.now(UTC),
        progress=1.0,
        allowed_operations=(),
        current_operations={},
        **fields,
    )
    if destroyed:
        shared.db.task.delete(ref)


def destroy(shared: Shared, ref: TaskRef) -> None:
    """Forget a task: at once, or when the call that works on it ends."""
    row = shared.db.task[ref]
    if ref in shared.running:
        shared.db.task.update(
            ref, current_operations={**row.current_operations, "destroy": TaskAllowedOperations.DESTROY}
        )
        return
    shared.db.task.delete(ref)


async def cancel(shared: Shared, ref: TaskRef) -> None:
    """Ask the call that works on the task, and those of its subtasks, to stop. A finished task is left alone.

    Raises OPERATION_NOT_ALLOWED when it passed the point of no return.
    """
    row = shared.db.task[ref]
    if row.status is not TaskStatusType.PENDING:
        return
    if TaskAllowedOperations.CANCEL not in row.allowed_operations:
        raise OperationNotAllowed("The task can't be cancelled")
    shared.db.task.update(ref, current_operations={**row.current_operations, "cancel": TaskAllowedOperations.CANCEL})
    running = shared.running.get(ref)
    if running is not None:
        await running.cancel()
    for subtask in row.subtasks:
        if subtask in shared.db.task:
            await cancel(shared, TaskRef(subtask))


@contextmanager
def working(shared: Shared, ref: TaskRef) -> Iterator[Running]:
    """The live side of a task, while a call works on it; a call inside another's task shares that one's."""
    present = shared.running.get(ref)
    if present is not None:
        yield present
        return
    running = shared.running[ref] = Running()
    try:
        yield running
    finally:
        del shared.running[ref]


def interrupt(shared: Shared) -> None:
    """At start: the calls of our predecessor did not survive it, so their tasks failed."""
    for row in list(shared.db.task.rows()):
        if row.status in (TaskStatusType.PENDING, TaskStatusType.CANCELLING):
            log.info("task %s (%s): interrupted by a restart", row.uuid, row.name_label)
            _finish(
                shared,
                TaskRef(row.ref),
                status=TaskStatusType.FAILURE,
                error_info=("INTERNAL_ERROR", "interrupted: the toolstack was restarted while the task ran"),
            )
