"""Parameters of a message: how many, and from what a protocol delivers to typed values; with the original's errors."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from xapi.datamodel import CLASSES
from xapi.datamodel.errors import InternalError, MessageParameterCountMismatch
from xapi.datamodel.types import REQUIRED, Class, MapOf, OptionOf, Param, RecordOf, Ref, SetOf, Type
from xapi.datamodel.wire import Kind, WireMessage

Decoder = Callable[[Any], Any]

_INTEGER = re.compile(r"[+-]?\d{1,19}", re.ASCII)
_DATE = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)T(\d\d):?(\d\d):?(\d\d)(?:\.\d+)?Z?", re.ASCII)
_SHOWN = 200  # characters of a wrong value that an error repeats


class Arguments:
    """The checked parameters of one message, the session left out."""

    __slots__ = ("_decoders", "_defaults", "_key", "_method", "_offset", "names", "required", "total")

    def __init__(self, message: WireMessage) -> None:
        params = message.message.params
        self._method = message.name
        self._offset = 1 if message.message.session else 0
        self.required = sum(1 for param in params if param.default is REQUIRED)
        self.total = len(params)
        self.names = ("record",) if message.kind is Kind.CREATE else tuple(param.name for param in params)
        self._key = self.names.index("key") if "key" in self.names else -1
        self._decoders = tuple(_decoder_of(message, param) for param in params)
        self._defaults = tuple(param.default for param in params)

    def check_count(self, params: list[Any]) -> None:
        """Raise MESSAGE_PARAMETER_COUNT_MISMATCH unless `params`, the session included, are as many as they may be."""
        given = len(params) - self._offset
        if not self.required <= given <= self.total:
            raise MessageParameterCountMismatch(self._method, self.required, given)

    def decode(self, params: list[Any]) -> list[Any]:
        """The typed values of `params` (counted, the session first), defaults filled in."""
        values = [decode(value) for decode, value in zip(self._decoders, params[self._offset :], strict=False)]
        values += self._defaults[len(values) :]
        return values

    def session(self, params: list[Any]) -> str:
        """The session among `params`."""
        return _string(params[0])

    def key(self, values: list[Any]) -> str:
        """The value of the parameter `key`."""
        return str(values[self._key]) if self._key >= 0 else ""

    def index(self, name: str) -> int:
        """Where the parameter `name` is among the values."""
        return self.names.index(name)

    def by_name(self, given: Mapping[str, Any]) -> list[Any]:
        """The values, in order, of typed parameters given by name; TypeError for a wrong or missing one."""
        if unknown := given.keys() - set(self.names):
            raise TypeError(f"{self._method} has no parameter {', '.join(sorted(unknown))}")
        values = [given.get(name, default) for name, default in zip(self.names, self._defaults, strict=True)]
        if missing := [name for name, value in zip(self.names, values, strict=True) if value is REQUIRED]:
            raise TypeError(f"{self._method} needs {', '.join(missing)}")
        return values


def _decoder_of(message: WireMessage, param: Param) -> Decoder:
    if message.kind is Kind.CREATE and isinstance(param.type, RecordOf):
        return constructor(CLASSES[param.type.cls])
    return decoder(param.type)


def decoder(type_: Type) -> Decoder:
    """What turns a protocol's value into one of `type_`; it raises INTERNAL_ERROR as the original does."""
    if isinstance(type_, Ref):
        return _string
    if isinstance(type_, SetOf):
        return _set(decoder(type_.item))
    if isinstance(type_, MapOf):
        return _map(decoder(type_.key), decoder(type_.value))
    if isinstance(type_, OptionOf):
        return _option(decoder(type_.item))
    if isinstance(type_, RecordOf):
        return _record(CLASSES[type_.cls])
    if issubclass(type_, StrEnum):
        return _enum(type_)
    return _SCALARS[type_]


