"""What became of each test, kept on disk so that a run that was cut short goes on where it stopped."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from common.files import write_atomically
from tests.bed.layout import CACHE


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """A test's outcome."""

    outcome: str
    """passed, failed, skipped; fault only while its repetition is due."""
    seconds: float
    detail: str = ""


class Record(msgspec.Struct, kw_only=True):
    """One run of one part."""

    state: str
    """Of the project: results of another content are worth nothing."""
    commit: str
    finished: bool = False
    faults: list[str] = []
    """Bed faults, one line each."""
    results: dict[str, Result] = {}


def load(part: str, state: str, commit: str) -> Record:
    """The record to go on with, or a new one."""
    try:
        known = msgspec.json.decode(_path(part).read_bytes(), type=Record)
    except (OSError, msgspec.DecodeError):
        known = None
    return going_on(known, state) or Record(state=state, commit=commit)


def going_on(known: Record | None, state: str) -> Record | None:
    """`known`, if its run was cut short and was of this very content of the project."""
    return known if known is not None and not known.finished and known.state == state else None


def save(part: str, record: Record) -> None:
    """Keep `record`."""
    CACHE.mkdir(parents=True, exist_ok=True)
    write_atomically(_path(part), msgspec.json.format(msgspec.json.encode(record)))


def counts(results: Mapping[Any, Result]) -> str:
    """The line that ends a run."""
    outcomes = [result.outcome for result in results.values()]
    return ", ".join(f"{outcomes.count(kind)} {kind}" for kind in ("passed", "failed", "skipped"))


def _path(part: str) -> Path:
    return CACHE / f"{part}.json"
