"""What changed for a subscriber, assembled from the wire forms that the rows keep."""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from xapi.datamodel.errors import EventFromTokenParseFailure, EventSubscriptionParseFailure
from xapi.db import render
from xapi.db.changes import EVERYTHING, Deleted, Key
from xapi.db.render import Rendered
from xapi.db.row import Row
from xapi.db.shape import Shape
from xapi.db.store import Store

PACE = 0.02  # seconds between two answers to the same subscriber, from the second on
SHARED_EVENTS = 200
"""Batches up to this size are kept for other waiters with the same question, while nothing new is visible."""
SHARED_BATCHES = 16

_TOKEN = re.compile(r"\s*(\d{1,20})\s*,\s*(\d{1,20})\s*", re.ASCII)

Subscription = frozenset[Key]


def subscription(classes: Iterable[str]) -> Subscription:
    """`*`, `vm` in any case, or `vm/OpaqueRef:…`; EventSubscriptionParseFailure."""
    return frozenset(_key(text) for text in classes)


def _key(text: str) -> Key:
    match text.split("/"):
        case [cls]:
            return cls.lower()
        case [cls, ref]:
            return cls.lower(), ref
        case _:
            raise EventSubscriptionParseFailure(text)


def token(generation: int) -> str:
    """The second number is the original's for messages; ours are rows like all others."""
    return f"{generation:020d},{generation:020d}"


def since(text: str) -> int:
    """The generation in a token; 0 for the empty one of a first call; EventFromTokenParseFailure."""
    if not text:
        return 0
    match = _TOKEN.fullmatch(text)
    if match is None:
        raise EventFromTokenParseFailure(text)
    return int(match[1])


@dataclass(frozen=True, slots=True)
class Batch:
    """One object at most once: messages, then what is new, what changed, and what went."""

    upto: int
    added: list[Row]
    changed: list[Row]
    deleted: list[Deleted]

    def __len__(self) -> int:
        return len(self.added) + len(self.changed) + len(self.deleted)

    def xml_events(self, timestamp: str = "0.0") -> list[bytes]:
        """In pieces: two for each object, of which a first call tells tens of thousands."""
        pieces: list[bytes] = []
        upto, end = self.upto, ""
        for operation, rows in (("add", self.added), ("mod", self.changed)):
            for row in rows:
                head = _xml_head(min(row._generation, upto), timestamp, row.shape.wire_name, operation, row.ref)
                pieces.append(f"{end}{head}<member><name>snapshot</name><value>".encode())
                pieces.append(row._xml or render.xml(row))
                end = "</value></member></struct></value>"
        pieces.append(end.encode())
        for gone in self.deleted:
            head = _xml_head(gone.generation, timestamp, gone.shape.wire_name, "del", gone.ref)
            pieces.append(f"{head}</struct></value>".encode())
        return pieces

    def json_events(self, timestamp: str = "0.0") -> list[bytes]:
        """In pieces, with their commas."""
        pieces: list[bytes] = []
        upto, end = self.upto, ""
        for operation, rows in (("add", self.added), ("mod", self.changed)):
            for row in rows:
                head = _json_head(min(row._generation, upto), timestamp, row.shape.wire_name, operation, row.ref)
                pieces.append(f'{end}{head},"snapshot":'.encode())
                pieces.append(row._json or render.json(row))
                end = "},"
        for gone in self.deleted:
            head = _json_head(gone.generation, timestamp, gone.shape.wire_name, "del", gone.ref)
            pieces.append(f"{end}{head}".encode())
            end = "},"
        pieces.append(end[:1].encode())
        return pieces


@dataclass(slots=True)
class Registration:
    """What a session asked `event.next` to tell, and up to where it has been told."""

    keys: set[Key] = field(default_factory=set)
    position: int = 0


