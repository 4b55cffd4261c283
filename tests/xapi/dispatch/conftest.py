"""A dispatcher on an empty database in memory, with one session of root."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from xapi.auth.access import Access
from xapi.auth.login import Authentication
from xapi.auth.sessions import Sessions
from xapi.config import Config
from xapi.context import Context, Shared
from xapi.datamodel.refs import HostRef, SessionRef
from xapi.datamodel.types import NULL
from xapi.db.database import Database
from xapi.dispatch.binding import Binding
from xapi.dispatch.call import LOCAL, Answer, Call, Origin
from xapi.dispatch.dispatcher import Dispatcher


@dataclass
class World:
    """What a test of the dispatcher needs."""

    db: Database
    shared: Shared
    sessions: Sessions
    dispatcher: Dispatcher
    root: SessionRef

    async def call(self, method: str, *params: Any, origin: Origin = LOCAL) -> Answer:
        """One call as a protocol makes it: the short way if there is one."""
        call = Call(method, list(params))
        if answer := self.dispatcher.quick(call):
            return answer
        if not origin.task and (written := self.dispatcher.write(call, origin)):
            answer, disk = written
            if disk is not None:
                await disk
            return answer
        return await self.dispatcher.run(call, origin)

    async def error(self, method: str, *params: Any, origin: Origin = LOCAL) -> list[str]:
        """Code and parameters of the error that a call answers."""
        answer = await self.call(method, *params, origin=origin)
        assert answer.error is not None, f"{method} succeeded: {answer.value!r}"
        return [answer.error.wire_code, *answer.error.params]

    async def value(self, method: str, *params: Any, origin: Origin = LOCAL) -> Any:
        """The value that a call answers."""
        answer = await self.call(method, *params, origin=origin)
        assert answer.error is None, f"{method}: {answer.error}"
        return answer.value


@pytest.fixture(scope="session")
def binding() -> Binding:
    """The real functions, loaded once."""
    return Binding()


@pytest.fixture
def world(binding: Binding) -> World:
    db = Database()
    settings = Config(authentication="file", login_delay=0.0)
    shared = Context.for_test(db, config=settings, host=HostRef(NULL)).shared
    sessions = Sessions(db)
    shared.access = Access(Authentication(settings), sessions, "secret")
    dispatcher = Dispatcher(shared, sessions, binding)
    return World(db, shared, sessions, dispatcher, sessions.create(host=HostRef(NULL), user="root"))
