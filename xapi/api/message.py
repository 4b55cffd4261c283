"""Implementation of message: notes about objects, for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from xapi.context import Context
from xapi.control import messages as notes
from xapi.datamodel.enums import Cls
from xapi.datamodel.errors import InvalidValue
from xapi.datamodel.refs import MessageRef
from xapi.db import expression, render
from xapi.db.records import Message
from xapi.db.render import Rendered

TABLES: Mapping[Cls, str] = {
    Cls.VM: "VM",
    Cls.HOST: "host",
    Cls.SR: "SR",
    Cls.POOL: "pool",
    Cls.VMPP: "VMPP",
    Cls.VMSS: "VMSS",
    Cls.PVS_PROXY: "PVS_proxy",
    Cls.VDI: "VDI",
    Cls.CERTIFICATE: "Certificate",
}
"""The class of the objects that each kind of message is about."""


async def create(ctx: Context, name: str, priority: int, cls: Cls, obj_uuid: str, body: str) -> MessageRef:
    """Make a note about the object with `obj_uuid`, which must exist."""
    _check_object(ctx, cls, obj_uuid)
    return notes.create(ctx.db, name, priority, cls, obj_uuid, body)


def _check_object(ctx: Context, cls: Cls, uuid: str) -> None:
    ctx.db.table(TABLES[cls]).by_uuid(uuid)


async def destroy(ctx: Context, self: MessageRef) -> None:
    """Delete a note."""
    ctx.db.message.delete(self)


async def destroy_many(ctx: Context, messages: tuple[MessageRef, ...]) -> None:
    """Delete several notes; none is deleted if one does not exist."""
    wanted = dict.fromkeys(messages)
    for ref in wanted:
        ctx.db.message[ref]
    for ref in wanted:
        ctx.db.message.delete(ref)


async def destroy_all(ctx: Context, filters: Mapping[str, str]) -> None:
    """Delete the notes that match all of `before`, `after` (dates) and `priority`; no filter matches all."""
    unknown = filters.keys() - {"before", "after", "priority"}
    if unknown:
        raise InvalidValue("filters", ", ".join(sorted(unknown)))
    before = _date(filters.get("before"))
    after = _date(filters.get("after"))
    priority = _number(filters.get("priority"))
    for row in ctx.db.message.rows():
        if (
            (before is None or row.timestamp < before)
            and (after is None or row.timestamp > after)
            and priority in (None, row.priority)
        ):
            ctx.db.message.delete(row.ref)


def _date(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidValue("filters", text) from error
    return parsed if parsed.tzinfo is not None else parsed.replace(tzinfo=UTC)


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return int(text)
    except ValueError as error:
        raise InvalidValue("filters", text) from error


async def get(ctx: Context, cls: Cls, obj_uuid: str, since: datetime) -> Rendered:
    """The notes about one object that are newer than `since`."""
    _check_object(ctx, cls, obj_uuid)
    return _records(
        row for row in ctx.db.message.rows() if row.obj_uuid == obj_uuid and row.cls is cls and row.timestamp > since
    )


async def get_since(ctx: Context, since: datetime) -> Rendered:
    """The notes that are newer than `since`."""
    return _records(row for row in ctx.db.message.rows() if row.timestamp > since)


async def get_all(ctx: Context) -> tuple[MessageRef, ...]:
    """All notes."""
    return tuple(MessageRef(ref) for ref in ctx.db.message)


async def get_record(ctx: Context, self: MessageRef) -> Rendered:
    """One note."""
    return render.record(ctx.db.message[self])


async def get_by_uuid(ctx: Context, uuid: str) -> MessageRef:
    """The note with this uuid."""
    return MessageRef(ctx.db.message.by_uuid(uuid).ref)


async def get_all_records(ctx: Context) -> Rendered:
    """All notes with their references."""
    return render.records(ctx.db.message.rows())


async def get_all_records_where(ctx: Context, expr: str) -> Rendered:
    """The notes that meet a condition."""
    return render.records(expression.select(ctx.db.table("message"), expr))


def _records(rows: Iterable[Message]) -> Rendered:
    return render.records(list(rows))
