"""XML-RPC: a request's bytes to a `Call`, an `Answer` to bytes. Pure functions; hostile input raises `Malformed`.

The parser is expat with every declaration refused, so there are no entities to expand; nesting is bounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.parsers import expat

from common.errors import WireError
from xapi.db.render import escape, xml_pieces
from xapi.dispatch.call import Answer, Call

CONTENT_TYPE = "text/xml"
DEPTH = 64
"""Of nested values."""

_SCALARS = frozenset({"string", "int", "i4", "i8", "double", "boolean", "dateTime.iso8601", "base64", "nil"})
_PARENTS: Mapping[str, frozenset[str]] = {
    "methodCall": frozenset({""}),
    "methodName": frozenset({"methodCall"}),
    "params": frozenset({"methodCall"}),
    "param": frozenset({"params"}),
    "value": frozenset({"param", "member", "data"}),
    "struct": frozenset({"value"}),
    "member": frozenset({"struct"}),
    "name": frozenset({"member"}),
    "array": frozenset({"value"}),
    "data": frozenset({"array"}),
    **{scalar: frozenset({"value"}) for scalar in _SCALARS},
}
_TEXT = _SCALARS | {"methodName", "name", "value"}
_MISSING: Any = object()


class Malformed(Exception):
    """The body is not a request; the text says why."""


def parse(body: bytes) -> Call:
    """The call in `body`. Raises `Malformed`."""
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise Malformed(f"line {error.lineno}, column {error.offset}: {expat.ErrorString(error.code)}") from None
    if reader.method is None:
        raise Malformed("there is no methodName")
    return Call(reader.method, reader.params)


def answer(result: Answer) -> list[bytes]:
    """The response's body, in pieces where it is long."""
    if result.error is not None:
        return [_failure(result.error)]
    pieces = xml_pieces(result.type, result.value)
    before, after = (_BARE, _BARE_END) if result.bare else (_SUCCESS, _END)
    return [before, *pieces, after]


_BARE = b'<?xml version="1.0"?><methodResponse><params><param><value>'
_BARE_END = b"</value></param></params></methodResponse>"
_SUCCESS = _BARE + (
    b"<struct><member><name>Status</name><value>Success</value></member><member><name>Value</name><value>"
)
_END = b"</value></member></struct>" + _BARE_END
_FAILURE = _BARE + (
    b"<struct><member><name>Status</name><value>Failure</value></member>"
    b"<member><name>ErrorDescription</name><value><array><data><value>"
)
_FAILURE_END = b"</value></data></array>" + _END


def _failure(error: WireError) -> bytes:
    words = "</value><value>".join(map(escape, (error.wire_code, *error.params)))
    return _FAILURE + words.encode() + _FAILURE_END


def _refuse(*_: Any) -> None:
    raise Malformed("a document type is not accepted")


class _Reader:
    """Takes expat's events, builds the call."""

    def __init__(self) -> None:
        self.method: str | None = None
        self.params: list[Any] = []
        self._open: list[str] = [""]
        self._holders: list[list[Any] | dict[str, Any]] = []
        self._names: list[str] = []
        self._buffer = ""
        self._value: Any = _MISSING

    def start(self, tag: str, _attributes: Any) -> None:
        allowed = _PARENTS.get(tag)
        if allowed is None or self._open[-1] not in allowed:
            raise Malformed(f"<{tag[:40]}> in <{self._open[-1]}>" if self._open[-1] else f"<{tag[:40]}> at the root")
        if self._value is not _MISSING and self._open[-1] == "value":
            raise Malformed("a value has two types")
        self._open.append(tag)
        self._buffer = ""
        if tag == "value":
            self._value = _MISSING
        elif tag == "struct":
            self._nest({})
        elif tag == "array":
            self._nest([])

    def text(self, data: str) -> None:
        if self._open[-1] in _TEXT:
            self._buffer += data
        elif not data.isspace():
            raise Malformed(f"text in <{self._open[-1]}>")

    def end(self, tag: str) -> None:
        self._open.pop()
        if tag == "value":
            self._put(self._buffer if self._value is _MISSING else self._value)
            self._value, self._buffer = _MISSING, ""
        elif tag in _SCALARS:
            self._value = _scalar(tag, self._buffer)
            self._buffer = ""
        elif tag in {"struct", "array"}:
            self._value = self._holders.pop()
        elif tag == "name":
            self._names.append(self._buffer)
        elif tag == "member":
            self._names.pop()
        elif tag == "methodName":
            self.method = self._buffer.strip()

    def _nest(self, holder: list[Any] | dict[str, Any]) -> None:
        if len(self._holders) >= DEPTH:
            raise Malformed(f"values nest deeper than {DEPTH}")
        self._holders.append(holder)

    def _put(self, value: Any) -> None:
        if not self._holders:
            self.params.append(value)
            return
        holder = self._holders[-1]
        if isinstance(holder, list):
            holder.append(value)
        elif self._names:
            holder[self._names[-1]] = value
        else:
            raise Malformed("a member has no name")


def _scalar(tag: str, text: str) -> Any:
    if tag in {"string", "base64", "dateTime.iso8601"}:
        return text
    if tag == "nil":
        return None
    text = text.strip()
    try:
        if tag == "boolean":
            return {"1": True, "0": False, "true": True, "false": False}[text]
        return float(text) if tag == "double" else _integer(text)
    except (ValueError, KeyError):
        raise Malformed(f"<{tag}> holds {text[:40]!r}") from None


def _integer(text: str) -> int:
    if len(text) > 20:
        raise ValueError(text)
    return int(text)
