"""One class's rows: found by reference, uuid, name or reference field; written here and nowhere else."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from xapi.datamodel.errors import HandleInvalid, MapDuplicateKey, UuidInvalid
from xapi.datamodel.types import NULL, MapOf, SetOf
from xapi.db.render import Rendered, references
from xapi.db.row import Row, set_created, set_extra, set_generation, set_json, set_ref, set_xml
from xapi.db.shape import Column, Shape

if TYPE_CHECKING:
    from xapi.db.store import Store

R = TypeVar("R", bound=Row)

Bucket = dict[str, R]
"""Rows of one value of an index, by reference."""


class Table(Generic[R]):
    """The rows of one class. Writes are synchronous: statements without `await` between them are one transaction."""

    def __init__(self, store: Store, shape: Shape) -> None:
        self.name = shape.name
        self.shape = shape
        self._store = store
        self._rows: dict[str, R] = {}
        self._index: dict[str, dict[Any, Bucket[R]]] = {name: {} for name in shape.indexed}
        self._all: Rendered | None = None

    # Reading -------------------------------------------------------------------------------------------------------

    def __getitem__(self, ref: str) -> R:
        """The row; HandleInvalid if there is none."""
        row = self._rows.get(ref)
        if row is None:
            raise HandleInvalid(self.name, ref)
        return row

    def get(self, ref: str) -> R | None:
        return self._rows.get(ref)

    def __contains__(self, ref: object) -> bool:
        return ref in self._rows

    def __iter__(self) -> Iterator[str]:
        """The references; the table may be written meanwhile."""
        return iter(tuple(self._rows))

    def __len__(self) -> int:
        return len(self._rows)

    def rows(self) -> list[R]:
        return list(self._rows.values())

    def all(self) -> Rendered:
        """All references as a result; kept until a row comes or goes."""
        if self._all is None:
            self._all = references(self._rows)
        return self._all

    def by_uuid(self, uuid: str) -> R:
        """The row with this uuid; UuidInvalid if there is none of this class."""
        row = self._store.by_uuid(uuid)
        if row is None or row.shape is not self.shape:
            raise UuidInvalid(self.name, uuid)
        return cast("R", row)

    def by_name_label(self, name: str) -> list[R]:
        return list(self._index["name_label"].get(name, {}).values())

    def where(self, **values: Any) -> list[R]:
        """Rows whose fields equal all `values`; a relation's set of references: that contain the value.

        uuid, name_label and reference fields are found by index, anything else by looking at every row.
        """
        candidates = self._candidates(values)
        tests = [(name, value) for name, value in values.items() if not self._is_membership(name, value)]
        if not tests:
            return list(candidates)
        return [row for row in candidates if all(getattr(row, name) == value for name, value in tests)]

    def _is_membership(self, name: str, value: Any) -> bool:
        column = self._column(name)
        return column.index and isinstance(column.field.type, SetOf) and isinstance(value, str)

    def _candidates(self, values: Mapping[str, Any]) -> Iterable[R]:
        uuid = values.get("uuid")
        if isinstance(uuid, str):
            row = self._store.by_uuid(uuid)
            return [cast("R", row)] if row is not None and row.shape is self.shape else []
        members = [self._members(name, value) for name, value in values.items() if self._is_membership(name, value)]
        equal = [
            self._members(name, value)
            for name, value in values.items()
            if self._column(name).index and isinstance(value, str) and value != NULL
        ]
        if members:
            first, *others = members
            return [row for ref, row in first.items() if all(ref in other for other in others)]
        return min(equal, key=len).values() if equal else self._rows.values()

    def _members(self, name: str, value: Any) -> Bucket[R]:
        return self._index[name].get(value, {})

    def referring(self, field: str, target: str) -> Bucket[R]:
        """Rows whose reference field (or relation's set) `field` names `target`, by reference; not to be changed."""
        return self._index[field].get(target, {})

    def targets(self, field: str) -> list[Any]:
        """The distinct values of an indexed field; null references are not among them."""
        return list(self._index[field])

    # Writing -------------------------------------------------------------------------------------------------------

    def create(self, ref: str | None = None, uuid: str | None = None, **fields: Any) -> R:
        """A new row; fields not given get their default. DbUniquenessConstraintViolation if ref or uuid is taken."""
        given: dict[str, Any] = {}
        backs: list[tuple[Column, Any]] = []
        for name, value in fields.items():
            column = self._column(name)
            if column.back:
                backs.append((column, value))
            else:
                given[name] = column.accept(value)
        ref, uuid = ref or f"OpaqueRef:{_uuid4()}", uuid or _uuid4()
        self._store.check_unique(self.shape, ref, uuid)
        row = self._blank(ref)
        for name, write, default in self.shape.writers:
            write(row, given.get(name, default))
        if "uuid" in self.shape.columns:
            self.shape.columns["uuid"].write(row, uuid)
        self.attach(row)
        self._store.created(row)
        for column, value in backs:
            self._store.write_back(row, column, value)
        return row

    def update(self, ref: str, /, **fields: Any) -> None:
        """Write fields; those that keep their value are no change. HandleInvalid, DbUniquenessConstraintViolation."""
        row = self[ref]
        changed = {}
        for name, value in fields.items():
            column = self._column(name)
            if column.back:
                self._store.write_back(row, column, value)
                continue
            accepted = column.accept(value)
            if getattr(row, name) != accepted:
                changed[name] = accepted
        if changed:
            self._assign(row, changed)

    def add_to(self, ref: str, field: str, key: Any, value: Any) -> None:
        """Add a key to a map; MapDuplicateKey if it is there."""
        entries = self._value(ref, field, MapOf)
        if key in entries:
            raise MapDuplicateKey(self.name, field, ref, key)
        self.update(ref, **{field: {**entries, key: value}})

    def remove_from(self, ref: str, field: str, key: Any) -> None:
        """Remove a key from a map, if it is there."""
        entries = self._value(ref, field, MapOf)
        if key in entries:
            self.update(ref, **{field: {name: value for name, value in entries.items() if name != key}})

    def add(self, ref: str, field: str, value: Any) -> None:
        """Add to a set, unless it is in."""
        members = self._value(ref, field, SetOf)
        if value not in members:
            self.update(ref, **{field: (*members, value)})

    def remove(self, ref: str, field: str, value: Any) -> None:
        """Remove from a set, if it is in."""
        members = self._value(ref, field, SetOf)
        if value in members:
            self.update(ref, **{field: tuple(member for member in members if member != value)})

    def touch(self, ref: str) -> None:
        """Let those who wait for events see the row as changed."""
        self._store.bump(self[ref])

    def delete(self, ref: str) -> None:
        """Remove the row; HandleInvalid. References to it stay, and are collected later."""
        row = self[ref]
        self.detach(row)
        self._store.deleted(row)

    # The store's side ----------------------------------------------------------------------------------------------

    def _column(self, name: str) -> Column:
        column = self.shape.columns.get(name)
        if column is None:
            raise TypeError(f"{self.name} has no field {name}")
        return column

    def _value(self, ref: str, field: str, kind: type) -> Any:
        if not isinstance(self._column(field).field.type, kind):
            raise TypeError(f"{self.name}.{field} is no {kind.__name__}")
        return getattr(self[ref], field)

    def _blank(self, ref: str) -> R:
        row = cast("R", self.shape.record())
        set_ref(row, ref)
        set_created(row, 0)
        set_generation(row, 0)
        set_extra(row, None)
        set_xml(row, None)
        set_json(row, None)
        return row

    def load(self, ref: str, body: dict[str, Any], created: int, generation: int, share: Any) -> R:
        """A row from the disk, not yet attached to the indices."""
        row = self._blank(ref)
        set_created(row, created)
        set_generation(row, generation)
        self.shape.load(row, body, share)
        return row

    def attach(self, row: R) -> None:
        """Enter the row and its index entries."""
        self._rows[row.ref] = row
        self._all = None
        for name, index in self._index.items():
            for key in _keys(getattr(row, name)):
                index.setdefault(key, {})[row.ref] = row

    def detach(self, row: R) -> None:
        del self._rows[row.ref]
        self._all = None
        for name in self._index:
            self._leave(row, name, _keys(getattr(row, name)))

    def _leave(self, row: R, name: str, keys: Iterable[Any]) -> None:
        index = self._index[name]
        for key in keys:
            bucket = index.get(key)
            if bucket is not None:
                bucket.pop(row.ref, None)
                if not bucket:
                    del index[key]

    def _assign(self, row: R, changed: Mapping[str, Any]) -> None:
        """Write values that differ."""
        if "uuid" in changed:
            self._store.move_uuid(row, changed["uuid"])
        moved: list[tuple[str, set[Any]]] = []
        for name, value in changed.items():
            if name in self._index:
                old, new = _keys(getattr(row, name)), _keys(value)
                self._leave(row, name, [key for key in old if key not in new])
                for key in new:
                    self._index[name].setdefault(key, {})[row.ref] = row
                moved.append((name, set(old) ^ set(new)))
            self.shape.columns[name].write(row, value)
        self._store.changed(row, changed)
        for name, targets in moved:
            self._store.follow(self.shape, name, targets)


def _keys(value: Any) -> tuple[Any, ...]:
    """Under which keys an indexed value is found; a null reference under none."""
    if isinstance(value, tuple):
        return value
    return () if value == NULL else (value,)


def _uuid4() -> str:
    """A random UUID, in a third of the time that `uuid.uuid4` takes: each row needs two."""
    digits = os.urandom(16).hex()
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
