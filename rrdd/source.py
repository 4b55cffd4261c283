"""What a data source is, and a sample of one."""

from __future__ import annotations

import math
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


@dataclass(frozen=True, slots=True)
class Sample:
    """The raw value of a source now. `uuid` is the owner's."""

    owner: Owner
    uuid: str
    source: Source
    value: float
