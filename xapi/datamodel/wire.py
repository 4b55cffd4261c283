"""Every message on the wire: the explicit ones of the classes, and those that follow from their fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from xapi.datamodel import CLASSES
from xapi.datamodel.types import Access, Change, Class, Field, MapOf, Message, Param, RecordOf, Ref, Role, SetOf, Stage


class Kind(StrEnum):
    """What a message does; all but CUSTOM follow from a class or a field."""

    CUSTOM = "custom"
    GET_RECORD = "get_record"
    GET_ALL = "get_all"
    GET_ALL_WHERE = "get_all_where"
    GET_ALL_RECORDS = "get_all_records"
    GET_ALL_RECORDS_WHERE = "get_all_records_where"
    GET_BY_UUID = "get_by_uuid"
    GET_BY_NAME_LABEL = "get_by_name_label"
    CREATE = "create"
    DESTROY = "destroy"
    GET = "get"
    SET = "set"
    ADD = "add"
    REMOVE = "remove"
    ADD_TO = "add_to"
    REMOVE_FROM = "remove_from"


NO_ASYNC = frozenset({"session", "event", "task", "data_source", "blob"})
"""Classes whose messages clients are not offered as `Async.…`; the server takes those that are marked all the same."""

NO_TASK = frozenset({"task", "event"})
"""Classes whose messages make no task row: they would make rows about rows."""


@dataclass(frozen=True, slots=True)
class WireMessage:
    """One message as called (`VM.start`). `field` is that which a getter or setter is about."""

    name: str
    cls: Class
    message: Message
    kind: Kind = Kind.CUSTOM
    field: Field | None = None

    @property
    def implicit(self) -> bool:
        return self.kind != Kind.CUSTOM

    @property
    def removed(self) -> bool:
        """Still known, answers MESSAGE_REMOVED."""
        return self.message.stage == Stage.REMOVED

    @property
    def is_async(self) -> bool:
        """Callable as `Async.<name>`."""
        return self.message.is_async and not self.removed

    @property
    def makes_task(self) -> bool:
        """A task row is made for each call, asynchronous or not."""
        return self.cls.name not in NO_TASK and not self.removed

    @property
    def method(self) -> str:
        """The part after the class."""
        return self.message.name


def _implicit(
    name: str,
    doc: str,
    roles: tuple[Role, ...],
    lifecycle: tuple[Change, ...],
    params: tuple[Param, ...] = (),
    result: Any = None,
    **attributes: Any,
) -> Message:
    """A message whose implementation is a read or write of the database, unless told otherwise."""
    defaults: dict[str, Any] = {"is_async": False, "has_effect": False}
    return Message(name, doc, params=params, result=result, roles=roles, lifecycle=lifecycle, **(defaults | attributes))


def _object_messages(cls: Class) -> Iterator[tuple[Kind, Message]]:
    """Those that every class has whose rows are in the database."""
    ref, record = Ref(cls.name), RecordOf(cls.name)
    everyone = (cls.implicit_roles, cls.lifecycle)
    yield (
        Kind.GET_RECORD,
        _implicit("get_record", f"All fields of a {cls.name}.", *everyone, (Param("self", ref),), record),
    )
    yield (
        Kind.GET_BY_UUID,
        _implicit("get_by_uuid", f"The {cls.name} with this UUID.", *everyone, (Param("uuid", str),), ref),
    )
    if any(field.db_name == "name__label" for field in cls.fields):
        doc = f"Every {cls.name} with this name."
        yield (
            Kind.GET_BY_NAME_LABEL,
            _implicit("get_by_name_label", doc, *everyone, (Param("label", str),), SetOf(ref)),
        )


def _get_all_messages(cls: Class) -> Iterator[tuple[Kind, Message]]:
    ref, record = Ref(cls.name), RecordOf(cls.name)
    everyone = (cls.implicit_roles, cls.lifecycle)
    expr = (Param("expr", str, "A condition on fields, or `true`."),)
    records = MapOf(ref, record)
    yield Kind.GET_ALL, _implicit("get_all", f"Every {cls.name}.", *everyone, (), SetOf(ref))
    doc = f"Every {cls.name} for which the condition holds."
    yield (
        Kind.GET_ALL_WHERE,
        _implicit("get_all_where", doc, *everyone, expr, SetOf(ref), hidden=True),
    )
    doc = f"Every {cls.name} with its fields, for which the condition holds."
    yield (
        Kind.GET_ALL_RECORDS_WHERE,
        _implicit("get_all_records_where", doc, *everyone, expr, records, hidden=True),
    )
    doc = f"Every {cls.name} with its fields."
    yield Kind.GET_ALL_RECORDS, _implicit("get_all_records", doc, *everyone, (), records)


def _constructor_messages(cls: Class) -> Iterator[tuple[Kind, Message]]:
    ref = Ref(cls.name)
    attributes: dict[str, Any] = {"has_effect": True, "is_async": cls.name not in NO_ASYNC}
    args = (Param("args", RecordOf(cls.name), "Fields of the new object; those with a default may be left out."),)
    doc = f"Create a {cls.name}."
    yield Kind.CREATE, _implicit("create", doc, cls.roles, cls.lifecycle, args, ref, **attributes)
    doc = f"Destroy the {cls.name}."
    yield Kind.DESTROY, _implicit("destroy", doc, cls.roles, cls.lifecycle, (Param("self", ref),), None, **attributes)


def _field_messages(cls: Class, field: Field) -> Iterator[tuple[Kind, Message]]:
    self = Param("self", Ref(cls.name))
    what = f"`{field.name}` of a {cls.name}"
    effect: dict[str, Any] = {"has_effect": field.has_effect}
    doc = f"Get {what}."
    yield (
        Kind.GET,
        _implicit(f"get_{field.name}", doc, field.readers, field.lifecycle, (self,), field.type, **effect),
    )
    if field.access != Access.RW:
        return
    writers = (field.writers, field.lifecycle)
    value = Param("value", field.type)
    yield Kind.SET, _implicit(f"set_{field.name}", f"Set {what}.", *writers, (self, value), None, **effect)
    match field.type:
        case SetOf(item):
            one = (self, Param("value", item))
            doc = f"Add to {what}, unless it is in already."
            yield Kind.ADD, _implicit(f"add_{field.name}", doc, *writers, one, None, **effect)
            doc = f"Remove from {what}, if it is in."
            yield Kind.REMOVE, _implicit(f"remove_{field.name}", doc, *writers, one, None, **effect)
        case MapOf(key_type, value_type):
            keyed = effect | {"key_roles": field.key_roles}
            key, entry = Param("key", key_type), Param("value", value_type)
            doc = f"Add a key to {what}, which must not have it."
            yield Kind.ADD_TO, _implicit(f"add_to_{field.name}", doc, *writers, (self, key, entry), None, **keyed)
            doc = f"Remove a key from {what}, if it has it."
            yield Kind.REMOVE_FROM, _implicit(f"remove_from_{field.name}", doc, *writers, (self, key), None, **keyed)


def _messages_of(cls: Class) -> Iterator[WireMessage]:
    def wire(kind: Kind, message: Message, field: Field | None = None) -> WireMessage:
        return WireMessage(f"{cls.name}.{message.name}", cls, message, kind, field)

    if cls.in_database:
        for kind, message in _object_messages(cls):
            yield wire(kind, message)
        for field in cls.fields:
            if not field.internal:
                for kind, message in _field_messages(cls, field):
                    yield wire(kind, message, field)
    if cls.has_get_all:
        for kind, message in _get_all_messages(cls):
            yield wire(kind, message)
    if cls.constructor:
        for kind, message in _constructor_messages(cls):
            yield wire(kind, message)
    for message in cls.messages:
        yield wire(Kind.CUSTOM, message)


MESSAGES: Mapping[str, WireMessage] = {
    message.name: message for cls in CLASSES.values() for message in _messages_of(cls)
}
"""Every message by its name on the wire (`VM.get_record`), removed ones included."""
