"""The rows of all classes: uniqueness, relations, generations, and the way of a change to the disk."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from common.errors import WireError
from xapi.datamodel.errors import DbUniquenessConstraintViolation, InternalError
from xapi.datamodel.relations import Relation
from xapi.datamodel.types import Class, SetOf
from xapi.db.changes import Changes, Deleted
from xapi.db.disk import Change, Disk, applied
from xapi.db.journal import Batch, Journal
from xapi.db.render import forget
from xapi.db.row import Row, set_created, set_generation
from xapi.db.shape import CREATED, Column, Shape, shape_of
from xapi.db.table import Table

SKIP = 2**32
"""Generations left out at each start: a token newer than a recovered database never hides a change."""
DURABLE_WITHIN = 30.0  # seconds


class Store:
    """Tables of the given classes, in memory only if there is no `path`."""

    def __init__(
        self,
        classes: Mapping[str, Class],
        records: Mapping[str, type[Row]],
        relations: Iterable[Relation],
        path: Path | None = None,
    ) -> None:
        related = tuple(relations)
        self.changes = Changes()
        self.classes = classes
        self._tables: dict[str, Table[Any]] = {
            name: Table(self, shape_of(classes[name], record, related)) for name, record in records.items()
        }
        self._uuids: dict[str, Row] = {}
        self._buffer: list[Change] = []
        self._written = 0  # generation of the newest change that goes to disk
        self._synced = 0
        self._boundary = 0  # generation at the end of the last transaction
        self._flushing = False
        self._waiting: deque[tuple[int, float, asyncio.Future[None]]] = deque()
        """Generation, deadline on the loop's clock, who waits."""
        self._timer: asyncio.TimerHandle | None = None
        self._journal: Journal | None = None
        if path is not None:
            disk = Disk(path)
            self._load(disk)
            self._journal = Journal(disk, self._on_disk)

    # Reading -------------------------------------------------------------------------------------------------------

    def table(self, cls: str) -> Table[Any]:
        """The table of a class by its exact name; KeyError."""
        return self._tables[cls]

    def tables(self) -> list[Table[Any]]:
        return list(self._tables.values())

    def has_table(self, cls: str) -> bool:
        return cls in self._tables

    def by_uuid(self, uuid: str) -> Row | None:
        """The object with this uuid, whatever its class."""
        return self._uuids.get(uuid)

    def find(self, ref: str) -> Row | None:
        """The object with this reference, whatever its class."""
        return self.changes.row(ref)

    @property
    def generation(self) -> int:
        return self.changes.generation

    @property
    def commits(self) -> int:
        """How many syncs the disk was asked for."""
        return self._journal.commits if self._journal else 0

    # Durability ----------------------------------------------------------------------------------------------------

    @property
    def written(self) -> int:
        """Generation of the newest change that goes to disk; take it before a call, give it to `pending` after."""
        return self._written

    def pending(self, since: int = 0) -> asyncio.Future[None] | None:
        """Done when everything written is on disk; None if it is already, or nothing was after generation `since`.

        InternalError if the disk refuses or does not answer in 30 s: the change stands, and is written when it can be.
        """
        if self._written <= max(self._synced, since):
            return None
        loop = asyncio.get_running_loop()
        self._schedule()
        future: asyncio.Future[None] = loop.create_future()
        self._waiting.append((self._written, loop.time() + DURABLE_WITHIN, future))
        if self._timer is None:
            self._timer = loop.call_later(DURABLE_WITHIN, self._tell_overdue)
        return future

    def _tell_overdue(self) -> None:
        """Tell those who have waited too long; look again when the next one will have."""
        loop = asyncio.get_running_loop()
        while self._waiting and self._waiting[0][1] <= loop.time():
            _fail(self._waiting.popleft()[2], "no answer from the disk")
        self._timer = loop.call_at(self._waiting[0][1], self._tell_overdue) if self._waiting else None

    async def durable(self, since: int = 0) -> None:
        """Return when everything written is on disk, as `pending` tells."""
        future = self.pending(since)
        if future is not None:
            await future

    def flush(self) -> None:
        """Write everything to disk in this thread. For start-up and stop."""
        if self._journal is not None:
            self._journal.write_now(Batch(self.generation, self._take()))
        self._take()
        self._boundary = self._synced = self.generation
        self.changes.publish(self.generation)

    def close(self) -> None:
        """Write what is left and close the file."""
        self.flush()
        if self._journal is not None:
            self._journal.close()

    def _take(self) -> list[Change]:
        buffer, self._buffer = self._buffer, []
        return buffer

    def _schedule(self) -> None:
        """Flush when the running transaction has ended: when its task awaits."""
        if self._flushing:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # start-up, before there is a loop: `flush` follows
            return
        self._flushing = True
        loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flushing = False
        self._boundary = self.generation
        changes = self._take()
        if changes and self._journal is not None:
            self._journal.write(asyncio.get_running_loop(), Batch(self._boundary, changes))
        elif changes or self._written <= self._synced:
            self._on_disk(self._boundary, None)

    def _on_disk(self, upto: int, error: Exception | None) -> None:
        if error is not None:
            while self._waiting:
                _fail(self._waiting.popleft()[2], f"the disk refuses: {error}")
            return
        self._synced = max(self._synced, upto)
        while self._waiting and self._waiting[0][0] <= self._synced:
            future = self._waiting.popleft()[2]
            if not future.done():
                future.set_result(None)
        in_flight = self._written > self._synced
        self.changes.publish(upto if in_flight else max(self._boundary, upto))

    # Changes: for the tables ---------------------------------------------------------------------------------------

    def check_unique(self, shape: Shape, ref: str, uuid: str) -> None:
        if self.find(ref) is not None:
            raise DbUniquenessConstraintViolation(shape.name, "_ref", ref)
        if uuid in self._uuids and "uuid" in shape.columns:
            raise DbUniquenessConstraintViolation(shape.name, "uuid", uuid)

    def move_uuid(self, row: Row, uuid: str) -> None:
        if uuid in self._uuids:
            raise DbUniquenessConstraintViolation(row.shape.name, "uuid", uuid)
        del self._uuids[_uuid(row)]
        self._uuids[uuid] = row

    def bump(self, row: Row) -> int:
        """The row counts as changed: next generation."""
        generation = self.changes.bump(row)
        self._schedule()
        return generation

    def _stale(self, row: Row) -> int:
        """The row changed: its wire forms are gone."""
        forget(row)
        return self.bump(row)

    def created(self, row: Row) -> None:
        """A row was attached: its relations, uuid and place on disk."""
        shape = row.shape
        if "uuid" in shape.columns:
            self._uuids[_uuid(row)] = row
        self._derive_all(row)
        generation = self.changes.created(row)
        set_created(row, generation)
        self._record(generation, shape, row.ref, shape.dump(row))
        for name in shape.fronts:
            self.follow(shape, name, _targets(getattr(row, name)))

    def changed(self, row: Row, changed: Mapping[str, Any]) -> None:
        """Fields of a row were written."""
        generation = self._stale(row)
        delta = row.shape.delta(changed)
        if delta is not None:
            self._record(generation, row.shape, row.ref, delta)

    def deleted(self, row: Row) -> None:
        """A row was detached."""
        forget(row)
        shape = row.shape
        if "uuid" in shape.columns:
            del self._uuids[_uuid(row)]
        generation = self.changes.deleted(row)
        self._record(generation, shape, row.ref, None)
        for name in shape.fronts:
            self.follow(shape, name, _targets(getattr(row, name)))

    def _record(self, generation: int, shape: Shape, ref: str, body: bytes | None) -> None:
        self._buffer.append((generation, shape.name, ref, body))
        self._written = generation
        self._schedule()

    # Relations: for the tables -------------------------------------------------------------------------------------

    def follow(self, shape: Shape, name: str, targets: Iterable[str]) -> None:
        """References in field `name` came or went: the other ends follow, and count as changed."""
        relation = shape.fronts.get(name)
        if relation is None or not self.has_table(relation.other):
            return
        others = self._tables[relation.other]
        for target in targets:
            other = others.get(target)
            if other is not None:
                self._derive(other, relation)
                self._stale(other)

    def write_back(self, row: Row, column: Column, members: Iterable[str]) -> None:
        """Write a many-to-many relation from its other end. TypeError where that end only follows."""
        relation = next(r for r in row.shape.backs if r.back == column.name)
        fronts = self._tables[relation.cls]
        if not isinstance(fronts.shape.columns[relation.field].field.type, SetOf):
            raise TypeError(f"{row.shape.name}.{column.name} follows {relation.cls}.{relation.field}")
        before, after = set(getattr(row, column.name)), set(members)
        for ref in before - after:
            fronts.remove(ref, relation.field, row.ref)
        for ref in after - before:
            fronts.add(ref, relation.field, row.ref)

    def _derive(self, row: Row, relation: Relation) -> None:
        members = tuple(self._tables[relation.cls].referring(relation.field, row.ref))
        row.shape.columns[relation.back].write(row, members)

    def _derive_all(self, row: Row) -> None:
        for relation in row.shape.backs:
            if self.has_table(relation.cls):
                self._derive(row, relation)

    # Opening -------------------------------------------------------------------------------------------------------

    def _load(self, disk: Disk) -> None:
        loader = Loader(self._tables)
        loader.read(disk)
        base = loader.newest + SKIP
        rows = loader.rows
        for row in rows:
            self._derive_all(row)
            if "uuid" in row.shape.columns:
                self._uuids[_uuid(row)] = row
            if row.shape.volatile:  # what a client saw of it may be gone
                set_generation(row, base)
        self.changes.restart(base, rows, sorted(loader.deleted, key=lambda gone: gone.generation))
        self._boundary = self._synced = self._written = base


