"""`/rrd_updates`: the newest rows of many databases as one table, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from common.idl.rrd import Owner
from rrdd.rrd.archive import Rrd
from rrdd.rrd.bank import Bank
from rrdd.rrd.layout import STEP, Consolidation, Layout
from rrdd.rrd.text import DECLARATION, escape, numbers


class NoArchive(Exception):
    """No database to answer from."""


@dataclass(frozen=True, slots=True)
class Query:
    """What a client wants: rows after `start` (seconds; negative: before the last update), `interval` or more apart."""

    start: int
    interval: int = STEP
    consolidation: Consolidation | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A database that takes part: its columns by name."""

    owner: Owner
    uuid: str
    bank: Bank
    names: Sequence[str]
    positions: Sequence[int]


@dataclass(frozen=True, slots=True)
class Table:
    """The answer. `rows` newest first; column i is described by `legend[i]`."""

    start: int
    end: int
    step: int
    legend: list[str]
    times: list[int]
    rows: NDArray[np.float64]


def table(query: Query, members: Sequence[Member]) -> Table:
    """The rows that `query` wants. Raises `NoArchive`.

    The finest archive that reaches back to the start decides the step; databases without one of that shape are left
    out, as in the original.
    """
    if not members:
        raise NoArchive
    newest = max(member.bank.last_updated for member in members)
    start = _start(query, newest)
    layout = _choose(members[0].bank.shape, members[0].bank.last_updated, query, start)
    step = layout.seconds
    end = int(newest // step) * step
    wanted = min(layout.rows, max(0, (end - start + step - 1) // step))
    legend: list[str] = []
    wishes: dict[tuple[int, int], tuple[Bank, list[int], list[int]]] = {}
    for member in members:
        for number in _archives(member.bank, layout, query.consolidation):
            prefix = f"{member.bank.shape[number].consolidation}:{member.owner}:{member.uuid}:"
            _, positions, columns = wishes.setdefault((id(member.bank), number), (member.bank, [], []))
            columns += range(len(legend), len(legend) + len(member.names))
            positions += member.positions
            legend += [prefix + name for name in member.names]
    rows = np.full((wanted, len(legend)), np.nan)
    for (_, number), (bank, positions, columns) in wishes.items():
        if wanted:
            rows[:, columns] = bank.rows(number, positions, end // step - 1, wanted)[::-1]
    times = [end - i * step for i in range(wanted)]
    return Table(times[-1] if times else end, end, step, legend, times, rows)


def past(query: Query, rrd: Rrd, names: Sequence[str]) -> Table:
    """Some columns of one database that is not in use, described by name alone. Raises `NoArchive`."""
    found = [archive for archive in rrd.archives if archive.layout.consolidation is query.consolidation]
    if not found:
        raise NoArchive
    start = _start(query, rrd.last_updated)
    layout = _choose([archive.layout for archive in found], rrd.last_updated, query, start)
    archive = next(archive for archive in found if archive.layout == layout)
    step = layout.seconds
    end = int(rrd.last_updated // step) * step
    wanted = min(len(archive.rows), max(0, (end - start + step - 1) // step))
    at = {source.name: i for i, source in enumerate(rrd.sources)}
    rows = archive.rows[::-1][:wanted, [at[name] for name in names]]
    times = [end - i * step for i in range(wanted)]
    return Table(times[-1] if times else end, end, step, list(names), times, rows)


def _start(query: Query, newest: float) -> int:
    return query.start if query.start >= 0 else int(newest) + query.start


def _choose(shape: Sequence[Layout], last_updated: float, query: Query, start: int) -> Layout:
    fitting = [layout for layout in shape if layout.pdps >= query.interval // STEP]
    for layout in fitting:
        if last_updated - layout.seconds * layout.rows <= start:
            return layout
    return (fitting or shape)[-1]


def _archives(bank: Bank, like: Layout, consolidation: Consolidation | None) -> list[int]:
    return [
        number
        for number, layout in enumerate(bank.shape)
        if (layout.pdps, layout.rows) == (like.pdps, like.rows) and consolidation in {None, layout.consolidation}
    ]


def to_xml(found: Table) -> bytes:
    """As clients that walk the DOM want it: no white space between elements."""
    legend = "".join(f"<entry>{escape(entry)}</entry>" for entry in found.legend)
    meta = (
        f"<start>{found.start}</start><step>{found.step}</step><end>{found.end}</end>"
        f"<rows>{len(found.times)}</rows><columns>{len(found.legend)}</columns><legend>{legend}</legend>"
    )
    rows = "".join(
        f"<row><t>{time}</t>{numbers(row.tolist(), '<v>', '</v>')}</row>"
        for time, row in zip(found.times, found.rows, strict=True)
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
    rows = ",".join(
        f'{{"t":"{time}","values":[{numbers(row.tolist(), chr(34), _QUOTE_COMMA)[:-1]}]}}'
        for time, row in zip(found.times, found.rows, strict=True)
    )
    return b'{"meta":' + msgspec.json.encode(meta) + f',"data":[{rows}]}}'.encode()


_QUOTE_COMMA = '",'
