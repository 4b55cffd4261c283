from __future__ import annotations

import logging
import time

import pytest

from xapi.auth import sessions
from xapi.auth.sessions import Sessions, trackid
from xapi.datamodel.errors import SessionInvalid
from xapi.datamodel.refs import HostRef
from xapi.datamodel.types import NULL, Role
from xapi.db.database import Database

HOST = HostRef(NULL)


def test_a_session_of_root_may_everything() -> None:
    known = Sessions(Database())

    live = known.find(known.create(host=HOST, user="root", originator="x"))

    assert live.may("pool.join")
    assert live.may("anything/at-all")


def test_a_subjects_session_may_what_its_roles_may() -> None:
    db = Database()
    known = Sessions(db)
    ref = known.create(host=HOST, user="eve", superuser=False, roles=(Role.READ_ONLY,), auth_user_sid="S-1")

    live = known.find(ref)

    assert live.may("vm.get_record")
    assert not live.may("vm.start")
    assert "vm.get_record" in db.session[ref].rbac_permissions
    assert not db.session[ref].is_local_superuser


def test_an_ended_session_is_invalid_however_it_ended() -> None:
    db = Database()
    known = Sessions(db)
    first, second = (known.create(host=HOST, user="root") for _ in range(2))
    assert known.find(first) is not known.find(second)

    known.remove(first)
    db.session.delete(second)

    for ref in (first, second):
        with pytest.raises(SessionInvalid):
            known.find(ref)
    known.remove(first)


def test_last_active_is_written_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    db = Database()
    known = Sessions(db)
    ref = known.create(host=HOST, user="root")
    known.find(ref)
    generation = db.generation

    known.find(ref)
    assert db.generation == generation

    later = time.monotonic() + sessions.TOUCH_EVERY + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    known.find(ref)
    assert db.generation > generation


def test_logs_show_the_trackid_and_never_the_reference(caplog: pytest.LogCaptureFixture) -> None:
    known = Sessions(Database())
    with caplog.at_level(logging.DEBUG):
        ref = known.create(host=HOST, user="root")
        known.remove(ref)

    assert ref not in caplog.text
    assert caplog.text.count(trackid(ref)) == 2


def test_local_sessions_are_not_in_the_database() -> None:
    db = Database()
    known = Sessions(db)

    ref = known.create_local()

    assert known.find(ref).local
    assert len(db.session) == 0
