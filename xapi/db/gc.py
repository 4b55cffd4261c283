"""What nobody needs any more: objects whose owner is gone, finished tasks, dead sessions, old messages.

`plan` decides from the rows alone and returns steps in the original's order; `perform` carries them out in one
transaction. Main calls `Collector.collect` each 30 s on the coordinator.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from xapi.datamodel.enums import TaskStatusType, VBDType
from xapi.datamodel.types import NULL
from xapi.db.database import Database
from xapi.db.records import VBD, Message, Session, Task
from xapi.db.row import Row

log = logging.getLogger(__name__)

TASK_KEPT = timedelta(minutes=65)
TASK_STALLED = timedelta(hours=24)
YOUNG_TASKS = 200
SESSION_IDLE = timedelta(hours=24)
POOL_SESSIONS = 400
ANONYMOUS_SESSIONS = 400
ORIGINATOR_SESSIONS = 500
USER_SESSIONS = 500
MESSAGES = 10_000


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove an object; `reason` is for the log."""

    cls: str
    ref: str
    reason: str


@dataclass(frozen=True, slots=True)
class Update:
    """Write fields of an object."""

    cls: str
    ref: str
    fields: Mapping[str, Any]
    reason: str


@dataclass(frozen=True, slots=True)
class Touch:
    """Let an object count as changed."""

    cls: str
    ref: str


Step = Delete | Update | Touch

Seen = Mapping[str, tuple[float, datetime]]
"""Per pending task the progress last seen, and since when."""

OWNERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("VDI", ("SR",)),
    ("PIF", ("host", "network")),
    ("Cluster_host", ("cluster", "host")),
    ("crashdump", ("VM", "VDI")),
    ("VIF", ("VM", "network")),
    ("PBD", ("host", "SR")),
    ("PUSB", ("host", "USB_group")),
    ("VGPU", ("VM", "GPU_group")),
    ("PGPU", ("host",)),
    ("PCI", ("host",)),
    ("Feature", ("host",)),
    ("host_patch", ("host", "pool_patch")),
    ("host_cpu", ("host",)),
)
"""Objects that live no longer than what they refer to: class, fields; before tasks and sessions."""

LATER_OWNERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("console", ("VM",)),
    ("PVS_proxy", ("VIF", "site")),
    ("PVS_server", ("site",)),
    ("PVS_cache_storage", ("host", "SR", "site")),
    ("VTPM", ("VM",)),
    ("Host_driver", ("host",)),
    ("Driver_variant", ("driver",)),
    ("tunnel", ("access_PIF", "transport_PIF")),
)
"""The same, after them."""

METRICS: Mapping[str, tuple[str, str]] = {
    "PIF_metrics": ("PIF", "metrics"),
    "VIF_metrics": ("VIF", "metrics"),
    "VBD_metrics": ("VBD", "metrics"),
    "VM_metrics": ("VM", "metrics"),
    "VM_guest_metrics": ("VM", "guest_metrics"),
    "host_metrics": ("host", "metrics"),
}
"""Classes whose rows each belong to the one row that refers to them."""


def plan(db: Database, now: datetime, seen: Seen, previous: frozenset[str] = frozenset()) -> list[Step]:
    """The steps, in order. `previous` are the metrics that were nobody's last time: a new one may yet be claimed."""
    steps: list[Step] = [
        *_lost(db, OWNERS[:3]),
        *_bond_parts(db),
        *_vbds(db),
        *_lost(db, OWNERS[3:]),
        *_metrics(db, previous),
        *_tasks(db, now, seen),
        *_sessions(db, now),
        *_messages(db),
        *_lost(db, LATER_OWNERS),
        *_certificates(db),
    ]
    first: dict[tuple[str, str], Step] = {}
    for step in steps:
        first.setdefault((step.cls, step.ref), step)
    return [*first.values(), *(Touch("pool", ref) for ref in db.pool)]


# References -----------------------------------------------------------------------------------------------------------


def _lost(db: Database, owners: Iterable[tuple[str, tuple[str, ...]]]) -> Iterator[Step]:
    for cls, fields in owners:
        table = db.table(cls)
        if not len(table):
            continue
        for row in table.rows():
            for name in fields:
                if db.find(getattr(row, name)) is None:
                    yield Delete(cls, row.ref, f"its {name} is gone")
                    break


def _bond_parts(db: Database) -> Iterator[Step]:
    """What belongs to a PIF goes with it."""
    for row in db.vlan.rows():
        if row.tagged_PIF not in db.pif or row.untagged_PIF not in db.pif:
            yield Delete("VLAN", row.ref, "its PIF is gone")
    for bond in db.bond.rows():
        if bond.master not in db.pif:
            yield Delete("Bond", bond.ref, "its PIF is gone")


def _vbds(db: Database) -> Iterator[Step]:
    for row in db.vbd.rows():
        if row.VM not in db.vm:
            yield Delete("VBD", row.ref, "its VM is gone")
        elif row.VDI not in db.vdi and not (row.VDI == NULL and row.empty):
            yield _without_disk(row)


def _without_disk(row: VBD) -> Step:
    if row.type == VBDType.CD:
        return Update("VBD", row.ref, {"VDI": NULL, "empty": True}, "its CD is gone")
    return Delete("VBD", row.ref, "its VDI is gone")


def unclaimed(db: Database) -> frozenset[str]:
    """Metrics to which nothing refers."""
    return frozenset(
        ref
        for cls, (owner, name) in METRICS.items()
        for ref in db.table(cls)
        if not db.table(owner).referring(name, ref)
    )


