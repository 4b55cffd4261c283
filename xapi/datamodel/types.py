"""The vocabulary of the datamodel: classes, fields, messages and the types of their values.

Values, not classes with metaclasses: they print, compare, sort and fold.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final


class Role(StrEnum):
    """Roles from the most to the least privileged; each includes those below. CLIENT_CERT stands beside them."""

    POOL_ADMIN = "pool-admin"
    POOL_OPERATOR = "pool-operator"
    VM_POWER_ADMIN = "vm-power-admin"
    VM_ADMIN = "vm-admin"
    VM_OPERATOR = "vm-operator"
    READ_ONLY = "read-only"
    CLIENT_CERT = "client-cert"
    LOCAL_ROOT = "local-root"
    """Not a role of subjects: only local root and sessions between hosts may."""


class Access(StrEnum):
    """RW: constructor and setter; STATIC_RO: constructor only; DYNAMIC_RO: the server's."""

    RW = "RW"
    STATIC_RO = "StaticRO"
    DYNAMIC_RO = "DynamicRO"


class Stage(StrEnum):
    """Where in its life a class, field, message or parameter is."""

    PROTOTYPED = "Prototyped_s"
    PUBLISHED = "Published_s"
    DEPRECATED = "Deprecated_s"
    REMOVED = "Removed_s"
    UNRELEASED = "Unreleased_s"


@dataclass(frozen=True, slots=True)
class Change:
    """One transition of a life cycle: published, changed, extended, deprecated, removed, prototyped; in which release."""

    transition: str
    release: str


@dataclass(frozen=True, slots=True)
class Ref:
    """A reference to an object of a class; on the wire `OpaqueRef:…`, null is `OpaqueRef:NULL`."""

    cls: str


@dataclass(frozen=True, slots=True)
class SetOf:
    """On the wire an array; in Python a tuple."""

    item: Type


@dataclass(frozen=True, slots=True)
class MapOf:
    """On the wire a struct with string keys; in Python a dict that nobody changes in place."""

    key: Type
    value: Type


@dataclass(frozen=True, slots=True)
class OptionOf:
    """A value or nothing (None)."""

    item: Type


@dataclass(frozen=True, slots=True)
class RecordOf:
    """A whole record of a class."""

    cls: str


Type = type[Any] | Ref | SetOf | MapOf | OptionOf | RecordOf
"""`str`, `int`, `float`, `bool`, `datetime`, a `StrEnum`, or one of the compound types above."""


class _Required:
    def __repr__(self) -> str:
        return "REQUIRED"


REQUIRED: Final = _Required()
"""Instead of a default: the value must be given."""

NULL: Final = "OpaqueRef:NULL"
NEVER: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a class, by its wire name (`name_label`); `db_name` is the original's (`name__label`).

    `readers` and `writers` are the least privileged role, plus CLIENT_CERT where it is granted too.
    """

    name: str
    type: Type
    doc: str
    access: Access = Access.DYNAMIC_RO
    default: Any = REQUIRED
    db_name: str = ""
    persist: bool = True
    """False: lost at a restart."""
    internal: bool = False
    """Kept in the database, not part of records on the wire."""
    has_effect: bool = False
    """Setting it does more than store it: the setter is implemented in `xapi/api`."""
    readers: tuple[Role, ...] = (Role.READ_ONLY, Role.CLIENT_CERT)
    writers: tuple[Role, ...] = (Role.POOL_ADMIN,)
    key_roles: tuple[tuple[str, Role], ...] = ()
    """Map keys (a trailing `*` is a prefix) that a lower role may add and remove."""
    lifecycle: tuple[Change, ...] = ()
    stage: Stage = Stage.PUBLISHED


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    """One parameter of a message; the session, first on the wire, is not listed."""

    name: str
    type: Type
    doc: str = ""
    default: Any = REQUIRED
    secret: bool = False
    """Never logged."""
    release: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One explicit message. `session` False: callable without logging in."""

    name: str
    doc: str
    params: tuple[Param, ...] = ()
    result: Type | None = None
    result_doc: str = ""
    errors: tuple[str, ...] = ()
    roles: tuple[Role, ...] = (Role.POOL_ADMIN,)
    """Least privileged role, plus CLIENT_CERT where granted; LOCAL_ROOT alone for nobody else."""
    lifecycle: tuple[Change, ...] = ()
    stage: Stage = Stage.PUBLISHED
    session: bool = True
    is_async: bool = True
    """Callable as `Async.…`, and a task row is made for it."""
    emergency: bool = False
    """Answered in emergency mode too."""
    pool_internal: bool = False
    """Between hosts only."""
    hidden: bool = False
    """Not in manuals."""
    has_effect: bool = True
    key_roles: tuple[tuple[str, Role], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Class:
    """One class. `persist` False: its rows are lost at a restart."""

    name: str
    doc: str
    fields: tuple[Field, ...]
    messages: tuple[Message, ...] = ()
    roles: tuple[Role, ...] = (Role.POOL_ADMIN,)
    """Least role for its constructor, destructor and setters that name none."""
    implicit_roles: tuple[Role, ...] = (Role.READ_ONLY, Role.CLIENT_CERT)
    lifecycle: tuple[Change, ...] = ()
    stage: Stage = Stage.PUBLISHED
    persist: bool = True
    in_database: bool = True
    events: bool = True
    has_get_all: bool = False
    constructor: bool = False
    """`create` and `destroy` are implicit messages on the wire."""
    constructor_fields: tuple[str, ...] = ()
