"""`VM.snapshot_metadata`: a VM's record as the S-expression that the original writes and other tools read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from xapi.datamodel import CLASSES
from xapi.db.records import VM

_FIELDS = tuple(sorted(((field.db_name or field.name, field.name) for field in CLASSES["VM"].fields), reverse=True))

_QUOTED = r"'(?:[^'\\]|\\.)*'"
_RECORD = re.compile(rf"\((?:\({_QUOTED} {_QUOTED}\) ?)*\)", re.DOTALL)
_PAIR = re.compile(r"\('(?P<name>(?:[^'\\]|\\.)*)' '(?P<value>(?:[^'\\]|\\.)*)'\)", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


def written(vm: VM) -> str:
    """The record of `vm` now, fields by their names in the original's database, last name first."""
    pairs = [(db_name, _text(getattr(vm, name))) for db_name, name in _FIELDS]
    pairs.append(("_ref", vm.ref))
    pairs.sort(reverse=True)
    return _list(_list((_string(name), _string(value))) for name, value in pairs)


def values(metadata: str) -> dict[str, str]:
    """The fields of a written record by the original's names; nothing when it is none."""
    try:
        return dict(_pairs(metadata))
    except ValueError:
        return {}


def _pairs(metadata: str) -> list[tuple[str, str]]:
    """Raises `ValueError` unless `metadata` is a list of pairs."""
    if not _RECORD.fullmatch(metadata):
        raise ValueError("no record")
    return [(_unescaped(match["name"]), _unescaped(match["value"])) for match in _PAIR.finditer(metadata)]


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(r"\1", text)


def _text(value: Any) -> str:
    """A value as the original's database holds it."""
    match value:
        case bool():
            return str(value).lower()
        case float():
            return f"{value:.16g}"
        case datetime():
            return value.astimezone(UTC).strftime("%Y%m%dT%H:%M:%SZ")
        case Mapping():
            return _list(_list((_string(str(key)), _string(_text(item)))) for key, item in value.items())
        case tuple():
            return _list(_string(_text(item)) for item in value)
        case _:
            return str(value)


def _string(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _list(items: Any) -> str:
    return "(" + " ".join(items) + ")"
