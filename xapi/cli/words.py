"""The words of one command line, as the server gets them: a command, parameters and flags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

IGNORED = frozenset({"trace", "message-priority", "debug", "nossl"})
"""Words for others than the command."""


class Syntax(Exception):
    """Words that make no command line; the text says why."""


@dataclass(frozen=True, slots=True)
class Words:
    """One parsed command line."""

    command: str
    params: Mapping[str, str]
    arguments: tuple[str, ...] = ()
    """Words after the command without `=`; only `help` has any."""
    minimal: bool = False
    username: str = ""
    password: str = field(default="", repr=False)
    session: str = field(default="", repr=False)


def parse(body: bytes) -> Words:
    """The lines of a request. Raises `Syntax`."""
    lines = [line.rstrip("\r") for line in body.decode(errors="replace").split("\n")]
    params: dict[str, str] = {}
    bare: list[str] = []
    for line in lines:
        if not line:
            continue
        # The command itself may come after options from the user's file.
        name, value = _pair(line, bare)
        if name is None:
            bare.append(value)
        elif name in params and name not in IGNORED:
            raise Syntax(f"Duplicate parameter: {name}")
        elif name not in IGNORED:
            params[name] = value
    if not bare:
        raise Syntax("no command")
    return Words(
        command=bare[0],
        arguments=tuple(bare[1:]),
        minimal=params.pop("minimal", "false") == "true",
        username=params.pop("username", ""),
        password=params.pop("password", ""),
        session=params.pop("session_id", ""),
        params=params,
    )


def _pair(line: str, bare: list[str]) -> tuple[str | None, str]:
    """Name and value of a word; no name if it has none."""
    name, equals, value = line.partition("=")
    if line.startswith("--"):
        return name[2:], value if equals else "true"
    if equals:
        return name, value
    if bare and bare[0] != "help":
        raise Syntax(f"Failed to parse argument '{line}': expecting name=value")
    return None, line
