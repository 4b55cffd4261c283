"""Folds the datamodel into JSON for manuals and generators of SDKs: classes with fields, messages and enumerations.

`python -m xapi.datamodel.describe > xenapi.json`
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from xapi.datamodel import CLASSES, errors
from xapi.datamodel.enums import ENUMS
from xapi.datamodel.types import (
    REQUIRED,
    Change,
    Class,
    Field,
    MapOf,
    OptionOf,
    Param,
    RecordOf,
    Ref,
    Role,
    SetOf,
    Type,
    stage_of,
)
from xapi.datamodel.wire import MESSAGES, WireMessage

Json = dict[str, Any]

_PLAIN: Mapping[object, str] = {str: "string", int: "int", float: "float", bool: "bool", datetime: "datetime"}
_ENUM_NAMES: Mapping[object, str] = {kind: f"enum {name}" for name, kind in ENUMS.items()}
_BY_PRIVILEGE = (
    Role.POOL_ADMIN,
    Role.POOL_OPERATOR,
    Role.VM_POWER_ADMIN,
    Role.VM_ADMIN,
    Role.VM_OPERATOR,
    Role.READ_ONLY,
)


def type_name(kind: Type | None) -> str:
    """How manuals write a type: `VM ref set`, `(string -> string) map`; `void` for none."""
    match kind:
        case None:
            return "void"
        case Ref(cls):
            return f"{cls} ref"
        case RecordOf(cls):
            return f"{cls} record"
        case SetOf(item):
            return f"{type_name(item)} set"
        case OptionOf(item):
            return f"{type_name(item)} option"
        case MapOf(key, value):
            return f"({type_name(key)} -> {type_name(value)}) map"
        case type():
            return _PLAIN.get(kind) or _ENUM_NAMES[kind]


def role_names(least: tuple[Role, ...]) -> list[str]:
    """Everybody who may, given the least privileged role that may; nobody's list is empty."""
    names = {str(role) for role in least if role != Role.LOCAL_ROOT}
    for role in least:
        if role in _BY_PRIVILEGE:
            names |= set(_BY_PRIVILEGE[: _BY_PRIVILEGE.index(role) + 1])
    return sorted(names)


def lifecycle(changes: tuple[Change, ...]) -> Json:
    return {
        "state": str(stage_of(changes)),
        "transitions": [{"transition": change.transition, "release": change.release} for change in changes],
    }


def default(value: Any) -> Any:
    """A default as JSON; times in the form they have on the wire."""
    if isinstance(value, datetime):
        return value.strftime("%Y%m%dT%H:%M:%SZ")
    return list(value) if isinstance(value, tuple) else value


def _field(field: Field) -> Json:
    described = {
        "name": field.name,
        "description": field.doc,
        "type": type_name(field.type),
        "qualifier": {"RW": "RW", "StaticRO": "RO/constructor", "DynamicRO": "RO/runtime"}[field.access],
        "lifecycle": lifecycle(field.lifecycle),
    }
    return described if field.default is REQUIRED else described | {"default": default(field.default)}


def _param(param: Param) -> Json:
    described = {"name": param.name, "type": type_name(param.type), "doc": param.doc}
    return described if param.default is REQUIRED else described | {"default": default(param.default)}


def error_docs() -> dict[str, str]:
    """What each error means, by code."""
    known = {cls.code: cls.__doc__ or "" for cls in vars(errors).values() if _is_error(cls)}
    return {code: doc for code, doc in known.items() if code}


def _is_error(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, errors.XenError)


def _message(message: WireMessage, docs: Mapping[str, str]) -> Json:
    spec = message.message
    session = [{"name": "session_id", "type": "session ref", "doc": "Reference to a valid session"}]
    return {
        "name": spec.name,
        "description": spec.doc,
        "params": (session if spec.session else []) + [_param(param) for param in spec.params],
        "result": [type_name(spec.result), spec.result_doc],
        "errors": [{"name": code, "doc": docs.get(code, "")} for code in spec.errors],
        "roles": role_names(spec.roles),
        "lifecycle": lifecycle(spec.lifecycle),
        "implicit": message.implicit,
        "async": message.is_async,
    }


def _enums(cls: Class, messages: list[WireMessage]) -> list[Json]:
    """The enumerations that a class's fields and messages use."""
    used: set[type[StrEnum]] = set()
    for field in cls.fields:
        used |= set(enums_in(field.type))
    for message in messages:
        for kind in (message.message.result, *(param.type for param in message.message.params)):
            used |= set(enums_in(kind))
    return [
        {"name": name, "doc": kind.__doc__ or "", "values": [{"name": str(member), "doc": ""} for member in kind]}
        for name, kind in ENUMS.items()
        if kind in used
    ]


def enums_in(kind: Type | None) -> Iterator[type[StrEnum]]:
    """The enumerations inside a type."""
    match kind:
        case SetOf(item) | OptionOf(item):
            yield from enums_in(item)
        case MapOf(key, value):
            yield from enums_in(key)
            yield from enums_in(value)
        case type() if issubclass(kind, StrEnum):
            yield kind


def classes() -> list[Json]:
    """The content of `xenapi.json`; what is hidden from manuals is left out."""
    docs = error_docs()
    described = []
    for cls in CLASSES.values():
        messages = [m for m in MESSAGES.values() if m.cls is cls and not m.message.hidden]
        described.append(
            {
                "name": cls.name,
                "description": cls.doc,
                "lifecycle": lifecycle(cls.lifecycle),
                "fields": [_field(field) for field in cls.fields if not field.internal],
                "messages": [_message(message, docs) for message in messages],
                "enums": _enums(cls, messages),
            }
        )
    return described


def text() -> str:
    """`xenapi.json`, indented."""
    return json.dumps(classes(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
