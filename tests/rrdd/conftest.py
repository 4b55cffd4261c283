"""A bank of one's own with the columns of one owner."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from common.idl.rrd import Owner
from rrdd.rrd.archive import Rrd
from rrdd.rrd.bank import Bank, Column
from rrdd.rrd.layout import layouts
from rrdd.source import Source

UUID = "11111111-2222-3333-4444-555555555555"


class Database:
    """Sources of one VM in a bank, fed by name."""

    def __init__(self, directory: Path, *sources: Source, at: float = 1000.0, extremes: bool = True) -> None:
        self.directory, self.extremes = directory, extremes
        self.bank = Bank(directory, "test", layouts(extremes=extremes))
        self.bank.last_updated = at
        self.positions = {s.name: self.bank.take(Column(Owner.VM, UUID, s), 7, at) for s in sources}

    def update(self, now: float, values: Mapping[str, float], stamp: float | None = None) -> None:
        raw, stamps = np.full(self.bank.capacity, np.nan), np.full(self.bank.capacity, stamp or now)
        for name, value in values.items():
            raw[self.positions[name]] = value
        self.bank.update(now, raw, stamps)

    def newest(self, name: str) -> float:
        return self.bank.newest([self.positions[name]])[0]

    def column(self, archive: int, name: str) -> list[float]:
        """All rows of an archive, oldest first."""
        names = list(self.positions)
        return [float(v) for v in self.taken().archives[archive].rows[:, names.index(name)]]

    def taken(self) -> Rrd:
        return self.bank.database(list(self.positions.values()))

    def opened_again(self) -> Database:
        """As after `kill -9`: nothing is closed, everything is read from the files."""
        again = Database.__new__(Database)
        again.directory, again.extremes = self.directory, self.extremes
        again.bank = Bank(self.directory, "test", layouts(extremes=self.extremes))
        again.positions = {column.source.name: at for at, column in again.bank.columns()}
        return again


Make = Callable[..., Database]


@pytest.fixture
def database(tmp_path: Path) -> Make:
    def make(*sources: Source, at: float = 1000.0, extremes: bool = True) -> Database:
        return Database(tmp_path, *sources, at=at, extremes=extremes)

    return make
