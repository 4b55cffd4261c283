"""Where the recorded answers of the original are, and values out of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.reference import RECORDED, needed
from xapi.datamodel import CLASSES
from xapi.datamodel.types import MapOf, SetOf, Type


def recordings() -> Path:
    """The folder of recorded answers; skips where it is not at hand."""
    return needed(RECORDED)


@pytest.fixture(scope="session")
def recorded() -> Path:
    """The folder of recorded answers."""
    return recordings()


@pytest.fixture(scope="session")
def answer(recorded: Path) -> Callable[[str], dict[str, Any]]:
    """Reads one recording."""
    return lambda name: json.loads((recorded / f"{name}.json").read_text("utf-8"))


def typed(type_: Type, value: Any) -> Any:
    """A value as decoded from a recording, as ours."""
    if isinstance(type_, SetOf):
        return tuple(typed(type_.item, item) for item in value)
    if isinstance(type_, MapOf):
        return {typed(type_.key, key): typed(type_.value, item) for key, item in value.items()}
    if type_ is datetime:
        text = value["dateTime.iso8601"] if isinstance(value, dict) else value
        return datetime.strptime(text, "%Y%m%dT%H:%M:%SZ").replace(tzinfo=UTC)
    if type_ in {int, float}:
        return type_(value)
    return value


def fields_of(cls: str, record: Mapping[str, Any]) -> dict[str, Any]:
    """A decoded record as fields for `create`."""
    types = {field.name: field.type for field in CLASSES[cls].fields}
    return {name: typed(types[name], value) for name, value in record.items()}
