"""param-set, param-add, param-remove and param-clear: each is a setter of the API."""

from __future__ import annotations

from typing import Any

from xapi.cli import values
from xapi.cli.failures import CommandError, UnknownParameter
from xapi.cli.invocation import Invocation
from xapi.cli.records import Field, RecordClass
from xapi.datamodel.types import NULL, MapOf, Ref, SetOf, Type
from xapi.datamodel.wire import MESSAGES

BY_KEY = frozenset({"PIF.properties", "Bond.properties"})
"""Maps with a setter for one key, `set_property`."""

SINGULAR = {"Caller.groups": "group"}
"""Sets whose messages name one member."""


async def param_set(record: RecordClass, call: Invocation) -> None:
    """Set fields, one after the other as given."""
    row = _row(record, call)
    changes = [_parse(record, name, text) for name, text in call.words.params.items() if name != "uuid"]
    for field, key, text in changes:
        if key is None:
            await _set(record, call, row.ref, field, text)
        else:
            await _set_key(record, call, row, field, key, text)


def _parse(record: RecordClass, name: str, text: str) -> tuple[Field, str | None, str]:
    field = record.by_name.get(name)
    if field is not None:
        if not field.settable:
            raise CommandError(f"Field '{name}' is read-only.")
        if field.is_map or not field.has("w"):
            raise CommandError(f"Field '{name}' is a map or set. use the 'name:key=value' syntax.")
        return field, None, text
    base, _, key = name.partition(":")
    field = record.by_name.get(base)
    if not key or field is None:
        raise CommandError(f"Unknown field '{base}'")
    if not field.settable_by_key:
        raise CommandError(f"Field '{base}' is read-only.")
    return field, key, text


async def _set(record: RecordClass, call: Invocation, ref: str, field: Field, text: str) -> None:
    method = _setter(record, field)
    type_ = MESSAGES[method].message.params[1].type
    await call.api.call(method, ref, values.read(call.db, type_, field.name, text))


def _setter(record: RecordClass, field: Field) -> str:
    name = field.column.name if field.column is not None else field.name.replace("-", "_")
    return f"{record.cls}.set_{name}"


async def _set_key(record: RecordClass, call: Invocation, row: Any, field: Field, key: str, text: str) -> None:
    name = _column(field)
    if f"{record.cls}.{name}" in BY_KEY:
        await call.api.call(f"{record.cls}.set_property", row.ref, key, text)
    elif f"{record.cls}.add_to_{name}" in MESSAGES:
        await call.api.call(f"{record.cls}.remove_from_{name}", row.ref, key)
        await call.api.call(f"{record.cls}.add_to_{name}", row.ref, key, text)
    else:
        await call.api.call(f"{record.cls}.set_{name}", row.ref, {**getattr(row, name), key: text})


async def param_add(record: RecordClass, call: Invocation) -> None:
    """Add a member to a set, or keys to a map."""
    row, field = _field(record, call)
    name = _column(field)
    if field.is_set and field.has("a"):
        await _add(record, call, row, field, call.need("param-key"))
        return
    if not field.is_map or not field.has("a"):
        raise CommandError("Can only add to parameters of type Set or Map")
    given = {k: v for k, v in call.words.params.items() if k not in {"uuid", "param-name", "param-key"}}
    if not given and call.has("param-key"):
        raise CommandError("Parameters of type Map take key=value")
    for key, value in given.items():
        if f"{record.cls}.add_to_{name}" in MESSAGES:
            await call.api.call(f"{record.cls}.add_to_{name}", row.ref, key, value)
        else:
            await _set_key(record, call, row, field, key, value)


async def _add(record: RecordClass, call: Invocation, row: Any, field: Field, text: str) -> None:
    name = _column(field)
    one = SINGULAR.get(f"{record.cls}.{name}", name)
    value = values.read(call.db, _item(field), field.name, text)
    if f"{record.cls}.add_{one}" in MESSAGES:
        await call.api.call(f"{record.cls}.add_{one}", row.ref, value)
    else:
        await _set_members(record, call, row, name, [*getattr(row, name), value])


async def param_remove(record: RecordClass, call: Invocation) -> None:
    """Remove a member of a set, or a key of a map."""
    row, field = _field(record, call)
    name, key = _column(field), call.need("param-key")
    shown = field.get(call.db, row)
    if not field.has("r"):
        raise CommandError("Can only remove from parameters of type Set or Map")
    if key not in shown:
        raise CommandError(f"Key {key} is not in {'map' if field.is_map else 'the set'}")
    if field.is_map:
        await _remove_key(record, call, row, name, key)
        return
    one = SINGULAR.get(f"{record.cls}.{name}", name)
    value = values.read(call.db, _item(field), field.name, key)
    if f"{record.cls}.remove_{one}" in MESSAGES:
        await call.api.call(f"{record.cls}.remove_{one}", row.ref, value)
    else:
        await _set_members(record, call, row, name, [item for item in getattr(row, name) if str(item) != value])


async def _remove_key(record: RecordClass, call: Invocation, row: Any, name: str, key: str) -> None:
    if f"{record.cls}.remove_from_{name}" in MESSAGES:
        await call.api.call(f"{record.cls}.remove_from_{name}", row.ref, key)
    else:
        rest = {k: v for k, v in getattr(row, name).items() if k != key}
        await call.api.call(f"{record.cls}.set_{name}", row.ref, rest)


async def _set_members(record: RecordClass, call: Invocation, row: Any, name: str, members: list[Any]) -> None:
    await call.api.call(f"{record.cls}.set_{name}", row.ref, [str(member) for member in members])


async def param_clear(record: RecordClass, call: Invocation) -> None:
    """Make a set, a map or a field empty."""
    row, field = _field(record, call)
    name = _column(field)
    method = f"{record.cls}.set_{name}"
    if not field.clearable or (method not in MESSAGES and not field.has("r")):
        raise CommandError(f"Field '{field.name}' is read-only.")
    if method in MESSAGES:
        await call.api.call(method, row.ref, _empty(MESSAGES[method].message.params[1].type))
        return
    for key in list(field.get(call.db, row)):
        await _remove_key(record, call, row, name, key)


def _empty(type_: Type) -> Any:
    match type_:
        case SetOf():
            return []
        case MapOf():
            return {}
        case Ref():
            return NULL
    if type_ in (str, int, float):
        return {str: "", int: 0, float: 0.0}[type_]
    raise CommandError("Fields of this type have no empty value")


def _row(record: RecordClass, call: Invocation) -> Any:
    return call.db.table(record.cls).by_uuid(call.need("uuid"))


def _field(record: RecordClass, call: Invocation) -> tuple[Any, Field]:
    row = _row(record, call)
    name = call.need("param-name")
    field = record.by_name.get(name)
    if field is None:
        raise UnknownParameter(name)
    return row, field


def _column(field: Field) -> str:
    return field.column.name if field.column is not None else field.name.replace("-", "_")


def _item(field: Field) -> Type:
    type_ = field.column.type if field.column is not None else str
    return type_.item if isinstance(type_, SetOf) else str
