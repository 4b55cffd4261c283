"""`/rrd_updates`: the newest rows of many databases as one table, newest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from common.idl.rrd import Owner
from rrdd.rrd.archive import STEP, Archive, Consolidation, Rrd
from rrdd.rrd.text import DECLARATION, escape, number


class NoArchive(Exception):
    """No database to answer from."""


@dataclass(frozen=True, slots=True)
class Query:
    """What a client wants: rows after `start` (seconds; negative: before the last update), `interval` or more apart."""

    start: int
    interval: int = STEP
    consolidation: Consolidation | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """The answer. `rows` newest first; column i is described by `legend[i]`."""

    start: int
    end: int
    step: int
    legend: list[str]
    times: list[int]
    rows: list[list[float]]


def table(query: Query, databases: Sequence[tuple[Owner, str, Rrd]]) -> Table:
    """The rows that `query` wants. Raises `NoArchive`.

    The finest archive that reaches back to the start decides the step; databases without one of that shape are left
    out, as in the original.
    """
    if not databases:
        raise NoArchive
    last = max(rrd.last_updated for _, _, rrd in databases)
    start = query.start if query.start >= 0 else int(last) + query.start
    chosen = _choose(databases[0][2], query, start)
    pdps, count = chosen.layout.pdps, chosen.layout.rows
    step = pdps * STEP
    end = int(last // step) * step
    wanted = min(count, max(0, (end - start + step - 1) // step))
    legend, blocks = [], []
    for owner, uuid, rrd in databases:
        # A database updated a moment before the others has its newest row one step earlier: it is shifted down.
        lag = (end - int(rrd.last_updated // step) * step) // step
        for archive in _archives(rrd, pdps, count, query.consolidation):
            legend += [f"{archive.layout.consolidation}:{owner}:{uuid}:{source.name}" for source in rrd.sources]
            blocks.append(_newest(archive, wanted, lag))
    rows = np.concatenate(blocks, axis=1).tolist() if blocks else []
    times = [end - i * step for i in range(wanted)]
    return Table(times[-1] if times else end, end, step, legend, times, rows)


def _choose(rrd: Rrd, query: Query, start: int) -> Archive:
    fitting = [archive for archive in rrd.archives if archive.layout.pdps >= query.interval // STEP]
    for archive in fitting:
        if rrd.last_updated - archive.layout.pdps * archive.layout.rows * STEP <= start:
            return archive
    return (fitting or rrd.archives)[-1]


def _archives(rrd: Rrd, pdps: int, rows: int, consolidation: Consolidation | None) -> Iterator[Archive]:
    for archive in rrd.archives:
        layout = archive.layout
        if layout.pdps == pdps and layout.rows == rows and consolidation in {None, layout.consolidation}:
            yield archive


def _newest(archive: Archive, wanted: int, lag: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    block = np.full((wanted, archive.ring.shape[1]), np.nan)
    available = archive.rows()[::-1][: max(0, wanted - lag)]
    block[lag : lag + len(available)] = available
    return block


def to_xml(found: Table) -> bytes:
    """As clients that walk the DOM want it: no white space between elements."""
    legend = "".join(f"<entry>{escape(entry)}</entry>" for entry in found.legend)
    meta = (
        f"<start>{found.start}</start><step>{found.step}</step><end>{found.end}</end>"
        f"<rows>{len(found.times)}</rows><columns>{len(found.legend)}</columns><legend>{legend}</legend>"
    )
    rows = "".join(
        f"<row><t>{time}</t>" + "".join(f"<v>{number(value)}</v>" for value in row) + "</row>"
        for time, row in zip(found.times, found.rows, strict=False)
    )
    return f"{DECLARATION}<xport><meta>{meta}</meta><data>{rows}</data></xport>".encode()


def to_json(found: Table) -> bytes:
    """Every number is a string, as in the original."""
    meta = {
        "start": str(found.start),
        "step": str(found.step),
        "end": str(found.end),
        "rows": str(len(found.times)),
        "columns": str(len(found.legend)),
        "legend": found.legend,
    }
    data = [
        {"t": str(time), "values": [number(value) for value in row]}
        for time, row in zip(found.times, found.rows, strict=False)
    ]
    return msgspec.json.encode({"meta": meta, "data": data})
