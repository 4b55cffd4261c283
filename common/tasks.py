"""The tasks of a daemon: runs long calls, keeps their progress and outcome, serves `common.idl.task.TASK`."""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

import msgspec

from common import log as task_log
from common.errors import InternalFailure, WireError
from common.idl.task import TASK, Cancelled, State, Task, TaskId, UnknownTask

log = logging.getLogger(__name__)

KEEP = 3600.0  # seconds a finished task stays
MINIMUM_STEP = 0.01  # of progress that wakes those who wait

_current: ContextVar[Handle | None] = ContextVar("handle", default=None)


class Handle:
    """A running task, as its own work sees it."""

    def __init__(self, id_: TaskId, dbg: str, changed: Callable[[TaskId], None]) -> None:
        self.id, self.dbg = id_, dbg
        self.cancelling = False
        self._changed = changed
        self._task = Task(id=id_, dbg=dbg, state=State.PENDING, created=time.time())
        self._wake = asyncio.Event()
        self.job: asyncio.Task[Any] | None = None
        self.finished_at = 0.0

    @property
    def task(self) -> Task:
        """The task as clients see it."""
        return self._task

    def progress(self, fraction: float) -> None:
        """Set the progress, 0 to 1; it never goes back."""
        if fraction >= self._task.progress + MINIMUM_STEP:
            self._update(progress=min(fraction, 1.0))

    def check(self) -> None:
        """Raise `Cancelled` if somebody asked for it; call it between steps."""
        if self.cancelling:
            raise Cancelled(self.id)

    def uncancellable(self) -> None:
        """From here on, cancelling is refused: the work passed its point of no return."""
        self.check()
        self._update(cancellable=False)

    def cancel(self) -> None:
        """Set the flag and interrupt the job if it may be."""
        if self._task.state is State.PENDING and self._task.cancellable and not self.cancelling:
            self.cancelling = True
            if self.job is not None:
                self.job.cancel()

    def finish(self, *, result: str | None = None, error: WireError | None = None) -> None:
        """Record the outcome."""
        self.finished_at = time.time()
        if error is None:
            self._update(state=State.COMPLETED, progress=1.0, result=result)
        else:
            self._update(state=State.FAILED, error=[error.wire_code, *error.params])

    async def changed(self, timeout: float) -> None:
        """Wait for a change, at most `timeout` seconds."""
        try:
            await asyncio.wait_for(self._wake.wait(), timeout)
        except TimeoutError:
            return

    def _update(self, **fields: Any) -> None:
        self._task = msgspec.structs.replace(self._task, **fields)
        self._wake.set()
        self._wake = asyncio.Event()
        self._changed(self.id)


def current() -> Handle | None:
    """The task whose work is running, for progress and cancellation deep inside it."""
    return _current.get()


class Tasks(TASK):
    """All tasks of one daemon. `changed` is told of each change, for the daemon's update feed."""

    def __init__(self, changed: Callable[[TaskId], None] = lambda _id: None) -> None:
        self._handles: dict[TaskId, Handle] = {}
        self._numbers = itertools.count()
        self._changed = changed
        self._forget_when_done: set[TaskId] = set()

    def start(self, dbg: str, work: Callable[[Handle], Awaitable[str | None]]) -> TaskId:
        """Run `work` as a task; what it returns is the task's result."""
        self._expire()
        handle = Handle(TaskId(str(next(self._numbers))), dbg, self._changed)
        self._handles[handle.id] = handle
        handle.job = asyncio.get_running_loop().create_task(self._run(handle, work))
        return handle.id

    async def close(self) -> None:
        """Interrupt all jobs and wait for them."""
        jobs = [handle.job for handle in self._handles.values() if handle.job is not None]
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)

    async def _run(self, handle: Handle, work: Callable[[Handle], Awaitable[str | None]]) -> None:
        with task_log.task(handle.dbg):
            token = _current.set(handle)
            try:
                handle.finish(result=await work(handle))
            except WireError as error:
                log.info("task %s: %s", handle.id, error)
                handle.finish(error=error)
            except asyncio.CancelledError:
                handle.finish(error=Cancelled(handle.id))
                if not handle.cancelling:
                    raise
            except Exception as error:
                log.exception("task %s failed", handle.id)
                handle.finish(error=InternalFailure(f"{type(error).__name__}: {error}"))
            finally:
                _current.reset(token)
                if handle.id in self._forget_when_done:
                    self._drop(handle.id)

    def _expire(self) -> None:
        limit = time.time() - KEEP
        for id_, handle in list(self._handles.items()):
            if handle.task.state is not State.PENDING and handle.finished_at < limit:
                self._drop(id_)

    def _drop(self, id_: TaskId) -> None:
        self._handles.pop(id_, None)
        self._forget_when_done.discard(id_)

    def _find(self, id_: TaskId) -> Handle:
        handle = self._handles.get(id_)
        if handle is None:
            raise UnknownTask(id_)
        return handle

    async def stat(self, dbg: str, id: TaskId) -> Task:
        return self._find(id).task

    async def wait(self, dbg: str, id: TaskId, timeout: float = 30.0) -> Task:
        handle = self._find(id)
        if handle.task.state is State.PENDING:
            await handle.changed(timeout)
        return handle.task

    async def all(self, dbg: str) -> list[Task]:
        return [handle.task for handle in self._handles.values()]

    async def cancel(self, dbg: str, id: TaskId) -> None:
        self._find(id).cancel()

    async def destroy(self, dbg: str, id: TaskId) -> None:
        handle = self._handles.get(id)
        if handle is None:
            return
        if handle.task.state is State.PENDING:
            self._forget_when_done.add(id)
        else:
            self._drop(id)
