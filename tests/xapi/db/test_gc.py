"""What is collected, and what is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from xapi.datamodel.enums import TaskStatusType, VBDType
from xapi.datamodel.types import NULL
from xapi.db import gc
from xapi.db.database import Database
from xapi.db.gc import Collector, Delete, Touch, Update, plan

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=3)


@pytest.fixture
def db() -> Database:
    return Database()


def collected(db: Database, now: datetime = NOW, seen: gc.Seen | None = None) -> list[tuple[str, str]]:
    return [(step.cls, step.ref) for step in plan(db, now, seen or {}) if isinstance(step, Delete)]


def task(db: Database, status: TaskStatusType, **fields: Any) -> str:
    defaults: dict[str, Any] = {"created": NOW, "finished": NOW}
    return db.task.create(status=status, **(defaults | fields)).ref


def session(db: Database, **fields: Any) -> str:
    defaults: dict[str, Any] = {"last_active": NOW, "is_local_superuser": True}
    return db.session.create(**(defaults | fields)).ref


# References -----------------------------------------------------------------------------------------------------------


def test_what_lost_its_owner_goes_in_the_originals_order(db: Database) -> None:
    host, network, vm = db.host.create(), db.network.create(), db.vm.create()
    db.vif.create(VM=vm.ref, network=network.ref)
    db.pbd.create(host=host.ref, SR=db.sr.create().ref)
    console = db.console.create(VM="OpaqueRef:gone").ref
    pbd = db.pbd.create(host=host.ref, SR="OpaqueRef:gone").ref
    vif = db.vif.create(VM="OpaqueRef:gone", network=network.ref).ref
    vdi = db.vdi.create(SR=NULL).ref
    old = task(db, TaskStatusType.SUCCESS, finished=LONG_AGO)

    assert collected(db) == [("VDI", vdi), ("VIF", vif), ("PBD", pbd), ("task", old), ("console", console)]


def test_a_cd_whose_disk_is_gone_becomes_empty_and_a_disk_goes(db: Database) -> None:
    vm, vdi = db.vm.create(), db.vdi.create(SR=db.sr.create().ref)
    cd = db.vbd.create(VM=vm.ref, VDI="OpaqueRef:gone", type=VBDType.CD, empty=False)
    disk = db.vbd.create(VM=vm.ref, VDI="OpaqueRef:gone", type=VBDType.DISK)
    db.vbd.create(VM=vm.ref, VDI=NULL, type=VBDType.CD, empty=True)
    db.vbd.create(VM=vm.ref, VDI=vdi.ref, type=VBDType.DISK)

    steps = [step for step in plan(db, NOW, {}) if not isinstance(step, Touch)]
    assert steps == [
        Update("VBD", cd.ref, {"VDI": NULL, "empty": True}, "its CD is gone"),
        Delete("VBD", disk.ref, "its VDI is gone"),
    ]


def test_metrics_of_nobody_go_the_second_time_they_are_seen(db: Database) -> None:
    lonely, owned = db.vm_metrics.create(), db.vm_metrics.create()
    db.vm.create(metrics=owned.ref)
    collector = Collector(lambda: NOW)

    assert collector.collect(db) == 0
    assert collector.collect(db) == 1
    assert list(db.vm_metrics) == [owned.ref]
    assert lonely.ref not in db.vm_metrics


def test_the_secret_of_a_lost_vtpm_goes_with_it(db: Database) -> None:
    secret = db.secret.create(value="s")
    db.vtpm.create(VM="OpaqueRef:gone", contents=secret.ref)
    Collector(lambda: NOW).collect(db)

    assert (len(db.vtpm), len(db.secret)) == (0, 0)


def test_each_collection_touches_the_pool(db: Database) -> None:
    pool = db.pool.create()
    before = pool._generation
    Collector(lambda: NOW).collect(db)

    assert pool._generation > before


# Tasks ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [TaskStatusType.SUCCESS, TaskStatusType.FAILURE, TaskStatusType.CANCELLED])
def test_finished_tasks_stay_65_minutes(db: Database, status: TaskStatusType) -> None:
    old = task(db, status, finished=NOW - timedelta(minutes=65, seconds=1))
    task(db, status, finished=NOW - timedelta(minutes=64))

    assert collected(db) == [("task", old)]


def test_a_pending_task_goes_after_a_day_without_progress(db: Database) -> None:
    clock = [LONG_AGO]
    collector = Collector(lambda: clock[0])
    moving = task(db, TaskStatusType.PENDING, created=LONG_AGO)
    stuck = task(db, TaskStatusType.PENDING, created=LONG_AGO)
    for hours in (0, 12, 23, 25):
        clock[0] = LONG_AGO + timedelta(hours=hours)
        db.task.update(moving, progress=hours / 100)
        collector.collect(db)
        assert (stuck in db.task) == (hours < 24)
    assert moving in db.task


def test_of_more_than_200_tasks_the_oldest_finished_go(db: Database) -> None:
    pending = [task(db, TaskStatusType.PENDING) for _ in range(150)]
    done = [task(db, TaskStatusType.SUCCESS, finished=NOW - timedelta(seconds=n)) for n in range(60)]

    assert [ref for _, ref in collected(db)] == done[:-11:-1]
    assert not set(pending) & {ref for _, ref in collected(db)}


# Sessions -------------------------------------------------------------------------------------------------------------


def test_a_session_idle_for_a_day_goes_unless_a_task_runs_for_it_or_its_child(db: Database) -> None:
    idle = session(db, last_active=LONG_AGO)
    parent = session(db, last_active=LONG_AGO)
    child = session(db, last_active=LONG_AGO, parent=parent)
    finished = session(db, last_active=LONG_AGO)
    task(db, TaskStatusType.PENDING, session=child)
    task(db, TaskStatusType.SUCCESS, session=finished)
    session(db)

    assert collected(db) == [("session", idle), ("session", finished)]


@pytest.mark.parametrize(
    ("limit", "fields"),
    [
        ("pool", {"pool": True}),
        ("anonymous", {}),
        ("originator", {"originator": "xo"}),
        ("user", {"is_local_superuser": False, "auth_user_name": "anna"}),
    ],
)
def test_of_too_many_sessions_of_a_kind_the_longest_idle_go(
    db: Database, monkeypatch: pytest.MonkeyPatch, limit: str, fields: dict[str, Any]
) -> None:
    monkeypatch.setitem(gc._LIMITS, limit, 3)
    ours = [session(db, last_active=NOW - timedelta(minutes=n), **fields) for n in range(5)]
    session(db, originator="someone else")

    assert [ref for _, ref in collected(db)] == [ours[4], ours[3]]


def test_limits_are_the_originals() -> None:
    assert gc._LIMITS == {"pool": 400, "anonymous": 400, "originator": 500, "user": 500}


# Messages -------------------------------------------------------------------------------------------------------------


def test_of_too_many_messages_the_oldest_go(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gc, "MESSAGES", 2)
    refs = [db.message.create(name="m", timestamp=NOW - timedelta(hours=n)).ref for n in range(4)]

    assert [ref for _, ref in collected(db)] == [refs[3], refs[2]]
