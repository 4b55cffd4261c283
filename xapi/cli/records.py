"""The record classes of `xe`: for each field how to read, print, set and clear it.

Names follow the datamodel by rule; `xapi.cli.odd` holds those that don't.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from xapi.cli import odd
from xapi.cli.fields import CLASSES as CLASS_OF
from xapi.cli.fields import FIELDS, FILTERS, LISTED
from xapi.cli.values import Shown, show
from xapi.datamodel import CLASSES
from xapi.datamodel.types import Field as Column
from xapi.datamodel.types import Ref, SetOf
from xapi.db.store import Store

EXPENSIVE = "<expensive field>"

Getter = Callable[[Store, Any], Shown]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record class."""

    name: str
    flags: str
    get: Getter
    column: Column | None
    """The datamodel's field, if it is one of this class."""

    def has(self, flag: str) -> bool:
        return flag in self.flags

    @property
    def hidden(self) -> bool:
        return "h" in self.flags

    @property
    def expensive(self) -> bool:
        return "x" in self.flags

    @property
    def is_map(self) -> bool:
        return "m" in self.flags

    @property
    def is_set(self) -> bool:
        return "s" in self.flags

    @property
    def settable(self) -> bool:
        """Whether `param-set` takes it, whole or key by key."""
        return "w" in self.flags or self.settable_by_key

    @property
    def settable_by_key(self) -> bool:
        return self.is_map and ("a" in self.flags or "c" in self.flags)

    @property
    def clearable(self) -> bool:
        return any(flag in self.flags for flag in "wsm")

    @property
    def title(self) -> str:
        """Its name as printed, with what may be done to it."""
        kind = "M" if self.is_map else "S" if self.is_set else " "
        writable = "a" in self.flags if kind != " " else "w" in self.flags
        deprecated = " [DEPRECATED]" if "d" in self.flags else ""
        return f"{self.name} ({kind}R{'W' if writable else 'O'}){deprecated}"


@dataclass(frozen=True)
class RecordClass:
    """One record class: `vm`, `template`, `host-cpu`, …"""

    name: str
    cls: str
    fields: tuple[Field, ...]
    filters: Mapping[str, str]
    listed: frozenset[str]

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        return {field.name: field for field in self.fields}

    @cached_property
    def shown(self) -> tuple[Field, ...]:
        """Fields that `params=all` prints."""
        return tuple(field for field in self.fields if not field.hidden)

    @cached_property
    def default(self) -> tuple[Field, ...]:
        """Fields that a list prints unless told otherwise."""
        return self.selected(self.listed)

    def selected(self, names: Iterable[str]) -> tuple[Field, ...]:
        """The fields named, in their order; unknown names are ignored."""
        wanted = frozenset(names)
        return tuple(field for field in self.fields if field.name in wanted)

    def rows(self, db: Store) -> list[Any]:
        """Rows in the order in which a list prints them."""
        rows = db.table(self.cls).rows()
        return sorted(rows, key=lambda row: row.timestamp, reverse=True) if self.cls == "message" else rows


def _field(record: str, word: str) -> Field:
    name, _, flags = word.partition("/")
    cls = CLASSES[CLASS_OF[record]]
    columns = {column.name.lower(): column for column in cls.fields}
    normal = name.replace("-", "_").lower()
    column = columns.get(odd.RENAMED.get((cls.name, name), normal).lower())
    special = odd.GETTERS.get((cls.name, name))
    if special is not None:
        return Field(name, flags, special, column)
    if column is not None:
        return Field(name, flags, _plain(column.name), column)
    for suffix, attribute in (("_uuids", "uuid"), ("_uuid", "uuid"), ("_name_label", "name_label")):
        base = normal.removesuffix(suffix)
        for candidate in (base, f"{base}s") if base != normal else ():
            column = columns.get(candidate)
            if column is not None and _refers(column):
                return Field(name, flags, _follow(column.name, attribute), column)
    raise LookupError(f"{record}: no field of {cls.name} behind {name!r}")


def _refers(column: Column) -> bool:
    return isinstance(column.type, Ref) or (isinstance(column.type, SetOf) and isinstance(column.type.item, Ref))


def _plain(name: str) -> Getter:
    return lambda db, row: show(db, getattr(row, name))


def _follow(name: str, attribute: str) -> Getter:
    if attribute == "uuid":
        return _plain(name)
    return lambda db, row: odd.name_of(db, getattr(row, name))


def _record(name: str) -> RecordClass:
    fields = tuple(_field(name, word) for word in FIELDS[name].split())
    listed = frozenset(LISTED[name].split()) or frozenset(field.name for field in fields)
    return RecordClass(name, CLASS_OF[name], fields, FILTERS.get(name, {}), listed)


RECORDS: Mapping[str, RecordClass] = {name: _record(name) for name in FIELDS}
