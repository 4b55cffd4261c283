"""Which changes of paths are told, and in which words; pure.

The number of paths stands in `other_config` of a PBD, or of a host that boots from such a device: `mpath-<SCSI id>` is
`[current, max]`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mpathalert.multipathd import Count

PREFIX = "mpath-"
VALUE = re.compile(r"\[(\d{1,6}), (\d{1,6})\]")
MESSAGE = "MULTIPATH_PERIODIC_ALERT"
PRIORITY = 3


@dataclass(frozen=True, slots=True)
class Paths:
    """How many of a device's paths work, and how many it should have."""

    current: int
    maximum: int

    @property
    def healthy(self) -> bool:
        """Whether all are there."""
        return self.current == self.maximum


@dataclass(frozen=True, slots=True)
class Place:
    """Where the device is used: of a host itself when `pbd` is empty."""

    host: str
    host_name: str
    pbd: str
    scsi_id: str

    @property
    def words(self) -> str:
        """As messages name it."""
        whose = f"pbd={self.pbd}; scsi_id={self.scsi_id}" if self.pbd else f"root=true; scsi_id={self.scsi_id}"
        return f'host={self.host}; host-name="{self.host_name}"; {whose}'


@dataclass(frozen=True, slots=True)
class Change:
    """A device has other paths than before. `time` is `20260101T10:00:00Z`."""

    time: str
    place: Place
    before: Paths | None
    now: Paths

    @property
    def told(self) -> bool:
        """A loss or a recovery; a device that is well and was well or new is neither."""
        return not self.now.healthy or (self.before is not None and not self.before.healthy)


def multipathed(records: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """References of the plugged PBDs whose driver says `multipathed`."""
    return [
        ref
        for ref, record in records.items()
        if record.get("currently_attached") and record.get("other_config", {}).get("multipathed") == "true"
    ]


def paths(other_config: Mapping[str, str]) -> dict[str, Paths]:
    """By SCSI id; what can't be read is left out."""
    found = {}
    for key, value in other_config.items():
        numbers = VALUE.fullmatch(value) if key.startswith(PREFIX) else None
        if numbers is not None:
            found[key[len(PREFIX) :]] = Paths(int(numbers[1]), int(numbers[2]))
    return found


def wanted(
    other_config: Mapping[str, str], device_config: Mapping[str, str], counts: Mapping[str, Count]
) -> dict[str, str]:
    """What `other_config` of a PBD of this host must say by key, as far as it says something else now.

    A device that is gone has no path; the most paths it had is what it should have.
    """
    known = paths(other_config)
    ids = known.keys() | {device_config[key] for key in ("SCSIid",) if device_config.get(key) in counts}
    found = {}
    for scsi_id in ids:
        before = known.get(scsi_id, Paths(0, 0))
        count = counts.get(scsi_id, Count(0, 0))
        value = f"[{count.current}, {max(before.maximum, count.total)}]"
        if other_config.get(PREFIX + scsi_id) != value:
            found[PREFIX + scsi_id] = value
    return found


class Ledger:
    """What was seen of each object, and the changes that have yet to be told."""

    def __init__(self) -> None:
        self._seen: dict[str, dict[str, tuple[Place, Paths]]] = {}
        self._changes: list[Change] = []

    def see(self, ref: str, places: Mapping[str, tuple[Place, Paths]], time: str, *, new: bool) -> None:
        """The paths of an object now; those of a new one are remembered only."""
        before = self._seen.get(ref, {})
        if not new:
            for scsi_id, (place, now) in sorted(places.items()):
                old = before.get(scsi_id)
                if old is None or old[1] != now:
                    self._changes.append(Change(time, place, old[1] if old else None, now))
        self._seen[ref] = dict(places)

    def forget(self, ref: str) -> None:
        """The object is gone."""
        self._seen.pop(ref, None)

    def keep(self, refs: Iterable[str]) -> None:
        """Forget all objects but these."""
        for ref in self._seen.keys() - set(refs):
            self.forget(ref)

    def report(self, time: str, seconds: int) -> str | None:
        """The text of a message about the changes since the last report; None when there is nothing to tell."""
        changes, self._changes = [change for change in self._changes if change.told], []
        if not changes:
            return None
        broken = [
            _line(time, place, now) for seen in self._seen.values() for place, now in seen.values() if not now.healthy
        ]
        lines = ["Unhealthy paths:", *broken] if broken else []
        lines += [f"Events received during the last {seconds} seconds:", *_lines(changes)]
        return "\n".join(lines) + "\n"


def _lines(changes: Sequence[Change]) -> list[str]:
    return [_line(change.time, change.place, change.now) for change in changes]


def _line(time: str, place: Place, now: Paths) -> str:
    return f"[{time}] {place.words}; current={now.current}; max={now.maximum}"
