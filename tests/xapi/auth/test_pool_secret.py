from __future__ import annotations

import stat
from pathlib import Path

import pytest

from xapi.auth import pool_secret


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XAPI_ROOT", str(tmp_path))
    return tmp_path / pool_secret.PATH.lstrip("/")


def test_a_secret_is_made_once_and_kept(path: Path) -> None:
    made = pool_secret.load()

    assert len(made.split("/")) == 3
    assert pool_secret.load() == made == path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_existing_secret_is_used_and_a_damaged_one_replaced(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_text("a" * 40 + "\n")
    assert pool_secret.load() == "a" * 40

    path.write_text("short")
    assert len(pool_secret.load()) > 100


def test_only_the_secret_matches() -> None:
    assert pool_secret.matches("x", "x")
    assert not pool_secret.matches("", "x")
    assert not pool_secret.matches("é", "x")
