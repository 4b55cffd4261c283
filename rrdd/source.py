"""What a data source is, and raw values of some."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from common.idl.rrd import Owner


class Kind(StrEnum):
    """How a raw value becomes a rate: as it is, value/interval, or difference/interval."""

    GAUGE = "GAUGE"
    ABSOLUTE = "ABSOLUTE"
    DERIVE = "DERIVE"


@dataclass(frozen=True, slots=True)
class Source:
    """A data source, by the original's name and units. `inverse`: one minus the rate (idle time gives usage)."""

    name: str
    doc: str
    units: str
    kind: Kind = Kind.GAUGE
    minimum: float = 0.0
    maximum: float = math.inf
    default: bool = True
    """Recorded without being asked for."""
    inverse: bool = False


@dataclass(slots=True)
class Batch:
    """Raw values read at one time of the sources of one owner; NaN is unknown."""

    owner: Owner
    uuid: str
    sources: tuple[Source, ...]
    """The same object each time as long as nothing changed: then it need not be looked through."""
    values: Sequence[float]
    generation: int = 0
    """The domain whose counters these are; another one starts them anew."""
    stamp: float | None = None
    """When they were read, in seconds since the epoch; None is now."""
    origin: str = ""
    """The plug-in they come from; empty is ourselves."""