class Loader:
    """Rows from the disk: objects with the changes of the log applied."""

    def __init__(self, tables: Mapping[str, Table[Any]]) -> None:
        self._tables = tables
        self._shared: dict[str, str] = {}
        self.rows: list[Row] = []
        self.deleted: list[Deleted] = []
        self.newest = 0
        """The highest generation seen."""

    def read(self, disk: Disk) -> None:
        for ref, changes in disk.histories():
            self._object(ref, changes)
        for row in sorted(self.rows, key=lambda row: row._created):  # tables keep the order in which rows were made
            self._tables[row.shape.name].attach(row)

    def _object(self, ref: str, changes: Iterable[Change]) -> None:
        body: dict[str, Any] | None = None
        generation, name = 0, ""
        for generation, name, _, change in changes:
            self.newest = max(self.newest, generation)
            body = applied(body, change)
            if change is None and name in self._tables:
                self.deleted.append(Deleted(generation, 0, self._tables[name].shape, ref))
        table = self._tables.get(name)
        if body is None or table is None:  # gone, or of a class of a newer version: that stays on disk
            return
        created = body.pop(CREATED, generation)
        self.rows.append(table.load(ref, body, created, generation, self._shared.setdefault))


def _uuid(row: Row) -> str:
    uuid: str = row.uuid  # type: ignore[attr-defined]
    return uuid


def _targets(value: Any) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (value,)


def _fail(future: asyncio.Future[None], reason: str) -> None:
    if not future.done():
        error: WireError = InternalError(f"The store: {reason}")
        future.set_exception(error)
