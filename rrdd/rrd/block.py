"""Columns of round-robin archives in one mapped file: the whole state of a database, as it survives `kill -9`.

A column is a source of somebody; all columns of a block are updated at once. The rules are the original's (they win
where rrdtool differs): a PDP is unknown only if all of its seconds are, a value outside its source's bounds is
unknown, a gap above the heartbeat is unknown, and a derive that exceeds its maximum by under 5 % is capped.

A row stands where its time says: row `i` since the epoch in slot `i % rows`. So nothing has to be moved when the clock
jumps or the daemon was away, and rows from before a column's birth are simply not looked at.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rrdd.rrd.layout import HEARTBEAT, STEP, Consolidation, Layout
from rrdd.source import Kind, Source

CAP = 1.05
HEADER = struct.Struct("=8sIIId")  # magic, width, rows of the file, being written, last updated
HEADER_SIZE = 4096
PAGE = 512  # columns whose values of one row fill a page of memory
MAGIC = b"RRDBLK01"
DIGITS = 6  # of a second: what a float of today still tells; differences are rounded to them
LITTLE = 5e-4  # seconds: sums of fractions of seconds are never exact

Row = NDArray[np.float64]
STATE = ("last", "stamp", "value", "unknown", "born", "generation")
START = {Consolidation.AVERAGE: 0.0, Consolidation.MIN: np.inf, Consolidation.MAX: -np.inf}


class BadBlock(Exception):
    """The file is no block of this version and shape."""


class Ring:
    """One archive of all columns; arrays are views of the file."""

    __slots__ = ("known", "layout", "table", "top", "value")

    def __init__(self, layout: Layout, value: Row, known: Row, table: NDArray[np.float64]) -> None:
        self.layout, self.value, self.known, self.table = layout, value, known, table
        self.top = 0
        """Columns from here on are not in use: their pages are never written, so they take no memory."""

    def reset(self) -> None:
        """Begin a new row."""
        self.value[:] = START[self.layout.consolidation]
        self.known[:] = 0.0

    def add(self, first: int, count: int, pdp: Row, filled: Row, known: NDArray[np.bool_]) -> None:
        """Take `count` equal PDPs, the first being the `first`-th since the epoch; `filled` has zeros for unknowns."""
        size = self.layout.pdps
        if size == 1:
            self._write(first + count - 1, min(count, self.layout.rows), pdp)
            return
        row, place = divmod(first, size)
        taken = min(size - place, count)
        self._accumulate(taken, pdp, filled, known)
        if place + taken < size:
            return
        self._push(row, 1)
        whole, rest = divmod(count - taken, size)
        if whole:
            self._accumulate(size, pdp, filled, known)
            self._push(row + whole, min(whole, self.layout.rows))
        if rest:
            self._accumulate(rest, pdp, filled, known)

    def rewind(self, old: int, new: int) -> None:
        """The clock went back from the PDP `old` to `new`: rows that lie in the future now are forgotten."""
        size, rows = self.layout.pdps, self.layout.rows
        begin, end = new // size, old // size
        if begin == end:
            return
        for row in range(max(begin, end - rows), end):
            self.table[row % rows, : self.top] = np.nan
        self.reset()

    def _accumulate(self, count: int, pdp: Row, filled: Row, known: NDArray[np.bool_]) -> None:
        self.known += known if count == 1 else known * float(count)
        match self.layout.consolidation:
            case Consolidation.AVERAGE:
                self.value += filled if count == 1 else filled * count
            case Consolidation.MIN:
                np.fmin(self.value, pdp, out=self.value)
            case Consolidation.MAX:
                np.fmax(self.value, pdp, out=self.value)

    def _push(self, row: int, copies: int) -> None:
        """Write the row that is ready as the `row`-th since the epoch, and as those before it."""
        layout = self.layout
        # More than all are known when the clock went back inside the row.
        bad = (self.known == 0) | ((layout.pdps - self.known) > layout.xff * layout.pdps)
        values = self.value / self.known if layout.consolidation is Consolidation.AVERAGE else self.value
        self._write(row, copies, np.where(bad, np.nan, values))
        self.reset()

    def _write(self, row: int, copies: int, values: Row) -> None:
        for back in range(copies):
            self.table[(row - back) % self.layout.rows, : self.top] = values[: self.top]


class Block:
    """A file of `width` columns, mapped. Raises `BadBlock` for a file that is not one, `OSError` for a full disk."""

    def __init__(self, path: Path, shape: Sequence[Layout], width: int, now: float) -> None:
        self.path, self.width = path, width
        total = len(STATE) + sum(2 + layout.rows for layout in shape)
        size = HEADER_SIZE + total * width * 8
        self._map = _open(path, size)
        everything = np.frombuffer(self._map, dtype=np.float64, offset=HEADER_SIZE).reshape(total, width)
        self.last, self.stamp, self.value, self.unknown, self.born, self.generation = everything[: len(STATE)]
        self.rings: list[Ring] = []
        at = len(STATE)
        for layout in shape:
            self.rings.append(
                Ring(layout, everything[at], everything[at + 1], everything[at + 2 : at + 2 + layout.rows])
            )
            at += 2 + layout.rows
        self.inverse, self.derive, self.absolute = (np.zeros(width, dtype=bool) for _ in range(3))
        self._inverses, self._derives, self._absolutes = (np.array([], dtype=np.int64) for _ in range(3))
        """Columns of each kind; anew when one is described otherwise."""
        self._sorted = False
        self.minimum, self.maximum = np.zeros(width), np.full(width, np.inf)
        self._total = total
        self.fresh = False
        """It was made just now: no column of it holds anything."""
        self._read_header(now)

    def _read_header(self, now: float) -> None:
        magic, width, total, busy, last_updated = HEADER.unpack_from(self._map)
        if magic == bytes(8):
            self.last_updated, self.fresh = now, True
            for ring in self.rings:
                ring.reset()
            self._write_header(busy=False)
            return
        if (magic, width, total) != (MAGIC, self.width, self._total):
            raise BadBlock(f"{self.path}: another version")
        self.last_updated = last_updated
        if busy:  # killed in the middle of an update: the PDP that was being made is lost
            self.value[:], self.unknown[:] = 0.0, self.last_updated % STEP

    def _write_header(self, *, busy: bool) -> None:
        HEADER.pack_into(self._map, 0, MAGIC, self.width, self._total, busy, self.last_updated)

    def describe(self, column: int, source: Source) -> None:
        """How the column's raw values are to be read."""
        for ring in self.rings:
            ring.top = max(ring.top, min(self.width, -(column + 1) // PAGE * -PAGE))
        self.inverse[column] = source.inverse
        self.derive[column] = source.kind is Kind.DERIVE
        self.absolute[column] = source.kind is Kind.ABSOLUTE
        self._sorted = False
        self.minimum[column], self.maximum[column] = source.minimum, source.maximum

    def begin(self, column: int, source: Source, generation: int) -> None:
        """The column is a new source's: what it held is forgotten."""
        self.describe(column, source)
        self.last[column] = self.stamp[column] = np.nan
        self.value[column], self.unknown[column] = 0.0, self.last_updated % STEP
        self.born[column] = self.last_updated // STEP
        self.generation[column] = generation
        for ring in self.rings:
            ring.value[column] = START[ring.layout.consolidation]
            # What was before the birth counts as unknown, but for it alone no row is given up.
            ring.known[column] = 0.0

    def update(self, now: float, raw: Row, stamp: Row) -> None:
        """Take the raw values read at the times `stamp` (NaN: none); now is `now`. The clock may have jumped."""
        if now == self.last_updated:
            return
        if not self._sorted:
            self._sort()
        self._write_header(busy=True)
        if now < self.last_updated:
            self._rewind(now)
        interval = round(now - self.last_updated, DIGITS)
        increments = self._increments(raw, stamp, interval)
        first = int(self.last_updated // STEP)
        elapsed = int(now // STEP) - first
        after = round(now % STEP, DIGITS) if elapsed else 0.0  # seconds that belong to the next PDP
        missing = np.isnan(increments)
        rates = np.where(missing, 0.0, increments / interval)
        self.value += rates * (interval - after)
        self.unknown += missing * (interval - after)
        if elapsed:
            self._consolidate(first, elapsed, interval)
            self.value[:] = rates * after
            self.unknown[:] = missing * after
        self.last_updated = now
        self._write_header(busy=False)

    def _sort(self) -> None:
        self._inverses, self._derives, self._absolutes = map(np.flatnonzero, (self.inverse, self.derive, self.absolute))
        self._sorted = True

    def _rewind(self, now: float) -> None:
        """The original assumes that one step went by; rows of the time that has yet to come are dropped."""
        assumed = now - STEP
        for ring in self.rings:
            ring.rewind(int(self.last_updated // STEP), int(assumed // STEP))
        self.stamp -= self.last_updated - assumed
        self.born[:] = np.minimum(self.born, assumed // STEP)
        self.value[:], self.unknown[:] = 0.0, assumed % STEP
        self.last_updated = assumed

    def _increments(self, raw: Row, stamp: Row, interval: float) -> Row:
        """Rate times `interval`. A derive goes by the time between its own readings, however far they are apart."""
        increments = raw * interval
        increments[self._absolutes] = raw[self._absolutes]
        rising = self._derives
        apart = np.round(stamp[rising] - self.stamp[rising], DIGITS)
        with np.errstate(invalid="ignore", divide="ignore"):
            risen = (raw[rising] - self.last[rising]) * (interval / apart)
        increments[rising] = np.where((apart > 0) & (apart <= HEARTBEAT), risen, np.nan)
        given = ~np.isnan(raw)
        np.copyto(self.last, raw, where=given)
        np.copyto(self.stamp, stamp, where=given)
        return increments

    def _consolidate(self, first: int, elapsed: int, interval: float) -> None:
        pdp = self._pdp(elapsed) if interval <= HEARTBEAT else np.full(self.width, np.nan)
        known = ~np.isnan(pdp)
        filled = np.where(known, pdp, 0.0)
        with np.errstate(invalid="ignore", divide="ignore"):
            for ring in self.rings:
                ring.add(first, elapsed, pdp, filled, known)

    def _pdp(self, elapsed: int) -> Row:
        known = elapsed * STEP - self.unknown
        with np.errstate(invalid="ignore", divide="ignore"):
            rate = np.where(known > LITTLE, self.value / known, np.nan)
            rate[self._inverses] = 1.0 - rate[self._inverses]
            high = rate > self.maximum
            if high.any():
                rate = np.where(high & self.derive & (rate <= self.maximum * CAP), self.maximum, rate)
            return np.where((rate < self.minimum) | (rate > self.maximum), np.nan, rate)

    def close(self) -> None:
        """Let go of the file; its content is with the kernel."""
        with contextlib.suppress(BufferError):
            self._map.close()


def _open(path: Path, size: int) -> mmap.mmap:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        found = os.fstat(descriptor).st_size
        if found not in {0, size}:
            raise BadBlock(f"{path}: {found} bytes in place of {size}")
        # Without its space reserved, a full disk would end us by SIGBUS.
        os.posix_fallocate(descriptor, 0, size)
        return mmap.mmap(descriptor, size)
    finally:
        os.close(descriptor)
