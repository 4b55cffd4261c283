"""Calls of the API on behalf of a command: through the dispatcher, so that roles, tasks and operations hold."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from common.errors import WireError
from xapi.auth import roles
from xapi.cli import progress
from xapi.cli.talk import Talk
from xapi.context import Context
from xapi.datamodel.types import NULL
from xapi.datamodel.wire import MESSAGES
from xapi.dispatch.call import Answer, Call, Origin

DEADLINE = 24 * 3600.0  # seconds one call may take: copies of large disks do
AGENT = "xe-cli"


@dataclass(slots=True)
class Caller:
    """Makes the calls of one command line."""

    ctx: Context
    talk: Talk
    session: str = NULL

    async def call(self, method: str, *params: Any) -> Any:
        """The result of a message; the session is added. Raises the API's errors."""
        await self.talk.flush()
        return await self.unseen(method, *params)

    async def unseen(self, method: str, *params: Any) -> Any:
        """Like `call`, but nothing is sent to the client, which may be gone."""
        given = [self.session, *params] if MESSAGES[method].message.session else list(params)
        return _value(await self._dispatch(Call(method, given), self._origin()))

    async def run(self, method: str, *params: Any) -> Any:
        """Like `call`, for what may take long: progress is drawn if there is a terminal to draw on."""
        if not self.talk.columns:
            return await self.call(method, *params)
        task = await self.call("task.create", method, "")
        try:
            async with progress.drawn(self.talk, self.ctx.db, task):
                call = Call(method, [self.session, *params])
                return _value(await self._dispatch(call, self._origin(task)))
        finally:
            await self._dispatch(Call("task.destroy", [self.session, task]), self._origin())

    def check(self, method: str) -> None:
        """Raise RBAC_PERMISSION_DENIED unless the session may call `method`."""
        live = self.ctx.access.sessions.find(self.session)
        permission = method.lower()
        if not live.may(permission):
            raise roles.denied(permission)

    def _origin(self, task: str = "") -> Origin:
        ctx = self.ctx
        return Origin(ctx.address, ctx.local_root, ctx.user_agent or AGENT, task=task)

    async def _dispatch(self, call: Call, origin: Origin) -> Answer:
        dispatch = self.ctx.shared.dispatch
        if dispatch is None:
            raise RuntimeError("nobody dispatches calls yet")
        # A client that goes away must not stop what it has begun in the middle.
        job = asyncio.ensure_future(dispatch(call, origin))
        self.ctx.shared.jobs.add(job)
        job.add_done_callback(self.ctx.shared.jobs.discard)
        async with asyncio.timeout(DEADLINE):
            return await asyncio.shield(job)


def _value(answer: Answer) -> Any:
    error: WireError | None = answer.error
    if error is not None:
        raise error
    return answer.value
