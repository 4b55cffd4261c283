"""Commands that are one call of the API, written as text: a line each.

    [vm] vm-pause        VM.pause *
    vlan-create          VLAN.create pif-uuid vlan network-uuid

The words after the message are its parameters in order: a required parameter of the command line; `name?` one that
may be left out, `name?=value` with a default; `name:` and `name:?` a map; `*` the selected object; `=value` what is
always the same; `%pool` and `%host` this pool and host. Messages that create a record name its fields:
`name_label<name-label`. A bracket before the command says what its selectors choose, `hidden` that it is not listed,
`local` that it needs no database. `-- text` is the help; without it, it is the message's own description.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from xapi.cli import values
from xapi.cli.invocation import Invocation
from xapi.cli.table import Command, Select, add
from xapi.datamodel import CLASSES
from xapi.datamodel.types import NULL, REQUIRED, MapOf, Ref, SetOf, Type
from xapi.datamodel.wire import MESSAGES, Kind, WireMessage

EMPTY: Mapping[Any, Any] = {bool: False, int: 0, float: 0.0}
POOL, HOST, SELECTED = "%pool", "%host", "*"


@dataclass(frozen=True, slots=True)
class Source:
    """Where one parameter of a message comes from."""

    name: str
    """The parameter on the command line; empty for what is given by itself."""
    type: Type
    required: bool = False
    is_map: bool = False
    default: str | None = None
    """As on the command line; None: the type's empty value."""


def enter(text: str) -> None:
    """Enter the commands of a text. ValueError, KeyError for a line that makes none."""
    for line in text.splitlines():
        if line.strip():
            _enter(line)


def _enter(line: str) -> None:
    head, _, own = line.partition(" -- ")
    words = head.split()
    marks = []
    while words[0].startswith("["):
        marks.append(words.pop(0)[1:-1])
    name, method, *tokens = words
    message = MESSAGES[method]
    sources = _of_record(message, tokens) if message.kind is Kind.CREATE else _of_message(message, tokens)
    required = tuple(f"{s.name}:" if s.is_map else s.name for s in sources.values() if s.name and s.required)
    optional = tuple(f"{s.name}:" if s.is_map else s.name for s in sources.values() if s.name and not s.required)
    select = next((kind for kind in Select if kind.value in marks), None)
    text = own.strip() or message.message.doc.split("\n")[0]
    perform = partial(_perform, message, sources)
    hidden, local = "hidden" in marks, "local" in marks
    add(Command(name, perform, text, required, optional, select, hidden=hidden, local=local))


def _of_message(message: WireMessage, tokens: list[str]) -> Mapping[str, Source]:
    params = message.message.params
    if len(tokens) > len(params):
        raise ValueError(f"{message.name} takes {len(params)} parameters, not {tokens}")
    return {param.name: _source(token, param.type) for param, token in zip(params, tokens, strict=False)}


def _of_record(message: WireMessage, tokens: list[str]) -> Mapping[str, Source]:
    types = {field.name: field.type for field in CLASSES[message.cls.name].fields}
    pairs = (token.partition("<") for token in tokens)
    return {field: _source(token, types[field]) for field, _, token in pairs}


def _source(token: str, type_: Type) -> Source:
    if token.startswith("=") or token in (POOL, HOST, SELECTED):
        return Source("", type_, default=token.removeprefix("="))
    name, optional, default = token.partition("?")
    given = default.removeprefix("=") if default else None
    return Source(name.rstrip(":"), type_, required=not optional, is_map=name.endswith(":"), default=given)


async def _perform(message: WireMessage, sources: Mapping[str, Source], call: Invocation) -> None:
    given = {name: value_of(source, call) for name, source in sources.items()}
    params = [record(message.cls.name, **given)] if message.kind is Kind.CREATE else list(given.values())
    ask = call.api.run if message.message.is_async and message.message.session else call.api.call
    call.answer(await ask(message.name, *params))


def record(cls: str, **given: Any) -> dict[str, Any]:
    """What `<cls>.create` takes: the fields given, the others that must be there empty."""
    allowed = CLASSES[cls].constructor_fields
    columns = [field for field in CLASSES[cls].fields if field.name in allowed and field.default is REQUIRED]
    return {field.name: _empty(field.type) for field in columns} | given


def value_of(source: Source, call: Invocation) -> Any:
    """One parameter as the protocols deliver it. Raises `CommandError`, `Missing`, UUID_INVALID."""
    if source.is_map:
        return call.map(source.name)
    if source.name and source.required:
        text: str | None = call.need(source.name)
    else:
        text = call.words.params.get(source.name, source.default)
    if text is None:
        return _empty(source.type)
    special = SPECIAL.get(text)
    return special(call) if special is not None else values.read(call.db, source.type, source.name, text)


SPECIAL: Mapping[str, Callable[[Invocation], str]] = {
    POOL: lambda call: str(call.pool.ref),
    HOST: lambda call: str(call.api.ctx.host),
    SELECTED: lambda call: str(call.selected[0].ref),
}


def _empty(type_: Type) -> Any:
    match type_:
        case Ref():
            return NULL
        case SetOf():
            return []
        case MapOf():
            return {}
    return EMPTY.get(type_, "")
