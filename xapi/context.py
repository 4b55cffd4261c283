"""`Context`: what every API function gets beside its parameters."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from common.errors import DaemonUnreachable, WireError, from_wire
from common.idl.task import TASK, State, Task, TaskId
from xapi.datamodel import errors
from xapi.datamodel.errors import TaskCancelled
from xapi.datamodel.types import NULL as NULL_REF
from xapi.services import Services, away

if TYPE_CHECKING:
    from xapi.auth.access import Access
    from xapi.config import Config
    from xapi.control.audit import Trail
    from xapi.datamodel.refs import HostRef, SessionRef, TaskRef
    from xapi.db.database import Database
    from xapi.dispatch.call import Answer, Call, Origin

log = logging.getLogger(__name__)

NULL: Any = NULL_REF
POLL = 2.0  # seconds one wait for a daemon's task lasts: a change of progress just before it is seen at its end
AWAY = 10.0  # seconds a daemon whose task we watch may be away

Invoke = Callable[["Context", str, Mapping[str, Any]], Awaitable[Any]]
"""Runs another message: guard, forwarding and implementation."""

Dispatch = Callable[["Call", "Origin"], Awaitable["Answer"]]

Cancel = Callable[[], Awaitable[None]]


class Running:
    """The live side of a task row: how a cancellation reaches the call that runs."""

    def __init__(self) -> None:
        self.cancelling = False
        self._hooks: list[Cancel] = []

    async def cancel(self) -> None:
        """Set the flag and tell the daemons whose tasks are watched. Safe to repeat."""
        self.cancelling = True
        for hook in list(self._hooks):
            with contextlib.suppress(WireError):
                await hook()

    @contextlib.contextmanager
    def cancelled_by(self, hook: Cancel) -> Any:
        """While in the block, a cancellation awaits `hook`."""
        self._hooks.append(hook)
        try:
            yield
        finally:
            self._hooks.remove(hook)


@dataclass(slots=True)
class Shared:
    """What all calls of this process share."""

    db: Database
    services: Services
    config: Config
    invoke: Invoke
    """Another message as part of a call."""
    dispatch: Dispatch | None = None
    """A whole call, checked from the start; the dispatcher puts itself here."""
    host: HostRef = NULL
    """This host; set by start-up."""
    running: dict[TaskRef, Running] = field(default_factory=dict)
    translate: Callable[[Database, WireError], WireError] = lambda _db, error: error
    """A daemon's error as the XenAPI's."""
    audit: Trail | None = None
    """Who did what; start-up makes it."""
    access: Access | None = None
    """Passwords, sessions and the pool's secret; start-up makes it."""
    jobs: set[asyncio.Task[Any]] = field(default_factory=set)
    """Work that outlives the call which began it; cancelled at the stop."""


