"""Blocks of one shape and whose their columns are; columns are given out, taken back and read."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from common.files import write_atomically
from common.idl.rrd import Owner
from rrdd.rrd.archive import Archive, Rrd
from rrdd.rrd.block import WIDTH, BadBlock, Block
from rrdd.rrd.layout import STEP, Layout
from rrdd.source import Source

log = logging.getLogger(__name__)

Row = NDArray[np.float64]
Positions = NDArray[np.int64]


class Column(msgspec.Struct, frozen=True, array_like=True):
    """Whose a column is."""

    owner: Owner
    uuid: str
    source: Source


class Bank:
    """Columns by position: block times `WIDTH` plus the place in it. Kept as `<name>-<block>.rrd` and `.index`."""

    def __init__(self, directory: Path, name: str, shape: Sequence[Layout]) -> None:
        self.shape = tuple(shape)
        self.last_updated = 0.0
        self._directory, self._name = directory, name
        self._blocks: list[Block] = []
        self._columns: list[Column | None] = []
        self._free: list[int] = []
        self._used: list[int] = []
        """Columns in use of each block; a block without any is not updated."""
        self._changed: set[int] = set()
        self._load()

    def __len__(self) -> int:
        return len(self._columns) - len(self._free)

    @property
    def capacity(self) -> int:
        """Positions there are."""
        return len(self._columns)

    def columns(self) -> Iterator[tuple[int, Column]]:
        """Every column in use, with its position."""
        return ((at, column) for at, column in enumerate(self._columns) if column is not None)

    def take(self, column: Column, generation: int, now: float) -> int:
        """Give out a position. Raises `OSError` when there is no room for another block."""
        if not self._free:
            self._grow(now)
        at = self._free.pop()
        self._columns[at] = column
        if not self._used[at // WIDTH]:
            self._blocks[at // WIDTH].last_updated = self.last_updated or now - STEP
        self._used[at // WIDTH] += 1
        self._blocks[at // WIDTH].begin(at % WIDTH, column.source, generation)
        self._changed.add(at // WIDTH)
        return at

    def describe(self, at: int, source: Source) -> None:
        """The source at a position reads otherwise from now on."""
        column = self._columns[at]
        if column is not None and column.source != source:
            self._columns[at] = Column(column.owner, column.uuid, source)
            self._blocks[at // WIDTH].describe(at % WIDTH, source)
            self._changed.add(at // WIDTH)

    def give_back(self, positions: Iterable[int]) -> None:
        """The columns are nobody's."""
        for at in positions:
            self._columns[at] = None
            self._free.append(at)
            self._used[at // WIDTH] -= 1
            self._changed.add(at // WIDTH)

    def generation(self, at: int) -> int:
        """The domain whose counters a column holds."""
        return int(self._blocks[at // WIDTH].generation[at % WIDTH])

    def restart(self, positions: Iterable[int], generation: int) -> None:
        """Counters begin anew: the next difference is unknown."""
        for at in positions:
            block = self._blocks[at // WIDTH]
            block.last[at % WIDTH] = np.nan
            block.generation[at % WIDTH] = generation

    def update(self, now: float, raw: Row, stamp: Row) -> None:
        """One tick. `raw` and `stamp` hold a value of each position."""
        self.flush()
        for number, block in enumerate(self._blocks):
            if not self._used[number]:
                continue
            here = slice(number * WIDTH, (number + 1) * WIDTH)
            block.update(now, raw[here], stamp[here])
        self.last_updated = now

    def flush(self) -> None:
        """Write down whose the columns are, before anything of a new owner is put into one."""
        for number in sorted(self._changed):
            content = msgspec.msgpack.encode(self._columns[number * WIDTH : (number + 1) * WIDTH])
            write_atomically(self._index(number), content, sync=False)
        self._changed.clear()

    def newest(self, positions: Sequence[int]) -> list[float]:
        """The newest rows of the finest archive."""
        last = int(self.last_updated // STEP) - 1
        return self.rows(0, positions, last, 1)[0].tolist() if positions else []

    def rows(self, archive: int, positions: Sequence[int], last: int, count: int) -> NDArray[np.float64]:
        """`count` rows of some columns, oldest first; the newest is the `last`-th of this archive since the epoch."""
        layout = self.shape[archive]
        at = np.asarray(positions, dtype=np.int64)
        wanted = np.arange(last - count + 1, last + 1)
        found = np.full((count, len(at)), np.nan)
        for number in np.unique(at // WIDTH).tolist():
            mine = np.nonzero(at // WIDTH == number)[0]
            block = self._blocks[number]
            table = block.rings[archive].table
            places = at[mine] % WIDTH
            values = table[np.ix_(wanted % layout.rows, places)]
            there = wanted[:, None] >= (block.born[places] // layout.pdps)[None, :]
            there &= (wanted > last - layout.rows)[:, None]
            found[:, mine] = np.where(there, values, np.nan)
        return found

    def database(self, positions: Sequence[int]) -> Rrd:
        """Some columns as a database of its own."""
        columns = [self._columns[at] for at in positions]
        archives = []
        for number, layout in enumerate(self.shape):
            last = int(self.last_updated // layout.seconds) - 1
            rows = self.rows(number, positions, last, layout.rows)
            value = self._pick(positions, [block.rings[number].value for block in self._blocks])
            known = self._pick(positions, [block.rings[number].known for block in self._blocks])
            archives.append(Archive(layout, rows, value, known))
        return Rrd(
            [column.source for column in columns if column is not None],
            archives,
            self.last_updated,
            last=self._pick(positions, [block.last for block in self._blocks]),
            value=self._pick(positions, [block.value for block in self._blocks]),
            unknown=self._pick(positions, [block.unknown for block in self._blocks]),
        )

    def silent(self, at: int, older: float) -> bool:
        """Whether a source had no value since `older`."""
        block, place = self._blocks[at // WIDTH], at % WIDTH
        newest = block.stamp[place]
        return bool((block.born[place] * STEP if np.isnan(newest) else newest) < older)

    def fill(self, columns: Sequence[int], positions: Sequence[int], rrd: Rrd) -> None:
        """Put a database's past into new columns. Archives of a shape that is not ours are left out."""
        # Of a host whose clock is ahead of ours, the newest row is now.
        last_updated = min(rrd.last_updated, self.last_updated or rrd.last_updated)
        for at in positions:
            for ring in self._blocks[at // WIDTH].rings:
                ring.table[:, at % WIDTH] = np.nan
            self._blocks[at // WIDTH].born[at % WIDTH] = 0
        for archive in rrd.archives:
            for number, layout in enumerate(self.shape):
                if (layout.consolidation, layout.pdps) == (archive.layout.consolidation, archive.layout.pdps):
                    self._fill(number, archive, columns, positions, last_updated)

    def _fill(
        self, number: int, archive: Archive, columns: Sequence[int], positions: Sequence[int], last_updated: float
    ) -> None:
        layout = self.shape[number]
        newest = int(self.last_updated // layout.seconds) - 1
        last = int(last_updated // layout.seconds) - 1
        rows = archive.rows[-layout.rows :]
        rows_at = np.arange(last - len(rows) + 1, last + 1)
        young = rows_at > newest - layout.rows
        for i, at in zip(columns, positions, strict=True):
            ring, place = self._blocks[at // WIDTH].rings[number], at % WIDTH
            ring.table[rows_at[young] % layout.rows, place] = rows[young, i]
            if newest == last:
                ring.value[place], ring.known[place] = archive.value[i], archive.known[i]

    def close(self) -> None:
        """Let go of the files."""
        self.flush()
        for block in self._blocks:
            block.close()

    @staticmethod
    def _pick(positions: Sequence[int], rows: Sequence[Row]) -> Row:
        return np.array([rows[at // WIDTH][at % WIDTH] for at in positions], dtype=np.float64)

    def _grow(self, now: float) -> None:
        number = len(self._blocks)
        block = Block(self._path(number), self.shape, self.last_updated or now - STEP)
        self._blocks.append(block)
        self._used.append(0)
        self._columns += [None] * WIDTH
        self._free += range((number + 1) * WIDTH - 1, number * WIDTH - 1, -1)

    def _load(self) -> None:
        number = 0
        while self._path(number).exists():
            self._load_block(number)
            number += 1
        self.last_updated = max((block.last_updated for block in self._blocks), default=0.0)

    def _load_block(self, number: int) -> None:
        try:
            columns = msgspec.msgpack.decode(self._index(number).read_bytes(), type=list[Column | None])
            if len(columns) != WIDTH:
                raise BadBlock(f"{self._index(number)}: {len(columns)} columns")
            block = Block(self._path(number), self.shape, 0.0)
            if block.fresh:
                raise BadBlock(f"{self._path(number)}: empty")
        except (OSError, msgspec.MsgspecError, BadBlock) as error:
            log.warning("metrics: %s; the file is set aside", error)
            self._path(number).rename(self._path(number).with_suffix(".damaged"))
            columns, block = [None] * WIDTH, Block(self._path(number), self.shape, 0.0)
        for place, column in enumerate(columns):
            if column is None:
                self._free.append(number * WIDTH + place)
            else:
                block.describe(place, column.source)
        self._blocks.append(block)
        self._used.append(sum(column is not None for column in columns))
        self._columns += columns

    def _path(self, number: int) -> Path:
        return self._directory / f"{self._name}-{number:04}.rrd"

    def _index(self, number: int) -> Path:
        return self._directory / f"{self._name}-{number:04}.index"
