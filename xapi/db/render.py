"""Values and rows in their wire forms: XML-RPC and JSON as the original writes them.

XML here is what stands between `<value>` and `</value>`: 64-bit integers and enums are bare text, an empty set is
`<array><data></data></array>`. JSON has real numbers; dates are strings in both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

import msgspec

from xapi.datamodel.types import MapOf, OptionOf, RecordOf, Ref, SetOf, Type
from xapi.db.row import Row, set_json, set_xml

Encoder = Callable[[Any], str]
Plain = Callable[[Any], Any]
Made = bytes | list[bytes]
T = TypeVar("T")

_TO_ESCAPE = re.compile('[\x00-\x08\x0b-\x1f"&<>\ufffe\uffff\ud800-\udfff]').search
_ESCAPES: dict[int, str | None] = {
    ord("&"): "&amp;",
    ord("<"): "&lt;",
    ord(">"): "&gt;",
    ord('"'): "&quot;",
    ord("\r"): "&#13;",
    # What XML cannot carry is left out: one such label must not make every listing unreadable.
    **{code: None for code in (*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000))},
}

EMPTY_STRUCT = "<struct></struct>"
EMPTY_ARRAY = "<array><data></data></array>"


class Rendered:
    """A result whose two wire forms are ready or cheap to make; the protocols write it out as it is.

    Each form is made once, when first asked for, so one `Rendered` may answer many callers. A form may be made in
    pieces: `xml_pieces` and `json_pieces` spare joining what is as long as a pool is large.
    """

    __slots__ = ("_json", "_make_json", "_make_xml", "_xml")

    def __init__(self, make_xml: Callable[[], Made], make_json: Callable[[], Made]) -> None:
        self._make_xml = make_xml
        self._make_json = make_json
        self._xml: Made | None = None
        self._json: Made | None = None

    def xml(self) -> bytes:
        """What goes inside `<value>…</value>`."""
        if self._xml is None:
            self._xml = self._make_xml()
        if isinstance(self._xml, list):
            return b"".join(self._xml)
        return self._xml

    def json(self) -> bytes:
        """One JSON value."""
        if self._json is None:
            self._json = self._make_json()
        if isinstance(self._json, list):
            return b"".join(self._json)
        return self._json

    def xml_pieces(self) -> list[bytes]:
        """`xml()` in many small pieces; `chunks` makes them fit to be sent."""
        if self._xml is None:
            self._xml = self._make_xml()
        return self._xml if isinstance(self._xml, list) else [self._xml]

    def json_pieces(self) -> list[bytes]:
        """`json()` in many small pieces."""
        if self._json is None:
            self._json = self._make_json()
        return self._json if isinstance(self._json, list) else [self._json]


def chunks(pieces: Iterable[bytes], size: int = 262_144) -> Iterator[bytes]:
    """The pieces joined to chunks of about `size` bytes, for sending with `drain` between them."""
    held: list[bytes] = []
    length = 0
    for piece in pieces:
        held.append(piece)
        length += len(piece)
        if length >= size:
            yield b"".join(held)
            held, length = [], 0
    if held:
        yield b"".join(held)


def escape(text: str) -> str:
    """Text as XML character data."""
    return text.translate(_ESCAPES) if _TO_ESCAPE(text) else text


def date(value: datetime) -> str:
    """`20261122T07:25:48Z`; the value is in UTC."""
    return f"{value.year:04}{value.month:02}{value.day:02}T{value.hour:02}:{value.minute:02}:{value.second:02}Z"


def _once(make: Callable[[Type], T]) -> Callable[[Type], T]:
    """`make`, once for each type."""
    made: dict[Any, T] = {}

    def find(type_: Type) -> T:
        found = made.get(type_)
        if found is None:
            found = made[type_] = make(type_)
        return found

    return find


# XML ------------------------------------------------------------------------------------------------------------------


def _xml_bool(value: bool) -> str:
    return "<boolean>1</boolean>" if value else "<boolean>0</boolean>"


def _xml_float(value: float) -> str:
    return f"<double>{value:.16g}</double>"


def _xml_date(value: datetime) -> str:
    return f"<dateTime.iso8601>{date(value)}</dateTime.iso8601>"


def _xml_set(item: Encoder) -> Encoder:
    def encode(values: Iterable[Any]) -> str:
        if not values:
            return EMPTY_ARRAY
        return "<array><data><value>" + "</value><value>".join(map(item, values)) + "</value></data></array>"

    return encode


def _xml_map(key: Plain, item: Encoder) -> Encoder:
    def encode(values: Mapping[Any, Any]) -> str:
        if not values:
            return EMPTY_STRUCT
        members = [
            f"<member><name>{escape(key(name))}</name><value>{item(value)}</value></member>"
            for name, value in values.items()
        ]
        return f"<struct>{''.join(members)}</struct>"

    return encode


def _xml_record(value: Row | Mapping[str, Any]) -> str:
    if isinstance(value, Row):
        return xml(value).decode()
    return _xml_any(value)


def _xml_option(item: Encoder) -> Encoder:
    return lambda value: "" if value is None else item(value)


def _xml_any(value: Any) -> str:
    """A value whose type the datamodel does not give: by what it is."""
    if isinstance(value, str):
        return escape(value)
    return xml_encoder(_guess(value))(value) if value is not None else ""


def _guess(value: Any) -> Type:
    if isinstance(value, Mapping):
        return MapOf(str, object)
    if isinstance(value, (tuple, list, set, frozenset)):
        return SetOf(object)
    if isinstance(value, Row):
        return RecordOf(value.shape.name)
    return datetime if isinstance(value, datetime) else type(value)


_XML_SCALARS: Mapping[Any, Encoder] = {
    str: escape,
    int: str,
    bool: _xml_bool,
    float: _xml_float,
    datetime: _xml_date,
    object: _xml_any,
    type(None): lambda _: "",
}


@_once
def xml_encoder(type_: Type) -> Encoder:
    """What writes values of `type_` as XML-RPC text; TypeError for a type that is not of the datamodel."""
    if isinstance(type_, SetOf):
        return _xml_set(xml_encoder(type_.item))
    if isinstance(type_, MapOf):
        return _xml_map(plain_key(type_.key), xml_encoder(type_.value))
    if isinstance(type_, OptionOf):
        return _xml_option(xml_encoder(type_.item))
    if isinstance(type_, RecordOf):
        return _xml_record
    if type_ in _XML_SCALARS:
        return _XML_SCALARS[type_]
    if isinstance(type_, Ref) or issubclass(type_, StrEnum):
        return escape
    raise TypeError(f"no XML-RPC form for {type_!r}")


def plain_key(type_: Type) -> Plain:
    """Keys of maps are strings on the wire."""
    if type_ is datetime:
        return date
    return str if type_ in {int, float, bool} else lambda value: value


# JSON -----------------------------------------------------------------------------------------------------------------


def _same(value: Any) -> Any:
    return value


def _plain_any(value: Any) -> Any:
    return plain_encoder(_guess(value))(value) if value is not None else ""


def _plain_record(value: Row | Mapping[str, Any]) -> Any:
    return msgspec.Raw(json(value)) if isinstance(value, Row) else _plain_any(value)


@_once
def plain_encoder(type_: Type) -> Plain:
    """What turns values of `type_` into what a JSON encoder writes as the original does."""
    if isinstance(type_, SetOf):
        item = plain_encoder(type_.item)
        return _same if item is _same else lambda values: [item(value) for value in values]
    if isinstance(type_, MapOf):
        key, value_of = plain_key(type_.key), plain_encoder(type_.value)
        if type_.key is str and value_of is _same:
            return _same
        return lambda values: {key(name): value_of(value) for name, value in values.items()}
    if isinstance(type_, OptionOf):
        inner = plain_encoder(type_.item)
        return lambda value: None if value is None else inner(value)
    if isinstance(type_, RecordOf):
        return _plain_record
    if type_ is datetime:
        return date
    if type_ is float:
        return float
    if type_ is object:
        return _plain_any
    return (lambda _: "") if type_ is type(None) else _same


# Results --------------------------------------------------------------------------------------------------------------


def xml_value(type_: Type | None, value: Any) -> bytes:
    """A result of `type_` (None: no result, an empty string) as it goes inside `<value>`."""
    if isinstance(value, Rendered):
        return value.xml()
    return b"" if type_ is None else xml_encoder(type_)(value).encode()


def json_value(type_: Type | None, value: Any) -> bytes:
    """A result of `type_` (None: no result, an empty string) as JSON."""
    if isinstance(value, Rendered):
        return value.json()
    return b'""' if type_ is None else msgspec.json.encode(plain_encoder(type_)(value))


def xml_pieces(type_: Type | None, value: Any) -> list[bytes]:
    """`xml_value`, not joined where it is long."""
    return value.xml_pieces() if isinstance(value, Rendered) else [xml_value(type_, value)]


def json_pieces(type_: Type | None, value: Any) -> list[bytes]:
    """`json_value`, not joined where it is long."""
    return value.json_pieces() if isinstance(value, Rendered) else [json_value(type_, value)]


# Rows -----------------------------------------------------------------------------------------------------------------


KEEP = 100_000_000
"""Bytes of wire forms that the rows of this process may hold: the API of 5,000 VMs is to fit in 300 MB."""


class _Kept:
    """How much the rows hold."""

    size = 0


def xml(row: Row) -> bytes:
    """The record as a `<struct>`; kept until the row changes, while there is room."""
    ready = row._xml
    if ready is None:
        ready = row.shape.render_xml(row)
        if _Kept.size < KEEP:
            _Kept.size += len(ready)
            set_xml(row, ready)
    return ready


def json(row: Row) -> bytes:
    """The record as a JSON object; kept until the row changes, while there is room."""
    ready = row._json
    if ready is None:
        ready = row.shape.render_json(row)
        if _Kept.size < KEEP:
            _Kept.size += len(ready)
            set_json(row, ready)
    return ready


def forget(row: Row) -> None:
    """The row changed or went: its wire forms are of no use any more."""
    if row._xml is not None:
        _Kept.size -= len(row._xml)
        set_xml(row, None)
    if row._json is not None:
        _Kept.size -= len(row._json)
        set_json(row, None)


def record(row: Row) -> Rendered:
    """One record as a result."""
    return Rendered(lambda: xml(row), lambda: json(row))


def records(rows: Iterable[Row]) -> Rendered:
    """Records by reference as a result: what `get_all_records` answers."""
    held = list(rows)
    return Rendered(lambda: _xml_records(held), lambda: _json_records(held))


def _xml_records(rows: list[Row]) -> list[bytes]:
    pieces = [b"<struct>"]
    for row in rows:
        pieces += (b"<member><name>", row.ref.encode(), b"</name><value>", xml(row), b"</value></member>")
    pieces.append(b"</struct>")
    return pieces


def _json_records(rows: list[Row]) -> list[bytes]:
    pieces: list[bytes] = []
    for row in rows:
        pieces += (b',"' if pieces else b'{"', row.ref.encode(), b'":', json(row))
    pieces.append(b"}" if pieces else b"{}")
    return pieces


def references(refs: Iterable[str]) -> Rendered:
    """References as a result: what `get_all` answers."""
    held = tuple(refs)
    return Rendered(lambda: xml_value(SetOf(str), held), lambda: msgspec.json.encode(held))
