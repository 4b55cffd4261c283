"""The commands that every record class has: list, param-list, param-get, param-set, -add, -remove, -clear."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from common.errors import WireError
from xapi.cli import layout, odd, setting
from xapi.cli.failures import CommandError, UnknownParameter
from xapi.cli.invocation import Invocation
from xapi.cli.records import EXPENSIVE, RECORDS, Field, RecordClass
from xapi.cli.table import Command, add
from xapi.cli.values import UNKNOWN, Shown, flat, show
from xapi.datamodel.wire import MESSAGES
from xapi.db.database import Database

NOT_FILTERS = frozenset({"params", "multiple", "database", "vm", "host", "sr"})
CONTAINS = ":contains"
TOGETHER = 100  # rows printed in one message, before others of this process get their turn

Test = Callable[[Database, Any], bool]


def enter_all() -> None:
    """Enter the commands of every record class."""
    for record in RECORDS.values():
        _enter(record)


def _enter(record: RecordClass) -> None:
    shown = record.shown
    filters = [field.name for field in shown] + [f"{field.name}{CONTAINS}" for field in shown if field.is_set]
    add(_command(record, "list", list_, f"Show {record.cls} objects; fields restrict which.", (), filters_of(filters)))
    add(_command(record, "param-list", param_list, "Show all fields of one object.", ("uuid",), ("database:",)))
    get = "Show one field of an object; param-key chooses one value of a map."
    add(_command(record, "param-get", param_get, get, ("uuid", "param-name"), ("param-key", "database:")))
    if any(field.settable for field in shown):
        plain = [field.name for field in shown if field.has("w")]
        maps = [f"{field.name}:" for field in shown if field.settable_by_key]
        text = "Set fields of an object; name:key=value sets one value of a map."
        add(_command(record, "param-set", setting.param_set, text, ("uuid",), (*plain, *maps)))
    if any(field.has("a") for field in shown):
        text = "Add to a set (param-key=value) or to a map (key=value)."
        add(_command(record, "param-add", setting.param_add, text, ("uuid", "param-name"), ("param-key",)))
    if any(field.has("r") for field in shown):
        text = "Remove a member of a set, or a key of a map."
        add(_command(record, "param-remove", setting.param_remove, text, ("uuid", "param-name", "param-key")))
    if any(field.clearable for field in shown):
        names = ",".join(field.name for field in shown if field.clearable)
        text = f"Make a field empty; param-name is one of {names}."
        add(_command(record, "param-clear", setting.param_clear, text, ("uuid", "param-name")))


def filters_of(names: list[str]) -> tuple[str, ...]:
    return ("params", "database:", *names)


def _command(
    record: RecordClass, verb: str, perform: Any, text: str, required: tuple[str, ...], optional: tuple[str, ...] = ()
) -> Command:
    return Command(f"{record.name}-{verb}", partial(perform, record), text, required, optional)


async def list_(record: RecordClass, call: Invocation) -> None:
    """`vm-list` and the like."""
    _check_database(call)
    _may_read(record, call)
    params = call.words.params
    fields = chosen(record, call.get("params")) if call.has("params") else record.default
    filters = {name: value for name, value in params.items() if name.partition(":")[0] not in NOT_FILTERS}
    rows = matching(record, call, {**record.filters, **filters})
    await show_rows(call, fields, rows)


async def show_rows(call: Invocation, fields: tuple[Field, ...], rows: list[Any]) -> None:
    """Print the fields of rows; with --minimal the first field of each."""
    db = call.db
    if call.minimal:
        call.print(layout.minimal(flat(cheap(field, db, row)) for row in rows for field in fields[:1]))
        return
    titled = [(field.title, field) for field in fields]
    for start in range(0, len(rows), TOGETHER):
        tables = [
            layout.table([(title, flat(cheap(field, db, row))) for title, field in titled])
            for row in rows[start : start + TOGETHER]
        ]
        call.print("\n".join(tables))
        await call.talk.flush_if_full()
        await asyncio.sleep(0)


def cheap(field: Field, db: Any, row: Any) -> Shown:
    """A field as lists show it."""
    return EXPENSIVE if field.expensive else field.get(db, row)


def chosen(record: RecordClass, text: str) -> tuple[Field, ...]:
    """The fields that `params=` names."""
    return record.shown if text == "all" else record.selected(name.strip() for name in text.split(","))


def matching(record: RecordClass, call: Invocation, filters: Mapping[str, str]) -> list[Any]:
    """The rows that fit all filters. Raises `CommandError` for a field that does not exist."""
    tests = [_test(record, name, value) for name, value in filters.items()]
    db = call.db
    return [row for row in _candidates(record, call, filters) if all(fits(db, row) for fits in tests)]


def _candidates(record: RecordClass, call: Invocation, filters: Mapping[str, str]) -> list[Any]:
    """Rows among which those that fit are."""
    if uuid := filters.get("uuid"):
        row = call.db.by_uuid(uuid)
        return [row] if row is not None and row.shape.name == record.cls else []
    return record.rows(call.db)


def _test(record: RecordClass, name: str, value: str) -> Test:
    field, key = _parse_filter(record, name)
    fold = str.lower if field.has("i") else str

    def fits(db: Database, row: Any) -> bool:
        shown = field.get(db, row)
        if key == "":
            return fold(flat(shown)) == fold(value)
        if isinstance(shown, dict):
            return fold(shown[key]) == fold(value) if key in shown else False
        if isinstance(shown, list) and key == "contains":
            return fold(value) in [fold(item) for item in shown]
        return False

    return fits


def _parse_filter(record: RecordClass, name: str) -> tuple[Field, str]:
    """The field and key of `field`, `field:key`, or the old `field-key`."""
    if field := record.by_name.get(name):
        return field, ""
    base, _, key = name.partition(":")
    if key and (field := record.by_name.get(base)):
        return field, key
    for field in record.fields:
        if field.is_map and name.startswith(f"{field.name}-"):
            return field, name[len(field.name) + 1 :]
    raise CommandError(f"Unknown field '{name}'")


async def param_list(record: RecordClass, call: Invocation) -> None:
    """All fields of one object, expensive ones too."""
    row = _one(record, call)
    pairs = [(field.title, flat(await full(record, field, call, row))) for field in record.shown]
    call.table(pairs)


async def param_get(record: RecordClass, call: Invocation) -> None:
    """One field of one object."""
    row = _one(record, call)
    name = call.need("param-name")
    field = record.by_name.get(name)
    if field is None:
        raise UnknownParameter(name)
    shown = await full(record, field, call, row)
    if call.has("param-key"):
        shown = _of_key(shown, call.get("param-key"))
    call.print(layout.minimal([flat(shown)]) if call.minimal else flat(shown))


def _of_key(shown: Shown, key: str) -> str:
    if isinstance(shown, dict):
        if key not in shown:
            raise CommandError(f"Key {key} not found in map")
        return shown[key]
    if isinstance(shown, list):
        return "true" if key in shown else "false"
    raise CommandError("Can only use param-key with parameters of type Set or Map")


async def full(record: RecordClass, field: Field, call: Invocation, row: Any) -> Shown:
    """A field, also if it takes a call."""
    costly = odd.COSTLY.get((record.cls, field.name))
    if costly is None:
        return field.get(call.db, row)
    method, instead = costly
    try:
        value = await call.api.call(method, row.ref)
    except WireError:
        return "false" if instead else UNKNOWN
    return instead or show(call.db, value)


def _one(record: RecordClass, call: Invocation) -> Any:
    _check_database(call)
    _may_read(record, call)
    return call.db.table(record.cls).by_uuid(call.need("uuid"))


def _may_read(record: RecordClass, call: Invocation) -> None:
    """Raise RBAC_PERMISSION_DENIED unless the session may read records of the class."""
    name = f"{record.cls}.get_all_records"
    call.api.check(name if name in MESSAGES else f"{record.cls}.get_record")


def _check_database(call: Invocation) -> None:
    if any(name == "database" or name.startswith("database:") for name in call.words.params):
        raise CommandError("Lists of another database than this pool's are not supported")
