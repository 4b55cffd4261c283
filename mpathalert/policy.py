"""Which changes of paths are told, and in which words; pure.

A driver names the device of a PBD in `device_config`, as `SCSIid`. When the PBD is plugged on a host with
`multipathing` and multipathd has a map of that id, `other_config` of the PBD says so: `multipathed` is `true`, and
`mpath-<SCSI id>` is `[current, max]`. A driver of several devices writes both itself, once; so does a host that boots
from such a device, in its own `other_config`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mpathalert.multipathd import Count

DEVICE = "SCSIid"
FLAG = "multipathed"
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


def multipathed(pbds: Mapping[str, Mapping[str, Any]], hosts: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """References of the plugged PBDs whose devices may have several paths."""
    return [
        ref
        for ref, record in pbds.items()
        if record["currently_attached"]
        and (
            record["other_config"].get(FLAG) == "true"
            or (DEVICE in record["device_config"] and hosts.get(record["host"], {}).get("multipathing"))
        )
    ]


def paths(other_config: Mapping[str, str]) -> dict[str, Paths]:
    """By SCSI id; what can't be read is left out."""
    found = {}
    for key, value in other_config.items():
        numbers = VALUE.fullmatch(value) if key.startswith(PREFIX) else None
        if numbers is not None:
            found[key[len(PREFIX) :]] = Paths(int(numbers[1]), int(numbers[2]))
    return found


def wanted(record: Mapping[str, Any], counts: Mapping[str, Count], mapped: Collection[str]) -> dict[str, str]:
    """What `other_config` of a PBD of this host must say by key, as far as it says something else now.

    `counts` is what multipathd knows, `mapped` the SCSI ids of which the kernel has a map. A device that is gone has no
    path; the most paths it had is what it should have. One that only multipathd does not know (yet) says nothing.
    """
    known = paths(record["other_config"])
    device = record["device_config"].get(DEVICE)
    found = {}
    for scsi_id in known.keys() | ({device} if device in counts else set()):
        if scsi_id not in counts and scsi_id in mapped:
            continue
        before = known.get(scsi_id, Paths(0, 0))
        count = counts.get(scsi_id, Count(0, 0))
        found[PREFIX + scsi_id] = f"[{count.current}, {max(before.maximum, count.total)}]"
    if found or known:
        found[FLAG] = "true"
    return {key: value for key, value in found.items() if record["other_config"].get(key) != value}


class Ledger:
    """What was seen of each object, and the changes that have yet to be told."""

    def __init__(self) -> None:
        self._seen: dict[str, dict[str, tuple[Place, Paths]]] = {}
        self._last: dict[str, dict[str, Paths]] = {}
        """Also of devices that are not seen now: to write a count is to remove it and to add it."""
        self._changes: list[Change] = []

    def see(self, ref: str, places: Mapping[str, tuple[Place, Paths]], time: str, *, new: bool) -> None:
        """The paths of an object now; those of a new one are remembered only."""
        last = self._last.setdefault(ref, {})
        for scsi_id, (place, now) in sorted(places.items()):
            before = last.get(scsi_id)
            if before != now and not new:
                self._changes.append(Change(time, place, before, now))
            last[scsi_id] = now
        self._seen[ref] = dict(places)

    def forget(self, ref: str) -> None:
        """The object is gone."""
        self._seen.pop(ref, None)
        self._last.pop(ref, None)

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
