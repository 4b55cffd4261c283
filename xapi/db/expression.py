"""The conditions of `get_all_records_where`: `field "name__label" = "x" and not (field "is_a_template" = "true")`.

Fields go by their names in the original's database, values are compared as the strings it keeps.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from common.errors import RemoteError
from xapi.datamodel.errors import InvalidValue
from xapi.datamodel.types import NULL, Field, Ref
from xapi.db.render import date
from xapi.db.row import Row
from xapi.db.table import R, Table

_TOKEN = re.compile(r'\s*(?:(?P<word>true|false|and|or|not|field)(?!\w)|(?P<sign>[()=])|"(?P<text>(?:[^"\\]|\\.)*)")')
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
LEXING = 'Failure("lexing: empty token")'
PARSING = "Stdlib.Parsing.Parse_error"
DEEPEST = 200
"""Nested parentheses and negations."""


@dataclass(frozen=True, slots=True)
class Literal:
    text: str


@dataclass(frozen=True, slots=True)
class Named:
    """The value of a field."""

    db_name: str


@dataclass(frozen=True, slots=True)
class Equal:
    left: Literal | Named
    right: Literal | Named


@dataclass(frozen=True, slots=True)
class Not:
    inner: Expression


@dataclass(frozen=True, slots=True)
class Both:
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Either:
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Constant:
    value: bool


Expression = Equal | Not | Both | Either | Constant


# Reading --------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=512)
def parse(text: str) -> Expression:
    """The condition in `text`; InvalidValue [text, reason]."""
    return _Parser(text).whole()


class _Parser:
    """By descent; `or` binds least, then `and`, then `not`."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(self._lex())
        self._at = 0
        self._depth = 0

    def _lex(self) -> Iterator[tuple[str, str]]:
        at, end = 0, len(self._text.rstrip())
        while at < end:
            match = _TOKEN.match(self._text, at)
            if match is None:
                raise InvalidValue(self._text, LEXING)
            kind = match.lastgroup or ""
            yield kind, match[kind]
            at = match.end()
        yield "end", ""

    def whole(self) -> Expression:
        expression = self._either()
        if self._peek()[0] != "end":
            raise self._wrong()
        return expression

    def _either(self) -> Expression:
        left = self._both()
        while self._take("or"):
            left = Either(left, self._both())
        return left

    def _both(self) -> Expression:
        left = self._single()
        while self._take("and"):
            left = Both(left, self._single())
        return left

    def _single(self) -> Expression:
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._wrong()
        try:
            return self._negation_or_group()
        finally:
            self._depth -= 1

    def _negation_or_group(self) -> Expression:
        if self._take("not"):
            return Not(self._single())
        if self._take("("):
            inner = self._either()
            self._expect(")")
            return inner
        if self._take("true"):
            return Constant(True)
        if self._take("false"):
            return Constant(False)
        left = self._operand()
        self._expect("=")
        return Equal(left, self._operand())

    def _operand(self) -> Literal | Named:
        if self._take("field"):
            return Named(self._string())
        return Literal(self._string())

    def _string(self) -> str:
        kind, text = self._peek()
        if kind != "text":
            raise self._wrong()
        self._at += 1
        return _ESCAPED.sub(r"\1", text)

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at]

    def _take(self, token: str) -> bool:
        kind, text = self._peek()
        if kind in {"word", "sign"} and text == token:
            self._at += 1
            return True
        return False

    def _expect(self, token: str) -> None:
        if not self._take(token):
            raise self._wrong()

    def _wrong(self) -> InvalidValue:
        return InvalidValue(self._text, PARSING)


# Finding --------------------------------------------------------------------------------------------------------------


def select(table: Table[R], text: str) -> list[R]:
    """The rows for which the condition holds.

    InvalidValue for a bad condition; `INTERNAL_ERROR ["missing field", name, ""]` when a row is asked for a field that
    its class has not.
    """
    expression = parse(text)
    if expression == Constant(True):
        return table.rows()
    narrowed = _indexed(table, expression)
    candidates: Iterable[R] = table.rows() if narrowed is None else narrowed
    return [row for row in candidates if holds(expression, row)]


def _indexed(table: Table[R], expression: Expression) -> list[R] | None:
    """Rows among which all matches are, found by index; None when only looking at all of them will do."""
    match expression:
        case Both(left, right):
            found = _indexed(table, left)
            return found if found is not None else _indexed(table, right)
        case Either(left, right):
            first, second = _indexed(table, left), _indexed(table, right)
            if first is None or second is None:
                return None
            return list({row.ref: row for row in (*first, *second)}.values())
        case Equal(Named(name), Literal(value)) | Equal(Literal(value), Named(name)):
            return _by_value(table, name, value)
    return None


def _by_value(table: Table[R], db_name: str, value: str) -> list[R] | None:
    if db_name == "_ref":
        row = table.get(value)
        return [] if row is None else [row]
    field = table.shape.by_db_name.get(db_name)
    if field is None:
        return None
    if field.name in {"uuid", "name_label"} or (isinstance(field.type, Ref) and value != NULL):
        return table.where(**{field.name: value}) if _is_found_by(table, field) else None
    return None


def _is_found_by(table: Table[Any], field: Field) -> bool:
    return field.name == "uuid" or table.shape.columns[field.name].index


def holds(expression: Expression, row: Row) -> bool:
    """Whether the condition holds for a row; INTERNAL_ERROR for a missing field."""
    match expression:
        case Equal(left, right):
            return _text(left, row) == _text(right, row)
        case Not(inner):
            return not holds(inner, row)
        case Both(left, right):
            return holds(left, row) and holds(right, row)
        case Either(left, right):
            return holds(left, row) or holds(right, row)
        case Constant(value):
            return value


def _text(operand: Literal | Named, row: Row) -> str:
    if isinstance(operand, Literal):
        return operand.text
    if operand.db_name == "_ref":
        return row.ref
    field = row.shape.by_db_name.get(operand.db_name)
    if field is None:
        raise RemoteError("INTERNAL_ERROR", ["missing field", operand.db_name, ""])
    return stored(getattr(row, field.name))


# The original's stored form -------------------------------------------------------------------------------------------


def stored(value: Any) -> str:
    """A value as the original's database keeps it: sets are `('a' 'b')`, maps `(('k' 'v'))`."""
    for kind, form in _FORMS:
        if isinstance(value, kind):
            return form(value)
    return str(value)


def _quoted(value: Any) -> str:
    return "'" + stored(value).replace("\\", "\\\\").replace("'", "\\'") + "'"


def _set(values: tuple[Any, ...]) -> str:
    return f"({' '.join(map(_quoted, values))})"


def _map(values: Mapping[Any, Any]) -> str:
    return f"({' '.join(f'({_quoted(key)} {_quoted(value)})' for key, value in values.items())})"


_FORMS: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (str, str),
    (bool, lambda value: "true" if value else "false"),
    (float, lambda value: f"{value:.16g}"),
    (datetime, lambda value: f"{value:%Y%m%dT%H:%M:%SZ}" if value.year > 999 else date(value)),
    (tuple, _set),
    (dict, _map),
)
