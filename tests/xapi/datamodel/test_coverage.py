"""Counting what is implemented."""

from __future__ import annotations

from pathlib import Path

from xapi.datamodel import coverage, generate


def _api(tmp_path: Path, text: str) -> Path:
    (tmp_path / "vm.py").write_text(text, encoding="utf-8")
    return tmp_path


def test_nothing_is_implemented(tmp_path: Path) -> None:
    lines = coverage.page(tmp_path).splitlines()
    assert lines[:2] == ["explicit: 0 of 646", "all: 1516 of 2162"]
    assert any(line.startswith("- `VM` (107 of 107): `snapshot`, ") for line in lines)


def test_functions_count_helpers_do_not(tmp_path: Path) -> None:
    api = _api(
        tmp_path, "async def start(ctx, vm): ...\nasync def _pause(ctx): ...\nclass X:\n    def unpause(self): ...\n"
    )
    assert coverage.page(api).startswith("explicit: 1 of 646\nall: 1517 of 2162\n")
    assert "VM.start" not in {message.name for message in coverage.missing(api)}


def test_a_keyword_has_an_underscore(tmp_path: Path) -> None:
    (tmp_path / "event.py").write_text("async def from_(ctx): ...\n", encoding="utf-8")
    assert "event.from" not in {message.name for message in coverage.missing(tmp_path)}


def test_the_committed_page_is_true() -> None:
    """`make generate` writes it anew."""
    committed = (generate.ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
    assert committed == coverage.page(generate.ROOT / "xapi" / "api")
