"""The vocabulary of the datamodel: classes, fields, messages and the types of their values.

Values, not classes with metaclasses: they print, compare, sort and fold.
"""

from __future__ import annotations

import functools
from dataclasses import KW_ONLY, dataclass
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


@functools.cache
def history(*steps: str) -> tuple[Change, ...]:
    """A life cycle, step by step: `history("published rio", "deprecated clearwater")`."""
    return tuple(Change(*step.split(" ")) for step in steps)


def since(release: str) -> tuple[Change, ...]:
    """The life cycle of what was published once and never touched again."""
    return history(f"published {release}")


_STAGE_AFTER: Final = {
    "prototyped": Stage.PROTOTYPED,
    "published": Stage.PUBLISHED,
    "changed": Stage.PUBLISHED,
    "extended": Stage.PUBLISHED,
    "deprecated": Stage.DEPRECATED,
    "removed": Stage.REMOVED,
}


def stage_of(lifecycle: tuple[Change, ...]) -> Stage:
    return _STAGE_AFTER[lifecycle[-1].transition] if lifecycle else Stage.UNRELEASED


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


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a class, by its wire name (`name_label`)."""

    name: str
    type: Type
    doc: str
    _: KW_ONLY
    access: Access = Access.DYNAMIC_RO
    default: Any = REQUIRED
    """What a row has if nothing is given: REQUIRED fields get the empty value of their type, reference fields NULL."""
    db_name: str = ""
    """The name in the original's database where it differs (`name__label`)."""
    persist: bool = True
    """False: lost at a restart."""
    internal: bool = False
    """Kept in the database, not part of records on the wire."""
    has_effect: bool = False
    """Setting it does more than store it: the setter is implemented in `xapi/api`."""
    may_dangle: bool = False
    """References that are kept although their object is gone."""
    readers: tuple[Role, ...] = (Role.READ_ONLY, Role.CLIENT_CERT)
    """The least privileged role that may read it, plus CLIENT_CERT where that may too."""
    writers: tuple[Role, ...] = (Role.POOL_ADMIN,)
    """Likewise for its setters; without meaning where there are none."""
    key_roles: tuple[tuple[str, Role], ...] = ()
    """Map keys (a trailing `*` is a prefix) that another role may add and remove."""
    lifecycle: tuple[Change, ...] = ()

    @property
    def stage(self) -> Stage:
        return stage_of(self.lifecycle)


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter of a message; the session, first on the wire, is not listed."""

    name: str
    type: Type
    doc: str = ""
    _: KW_ONLY
    default: Any = REQUIRED
    secret: bool = False
    """Never logged."""
    release: str = ""
    """Since when, if it is younger than its message."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `session` False: callable without logging in."""

    name: str
    doc: str
    _: KW_ONLY
    params: tuple[Param, ...] = ()
    result: Type | None = None
    result_doc: str = ""
    errors: tuple[str, ...] = ()
    """Codes that it raises beside those which every message may raise."""
    roles: tuple[Role, ...] = (Role.POOL_ADMIN,)
    """Least privileged role, plus CLIENT_CERT where granted; LOCAL_ROOT alone for nobody else."""
    key_roles: tuple[tuple[str, Role], ...] = ()
    """Values of the parameter `key` for which another role is enough or needed."""
    lifecycle: tuple[Change, ...] = ()
    session: bool = True
    is_async: bool = True
    """Callable as `Async.…` too, unless it has been removed."""
    emergency: bool = False
    """Answered in emergency mode too."""
    pool_internal: bool = False
    """Between hosts only."""
    hidden: bool = False
    """Not in manuals."""
    secret: bool = False
    """Neither its parameters nor its result are ever logged."""
    raw_result: bool = False
    """The implementation gives the value for the wire itself: it fits no type of ours."""
    host_extension: str = ""
    """Carried out by this host extension."""
    has_effect: bool = True
    """False: it is a mere read or write of the database."""

    @property
    def stage(self) -> Stage:
        return stage_of(self.lifecycle)


@dataclass(frozen=True, slots=True)
class Class:
    """One class. `persist` False: its rows are lost at a restart."""

    name: str
    doc: str
    _: KW_ONLY
    fields: tuple[Field, ...]
    messages: tuple[Message, ...] = ()
    roles: tuple[Role, ...] = (Role.POOL_ADMIN,)
    """Who may call its implicit constructor and destructor."""
    implicit_roles: tuple[Role, ...] = (Role.READ_ONLY, Role.CLIENT_CERT)
    """Who may call `get_record`, `get_all` and the like."""
    lifecycle: tuple[Change, ...] = ()
    persist: bool = True
    in_database: bool = True
    events: bool = True
    has_get_all: bool = False
    constructor: bool = False
    """`create` and `destroy` are implicit messages on the wire."""

    @property
    def stage(self) -> Stage:
        return stage_of(self.lifecycle)

    @property
    def constructor_fields(self) -> tuple[str, ...]:
        """The fields which the struct given to `create` may have; those with a default may be left out."""
        return tuple(field.name for field in self.fields if field.access != Access.DYNAMIC_RO and not field.internal)
