from __future__ import annotations

import stat
from pathlib import Path

import pytest

from xapi.auth import passwords
from xapi.auth.passwords import Passwords


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "etc" / "users.json"


def test_the_right_password_is_told_from_others(path: Path) -> None:
    passwords.write(path, "root", "secret")
    known = Passwords(path)

    assert known.check("root", "secret")
    assert known.check("root", "secret"), "the remembered answer is the same"
    assert not known.check("root", "Secret")
    assert not known.check("eve", "secret")


def test_the_file_holds_no_password_and_is_roots_alone(path: Path) -> None:
    passwords.write(path, "root", "hunter2-and-more")

    assert b"hunter2" not in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["users.json"]


def test_a_change_is_seen_at_once_and_keeps_the_other_users(path: Path) -> None:
    passwords.write(path, "root", "old")
    passwords.write(path, "eve", "hers")
    known = Passwords(path)
    assert known.check("root", "old")

    passwords.write(path, "root", "new")

    assert not known.check("root", "old")
    assert known.check("root", "new")
    assert known.check("eve", "hers")


def test_without_a_file_nobody_gets_in(path: Path) -> None:
    assert not Passwords(path).check("root", "")


def test_the_program_writes_below_a_root(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("one line\nmore\n")

    passwords.main(["--root", str(tmp_path), "--password-file", str(tmp_path / "pw")])

    assert Passwords(tmp_path / passwords.PATH.lstrip("/")).check("root", "one line")
