"""xapi's sockets on an empty database, in this process; daemons are away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from common.config import under_root
from xapi.auth.access import Access
from xapi.auth.login import Authentication
from xapi.auth.sessions import Sessions
from xapi.config import Config
from xapi.context import Context, Shared
from xapi.datamodel.refs import HostRef, SessionRef
from xapi.db.database import Database
from xapi.dispatch.binding import Binding
from xapi.dispatch.dispatcher import Dispatcher
from xapi.http.application import Application
from xapi.http.listeners import LOCAL, TLS, Listeners


@dataclass
class Site:
    """What a test of the HTTP side needs."""

    db: Database
    shared: Shared
    sessions: Sessions
    session: SessionRef
    listeners: Listeners
    dispatcher: Dispatcher
    port: int
    local: Path
    tls: Path


@pytest.fixture
async def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    monkeypatch.setenv("XAPI_ROOT", str(tmp_path))
    db = Database()
    settings = Config(address="127.0.0.1", port=0, authentication="file", login_delay=0.0)
    shared = Context.for_test(db, config=settings).shared
    shared.host = HostRef(db.host.create(name_label="here").ref)
    sessions = Sessions(db)
    shared.access = Access(Authentication(settings), sessions, "secret")
    dispatcher = Dispatcher(shared, sessions, Binding({}))
    listeners = Listeners(Application(dispatcher, settings.max_body, {}), settings)
    await listeners.start()
    yield Site(
        db,
        shared,
        sessions,
        sessions.create(host=shared.host, user="root"),
        listeners,
        dispatcher,
        listeners.port,
        under_root(LOCAL),
        under_root(TLS),
    )
    await listeners.stop()
