"""What the store knows of a class: how each field is written, indexed, kept on disk and rendered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from operator import attrgetter
from typing import Any

import msgspec

from xapi.datamodel.relations import Relation
from xapi.datamodel.types import NEVER, NULL, REQUIRED, Class, Field, MapOf, OptionOf, Ref, SetOf, Type
from xapi.db.render import Encoder, Plain, plain_encoder, xml_encoder
from xapi.db.row import Row, Writer, set_extra, writer

VOLATILE: Mapping[str, frozenset[str]] = {
    "task": frozenset({"progress"}),
    "session": frozenset({"last_active"}),
    "host_metrics": frozenset({"memory_free", "live", "last_updated"}),
}
"""Volatile beside those that the datamodel marks: they change often and are observed anew after a start."""

DURABLE = frozenset({"session", "task", "message"})
"""Not persistent in the datamodel, where they live elsewhere or are lost. Ours survive: the caller was told."""

AFTER_START: Mapping[tuple[str, str], Callable[[], Any]] = {
    ("session", "last_active"): lambda: datetime.now(UTC).replace(microsecond=0),
}
"""Volatile fields whose value after a start is not their default: nobody was idle while we were away."""

SILENT = frozenset({"role"})
"""Classes without events although the datamodel gives them some: the original keeps them elsewhere."""

CREATED = "@created"
"""In a body on disk: the generation at which the row was made; marks the body as complete."""


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One field of a class as the store sees it."""

    field: Field
    name: str
    write: Writer
    accept: Plain
    """Makes a written value our own: tuples for sets, a fresh dict for maps."""
    load: Plain | None
    """From the value on disk; None: as it is."""
    default: Any
    volatile: bool
    """Memory only."""
    back: bool
    """The end of a relation that follows the other; memory only."""
    index: bool
    """Rows are found by its value, or by each member of it."""

    @property
    def journalled(self) -> bool:
        return not (self.volatile or self.back)


class Shape:
    """A class compiled for its rows. `backs` are its fields that follow another class's references."""

    def __init__(self, cls: Class, record: type[Row], relations: Iterable[Relation]) -> None:
        related = tuple(relations)
        self.cls = cls
        self.name = cls.name
        self.wire_name = cls.name.lower()
        self.emits = cls.events and cls.name not in SILENT
        self.record = record
        self.backs = tuple(relation for relation in related if relation.other == cls.name)
        self.fronts = {relation.field: relation for relation in related if relation.cls == cls.name}
        back_names = {relation.back for relation in self.backs}
        self.columns: dict[str, Column] = {
            field.name: _column(cls, field, record, field.name in back_names, field.name in self.fronts)
            for field in cls.fields
        }
        self.writers = tuple((c.name, c.write, c.default) for c in self.columns.values())
        """Name, writer and default of each field."""
        self.by_db_name = {field.db_name or field.name: field for field in cls.fields}
        self.indexed = tuple(name for name, column in self.columns.items() if column.index)
        self._journalled = frozenset(name for name, column in self.columns.items() if column.journalled)
        self._journalled_read = _reader(tuple(self._journalled))
        self._loaders = tuple((c.name, c.write, c.load, _fresh(cls, c)) for c in self.columns.values())
        shown = [column for column in self.columns.values() if not column.field.internal]
        self._shown_names = tuple(column.name for column in shown)
        self._shown_read = _reader(self._shown_names)
        self._xml_parts: tuple[tuple[str, Encoder], ...] = tuple(
            (f"<member><name>{c.name}</name><value>", xml_encoder(c.field.type)) for c in shown
        )
        plain = [(c.name, plain_encoder(c.field.type)) for c in shown]
        self._plain_parts = tuple((name, encode) for name, encode in plain if not _is_identity(encode))

    @property
    def volatile(self) -> bool:
        """Some fields are lost at a restart."""
        return any(column.volatile for column in self.columns.values())

    # Wire ----------------------------------------------------------------------------------------------------------

    def render_xml(self, row: Row) -> bytes:
        """The record as `<struct>`."""
        if not self._xml_parts:
            return b"<struct></struct>"
        values = self._shown_read(row)
        members = [prefix + encode(value) for (prefix, encode), value in zip(self._xml_parts, values, strict=True)]
        return f"<struct>{'</value></member>'.join(members)}</value></member></struct>".encode()

    def render_json(self, row: Row) -> bytes:
        """The record as a JSON object."""
        plain = dict(zip(self._shown_names, self._shown_read(row), strict=True))
        for name, encode in self._plain_parts:
            plain[name] = encode(plain[name])
        return msgspec.json.encode(plain)

    # Disk ----------------------------------------------------------------------------------------------------------

    def dump(self, row: Row) -> bytes:
        """The whole row for the disk, unknown fields of another version included."""
        body = dict(row._extra or ())
        body.update(zip(self._journalled, self._journalled_read(row), strict=True))
        body[CREATED] = row._created
        return msgspec.json.encode(body)

    def delta(self, changed: Mapping[str, Any]) -> bytes | None:
        """Changed fields for the disk; None when all of them are volatile."""
        kept = {name: value for name, value in changed.items() if name in self._journalled}
        return msgspec.json.encode(kept) if kept else None

    def load(self, row: Row, body: dict[str, Any], share: Callable[[str, str], str]) -> None:
        """Fill the fields of `row` from a body on disk, which is consumed; what it lacks takes its default.

        `share(text, text)` returns one object for equal strings.
        """
        missing = _MISSING
        for name, write, load, default in self._loaders:
            value = body.pop(name, missing)
            if value is missing:
                value = default() if callable(default) else default
            elif load is not None:
                value = load(value)
            elif type(value) is str:
                value = share(value, value)
            write(row, value)
        set_extra(row, body or None)