class Feed:
    """Answers about one store's changes; answers to the same question are made once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._changes = store.changes
        self.registrations: dict[str, Registration] = {}
        self._answered: dict[tuple[str, Subscription], float] = {}
        self._shared: deque[tuple[tuple[Subscription, int, int], Batch, Rendered]] = deque(maxlen=SHARED_BATCHES)
        self._counted = -1
        self._counts = (b"", b"")

    # Batches ------------------------------------------------------------------------------------------------------

    def batch(self, wanted: Subscription, generation: int) -> Batch:
        """What a subscriber who has seen everything up to `generation` has not seen."""
        visible = self._changes.visible
        if generation == 0:
            return Batch(visible, [row for row in self._everything(wanted) if row._created <= visible], [], [])
        rows = [row for row in self._changes.changed_since(generation) if _wants(wanted, row.shape.wire_name, row)]
        rows = [row for row in rows if row.shape.emits]
        added = [row for row in rows if row._created > generation]
        added.sort(key=lambda row: _is_no_message(row.shape))
        changed = [row for row in rows if row._created <= generation]
        deleted = [
            gone
            for gone in self._changes.deleted_since(generation)
            if gone.created <= generation and self._is_news(gone) and _wants(wanted, gone.shape.wire_name, gone)
        ]
        return Batch(visible, added, changed, deleted)

    def _everything(self, wanted: Subscription) -> Iterable[Row]:
        for table in sorted(self._store.tables(), key=lambda table: _is_no_message(table.shape)):
            name = table.shape.wire_name
            if not table.shape.emits:
                continue
            if EVERYTHING in wanted or name in wanted:
                yield from table.rows()
            else:
                refs = (key[1] for key in wanted if isinstance(key, tuple) and key[0] == name)
                yield from (row for ref in refs if (row := table.get(ref)) is not None)

    def _is_news(self, gone: Deleted) -> bool:
        return gone.shape.emits and self._store.find(gone.ref) is None

    def answer(self, wanted: Subscription, generation: int) -> tuple[Batch, Rendered]:
        """The batch and the result of `event.from` that carries it."""
        question = (wanted, generation, self._changes.visible)
        if self._shared and self._shared[0][0][2] != self._changes.visible:
            self._shared.clear()
        for asked, batch, rendered in self._shared:
            if asked == question:
                return batch, rendered
        batch = self.batch(wanted, generation)
        rendered = self._rendered(batch)
        if len(batch) <= SHARED_EVENTS:
            self._shared.append((question, batch, rendered))
        return batch, rendered

    def _rendered(self, batch: Batch) -> Rendered:
        counts_xml, counts_json = self.counts()

        def xml() -> list[bytes]:
            return [
                b"<struct><member><name>events</name><value><array><data>",
                *batch.xml_events(),
                b"</data></array></value></member><member><name>valid_ref_counts</name><value>",
                counts_xml,
                b"</value></member><member><name>token</name><value>",
                token(batch.upto).encode(),
                b"</value></member></struct>",
            ]

        def json() -> list[bytes]:
            return [
                b'{"events":[',
                *batch.json_events(),
                b'],"valid_ref_counts":',
                counts_json,
                b',"token":"',
                token(batch.upto).encode(),
                b'"}',
            ]

        return Rendered(xml, json)

    def counts(self) -> tuple[bytes, bytes]:
        """How many objects each class has, as XML (32-bit integers here, unlike everywhere else) and JSON."""
        if self._counted != self._changes.population:
            self._counted = self._changes.population
            counts = {name.lower(): self._count(name) for name in sorted(self._store.classes, reverse=True)}
            members = [
                f"<member><name>{n}</name><value><i4>{count}</i4></value></member>" for n, count in counts.items()
            ]
            pairs = ",".join(f'"{name}":{count}' for name, count in counts.items())
            self._counts = f"<struct>{''.join(members)}</struct>".encode(), f"{{{pairs}}}".encode()
        return self._counts

    def _count(self, name: str) -> int:
        if not self._store.has_table(name):
            return 0
        table = self._store.table(name)
        return len(table) if table.shape.emits or not table.shape.cls.events else 0

    # Pace ---------------------------------------------------------------------------------------------------------

    def due(self, session: str, wanted: Subscription) -> float:
        """When a call that begins now may be answered, on the monotonic clock."""
        return self._answered.get((session, wanted), 0.0) + PACE

    def answered(self, session: str, wanted: Subscription) -> None:
        """The subscriber gets an answer now."""
        now = time.monotonic()
        if len(self._answered) > 4096:
            self._answered = {who: at for who, at in self._answered.items() if at > now - PACE}
        self._answered[session, wanted] = now


def _wants(wanted: Subscription, name: str, what: Row | Deleted) -> bool:
    return EVERYTHING in wanted or name in wanted or (name, what.ref) in wanted


def _is_no_message(shape: Shape) -> bool:
    return shape.name != "message"


# Events ---------------------------------------------------------------------------------------------------------------


def _xml_head(generation: int, timestamp: str, cls: str, operation: str, ref: str) -> str:
    return (
        f"<value><struct><member><name>id</name><value>{generation}</value></member>"
        f"<member><name>timestamp</name><value>{timestamp}</value></member>"
        f"<member><name>class</name><value>{cls}</value></member>"
        f"<member><name>operation</name><value>{operation}</value></member>"
        f"<member><name>ref</name><value>{ref}</value></member>"
    )


def _json_head(generation: int, timestamp: str, cls: str, operation: str, ref: str) -> str:
    return f'{{"id":"{generation}","timestamp":"{timestamp}","class":"{cls}","operation":"{operation}","ref":"{ref}"'


def listed(batch: Batch, clock: Callable[[], float] = time.time) -> Rendered:
    """The result of `event.next`: the bare list, with the time of telling."""
    timestamp = f"{clock():.12g}"
    return Rendered(
        lambda: [b"<array><data>", *batch.xml_events(timestamp), b"</data></array>"],
        lambda: [b"[", *batch.json_events(timestamp), b"]"],
    )
