"""Values as `xe` prints and reads them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from xapi.cli.failures import CommandError
from xapi.datamodel import enums
from xapi.datamodel.types import NULL, MapOf, OptionOf, RecordOf, Ref, SetOf, Type
from xapi.db.store import Store

NOT_IN_DATABASE = "<not in database>"
UNKNOWN = "<unknown>"

Shown = str | list[str] | dict[str, str]
"""A field's value as text: one, a set, or a map."""

OF_A_CLASS = re.compile(r"^(vm|vdi|pbd)_")
"""Operations of hosts and SRs on their objects are printed `VDI.create`; `vdi_create` on the wire."""

UNITS = {"": 1, "b": 1, "bytes": 1, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40}
_SIZE = re.compile(r"(-?\d+)\s*([A-Za-z]*)")

TRUE = frozenset({"true", "t", "yes", "y", "1"})
FALSE = frozenset({"false", "f", "no", "n", "0"})

_EXITS = {
    "destroy": "Destroy",
    "coredump_and_destroy": "Core dump and destroy",
    "restart": "Restart",
    "coredump_and_restart": "Core dump and restart",
    "preserve": "Preserve",
    "rename_restart": "Rename restart",
    "soft_reboot": "Soft reboot",
}
_DISKS = {
    "system": "System",
    "user": "User",
    "ephemeral": "Ephemeral",
    "suspend": "Suspend",
    "crashdump": "Crashdump",
    "ha_statefile": "HA statefile",
    "metadata": "Metadata",
    "redo_log": "Redo log",
    "rrd": "rrd",
    "pvs_cache": "PVS cache",
    "cbt_metadata": "CBT metadata",
}
SPELLED: Mapping[type[StrEnum], Mapping[str, str]] = {
    enums.OnNormalExit: _EXITS,
    enums.OnCrashBehaviour: _EXITS,
    enums.OnSoftrebootBehavior: _EXITS,
    enums.VDIType: _DISKS,
    enums.ConsoleProtocol: {"vt100": "VT100", "rfb": "RFB", "rdp": "RDP"},
    enums.VMPowerState: {str(state): str(state).lower() for state in enums.VMPowerState},
    enums.DomainType: {"pv_in_pvh": "pv-in-pvh"},
    enums.PlacementPolicy: {"anti_affinity": "anti-affinity"},
}
"""Enums that are not printed as they are on the wire."""


def show_enum(value: StrEnum) -> str:
    """A member of an enum as printed."""
    spelled = SPELLED.get(type(value))
    if spelled is not None:
        return spelled.get(value, str(value))
    text = str(value)
    return OF_A_CLASS.sub(lambda match: f"{match[1].upper()}.", text)


def show_ref(db: Store, ref: str) -> str:
    """The uuid of an object."""
    row = db.find(ref) if ref != NULL else None
    uuid = getattr(row, "uuid", None)
    return NOT_IN_DATABASE if uuid is None else str(uuid)


def show_one(db: Store, value: Any) -> str:
    """A single value."""
    if isinstance(value, StrEnum):
        return show_enum(value)
    if isinstance(value, str):
        return show_ref(db, value) if value.startswith("OpaqueRef:") else value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, datetime):
        return value.strftime("%Y%m%dT%H:%M:%SZ")
    if value is None:
        return NOT_IN_DATABASE
    return str(value)


def show(db: Store, value: Any) -> Shown:
    """Any value of a row."""
    if isinstance(value, tuple | list):
        return [show_one(db, item) for item in value]
    if isinstance(value, Mapping):
        return {show_one(db, key): flat(show(db, item)) for key, item in value.items()}
    return show_one(db, value)


def flat(shown: Shown) -> str:
    """A value on one line."""
    if isinstance(shown, str):
        return shown
    if isinstance(shown, dict):
        return "; ".join(f"{key}: {value}" for key, value in shown.items())
    return "; ".join(shown)


def read_bool(name: str, text: str) -> bool:
    """Raises `CommandError`."""
    if text.lower() in TRUE:
        return True
    if text.lower() in FALSE:
        return False
    raise CommandError(f"Failed to parse parameter '{name}': expecting a boolean (true or false)")


def read_size(name: str, text: str) -> int:
    """A number of bytes. Raises `CommandError`."""
    match = _SIZE.fullmatch(text.strip())
    unit = UNITS.get(match[2].lower()) if match else None
    if match is None or unit is None:
        raise CommandError(
            f"Failed to parse field '{name}': expecting an integer (possibly with suffix KiB, MiB, GiB, TiB), "
            f"got '{text}'"
        )
    return int(match[1]) * unit


def read_float(name: str, text: str) -> float:
    """Raises `CommandError`."""
    try:
        return float(text)
    except ValueError:
        raise CommandError(f"Failed to parse parameter '{name}': expecting a floating point number") from None


def read_enum(cls: type[StrEnum], text: str) -> str:
    """A member's wire form, from that or from how it is printed. Raises `CommandError`."""
    wanted = text.lower().replace("-", "_")
    for member in cls:
        if wanted in (str(member).lower(), show_enum(member).lower()) or text == show_enum(member):
            return str(member)
        if wanted == str(member).lower().replace("-", "_"):
            return str(member)
    expected = ", ".join(f"'{member}'" for member in cls)
    raise CommandError(f"Expected one of {expected}, got {text}")


def split_list(text: str) -> list[str]:
    """Words separated by commas or semicolons."""
    return [word.strip() for word in re.split(r"[,;]", text) if word.strip()]


def read(db: Store, type_: Type, name: str, text: str) -> Any:
    """`text` as the protocols deliver a value of `type_`. Raises `CommandError`, UUID_INVALID."""
    match type_:
        case Ref(cls):
            return read_ref(db, cls, text)
        case SetOf(item):
            return [read(db, item, name, word) for word in split_list(text)]
        case MapOf(_, item):
            pairs = (word.partition("=") for word in split_list(text))
            return {key: read(db, item, name, value) for key, _, value in pairs}
        case OptionOf(item):
            return read(db, item, name, text)
        case RecordOf():
            raise CommandError(f"'{name}' cannot be given on a command line")
    return _read_scalar(type_, name, text)


def read_ref(db: Store, cls: str, text: str) -> str:
    """The object of class `cls` with a uuid; nothing for nothing. Raises UUID_INVALID."""
    if text in {"", NOT_IN_DATABASE}:
        return NULL
    return str(db.table(cls).by_uuid(text).ref)


def _read_scalar(type_: Any, name: str, text: str) -> Any:
    if type_ is bool:
        return read_bool(name, text)
    if type_ is int:
        return read_size(name, text)
    if type_ is float:
        return read_float(name, text)
    if isinstance(type_, type) and issubclass(type_, StrEnum):
        return read_enum(type_, text)
    return text
