"""`/graph`: a picture of some sources of a host, VM or SR.

`/graph?uuid=…&ds=cpu0&ds=cpu1&start=-3600&cf=AVERAGE&format=png|svg|text&width=800&height=400`
"""

from __future__ import annotations

import math

from common.command import CommandFailed
from common.idl.rrd import Owner
from common.rpc.server import FileAnswer, FileRequest
from rrdd.graph import Drawing, Format, draw
from rrdd.rrd import updates
from rrdd.rrd.layout import STEP, Consolidation
from rrdd.rrd.updates import Member
from rrdd.store import Owned, Store

TYPES = {Format.PNG: "image/png", Format.SVG: "image/svg+xml", Format.TEXT: "text/plain; charset=utf-8"}
MOST_SOURCES = 32
HOUR = 3600


class Graphs:
    """Pictures of what the store holds."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def answer(self, request: FileRequest) -> FileAnswer:
        """400 for what can't be asked, 404 for what is not there."""
        owned = self._find(request.query.get("uuid", ""))
        if owned is None:
            return FileAnswer(status=404, body=b"no metrics of such an object")
        names = [name for name in request.values("ds") if name in owned.positions][:MOST_SOURCES]
        if not names:
            return FileAnswer(status=404, body=b"no such data source")
        try:
            kind = Format(request.query.get("format", "png"))
            drawing = _drawing(owned, names, kind, request)
        except (ValueError, OverflowError) as error:
            return FileAnswer(status=400, body=str(error).encode())
        try:
            return FileAnswer(body=await draw(drawing), content_type=TYPES[kind])
        except CommandFailed:
            return FileAnswer(status=500, body=b"it can't be drawn")

    def _find(self, uuid: str) -> Owned | None:
        """Without a uuid: the host."""
        if uuid:
            return self._store.get(uuid)
        return next((owned for owned in self._store if owned.owner is Owner.HOST), None)


def _drawing(owned: Owned, names: list[str], kind: Format, request: FileRequest) -> Drawing:
    start = int(float(request.query.get("start", -HOUR)))
    consolidation = Consolidation(request.query.get("cf", Consolidation.AVERAGE))
    text = kind is Format.TEXT
    member = Member(owned.owner, owned.uuid, owned.bank, names, [owned.positions[name] for name in names])
    found = updates.table(updates.Query(start, STEP, consolidation), [member])
    order = range(len(found.times) - 1, -1, -1)
    columns = [entry.split(":", 3)[3] for entry in found.legend]
    return Drawing(
        title=request.query.get("title", f"{owned.owner} {owned.uuid}")[:200],
        format=kind,
        width=_size(request.query.get("width"), 76 if text else 800, 40, 200 if text else 4000),
        height=_size(request.query.get("height"), 20 if text else 400, 8 if text else 100, 100 if text else 4000),
        times=[float(found.times[i]) for i in order],
        series={name: [_known(float(found.rows[i, at])) for i in order] for at, name in enumerate(columns)},
        units=" / ".join(sorted({owned.sources[name].units for name in names}))[:100],
    )


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _size(told: str | None, default: int, least: int, most: int) -> int:
    return default if told is None else min(most, max(least, int(told)))
