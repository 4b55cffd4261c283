"""The words of the VSS protocol in xenstore, and what a guest may ask for; pure.

A guest writes a request to `/vss/<its uuid>/status` and reads the answer there. xenopsd makes that node, for each
domain anew, so that no other guest can write to it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

ROOT = "/vss"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
STATUS = re.compile(rf"{ROOT}/({UUID.pattern})/status")
GAP = 10.0  # seconds between two snapshots of one guest: what asks more often is refused
BURST, RATE = 8, 1.0  # requests of any kind that a guest may make at once, and then one each so many seconds
MOST_DISKS = 64
MOST_SNAPSHOTS = 32  # of a disk, by its guest
MANAGED = "snapmanager"
"""In `other_config` of VM snapshots, `true`: for clients, which group them."""
MARK = "vss"
"""In `other_config` of VM and VDI snapshots that a guest asked for, their own uuid: other snapshots are not in its
reach. Of the VBDs through which it reads them, `true`."""


class Request(StrEnum):
    CREATE = "create-snapshots"
    IMPORT = "import-snapshots"
    DEPORT = "deport-snapshots"
    DESTROY = "destroy-snapshots"
    INFO = "create-snapshotinfo"


ANSWERS: Mapping[Request, tuple[str, str]] = {
    Request.CREATE: ("snapshots-created", "snapshots-failed"),
    Request.IMPORT: ("snapshots-imported", "snapshot-import-failed"),
    Request.DEPORT: ("snapshots-deported", "snapshots-deported"),
    Request.DESTROY: ("snapshots-destroyed", "snapshot-destroy-failed"),
    Request.INFO: ("snapshotinfo-created", "snapshotinfo-failed"),
}
"""What is written when it was done, and when it was not."""


class Refused(Exception):
    """The guest does not get what it asked for; the text says why."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What to take a snapshot of: the whole VM, or some of its disks by uuid."""

    whole: bool
    disks: tuple[str, ...]


def request(value: str | None) -> Request | None:
    """The request in a status; None for our own answers and for anything else."""
    return Request(value) if value in list(Request) else None


def wish(asked: Collection[str], own: Collection[str]) -> Wish:
    """What a guest gets that asks for some disks and has `own`. Raises `Refused`: disks of others are not its."""
    if not asked:
        raise Refused("no disk was named")
    if len(asked) > MOST_DISKS:
        raise Refused(f"{len(asked)} disks")
    strange = set(asked) - set(own)
    if strange:
        raise Refused(f"not its disks: {', '.join(sorted(strange))[:200]}")
    return Wish(set(asked) == set(own), tuple(sorted(asked)))


def allowed(value: str | None, now: float, last: float) -> None:
    """Raises `Refused`. `value` is the guest's `vm-data/allowvssprovider`, `last` when its newest snapshot began."""
    if value == "false":
        raise Refused("its provider is not allowed to")
    if now - last < GAP:
        raise Refused("it asks too often")


class Pace:
    """How fast one guest may ask; what comes sooner waits."""

    def __init__(self) -> None:
        self._free_at = -math.inf

    def take(self, now: float) -> float:
        """Seconds to wait before the next request is served."""
        self._free_at = max(self._free_at, now - BURST * RATE) + RATE
        return max(0.0, self._free_at - now)


def information(time: str, snapshot: str, parent: str) -> str:
    """`snapinfo`, without white space."""
    return f"<VM.snapshot><time>{time}</time><snapuuid>{snapshot}</snapuuid><parent>{parent}</parent></VM.snapshot>"
