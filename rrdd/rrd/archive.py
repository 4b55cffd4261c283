"""A round-robin database: primary data points (PDP) each 5 s, consolidated into rings; all sources of an owner at once.

The rules are the original's (they win where rrdtool differs): a PDP is unknown only if all of its seconds are, a value
outside its source's bounds is unknown, a gap above the heartbeat is unknown, and a derive that exceeds its maximum by
under 5 % is capped. Values are 64-bit floats; unknown is NaN. One numpy row holds one value of each source.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from rrdd.source import Kind, Source

STEP = 5  # seconds of a PDP
HEARTBEAT = 300.0  # seconds
CAP = 1.05

Row = NDArray[np.float64]


class Consolidation(StrEnum):
    AVERAGE = "AVERAGE"
    MIN = "MIN"
    MAX = "MAX"


@dataclass(frozen=True, slots=True)
class Layout:
    """An archive's shape: `rows` of `pdps` primary points each; a row is unknown when more than `xff` of it is."""

    consolidation: Consolidation
    pdps: int
    rows: int
    xff: float


def layouts(*, extremes: bool) -> list[Layout]:
    """The original's archives: 10 minutes, 2 hours, a week, a year; MIN and MAX in the coarse ones if `extremes`."""
    found = [Layout(Consolidation.AVERAGE, 1, 120, 0.5)]
    for pdps, rows in ((12, 120), (720, 168), (17280, 366)):
        kinds = list(Consolidation) if extremes else [Consolidation.AVERAGE]
        found += [Layout(kind, pdps, rows, 1.0 if extremes else 0.5) for kind in kinds]
    return found


def _unknown(width: int) -> Row:
    return np.full(width, np.nan)


@dataclass(slots=True)
class Archive:
    """One ring. `head` is where the next row goes; `value` and `unknown` belong to the row being made."""

    layout: Layout
    ring: NDArray[np.float64]
    value: Row
    unknown: NDArray[np.int64]
    head: int = 0

    @classmethod
    def empty(cls, layout: Layout, width: int) -> Archive:
        """A ring of unknowns for `width` sources."""
        ring = np.full((layout.rows, width), np.nan)
        made = cls(layout, ring, np.zeros(width), np.zeros(width, dtype=np.int64))
        made._reset()
        return made

    def rows(self) -> NDArray[np.float64]:
        """All rows, oldest first."""
        return np.roll(self.ring, -self.head, axis=0)

    def add(self, first: int, count: int, pdp: Row) -> None:
        """Take `count` equal PDPs, the first being the `first`-th since the epoch."""
        size = self.layout.pdps
        taken = min(size - first % size, count)
        self._accumulate(taken, pdp)
        if first % size + taken < size:
            return
        self._push(1)
        whole, rest = divmod(count - taken, size)
        if whole:
            self._accumulate(size, pdp)
            self._push(min(whole, self.layout.rows))
        if rest:
            self._accumulate(rest, pdp)

    def widen(self, keep: Sequence[int | None]) -> None:
        """Rearrange columns: new column i is old column keep[i], or unknown."""
        ring, value, unknown = self.ring, self.value, self.unknown
        width = len(keep)
        self.ring = np.full((self.layout.rows, width), np.nan)
        self.value, self.unknown = np.zeros(width), np.zeros(width, dtype=np.int64)
        self._reset()
        for new, old in enumerate(keep):
            if old is not None:
                self.ring[:, new] = ring[:, old]
                self.value[new], self.unknown[new] = value[old], unknown[old]

    def _accumulate(self, count: int, pdp: Row) -> None:
        unknown = np.isnan(pdp)
        self.unknown += unknown * count
        match self.layout.consolidation:
            case Consolidation.AVERAGE:
                self.value += np.where(unknown, 0.0, pdp) * count
            case Consolidation.MIN:
                self.value = np.fmin(self.value, pdp)
            case Consolidation.MAX:
                self.value = np.fmax(self.value, pdp)

    def _push(self, copies: int) -> None:
        known = self.layout.pdps - self.unknown
        row = self.value
        if self.layout.consolidation is Consolidation.AVERAGE:
            row = np.divide(self.value, known, out=_unknown(len(known)), where=known > 0)
        bad = (known == 0) | (self.unknown / self.layout.pdps > self.layout.xff)
        row = np.where(bad, np.nan, row)
        for _ in range(copies):
            self.ring[self.head] = row
            self.head = (self.head + 1) % self.layout.rows
        self._reset()

    def _reset(self) -> None:
        start = {Consolidation.MIN: np.inf, Consolidation.MAX: -np.inf}
        self.value = np.full(len(self.value), start.get(self.layout.consolidation, 0.0))
        self.unknown = np.zeros(len(self.value), dtype=np.int64)


