"""The shapes of archives, as in the original."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

STEP = 5  # seconds of a primary data point (PDP)
HEARTBEAT = 300.0  # seconds


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

    @property
    def seconds(self) -> int:
        """What one row covers."""
        return self.pdps * STEP


def layouts(*, extremes: bool) -> tuple[Layout, ...]:
    """The original's archives: 10 minutes, 2 hours, a week, a year; MIN and MAX in the coarse ones if `extremes`."""
    found = [Layout(Consolidation.AVERAGE, 1, 120, 0.5)]
    for pdps, rows in ((12, 120), (720, 168), (17280, 366)):
        kinds = list(Consolidation) if extremes else [Consolidation.AVERAGE]
        found += [Layout(kind, pdps, rows, 1.0 if extremes else 0.5) for kind in kinds]
    return tuple(found)
