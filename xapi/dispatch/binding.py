"""Messages bound to what carries them out; a function that disagrees with the datamodel stops the start-up."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import keyword
from collections.abc import Awaitable, Callable, Mapping
from types import ModuleType
from typing import Any

from xapi.control import audit, operations
from xapi.control.operations import Guard
from xapi.datamodel import CLASSES
from xapi.datamodel.types import Class, Type
from xapi.datamodel.wire import MESSAGES, Kind, WireMessage
from xapi.db import generic
from xapi.db.database import Database
from xapi.dispatch.arguments import Arguments

Function = Callable[..., Awaitable[Any]]
"""`async (ctx, *values)`."""


class BindingError(Exception):
    """Functions in `xapi/api` that don't fit the datamodel; the text lists them."""


class Bound:
    """One message, ready to be carried out."""

    __slots__ = (
        "arguments",
        "function",
        "guard",
        "keys",
        "message",
        "name",
        "noted",
        "permission",
        "plain",
        "reads",
        "removed",
        "result",
        "session",
        "with_task",
        "writes",
    )

    def __init__(self, message: WireMessage, function: Function | None) -> None:
        self.message = message
        self.name = message.name
        self.arguments = Arguments(message)
        self.permission = message.name.lower()
        self.keys = tuple(key for key, _ in message.message.key_roles)
        self.session = message.message.session
        self.result: Type | None = message.message.result
        self.function = function
        self.plain = function is None and message.implicit and generic.can(message)
        """A mere read or write of the database."""
        self.guard: Guard | None = operations.GUARDED.get(message.name)
        self.with_task = message.is_async and message.makes_task
        self.removed = message.removed
        self.reads = self.plain and message.kind in READS and not self.removed
        """Answered at once, without a task, an operation or a wait for the disk."""
        self.writes = self.plain and not (self.reads or self.removed or self.guard or self.with_task)
        """Done at once, without a task or an operation; only the disk is waited for."""
        self.noted = audit.noted(message.name)
        """It stands in the audit log."""

    def execute(self, db: Database, values: list[Any]) -> Any:
        """Perform a plain message."""
        return generic.execute(db, self.message, values)


READS = frozenset(
    {
        Kind.GET_RECORD,
        Kind.GET_ALL,
        Kind.GET_ALL_WHERE,
        Kind.GET_ALL_RECORDS,
        Kind.GET_ALL_RECORDS_WHERE,
        Kind.GET_BY_UUID,
        Kind.GET_BY_NAME_LABEL,
        Kind.GET,
    }
)


class Binding:
    """Every message by its name; each is bound when it is first called, its function was checked at the start."""

    def __init__(self, functions: Mapping[str, Function] | None = None) -> None:
        self.functions = load() if functions is None else functions
        self._bound: dict[str, Bound] = {}

    def find(self, name: str) -> Bound | None:
        """The message `name`; None if there is none."""
        bound = self._bound.get(name)
        if bound is None and name in MESSAGES:
            bound = self._bound[name] = Bound(MESSAGES[name], self.functions.get(name))
        return bound


def load() -> dict[str, Function]:
    """The functions in `xapi/api` by the messages they implement. Raises `BindingError`."""
    found: dict[str, Function] = {}
    wrong: list[str] = []
    for cls in CLASSES.values():
        module = _module(cls)
        if module is None:
            continue
        for message in MESSAGES.values():
            if message.cls is cls:
                function = vars(module).get(_python_name(message.method))
                if inspect.iscoroutinefunction(function):
                    found[message.name] = function
                    wrong += _disagreements(message, function)
    if wrong:
        raise BindingError("; ".join(wrong))
    return found


def _module(cls: Class) -> ModuleType | None:
    name = f"xapi.api.{cls.name.lower()}"
    return importlib.import_module(name) if importlib.util.find_spec(name) is not None else None


def _python_name(name: str) -> str:
    return f"{name}_" if keyword.iskeyword(name) else name


def _disagreements(message: WireMessage, function: Function) -> list[str]:
    expected = [_python_name(param.name) for param in message.message.params]
    if message.kind is Kind.CREATE:
        expected = ["record"]
    parameters = list(inspect.signature(function).parameters.values())
    found = [parameter.name for parameter in parameters[1:]]
    if found != expected:
        return [f"{message.name} takes ({', '.join(expected)}), its function ({', '.join(found)})"]
    return []
