"""The audit log: what a line says, what is kept from it, and files that are rotated, full or gone."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from xapi.auth.sessions import Sessions
from xapi.context import Context
from xapi.control import audit
from xapi.control.audit import Kind, Trail
from xapi.datamodel.errors import HandleInvalid
from xapi.datamodel.types import Role
from xapi.db.database import Database


@pytest.fixture
def trail(tmp_path: Path) -> Trail:
    return Trail(tmp_path / "log/audit.log")


@pytest.fixture
def ctx() -> Context:
    db = Database()
    found = Context.for_test(db, host=db.host.create(hostname="here").ref)
    found.dbg, found.address = "VM.start R:1", "192.0.2.7"
    sessions = Sessions(db)
    found.session = sessions.create(
        host=found.host, user="eve", superuser=False, roles=(Role.VM_ADMIN,), auth_user_sid="u1"
    )
    return found


def written(trail: Trail, since: str = "") -> list[str]:
    return b"".join(trail.lines(since)).decode().splitlines()


def test_a_line_says_who_did_what_to_what(trail: Trail, ctx: Context) -> None:
    vm = ctx.db.vm.create(name_label="it's\nmine")
    about = audit.objects(ctx.db, ["self", "key", "value"], [vm.ref, "colour", "red"])

    with trail.noting(ctx, Kind.API, "VM.add_to_other_config", about):
        ctx.db.vm.delete(vm.ref)

    (line,) = written(trail)
    head, _, rest = line.partition("] ")
    assert re.fullmatch(r"\[\d{8}T\d\d:\d\d:\d\d\.\d{3}Z\|info\|here\|192\.0\.2\.7\|VM\.start R:1\|audit", head)
    assert re.match(r"\('trackid=[0-9a-f]{32}' 'u1' 'eve' 'ALLOWED' 'OK' 'API' 'VM.add_to_other_config' \(", rest)
    assert f"('self' 'it\\'s mine' '{vm.uuid}' '{vm.ref}') ('key' 'colour' '' '')))" in rest
    assert "red" not in line


def test_how_it_ended(trail: Trail, ctx: Context) -> None:
    with pytest.raises(HandleInvalid), trail.noting(ctx, Kind.API, "VM.start", []):
        raise HandleInvalid("VM", "OpaqueRef:x")
    with pytest.raises(ZeroDivisionError), trail.noting(ctx, Kind.HTTP, "put_import", []):
        raise ZeroDivisionError("of ours")

    failed, broken = written(trail)
    assert "'ALLOWED' 'ERROR:HANDLE_INVALID: VM, OpaqueRef:x' 'API' 'VM.start' ()" in failed
    assert "'ERROR:ZeroDivisionError: of ours' 'HTTP' 'put_import'" in broken


def test_a_session_s_reference_is_a_secret(trail: Trail, ctx: Context) -> None:
    assert ctx.session is not None
    with trail.noting(ctx, Kind.API, "session.logout_subject_identifier", []):
        about = audit.objects(ctx.db, ["session"], [ctx.session])
        ctx.db.session.delete(ctx.session)

    assert about == []
    assert "'u1' 'eve'" in written(trail)[0]
    assert ctx.session not in written(trail)[0]


def test_the_contents_of_a_record_are_not_told_but_its_name_and_what_it_is_of(ctx: Context) -> None:
    vm = ctx.db.vm.create(name_label="web")
    record = {"name_label": "new", "VM": vm.ref, "other_config": {"password": "hidden"}, "value": "hidden"}

    found = audit.objects(ctx.db, ["record", "VIFs"], [record, [vm.ref]])

    assert found == [
        ("name_label", "new", "", ""),
        ("VM", "web", vm.uuid, vm.ref),
        ("VIFs", "web", vm.uuid, vm.ref),
    ]


@pytest.mark.parametrize(
    ("message", "noted"),
    [("VM.start", True), ("VM.get_record", False), ("event.from", False), ("session.login_with_password", True)],
)
def test_what_only_reads_is_left_out(message: str, noted: bool) -> None:
    assert audit.noted(message) is noted


def test_old_lines_go_with_the_oldest_file(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "LARGEST", 100)
    monkeypatch.setattr(audit, "KEPT", 3)

    for number in range(20):
        trail.append(f"[20260101T00:00:{number:02}.000Z|] of about forty letters")

    assert [int(line[16:18]) for line in written(trail)] == list(range(12, 20))
    assert [int(line[16:18]) for line in written(trail, "20260101T00:00:18")] == [18, 19]
    assert {path.stat().st_size <= 100 for path in trail.path.parent.iterdir()} == {True}
    assert len(list(trail.path.parent.iterdir())) == 4


def test_begun_again_it_goes_on_and_a_file_taken_away_is_made_anew(trail: Trail) -> None:
    trail.append("one")
    again = Trail(trail.path)
    again.append("two")
    assert written(trail) == ["one", "two"]
    assert trail.path.stat().st_mode & 0o777 == 0o600

    trail.path.unlink()
    again.append("three")

    assert written(trail) == ["three"]


def test_a_full_disk_stops_nobody(
    trail: Trail, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(_descriptor: int, _data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    trail.append("lost")

    assert "No space left" in caplog.text
