"""What goes wrong in a command, and how it is told."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from common.errors import REGISTRY, WireError
from xapi.cli import protocol
from xapi.datamodel.errors import XenError
from xapi.db.database import Database

USAGE = "For usage run: 'xe help'"


class CommandError(Exception):
    """A command that can't be done as asked; the text is for the user."""


class UsageError(Exception):
    """A command line that names no command, lacks a parameter or cannot log in."""


class Missing(UsageError):
    """A required parameter was not given."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Required parameter not found: {name}")


class UnknownParameter(Exception):
    """The field asked for does not exist."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def told(error: Exception, db: Database) -> Iterator[protocol.Command]:
    """What the client is told of `error`."""
    match error:
        case UsageError():
            yield from map(_line, (str(error), USAGE))
        case UnknownParameter():
            yield protocol.Error("Missing parameter", (error.name,))
        case CommandError():
            yield _line(f"Error: {error}")
        case WireError():
            yield from _of_the_api(error, db)
        case _:
            yield _line(f"Error: {type(error).__name__}: {error}")


def _of_the_api(error: WireError, db: Database) -> Iterator[protocol.Command]:
    cls = REGISTRY.get(error.wire_code)
    if cls is None or not issubclass(cls, XenError):
        yield protocol.Error(error.wire_code, tuple(error.params))
        return
    yield _line(" ".join((inspect.getdoc(cls) or error.wire_code).split()))
    names = cls.param_names()
    for index, value in enumerate(error.params):
        name = names[index] if index < len(names) else "<extra>"
        yield _line(f"{name}: {shown(value, db)}")


def shown(value: str, db: Database) -> str:
    """A parameter of an error; a reference as its object's uuid and name."""
    if not value.startswith("OpaqueRef:"):
        return value
    row = db.find(value)
    uuid = getattr(row, "uuid", None)
    if uuid is None:
        return value
    name = getattr(row, "name_label", None)
    return f"{uuid} ({name})" if name is not None else str(uuid)


def _line(text: str) -> protocol.PrintStderr:
    return protocol.PrintStderr(text + "\n")
