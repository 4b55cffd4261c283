"""Blocks of one shape and whose their columns are; columns are given out, taken back and read."""

from __future__ import annotations

import logging
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from common.files import write_atomically
from common.idl.rrd import Owner
from rrdd.rrd.archive import Archive, Rrd
from rrdd.rrd.block import BadBlock, Block
from rrdd.rrd.layout import STEP, Layout
from rrdd.source import Source

log = logging.getLogger(__name__)

SMALLEST, LARGEST = 256, 4096
"""Columns of the first block and of the fifth and all later ones: small hosts need little, large ones few calls."""

Row = NDArray[np.float64]
Positions = NDArray[np.int64]


class Column(msgspec.Struct, frozen=True, array_like=True):
    """Whose a column is."""

    owner: Owner
    uuid: str
    source: Source


class Bank:
    """Columns by position: first those of the first block, and so on. Kept as `<name>-<block>.rrd` and `.index`."""

    def __init__(self, directory: Path, name: str, shape: Sequence[Layout]) -> None:
        self.shape = tuple(shape)
        self.last_updated = 0.0
        self._directory, self._name = directory, name
        self._blocks: list[Block] = []
        self._starts: list[int] = []
        """Position of each block's first column."""
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
        number, place = self._find(at)
        if not self._used[number]:
            self._blocks[number].last_updated = self.last_updated or now - STEP
        self._used[number] += 1
        self._blocks[number].begin(place, column.source, generation)
        self._changed.add(number)
        return at

    def describe(self, at: int, source: Source) -> None:
        """The source at a position reads otherwise from now on."""
        column = self._columns[at]
        if column is not None and column.source != source:
            self._columns[at] = Column(column.owner, column.uuid, source)
            number, place = self._find(at)
            self._blocks[number].describe(place, source)
            self._changed.add(number)

    def give_back(self, positions: Iterable[int]) -> None:
        """The columns are nobody's."""
        for at in positions:
            self._columns[at] = None
            self._free.append(at)
            number, _ = self._find(at)
            self._used[number] -= 1
            self._changed.add(number)

    def generation(self, at: int) -> int:
        """The domain whose counters a column holds."""
        number, place = self._find(at)
        return int(self._blocks[number].generation[place])

    def restart(self, positions: Iterable[int], generation: int) -> None:
        """Counters begin anew: the next difference is unknown."""
        for at in positions:
            number, place = self._find(at)
            self._blocks[number].last[place] = np.nan
            self._blocks[number].generation[place] = generation

    def update(self, now: float, raw: Row, stamp: Row) -> None:
        """One tick. `raw` and `stamp` hold a value of each position."""
        self.flush()
        for number, block in enumerate(self._blocks):
            if not self._used[number]:
                continue
            here = slice(self._starts[number], self._starts[number] + block.width)
            block.update(now, raw[here], stamp[here])
        self.last_updated = now

    def flush(self) -> None:
        """Write down whose the columns are, before anything of a new owner is put into one."""
        for number in sorted(self._changed):
            content = msgspec.msgpack.encode(self._columns[self._starts[number] :][: self._blocks[number].width])
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
        blocks = np.searchsorted(self._starts, at, side="right") - 1
        for number in np.unique(blocks).tolist():
            mine = np.nonzero(blocks == number)[0]
            block = self._blocks[number]
            table = block.rings[archive].table
            places = at[mine] - self._starts[number]
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
        number, place = self._find(at)
        block = self._blocks[number]
        newest = block.stamp[place]
        return bool((block.born[place] * STEP if np.isnan(newest) else newest) < older)

    def fill(self, columns: Sequence[int], positions: Sequence[int], rrd: Rrd) -> None:
        """Put a database's past into new columns. Archives of a shape that is not ours are left out."""
        # Of a host whose clock is ahead of ours, the newest row is now.
        last_updated = min(rrd.last_updated, self.last_updated or rrd.last_updated)
        for at in positions:
            number, place = self._find(at)
            for ring in self._blocks[number].rings:
                ring.table[:, place] = np.nan
            self._blocks[number].born[place] = 0
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
            block, place = self._find(at)
            ring = self._blocks[block].rings[number]
            ring.table[rows_at[young] % layout.rows, place] = rows[young, i]
            if newest == last:
                ring.value[place], ring.known[place] = archive.value[i], archive.known[i]

    def close(self) -> None:
        """Let go of the files."""
        self.flush()
        for block in self._blocks:
            block.close()

    def _find(self, at: int) -> tuple[int, int]:
        """The block of a position, and the place in it."""
        number = bisect_right(self._starts, at) - 1
        return number, at - self._starts[number]

    def _pick(self, positions: Sequence[int], rows: Sequence[Row]) -> Row:
        places = [self._find(at) for at in positions]
        return np.array([rows[number][place] for number, place in places], dtype=np.float64)

    def _grow(self, now: float) -> None:
        number = len(self._blocks)
        self._append(Block(self._path(number), self.shape, _width(number), self.last_updated or now - STEP))
        self._columns += [None] * _width(number)
        self._free += range(self.capacity - 1, self._starts[number] - 1, -1)

    def _append(self, block: Block) -> None:
        self._starts.append(self._starts[-1] + self._blocks[-1].width if self._blocks else 0)
        self._blocks.append(block)
        self._used.append(0)

    def _load(self) -> None:
        number = 0
        while self._path(number).exists():
            self._load_block(number)
            number += 1
        self.last_updated = max((block.last_updated for block in self._blocks), default=0.0)

    def _load_block(self, number: int) -> None:
        width = _width(number)
        try:
            columns = msgspec.msgpack.decode(self._index(number).read_bytes(), type=list[Column | None])
            if len(columns) != width:
                raise BadBlock(f"{self._index(number)}: {len(columns)} columns")
            block = Block(self._path(number), self.shape, width, 0.0)
            if block.fresh:
                raise BadBlock(f"{self._path(number)}: empty")
        except (OSError, msgspec.MsgspecError, BadBlock) as error:
            log.warning("metrics: %s; the file is set aside", error)
            self._path(number).rename(self._path(number).with_suffix(".damaged"))
            columns, block = [None] * width, Block(self._path(number), self.shape, width, 0.0)
        self._append(block)
        for place, column in enumerate(columns):
            if column is None:
                self._free.append(self._starts[number] + place)
            else:
                block.describe(place, column.source)
                self._used[number] += 1
        self._columns += columns

    def _path(self, number: int) -> Path:
        return self._directory / f"{self._name}-{number:04}.rrd"

    def _index(self, number: int) -> Path:
        return self._directory / f"{self._name}-{number:04}.index"


def _width(number: int) -> int:
    return min(LARGEST, SMALLEST << number)
