"""`/graph`: a picture of some sources of a host, VM or SR; a VM that does not run is drawn from its archive.

`/graph?uuid=…&ds=cpu0&ds=cpu1&start=-3600&cf=AVERAGE&format=png|svg|text&width=800&height=400`; `ds` may hold the
wildcards `*` and `?`. Without a uuid it is the host's.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from common.command import CommandFailed
from common.idl.rrd import Owner, UnknownSource
from common.rpc.server import FileAnswer, FileRequest
from rrdd.graph import Drawing, Format, draw
from rrdd.rrd import updates
from rrdd.rrd.layout import STEP, Consolidation
from rrdd.rrd.updates import Member, NoArchive, Query, Table
from rrdd.source import Source
from rrdd.store import Owned, Store

TYPES = {Format.PNG: "image/png", Format.SVG: "image/svg+xml", Format.TEXT: "text/plain; charset=utf-8"}
MOST_SOURCES = 32
MINUTE, HOUR = 60, 3600  # seconds
AT_ONCE, MOST_WAITING = 2, 16
"""Drawings: each is a process that takes a second of a processor; whoever would wait longer is sent away."""


@dataclass(frozen=True, slots=True)
class _Subject:
    """Whose sources are drawn."""

    title: str
    sources: Mapping[str, Source]
    table: Callable[[Query, Sequence[str]], Table]


class Graphs:
    """Pictures of what the store holds."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._free = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def answer(self, request: FileRequest) -> FileAnswer:
        """400 for what can't be asked, 404 for what is not there, 503 when too many ask at once."""
        subject = self._find(request.query.get("uuid", ""))
        if subject is None:
            return FileAnswer(status=404, body=b"no metrics of such an object")
        names = _matching(request.values("ds"), subject.sources)
        if not names:
            return FileAnswer(status=404, body=b"no such data source")
        try:
            kind = Format(request.query.get("format", "png"))
            drawing = _drawing(subject, names, kind, request)
        except (ValueError, OverflowError) as error:
            return FileAnswer(status=400, body=str(error).encode())
        except NoArchive:
            return FileAnswer(status=404, body=b"nothing of that consolidation is kept")
        return await self._drawn(drawing)

    async def _drawn(self, drawing: Drawing) -> FileAnswer:
        if self._waiting >= MOST_WAITING:
            return FileAnswer(status=503, body=b"too many are being drawn")
        self._waiting += 1
        try:
            async with self._free:
                return FileAnswer(body=await draw(drawing), content_type=TYPES[drawing.format])
        except CommandFailed:
            return FileAnswer(status=500, body=b"it can't be drawn")
        finally:
            self._waiting -= 1

    def _find(self, uuid: str) -> _Subject | None:
        if not uuid:
            return next((_live(owned) for owned in self._store if owned.owner is Owner.HOST), None)
        owned = self._store.get(uuid)
        if owned is not None:
            return _live(owned)
        try:
            rrd = self._store.load(uuid)
        except UnknownSource:
            return None
        if rrd is None:
            return None
        sources = {source.name: source for source in rrd.sources}
        return _Subject(f"archive {uuid}", sources, lambda query, names: updates.past(query, rrd, names))


def _live(owned: Owned) -> _Subject:
    def table(query: Query, names: Sequence[str]) -> Table:
        member = Member(owned.owner, owned.uuid, owned.bank, names, [owned.positions[name] for name in names])
        return updates.table(query, [member])

    return _Subject(f"{owned.owner} {owned.uuid}", {name: owned.sources[name] for name in owned.positions}, table)


def _matching(asked: Iterable[str], known: Iterable[str]) -> list[str]:
    """The sources asked for, each once, in the order asked for."""
    found: dict[str, None] = {}
    names = list(known)
    for pattern in asked:
        found |= dict.fromkeys([pattern] if pattern in names else [n for n in names if fnmatchcase(n, pattern)])
    return list(found)[:MOST_SOURCES]


def _drawing(subject: _Subject, names: Sequence[str], kind: Format, request: FileRequest) -> Drawing:
    start = int(float(request.query.get("start", -HOUR)))
    consolidation = Consolidation(request.query.get("cf", Consolidation.AVERAGE))
    text = kind is Format.TEXT
    # The finest archive holds averages only.
    interval = STEP if consolidation is Consolidation.AVERAGE else MINUTE
    found = subject.table(Query(start, interval, consolidation), names)
    if not found.legend:
        raise NoArchive
    order = range(len(found.times) - 1, -1, -1)
    return Drawing(
        title=request.query.get("title", subject.title)[:200],
        format=kind,
        width=_size(request.query.get("width"), 76 if text else 800, 40, 200 if text else 4000),
        height=_size(request.query.get("height"), 20 if text else 400, 8 if text else 100, 100 if text else 4000),
        times=[float(found.times[i]) for i in order],
        series={name: [_known(float(found.rows[i, at])) for i in order] for at, name in enumerate(names)},
        units=" / ".join(sorted({subject.sources[name].units for name in names}))[:100],
    )


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _size(told: str | None, default: int, least: int, most: int) -> int:
    return default if told is None else min(most, max(least, int(told)))
