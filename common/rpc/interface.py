"""`Interface`: abstract calls that a server implements and for which a client gets a proxy."""

from __future__ import annotations

import inspect
from abc import ABC
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, TypeVar, get_type_hints

import msgspec

from common.rpc import codec

Send = Callable[[str, dict[str, Any]], Awaitable[Any]]
"""Sends one call (wire name, JSON-ready parameters) and returns its JSON-ready result."""

T = TypeVar("T", bound="Interface")


@dataclass(frozen=True, slots=True)
class Call:
    """One call of an interface: `name` on the wire, its parameters as one checked record, its result's type."""

    name: str
    attribute: str
    params: type[msgspec.Struct]
    names: tuple[str, ...]
    result: Any


class Interface(ABC):  # noqa: B024 - the calls are its subclasses'
    """Base of all interfaces. `prefix` goes before each call's name on the wire: `VM.start`."""

    prefix: ClassVar[str] = ""

    def __init_subclass__(cls, prefix: str | None = None, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if prefix is not None:
            cls.prefix = prefix


@cache
def calls(interface: type[Interface]) -> Mapping[str, Call]:
    """The abstract calls of `interface` (or of the interface it implements) by wire name."""
    found: dict[str, Call] = {}
    for base in reversed(interface.__mro__):
        for attribute, function in vars(base).items():
            if getattr(function, "__isabstractmethod__", False):
                name = f"{interface.prefix}.{attribute}"
                found[name] = _call(name, attribute, function)
    return found


def _call(name: str, attribute: str, function: Callable[..., Any]) -> Call:
    hints = get_type_hints(function)
    fields: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    names = []
    for parameter in list(inspect.signature(function).parameters.values())[1:]:
        names.append(parameter.name)
        if parameter.default is inspect.Parameter.empty:
            fields.append((parameter.name, hints[parameter.name]))
        else:
            fields.append((parameter.name, hints[parameter.name], parameter.default))
    params = msgspec.defstruct(name.replace(".", "_"), fields, forbid_unknown_fields=True, kw_only=True)
    return Call(name, attribute, params, tuple(names), hints.get("return", type(None)))


def proxy(interface: type[T], send: Send) -> T:
    """An object typed as `interface` whose calls go through `send`."""
    namespace: dict[str, Any] = {call.attribute: _forwarder(call, send) for call in calls(interface).values()}
    cls = type(f"{interface.__name__}Proxy", (interface,), namespace)
    made: T = cls()
    return made


def _forwarder(call: Call, send: Send) -> Callable[..., Awaitable[Any]]:
    async def forward(_self: Interface, *args: Any, **kwargs: Any) -> Any:
        given = dict(zip(call.names, args, strict=False))
        given.update(kwargs)
        result = await send(call.name, {name: codec.encode(value) for name, value in given.items()})
        return codec.decode(result, call.result)

    return forward