def _metrics(db: Database, previous: frozenset[str]) -> Iterator[Step]:
    for ref in sorted(unclaimed(db) & previous):
        row = db.find(ref)
        if row is not None:
            yield Delete(row.shape.name, ref, "nothing refers to it")


def _certificates(db: Database) -> Iterator[Step]:
    for row in db.certificate.rows():
        if row.host != NULL and row.host not in db.host:
            yield Delete("Certificate", row.ref, "its host is gone")


# Tasks ----------------------------------------------------------------------------------------------------------------

_RUNNING = frozenset({TaskStatusType.PENDING, TaskStatusType.CANCELLING})


def _tasks(db: Database, now: datetime, seen: Seen) -> Iterator[Step]:
    young: list[Task] = []
    kept = 0
    for task in db.task.rows():
        if task.status in _RUNNING:
            _, since = seen.get(task.ref, (0.0, now))
            if now - since > TASK_STALLED and now - task.created > TASK_STALLED:
                yield Delete("task", task.ref, "no progress for a day")
            else:
                kept += 1
        elif now - task.finished > TASK_KEPT:
            yield Delete("task", task.ref, "finished long ago")
        else:
            young.append(task)
    surplus = kept + len(young) - YOUNG_TASKS
    young.sort(key=lambda task: task.finished)
    for task in young[: max(0, surplus)]:
        yield Delete("task", task.ref, "too many tasks")


def progress(db: Database, now: datetime, before: Seen) -> dict[str, tuple[float, datetime]]:
    """What to remember of pending tasks."""
    after: dict[str, tuple[float, datetime]] = {}
    for task in db.task.rows():
        if task.status in _RUNNING:
            known = before.get(task.ref)
            after[task.ref] = known if known is not None and known[0] == task.progress else (task.progress, now)
    return after


# Sessions -------------------------------------------------------------------------------------------------------------


def _sessions(db: Database, now: datetime) -> Iterator[Step]:
    busy = _busy_sessions(db)
    groups: dict[tuple[str, str], list[Session]] = {}
    for session in db.session.rows():
        if now - session.last_active > SESSION_IDLE and session.ref not in busy:
            yield Delete("session", session.ref, "idle")
        else:
            groups.setdefault(_group(session), []).append(session)
    for (kind, name), members in groups.items():
        disposable = [session for session in members if session.ref not in busy]
        disposable.sort(key=lambda session: session.last_active)
        for session in disposable[: max(0, len(members) - _LIMITS[kind])]:
            yield Delete("session", session.ref, f"too many of {kind} {name}".rstrip())


_LIMITS = {
    "pool": POOL_SESSIONS,
    "anonymous": ANONYMOUS_SESSIONS,
    "originator": ORIGINATOR_SESSIONS,
    "user": USER_SESSIONS,
}


def _group(session: Session) -> tuple[str, str]:
    if session.pool:
        return "pool", ""
    if not session.is_local_superuser or session.auth_user_name not in {"", "root"}:
        return "user", session.auth_user_name
    return ("originator", session.originator) if session.originator else ("anonymous", "")


def _busy_sessions(db: Database) -> set[str]:
    """Sessions with running tasks, and the parents of those."""
    busy: set[str] = set()
    for task in db.task.rows():
        if task.status not in _RUNNING:
            continue
        ref: str = task.session
        while ref not in busy and (session := db.session.get(ref)) is not None:
            busy.add(ref)
            ref = session.parent
    return busy


# Messages -------------------------------------------------------------------------------------------------------------


def _messages(db: Database) -> Iterator[Step]:
    surplus = len(db.message) - MESSAGES
    if surplus <= 0:
        return
    oldest: list[Message] = sorted(db.message.rows(), key=lambda message: message.timestamp)
    for message in oldest[:surplus]:
        yield Delete("message", message.ref, "too many messages")


# Performing -----------------------------------------------------------------------------------------------------------


def perform(db: Database, steps: Iterable[Step]) -> None:
    """Carry out the steps; what went meanwhile is left out."""
    for step in steps:
        table = db.table(step.cls)
        if step.ref not in table:
            continue
        match step:
            case Touch():
                table.touch(step.ref)
                continue
            case Delete():
                _forget(db, table[step.ref])
                table.delete(step.ref)
            case Update():
                table.update(step.ref, **step.fields)
        log.info("%s %s: collected, %s", step.cls, _shown(step), step.reason)


def _forget(db: Database, row: Row) -> None:
    """What only this object held goes with it."""
    if row.shape.name == "VTPM":
        contents = getattr(row, "contents", NULL)
        if contents in db.secret:
            db.secret.delete(contents)


def _shown(step: Step) -> str:
    """References of sessions are secrets."""
    return "…" if step.cls == "session" else step.ref


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Collector:
    """What has to be remembered from one collection to the next."""

    clock: Callable[[], datetime] = _now
    _seen: dict[str, tuple[float, datetime]] = field(default_factory=dict)
    _unclaimed: frozenset[str] = frozenset()

    def collect(self, db: Database) -> int:
        """Plan and perform; how many objects went or were mended."""
        now = self.clock()
        self._seen = progress(db, now, self._seen)
        steps = plan(db, now, self._seen, self._unclaimed)
        perform(db, steps)
        self._unclaimed = unclaimed(db)
        return sum(not isinstance(step, Touch) for step in steps)
