"""What the checks of a call cost: its parameters, session and role, against all that xapi does for a VM.get_record."""

from __future__ import annotations

import os
from pathlib import Path

from tests.bench import client
from tests.bench.calibrate import best
from tests.bench.client import Connection, Session
from tests.bench.lines import Line, Report
from xapi.auth.access import Access
from xapi.auth.login import Authentication
from xapi.auth.sessions import Sessions
from xapi.config import Config
from xapi.context import Shared, no_invoke
from xapi.datamodel.refs import HostRef
from xapi.datamodel.types import NULL, Role
from xapi.db.database import Database
from xapi.dispatch.binding import Binding
from xapi.dispatch.dispatcher import Dispatcher
from xapi.services import connect

SECONDS = 1.5
SHARE = 5.0  # percent of a call


def run(report: Report, session: Session, pid: int) -> None:
    """The share, in percent of the processor time of xapi for one call."""
    call = _call(session, pid)
    share = _checks() / call * 100
    report.add(Line("checks of VM.get_record, share of the call", share, "%", 1, SHARE, 1.0))


def _checks() -> float:
    """Seconds for count, types, session and role, as the dispatcher of a user who is no superuser does them."""
    db = Database()
    settings = Config(authentication="file")
    shared = Shared(db, connect(), settings, no_invoke)
    sessions = Sessions(db)
    shared.access = Access(Authentication(settings), sessions, "")
    dispatcher = Dispatcher(shared, sessions, Binding())
    ref = sessions.create(host=HostRef(NULL), user="operator", superuser=False, roles=(Role.VM_OPERATOR,))
    bound = dispatcher.binding.find("VM.get_record")
    assert bound is not None
    arguments, params = bound.arguments, [ref, "OpaqueRef:00000000-0000-0000-0000-000000000000"]

    def checked() -> None:
        arguments.check_count(params)
        dispatcher._authorize(bound, params, arguments.decode(params))

    return 1 / best(checked)


def _call(session: Session, pid: int) -> float:
    """Seconds of the processor that xapi takes for one call."""
    connection = Connection(session.address)
    requests = [session.xml("VM.get_record", vm) for vm in session.call("VM.get_all")[:50]]
    before = _processor(pid)
    count = client.rate(connection, lambda number: requests[number % len(requests)], SECONDS) * SECONDS
    used = _processor(pid) - before
    connection.close()
    return used / count


def _processor(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
