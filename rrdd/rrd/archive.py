"""A database of one owner, taken out of the banks or about to be put in: what its XML and JSON hold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rrdd.rrd.layout import STEP, Layout
from rrdd.source import Source

Row = NDArray[np.float64]


@dataclass(slots=True)
class Archive:
    """One archive. `value` and `known` (PDPs) belong to the row being made; NaN is unknown."""

    layout: Layout
    rows: NDArray[np.float64]
    """Oldest first; a column for each source."""
    value: Row
    known: Row

    def unknown(self, last_updated: float) -> list[int]:
        """PDPs of the row being made that are unknown so far, of each source."""
        done = int(last_updated // STEP) % self.layout.pdps
        return [max(0, int(done - known)) for known in self.known.tolist()]


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
