"""The way of a call: known → counted → typed → session → role → task → operation → forwarding → implementation → disk.

Mere reads and writes of the database need no task or operation: `quick` and `write` do them without a single `await`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from common import log as task_log
from common.errors import WireError
from xapi.auth import roles
from xapi.auth.sessions import Live, Sessions
from xapi.context import Context, Shared
from xapi.control import audit, operations, tasks
from xapi.datamodel.errors import (
    HandleInvalid,
    InternalError,
    MessageMethodUnknown,
    MessageRemoved,
    RbacPermissionDenied,
    SessionInvalid,
    XenError,
)
from xapi.datamodel.refs import TaskRef
from xapi.datamodel.types import NULL, Ref, SetOf
from xapi.datamodel.wire import MESSAGES
from xapi.dispatch import forward
from xapi.dispatch.binding import Binding, Bound
from xapi.dispatch.call import Answer, Call, Origin

log = logging.getLogger(__name__)

ASYNC = "Async."
INTERNAL_ASYNC = "InternalAsync."
TASK = Ref("task")


@dataclass(eq=False)
class Fault(WireError):
    """What the original answers as an XML-RPC fault."""

    code = "Fault"

    text: str


class Dispatcher:
    """Carries out calls."""

    def __init__(self, shared: Shared, sessions: Sessions, binding: Binding) -> None:
        self.shared = shared
        self.sessions = sessions
        self.binding = binding
        shared.invoke = self.invoke
        shared.dispatch = self.run
        self._names = tuple(MESSAGES)

    def quick(self, call: Call) -> Answer | None:
        """The answer to a read of the database, or to a call that fails its checks; None for anything else."""
        bound = self.binding.find(call.method)
        if bound is None or not bound.reads:
            return None
        params = call.params
        try:
            bound.arguments.check_count(params)
            values = bound.arguments.decode(params)
            self._authorize(bound, params, values)
            return Answer(bound.result, bound.execute(self.shared.db, values))
        except WireError as error:
            return Answer(None, None, error)
        except Exception as error:
            return Answer(None, None, _bug(call.method, error))

    def write(self, call: Call, origin: Origin) -> tuple[Answer, asyncio.Future[None] | None] | None:
        """The answer to a mere write of the database, and when it may go out: `Store.pending`.

        None for anything else, and for what fails its checks: `run` tells why, and notes what was denied.
        """
        bound = self.binding.find(call.method)
        if bound is None or not bound.writes:
            return None
        db = self.shared.db
        before = db.written
        try:
            bound.arguments.check_count(call.params)
            values = bound.arguments.decode(call.params)
            ctx = self._context(bound, self._authorize(bound, call.params, values), origin)
        except WireError:
            return None
        try:
            with self._noting(ctx, bound, values) as about:
                answer = Answer(bound.result, bound.execute(db, values))
                about += audit.objects(db, ("result",), (answer.value,))
        except WireError as error:
            with task_log.task(ctx.dbg):
                log.info("%s: %s", bound.name, error)
            answer = Answer(None, None, error)
        except Exception as error:
            answer = Answer(None, None, _bug(bound.name, error))
        return answer, db.pending(before)

    async def run(self, call: Call, origin: Origin) -> Answer:
        """The answer to any call. Never raises."""
        try:
            return await self._run(call, origin)
        except WireError as error:
            return Answer(None, None, self._translate(error))
        except Exception as error:
            return Answer(None, None, _bug(call.method, error))

    async def invoke(self, ctx: Context, name: str, params: Mapping[str, Any]) -> Any:
        """Carry out another message inside the call `ctx`; its parameters are typed values by name."""
        bound = self.binding.find(name)
        if bound is None:
            raise MessageMethodUnknown(name)
        values = bound.arguments.by_name(params)
        return await self._guarded(ctx, bound, values)

    async def _run(self, call: Call, origin: Origin) -> Answer:
        if call.method.startswith("system."):
            return self._system(call)
        bound, mode = self._resolve(call.method)
        bound.arguments.check_count(call.params)
        values = bound.arguments.decode(call.params)
        try:
            live = self._authorize(bound, call.params, values)
        except RbacPermissionDenied as error:
            self._note_denial(bound, call, values, origin, error)
            raise
        ctx = self._context(bound, live, origin)
        before = self.shared.db.written
        try:
            if mode:
                return self._in_background(ctx, bound, values, mode, origin)
            if origin.task:
                return await self._in_given_task(ctx, bound, values, origin.task)
            if bound.with_task:
                return await self._in_own_task(ctx, bound, values, origin)
            return await self._foreground(ctx, bound, values)
        finally:
            await self.shared.db.durable(before)

    def _resolve(self, method: str) -> tuple[Bound, str]:
        """The message that `method` names, and the prefix of its asynchronous form."""
        mode = ASYNC if method.startswith(ASYNC) else INTERNAL_ASYNC if method.startswith(INTERNAL_ASYNC) else ""
        name = method[len(mode) :]
        bound = self.binding.find(name)
        if bound is None and not mode and "." not in name:
            bound = self._underscored(name)
        if bound is None:
            raise MessageMethodUnknown(name)
        if bound.removed:
            raise MessageRemoved
        if mode and not bound.message.is_async:
            raise Fault(f"No async mode for this operation (rpc: {name})")
        return bound, mode

    def _underscored(self, name: str) -> Bound | None:
        """`VM_metrics_get_all` as `VM_metrics.get_all`: some class and message joined by an underscore."""
        for index, letter in enumerate(name):
            if letter == "_" and (bound := self.binding.find(f"{name[:index]}.{name[index + 1 :]}")):
                return bound
        return None

    def _authorize(self, bound: Bound, params: list[Any], values: list[Any]) -> Live | None:
        """The session of the call, if it needs one; it may make the call."""
        if not bound.session:
            return None
        live = self.sessions.find(bound.arguments.session(params))
        if live.superuser and not live.local and not bound.message.message.pool_internal:
            return live
        if live.local:
            if not bound.message.message.emergency:
                raise SessionInvalid(live.ref)
            return live
        if bound.message.message.pool_internal and not live.pool:
            raise _not_from_a_host(bound.name)
        if not live.superuser:
            permission = bound.permission
            if bound.keys:
                permission = roles.permission_for(permission, bound.keys, bound.arguments.key(values))
            if permission not in live.permissions:
                raise roles.denied(permission)
        return live

    def _context(self, bound: Bound, live: Live | None, origin: Origin) -> Context:
        return Context(
            self.shared,
            session=live.ref if live is not None else None,
            dbg=f"{bound.name} R:{os.urandom(6).hex()}",
            address=origin.address,
            local_root=origin.local_root,
            user_agent=origin.user_agent,
        )

    def _begin(self, ctx: Context, label: str, origin: Origin) -> None:
        ctx.task = tasks.begin(
            self.shared, label, ctx.session, parent=origin.parent or NULL, other_config=origin.other_config
        )
        ctx.dbg = f"{label} R:{ctx.task.removeprefix('OpaqueRef:')[:12]}"

    async def _in_given_task(self, ctx: Context, bound: Bound, values: list[Any], ref: str) -> Answer:
        """The task is the client's, who completes it."""
        if ref not in self.shared.db.task:
            raise HandleInvalid("task", ref)
        ctx.task = TaskRef(ref)
        with tasks.working(self.shared, ctx.task) as ctx.state:
            return await self._foreground(ctx, bound, values)

    async def _in_own_task(self, ctx: Context, bound: Bound, values: list[Any], origin: Origin) -> Answer:
        """The task can be seen and cancelled while the call runs, and goes with it."""
        self._begin(ctx, bound.name, origin)
        try:
            with tasks.working(self.shared, ctx.task) as ctx.state:
                return await self._foreground(ctx, bound, values)
        finally:
            if ctx.task in self.shared.db.task:
                self.shared.db.task.delete(ctx.task)

    async def _foreground(self, ctx: Context, bound: Bound, values: list[Any]) -> Answer:
        with task_log.task(ctx.dbg):
            try:
                return Answer(bound.result, await self._audited(ctx, bound, values))
            except WireError as error:
                log.info("%s: %s", bound.name, error)
                raise
            except Exception as error:
                raise _bug(bound.name, error) from error

    def _in_background(self, ctx: Context, bound: Bound, values: list[Any], mode: str, origin: Origin) -> Answer:
        self._begin(ctx, f"{mode}{bound.name}", origin)
        job = asyncio.get_running_loop().create_task(self._job(ctx, bound, values))
        self.shared.jobs.add(job)
        job.add_done_callback(self.shared.jobs.discard)
        return Answer(TASK, ctx.task)

    async def _job(self, ctx: Context, bound: Bound, values: list[Any]) -> None:
        with task_log.task(ctx.dbg), tasks.working(self.shared, ctx.task) as ctx.state:
            try:
                value = await self._audited(ctx, bound, values)
                tasks.complete(self.shared, ctx.task, bound.result, value)
            except WireError as error:
                log.info("%s: %s", bound.name, error)
                tasks.fail(self.shared, ctx.task, self._translate(error))
            except Exception as error:
                tasks.fail(self.shared, ctx.task, _bug(bound.name, error))

    async def _audited(self, ctx: Context, bound: Bound, values: list[Any]) -> Any:
        with self._noting(ctx, bound, values) as about:
            value = await self._guarded(ctx, bound, values)
            about += audit.objects(self.shared.db, ("result",), (value,))
        return value

    def _noting(
        self, ctx: Context, bound: Bound, values: list[Any]
    ) -> contextlib.AbstractContextManager[list[audit.Object]]:
        """Write down what the block does, which may add to the objects it gets; root's own logins are left out."""
        trail = self.shared.audit
        if trail is None or not bound.noted or (ctx.local_root and not bound.session):
            return contextlib.nullcontext([])
        about = audit.objects(self.shared.db, bound.arguments.names, values)
        return trail.noting(ctx, audit.Kind.API, bound.name, about)

    def _note_denial(
        self, bound: Bound, call: Call, values: list[Any], origin: Origin, error: RbacPermissionDenied
    ) -> None:
        trail = self.shared.audit
        if trail is not None and bound.noted:
            live = self.sessions.find(bound.arguments.session(call.params))
            about = audit.objects(self.shared.db, bound.arguments.names, values)
            trail.denied(self._context(bound, live, origin), audit.Kind.API, bound.name, about, error)

    async def _guarded(self, ctx: Context, bound: Bound, values: list[Any]) -> Any:
        guard = bound.guard
        if guard is None:
            return await forward.run(ctx, bound, values)
        ref = values[bound.arguments.index(guard.param)]
        async with operations.hold(ctx, bound.message.cls.name, ref, guard.op, wait=guard.wait):
            return await forward.run(ctx, bound, values)

    def _system(self, call: Call) -> Answer:
        if call.method == "system.listMethods":
            return Answer(SetOf(str), self._names, bare=True)
        if call.method == "system.isAlive" or call.method.startswith("system.isAlive:"):
            return Answer(object, call.params[0] if call.params else "")
        raise MessageMethodUnknown(call.method)

    def _translate(self, error: WireError) -> WireError:
        """A daemon's error as the XenAPI's; ours are as they are."""
        if isinstance(error, (XenError, Fault)):
            return error
        return self.shared.translate(self.shared.db, error)


def _not_from_a_host(name: str) -> InternalError:
    return InternalError(f'Internal API "{name}" call attempted with non-pool (external) session')


def _bug(method: str, error: Exception) -> InternalError:
    log.error("%s failed", method, exc_info=error)
    return InternalError(f"{type(error).__name__}: {error}")
