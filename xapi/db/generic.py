"""The implicit messages that only read or write the store, from the datamodel alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from xapi.datamodel.wire import Kind, WireMessage
from xapi.db import expression, render
from xapi.db.store import Store
from xapi.db.table import Table

Arguments = Sequence[Any]
"""Decoded values in the order of the message's parameters, the session left out."""

Run = Callable[[Table[Any], WireMessage, Arguments], Any]


def execute(db: Store, message: WireMessage, args: Arguments) -> Any:
    """Perform `message`; the result is a value of its type or `Rendered`.

    HandleInvalid, UuidInvalid, MapDuplicateKey, InvalidValue (a bad condition), DbUniquenessConstraintViolation;
    KeyError for a kind that has no generic form.
    """
    return _RUN[message.kind](db.table(message.cls.name), message, args)


def can(message: WireMessage) -> bool:
    """Whether `execute` knows what the message does."""
    return message.kind in _RUN


def _field(message: WireMessage) -> str:
    if message.field is None:
        raise TypeError(f"{message.name} is about no field")
    return message.field.name


def _get_record(table: Table[Any], _message: WireMessage, args: Arguments) -> Any:
    return render.record(table[args[0]])


def _get_all(table: Table[Any], _message: WireMessage, _args: Arguments) -> Any:
    return table.all()


def _get_all_where(table: Table[Any], _message: WireMessage, args: Arguments) -> Any:
    return render.references(row.ref for row in expression.select(table, args[0]))


def _get_all_records(table: Table[Any], _message: WireMessage, _args: Arguments) -> Any:
    return render.records(table.rows())


def _get_all_records_where(table: Table[Any], _message: WireMessage, args: Arguments) -> Any:
    return render.records(expression.select(table, args[0]))


def _get_by_uuid(table: Table[Any], _message: WireMessage, args: Arguments) -> Any:
    return table.by_uuid(args[0]).ref


def _get_by_name_label(table: Table[Any], _message: WireMessage, args: Arguments) -> Any:
    return tuple(row.ref for row in table.by_name_label(args[0]))


def _get(table: Table[Any], message: WireMessage, args: Arguments) -> Any:
    return getattr(table[args[0]], _field(message))


def _set(table: Table[Any], message: WireMessage, args: Arguments) -> None:
    table.update(args[0], **{_field(message): args[1]})


def _add(table: Table[Any], message: WireMessage, args: Arguments) -> None:
    table.add(args[0], _field(message), args[1])


def _remove(table: Table[Any], message: WireMessage, args: Arguments) -> None:
    table.remove(args[0], _field(message), args[1])


def _add_to(table: Table[Any], message: WireMessage, args: Arguments) -> None:
    table.add_to(args[0], _field(message), args[1], args[2])


def _remove_from(table: Table[Any], message: WireMessage, args: Arguments) -> None:
    table.remove_from(args[0], _field(message), args[1])


def _create(table: Table[Any], message: WireMessage, args: Arguments) -> Any:
    """Only the constructor's fields are taken; a client may send a whole record."""
    allowed = set(message.cls.constructor_fields)
    return table.create(**{name: value for name, value in args[0].items() if name in allowed}).ref


def _destroy(table: Table[Any], _message: WireMessage, args: Arguments) -> None:
    table.delete(args[0])


_RUN: Mapping[Kind, Run] = {
    Kind.GET_RECORD: _get_record,
    Kind.GET_ALL: _get_all,
    Kind.GET_ALL_WHERE: _get_all_where,
    Kind.GET_ALL_RECORDS: _get_all_records,
    Kind.GET_ALL_RECORDS_WHERE: _get_all_records_where,
    Kind.GET_BY_UUID: _get_by_uuid,
    Kind.GET_BY_NAME_LABEL: _get_by_name_label,
    Kind.GET: _get,
    Kind.SET: _set,
    Kind.ADD: _add,
    Kind.REMOVE: _remove,
    Kind.ADD_TO: _add_to,
    Kind.REMOVE_FROM: _remove_from,
    Kind.CREATE: _create,
    Kind.DESTROY: _destroy,
}