@dataclass(slots=True)
class Rrd:
    """All sources and archives of one owner. `last_updated` is seconds since the epoch, with fractions."""

    sources: list[Source]
    archives: list[Archive]
    last_updated: float
    last: Row
    """Newest raw value of each source."""
    value: Row
    """Rate times seconds, so far in the PDP being made."""
    unknown: Row
    """Seconds of the PDP being made that are unknown."""
    domid: int = -1
    """Domain whose counters `last` holds; another one starts them anew."""
    _bounds: tuple[Row, Row] = field(default_factory=lambda: (np.zeros(0), np.zeros(0)))
    _kinds: tuple[NDArray[np.bool_], ...] = ()

    @classmethod
    def empty(cls, now: float, *, extremes: bool) -> Rrd:
        """A database without sources."""
        archives = [Archive.empty(layout, 0) for layout in layouts(extremes=extremes)]
        return cls([], archives, now, np.zeros(0), np.zeros(0), np.zeros(0))

    def index(self, name: str) -> int | None:
        """Column of the source `name`."""
        return next((i for i, source in enumerate(self.sources) if source.name == name), None)

    def set_sources(self, sources: Sequence[Source]) -> None:
        """Have exactly `sources`, keeping the history of those that stay."""
        old = {source.name: i for i, source in enumerate(self.sources)}
        keep = [old.get(source.name) for source in sources]
        for archive in self.archives:
            archive.widen(keep)
        age = self.last_updated % STEP
        self.last = np.array([np.nan if i is None else self.last[i] for i in keep])
        self.value = np.array([0.0 if i is None else self.value[i] for i in keep])
        self.unknown = np.array([age if i is None else self.unknown[i] for i in keep])
        self.sources = list(sources)
        self._kinds = ()

    def forget_counters(self, domid: int) -> None:
        """The domain is another one: its counters start at zero, so the next difference is unknown."""
        self.domid = domid
        self.last = np.where(self._kind_masks()[0], np.nan, self.last)

    def update(self, now: float, raw: Mapping[str, float]) -> None:
        """Take the raw values at `now`; a source without one is unknown for this interval."""
        interval = now - self.last_updated
        if interval < 0:
            interval = float(STEP)  # the clock went back: the original assumes one step
        if interval == 0:
            return
        values = np.array([raw.get(source.name, math.nan) for source in self.sources], dtype=np.float64)
        increments = self._increments(values, interval)
        self.last = values
        first = int((now - interval) // STEP)
        elapsed = int(now // STEP) - first
        after = now % STEP if elapsed else 0.0  # seconds that belong to the next PDP
        self._collect(increments, interval - after, interval)
        if elapsed:
            pdp = self._pdp(elapsed, interval)
            for archive in self.archives:
                archive.add(first, elapsed, pdp)
            self.value, self.unknown = np.zeros(len(values)), np.zeros(len(values))
            self._collect(increments, after, interval)
        self.last_updated = now

    def newest(self, name: str) -> float:
        """The newest consolidated value of a source; NaN when unknown or absent."""
        column = self.index(name)
        finest = self.archives[0]
        return math.nan if column is None else float(finest.ring[finest.head - 1, column])

    def _increments(self, values: Row, interval: float) -> Row:
        derive, absolute = self._kind_masks()
        return np.where(derive, values - self.last, np.where(absolute, values, values * interval))

    def _collect(self, increments: Row, seconds: float, interval: float) -> None:
        unknown = np.isnan(increments)
        self.value += np.where(unknown, 0.0, increments * (seconds / interval))
        self.unknown += np.where(unknown, seconds, 0.0)

    def _pdp(self, elapsed: int, interval: float) -> Row:
        width = len(self.sources)
        if interval > HEARTBEAT:
            return _unknown(width)
        known = elapsed * STEP - self.unknown
        # Half a millisecond: sums of fractions of seconds are never exact.
        rate = np.divide(self.value, known, out=_unknown(width), where=known > 5e-4)
        inverse = np.array([source.inverse for source in self.sources], dtype=bool)
        rate = np.where(inverse, 1.0 - rate, rate)
        minimum, maximum = self._limits()
        derive, _ = self._kind_masks()
        rate = np.where(derive & (rate > maximum) & (rate <= maximum * CAP), maximum, rate)
        with np.errstate(invalid="ignore"):
            return np.where((rate < minimum) | (rate > maximum), np.nan, rate)

    def _kind_masks(self) -> tuple[NDArray[np.bool_], ...]:
        if not self._kinds:
            self._kinds = (
                np.array([source.kind is Kind.DERIVE for source in self.sources], dtype=bool),
                np.array([source.kind is Kind.ABSOLUTE for source in self.sources], dtype=bool),
            )
            self._bounds = (
                np.array([source.minimum for source in self.sources]),
                np.array([source.maximum for source in self.sources]),
            )
        return self._kinds

    def _limits(self) -> tuple[Row, Row]:
        self._kind_masks()
        return self._bounds