@dataclass(slots=True)
class Context:
    """One call: who asks, in which task, and what it may use."""

    shared: Shared
    session: SessionRef | None = None
    """None for our own work."""
    task: TaskRef = NULL
    dbg: str = "-"
    """The task for log lines, given to daemons as their first parameter: `VM.start R:1234abcd`."""
    state: Running = field(default_factory=Running)
    span: tuple[float, float] = (0.0, 1.0)
    """The part of the task's progress that this call covers."""
    address: str = ""
    """The client's address; empty on the local socket."""
    local_root: bool = False
    """The call came over the socket that only root can open, or is our own."""
    user_agent: str = ""

    @property
    def db(self) -> Database:
        return self.shared.db

    @property
    def services(self) -> Services:
        return self.shared.services

    @property
    def config(self) -> Config:
        return self.shared.config

    @property
    def host(self) -> HostRef:
        """This host; start-up sets it."""
        return self.shared.host

    @host.setter
    def host(self, ref: HostRef) -> None:
        self.shared.host = ref

    @property
    def access(self) -> Access:
        """Passwords, sessions and the pool's secret."""
        if self.shared.access is None:
            raise RuntimeError("there are no sessions here")
        return self.shared.access

    def may(self, permission: str) -> bool:
        """Whether the session holds a permission beside the message's own (`task.destroy/any`).

        Our own work may do everything.
        """
        return self.session is None or self.access.sessions.find(self.session).may(permission)

    @classmethod
    def for_test(
        cls,
        db: Database,
        services: Services | None = None,
        *,
        host: Any = NULL,
        invoke: Invoke | None = None,
        config: Any = None,
        **fields: Any,
    ) -> Context:
        """A context of our own work on `db`; daemons not given are away, `call` reaches `invoke`."""
        shared = Shared(db, services or away(), config, invoke or no_invoke, host=host)
        return cls(shared, dbg="test", local_root=True, **fields)

    def progress(self, fraction: float) -> None:
        """Show that `fraction` (0 to 1) of this call is done."""
        if self.task == NULL or self.task not in self.db.task:
            return
        low, high = self.span
        self.db.task.update(self.task, progress=low + (high - low) * min(max(fraction, 0.0), 1.0))

    def part(self, low: float, high: float) -> Context:
        """The same call, whose progress covers `low` to `high` of this one's."""
        start, end = self.span
        size = end - start
        return replace(self, span=(start + size * low, start + size * high))

    def internal(self, dbg: str) -> Context:
        """A context of our own work, without session and task; `dbg` names it in logs."""
        return Context(self.shared, dbg=f"{dbg} R:{uuid.uuid4().hex[:8]}", local_root=True)

    def check_cancelled(self) -> None:
        """Raise TASK_CANCELLED if somebody cancelled this call; call it between steps."""
        if self.state.cancelling:
            raise TaskCancelled(self.task)

    async def call(self, message: str, /, **params: Any) -> Any:
        """Run another message as part of this call: same session, same task; checked and forwarded as if sent."""
        return await self.shared.invoke(self, message, params)

    async def xen_task(self, id: TaskId) -> str | None:
        """The result of a task of xenopsd, when it ended; progress and cancellation pass through."""
        return await self._watch(self.services.xen.task, id)

    async def storage_task(self, id: TaskId) -> str | None:
        """The result of a task of sm, when it ended; progress and cancellation pass through."""
        return await self._watch(self.services.storage.task, id)

    def later(self, work: Awaitable[Any]) -> None:
        """Let `work` run on after this call; what it raises is logged."""

        async def run() -> None:
            try:
                await work
            except WireError as error:
                log.warning("%s: %s", self.dbg, error)

        job = asyncio.get_running_loop().create_task(run())
        self.shared.jobs.add(job)
        job.add_done_callback(self.shared.jobs.discard)

    async def _watch(self, daemon: TASK, id: TaskId) -> str | None:
        async def cancel() -> None:
            await daemon.cancel(self.dbg, id)

        with self.state.cancelled_by(cancel):
            if self.state.cancelling:
                await cancel()
            while (task := await self._wait(daemon, id)).state is State.PENDING:
                self.progress(task.progress)
        with contextlib.suppress(WireError):
            await daemon.destroy(self.dbg, id)
        if task.state is State.FAILED:
            code, *params = task.error
            raise self._failure(from_wire(code, params))
        return task.result

    async def _wait(self, daemon: TASK, id: TaskId) -> Task:
        give_up = asyncio.get_running_loop().time() + AWAY
        while True:
            try:
                return await daemon.wait(self.dbg, id, POLL)
            except DaemonUnreachable as error:
                # A daemon that was killed comes back in a second and then no longer knows the task, or it still does.
                if asyncio.get_running_loop().time() > give_up:
                    raise self._failure(error) from error
                await asyncio.sleep(0.1)
            except WireError as error:
                raise self._failure(error) from error

    def _failure(self, error: WireError) -> WireError:
        if error.wire_code == "Cancelled":
            return TaskCancelled(self.task)
        return self.shared.translate(self.db, error)


async def no_invoke(_ctx: Context, message: str, _params: Mapping[str, Any]) -> Any:
    raise errors.NotImplemented(message)