def constructor(cls: Class) -> Decoder:
    """For the struct given to `create`: other fields are ignored, those with a default may be left out."""
    allowed = frozenset(cls.constructor_fields)
    fields = [(field.name, decoder(field.type), field.default) for field in cls.fields if field.name in allowed]

    def decode(value: Any) -> dict[str, Any]:
        given = _struct(value)
        record = {}
        for name, field, default in fields:
            if name in given:
                record[name] = field(given[name])
            elif default is REQUIRED:
                raise BadArgument(f'Server_helpers.Dispatcher_FieldNotFound("{name}")')
            else:
                record[name] = default
        return record

    return decode


def _record(cls: Class) -> Decoder:
    fields = {field.name: decoder(field.type) for field in cls.fields}

    def decode(value: Any) -> dict[str, Any]:
        return {name: fields[name](item) for name, item in _struct(value).items() if name in fields}

    return decode


class BadArgument(InternalError):
    """A parameter of the wrong type: the original answers INTERNAL_ERROR, though it is the caller's mistake."""

    is_bug = False

    message: Any


def _failure(text: str) -> BadArgument:
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return BadArgument(f'Failure("{quoted}")')


def _expected(what: str, value: Any) -> BadArgument:
    return _failure(f"Expected {what}, got '{shown(value)[:_SHOWN]}'")


def shown(value: Any) -> str:
    """A value as error texts name it: kind and content."""
    if isinstance(value, bool):
        return f"B({'true' if value else 'false'})"
    if isinstance(value, int):
        return f"I({value})"
    if isinstance(value, float):
        return f"F({value:g})"
    if isinstance(value, str):
        return f"S({value})"
    if isinstance(value, Mapping):
        return "{" + ";".join(f"{key}:{shown(item)}" for key, item in list(value.items())[:8]) + "}"
    if isinstance(value, list):
        return "[" + ";".join(map(shown, value[:8])) + "]"
    return "N"


def _string(value: Any) -> str:
    if type(value) is str:
        return value
    raise _expected("string", value)


def _int(value: Any) -> int:
    if type(value) is int:
        number = value
    elif type(value) is str:
        text = value.strip()
        if not _INTEGER.fullmatch(text):
            raise _failure("Int64.of_string")
        number = int(text)
    else:
        raise _expected("int64", value)
    if not -(2**63) <= number < 2**63:
        raise _failure("Int64.of_string")
    return number


def _float(value: Any) -> float:
    if type(value) is float:
        return value
    if type(value) in (int, str):
        try:
            return float(value)
        except (ValueError, OverflowError):
            raise _failure("float_of_string") from None
    raise _expected("float", value)


def _bool(value: Any) -> bool:
    if type(value) is bool:
        return value
    raise _expected("bool", value)


def _datetime(value: Any) -> datetime:
    match = _DATE.fullmatch(_string(value))
    if match is None:
        raise _failure("date_of_iso8601")
    try:
        return datetime(*map(int, match.groups()), tzinfo=UTC)  # type: ignore[misc,arg-type]
    except ValueError:
        raise _failure("date_of_iso8601") from None


def _enum(cls: type[StrEnum]) -> Decoder:
    members = {str(member).lower(): member for member in cls} | {str(member): member for member in cls}

    def decode(value: Any) -> StrEnum:
        text = _string(value)
        member = members.get(text) or members.get(text.lower())
        if member is None:
            raise _failure("Unknown tag/contents")
        return member

    return decode


def _set(item: Decoder) -> Decoder:
    def decode(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise _expected("list", value)
        return tuple(map(item, value))

    return decode


def _map(key: Decoder, item: Decoder) -> Decoder:
    def decode(value: Any) -> dict[Any, Any]:
        return {key(name): item(each) for name, each in _struct(value).items()}

    return decode


def _option(item: Decoder) -> Decoder:
    def decode(value: Any) -> Any:
        if value is None or value == []:
            return None
        if isinstance(value, list) and len(value) == 1:
            return item(value[0])
        return item(value)

    return decode


def _struct(value: Any) -> Mapping[str, Any]:
    if isinstance(value, dict):
        return value
    raise _expected("dict", value)


_SCALARS: Mapping[Any, Decoder] = {
    str: _string,
    int: _int,
    float: _float,
    bool: _bool,
    datetime: _datetime,
    object: lambda value: value,
}
