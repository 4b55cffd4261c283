"""Messages (alerts) about what happened to objects: ordinary rows, by name and priority of one table."""

from __future__ import annotations

from datetime import UTC, datetime

from xapi.datamodel.alerts import PRIORITIES
from xapi.datamodel.enums import Cls
from xapi.datamodel.refs import HostRef, MessageRef, VMRef
from xapi.db.database import Database

LIMIT = 10_000
"""Messages kept; the oldest go."""


def create(db: Database, name: str, priority: int, cls: Cls, obj_uuid: str, body: str) -> MessageRef:
    """A new message, now."""
    row = db.message.create(
        name=name, priority=priority, cls=cls, obj_uuid=obj_uuid, timestamp=datetime.now(UTC), body=body
    )
    if len(db.message) > LIMIT:
        _drop_oldest(db)
    return MessageRef(row.ref)


def _drop_oldest(db: Database) -> None:
    """Make room for a tenth of the limit at once, so that it is not done for each message."""
    rows = sorted(db.message.rows(), key=lambda row: row.timestamp)
    for row in rows[: LIMIT // 10]:
        db.message.delete(row.ref)


def about_vm(db: Database, vm: VMRef, name: str, what: str) -> None:
    """`VM 'web' (uuid: …) <what>`, with the priority of `name`."""
    row = db.vm[vm]
    create(db, name, PRIORITIES[name], Cls.VM, row.uuid, f"VM '{row.name_label}' (uuid: {row.uuid}) {what}")


def on_host(db: Database, host: HostRef) -> str:
    """`on host: <name> (uuid: …)`, as messages end."""
    row = db.host.get(host)
    return f"on host: {row.name_label} (uuid: {row.uuid})" if row is not None else ""
