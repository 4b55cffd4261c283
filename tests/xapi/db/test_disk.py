"""What is on disk comes back, whichever version wrote it."""

from __future__ import annotations

import asyncio
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import create_engine, text

from common.errors import WireError
from xapi.datamodel.enums import TaskStatusType, VMOperations, VMPowerState
from xapi.datamodel.types import NULL
from xapi.db import disk as disk_module
from xapi.db import journal, store
from xapi.db.database import Database
from xapi.db.store import SKIP

NOON = datetime(2026, 11, 22, 12, 0, 0, 250000, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "xapi.db"


def test_everything_durable_comes_back(path: Path) -> None:
    db = Database(path)
    host = db.host.create(name_label="h")
    vm = db.vm.create(
        name_label="été <&>",
        power_state=VMPowerState.RUNNING,
        resident_on=host.ref,
        tags=("a", "b"),
        other_config={"k": "v"},
        HVM_shadow_multiplier=1.5,
        snapshot_time=NOON,
        VCPUs_max=3,
    )
    vbd = db.vbd.create(VM=vm.ref)
    metrics = db.vm_metrics.create(numa_node_memory={0: 1, 1: 2})
    session = db.session.create(auth_user_name="root")
    task = db.task.create(status=TaskStatusType.PENDING, session=session.ref)
    message = db.message.create(name="N", timestamp=NOON)
    db.vm.update(vm.ref, order=7)
    db.vm.delete(db.vm.create().ref)
    db.close()

    again = Database(path)
    back = again.vm[vm.ref]
    for name in again.vm.shape.columns:
        assert getattr(back, name) == getattr(vm, name), name
    assert back.power_state is VMPowerState.RUNNING
    assert again.vm_metrics[metrics.ref].numa_node_memory == {0: 1, 1: 2}
    assert back.VBDs == (vbd.ref,)
    assert again.host[host.ref].resident_VMs == (vm.ref,)
    assert again.vm.by_uuid(vm.uuid) is back
    assert again.vm.by_name_label("été <&>") == [back]
    assert again.session[session.ref].tasks == (task.ref,)
    assert again.message[message.ref].timestamp == NOON
    assert len(again.vm) == 1
    again.close()


def test_volatile_fields_begin_anew_and_their_rows_count_as_changed(path: Path) -> None:
    db = Database(path)
    vm = db.vm.create(allowed_operations=(VMOperations.START,))
    vif_metrics = db.vif_metrics.create(io_read_kbs=1.0)
    session = db.session.create(last_active=NOON)
    secret = db.secret.create(value="x")
    db.flush()
    seen = db.generation
    db.close()

    again = Database(path)
    assert again.vm[vm.ref].allowed_operations == ()
    assert again.vif_metrics[vif_metrics.ref].io_read_kbs == 0.0
    assert datetime.now(UTC) - again.session[session.ref].last_active < timedelta(seconds=10)
    assert again.generation >= seen + SKIP
    refs = {row.ref for row in again.changes.changed_since(seen)}
    assert vm.ref in refs
    assert secret.ref not in refs


def test_the_file_is_its_owners_alone(path: Path) -> None:
    db = Database(path)
    db.session.create()
    db.flush()

    for file in path.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file.name
    db.close()


def test_a_store_of_an_older_version_opens(path: Path) -> None:
    """Fields it lacks take their default; its reference end is truth for what follows."""
    old = {"uuid": "u", "name_label": "old", "power_state": "Running", "platform": {"nx": "true"}}
    disk_module.seed(path, [("OpaqueRef:old", "VM", 41, msgspec.json.encode(old))])

    db = Database(path)
    vm = db.vm["OpaqueRef:old"]
    assert (vm.name_label, vm.power_state, vm.platform) == ("old", VMPowerState.RUNNING, {"nx": "true"})
    assert (vm.secureboot_certificates_state, vm.suspend_SR) == (
        db.vm.shape.columns["secureboot_certificates_state"].default,
        NULL,
    )
    assert db.generation > 41
    db.vm.update(vm.ref, name_label="new")
    db.close()
    assert Database(path).vm["OpaqueRef:old"].name_label == "new"


def test_what_a_newer_version_wrote_is_kept(path: Path) -> None:
    body = {"@created": 1, "uuid": "u", "name_label": "a", "colour": "red", "power_state": "Hibernated"}
    gadget = {"@created": 2, "uuid": "g"}
    disk_module.seed(
        path,
        [
            ("OpaqueRef:a", "VM", 1, msgspec.json.encode(body)),
            ("OpaqueRef:g", "gadget", 2, msgspec.json.encode(gadget)),
        ],
    )
    db = Database(path)
    db.vm.update("OpaqueRef:a", name_label="b")
    assert db.vm["OpaqueRef:a"].power_state == "Hibernated"
    db.close()
    trimmed = disk_module.Disk(path)
    trimmed.trim(100)

    bodies = {ref: msgspec.json.decode(body) for ref, _, _, body in trimmed.objects()}
    trimmed.close()
    assert (
        bodies["OpaqueRef:a"] | {"colour": "red", "name_label": "b", "power_state": "Hibernated"}
        == bodies["OpaqueRef:a"]
    )
    assert bodies["OpaqueRef:g"] == gadget


def test_the_log_is_trimmed_without_loss(path: Path) -> None:
    db = Database(path)
    vm, gone = db.vm.create(name_label="a"), db.vm.create()
    for number in range(40):
        db.vm.update(vm.ref, order=number)
    db.vm.update(vm.ref, name_label="b")
    db.vm.delete(gone.ref)
    late = db.vm.create(name_label="late")
    db.close()
    disk = disk_module.Disk(path)
    while disk.log_length > 1:
        disk.trim(min(7, disk.log_length - 1))
    assert len(list(disk.changes())) == disk.log_length == 1
    disk.close()

    again = Database(path)
    assert [(row.ref, row.name_label, row.order) for row in again.vm.rows()] == [
        (vm.ref, "b", 39),
        (late.ref, "late", 0),
    ]
    again.close()


def test_deletions_in_the_log_are_told_after_a_restart(path: Path) -> None:
    db = Database(path)
    vm = db.vm.create()
    db.flush()
    seen = db.generation
    db.vm.delete(vm.ref)
    db.close()

    assert [gone.ref for gone in Database(path).changes.deleted_since(seen)] == [vm.ref]


async def test_many_transactions_share_a_commit(path: Path) -> None:
    db = Database(path)
    before = db.commits
    for _ in range(50):
        db.vm.create()
    await db.durable()

    assert db.commits == before + 1
    db.close()


async def test_a_write_of_volatile_fields_asks_for_no_sync(path: Path) -> None:
    db = Database(path)
    task, vm = db.task.create(), db.vm.create()
    await db.durable()
    before, written = db.commits, db.written
    db.task.update(task.ref, progress=0.5)
    db.vm.update(vm.ref, current_operations={task.ref: VMOperations.START})
    await db.durable()

    assert (db.commits, db.written) == (before, written)
    assert db.changes.visible < db.generation
    db.close()


async def test_a_call_that_wrote_nothing_waits_for_nobody(path: Path) -> None:
    db = Database(path)
    db.vm.create()
    mark = db.written
    await db.durable(since=mark)

    assert db.changes.visible < db.generation
    await db.durable()
    assert db.changes.visible == db.generation
    db.close()


async def test_a_disk_that_refuses_fails_the_caller_and_gets_the_change_later(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "RETRY", 0.05)
    db = Database(path)
    with create_engine(f"sqlite:///{path}").connect() as other:
        other.execute(text("CREATE TRIGGER refuse BEFORE INSERT ON change BEGIN SELECT RAISE(ABORT, 'disk full'); END"))
        other.commit()
        vm = db.vm.create(name_label="kept")
        with pytest.raises(WireError, match="the disk refuses") as error:
            await db.durable()
        assert error.value.wire_code == "INTERNAL_ERROR"
        assert db.changes.visible < db.generation
        other.execute(text("DROP TRIGGER refuse"))
        other.commit()
    await db.durable()
    db.close()

    assert Database(path).vm[vm.ref].name_label == "kept"


async def test_closing_does_not_wait_for_a_disk_that_refuses(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "RETRY", 0.05)
    db = Database(path)
    with create_engine(f"sqlite:///{path}").connect() as other:
        other.execute(text("CREATE TRIGGER refuse BEFORE INSERT ON change BEGIN SELECT RAISE(ABORT, 'disk full'); END"))
        other.commit()
    db.vm.create()
    with pytest.raises(WireError):
        await db.durable()
    await asyncio.wait_for(asyncio.to_thread(db.close), 5.0)


async def test_a_disk_that_does_not_answer_is_told_to_each_in_time(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "DURABLE_WITHIN", 0.2)
    monkeypatch.setattr(journal.Journal, "write", lambda *_: None)
    db = Database(path)
    waiting = []
    for _ in range(2):
        db.vm.create()
        waiting.append(asyncio.ensure_future(db.durable()))
        await asyncio.sleep(0.1)
    first, second = waiting
    with pytest.raises(WireError, match="no answer from the disk"):
        await first

    assert not second.done()
    with pytest.raises(WireError, match="no answer from the disk"):
        await asyncio.wait_for(second, 1.0)
    db.close()