def shape_of(cls: Class, record: type[Row], relations: Iterable[Relation]) -> Shape:
    """The shape of a record class, made with its first store and shared by all."""
    shape: Shape | None = record.__dict__.get("shape")
    if shape is None or shape.cls is not cls:
        shape = record.shape = Shape(cls, record, relations)
    return shape


_MISSING: Any = object()


def _reader(names: tuple[str, ...]) -> Callable[[Row], tuple[Any, ...]]:
    """Reads several slots at once, as a tuple whatever their number."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda row: tuple(getattr(row, name) for name in names)


def _is_identity(encode: Plain) -> bool:
    probe = object()
    try:
        return encode(probe) is probe
    except (TypeError, AttributeError):
        return False


def _column(cls: Class, field: Field, record: type[Row], back: bool, front: bool) -> Column:
    volatile = field.name in VOLATILE.get(cls.name, ()) or (
        cls.name not in DURABLE and field.name != "uuid" and not (field.persist and cls.persist)
    )
    is_set = isinstance(field.type, SetOf)
    index = field.name == "name_label" or isinstance(field.type, Ref) or (front and is_set)
    return Column(
        field=field,
        name=field.name,
        write=writer(record, field.name),
        accept=_accept(field.type),
        load=_load(field.type),
        default=empty(field.type) if field.default is REQUIRED else _accept(field.type)(field.default),
        volatile=volatile,
        back=back,
        index=index and not back,
    )


def _fresh(cls: Class, column: Column) -> Any:
    return AFTER_START.get((cls.name, column.name), column.default)


def empty(type_: Type) -> Any:
    """The value of a field that has neither a value nor a default."""
    if isinstance(type_, Ref):
        return NULL
    if isinstance(type_, SetOf):
        return ()
    if isinstance(type_, MapOf):
        return {}
    if isinstance(type_, OptionOf) or not isinstance(type_, type):
        return None
    if type_ is datetime:
        return NEVER
    return next(iter(type_)) if issubclass(type_, StrEnum) else type_()


def _accept(type_: Type) -> Plain:
    if isinstance(type_, SetOf):
        return tuple
    if isinstance(type_, MapOf):
        return dict
    if isinstance(type_, type) and issubclass(type_, StrEnum):
        return _member(type_)
    return float if type_ is float else _as_it_is


def _as_it_is(value: Any) -> Any:
    return value


def _member(enum: type[StrEnum]) -> Plain:
    """Its member; a value that a newer version wrote stays the string it is."""
    members: Mapping[str, StrEnum] = {member.value: member for member in enum}
    return lambda value: members.get(value, value)


def _load(type_: Type) -> Plain | None:
    """From JSON to the value in memory; None where they are the same."""
    if isinstance(type_, SetOf):
        item = _load(type_.item)
        return tuple if item is None else lambda values: tuple(map(item, values))
    if isinstance(type_, MapOf):
        return _load_map(type_)
    if isinstance(type_, OptionOf):
        inner = _load(type_.item)
        return None if inner is None else lambda value: None if value is None else inner(value)
    if type_ is datetime:
        return datetime.fromisoformat
    if isinstance(type_, type) and issubclass(type_, StrEnum):
        return _member(type_)
    return float if type_ is float else None


def _load_map(type_: MapOf) -> Plain | None:
    key = type_.key if type_.key in {int, float} else _load(type_.key)
    value = _load(type_.value)
    if key is None and value is None:
        return None
    key, value = key or _as_it_is, value or _as_it_is
    return lambda values: {key(name): value(item) for name, item in values.items()}
