"""The table of all commands."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from xapi.cli.invocation import Invocation

Perform = Callable[[Invocation], Awaitable[None]]


class Select(StrEnum):
    """What a command is about if its parameters choose objects by any field."""

    VM = "vm"
    HOST = "host"
    SR = "sr"


@dataclass(frozen=True, slots=True)
class Command:
    """One command. A name in `required` or `optional` that ends with `:` stands for `name:key=value`."""

    name: str
    perform: Perform
    help: str
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    select: Select | None = None
    hidden: bool = False
    """Not in the list of commands."""
    local: bool = False
    """Works without the database: a local session is enough."""


COMMANDS: dict[str, Command] = {}

# fmt: off
STANDARD = frozenset({
    "cd-list", "diagnostic-vm-status", "network-list", "snapshot-clone", "snapshot-copy", "snapshot-disk-list",
    "snapshot-export-to-template", "snapshot-reset-powerstate", "snapshot-revert", "snapshot-uninstall", "sr-list",
    "template-export", "template-uninstall", "vm-cd-add", "vm-cd-eject", "vm-cd-insert", "vm-cd-list", "vm-cd-remove",
    "vm-checkpoint", "vm-clone", "vm-compute-maximum-memory", "vm-copy", "vm-disk-add", "vm-disk-list",
    "vm-disk-remove", "vm-export", "vm-import", "vm-install", "vm-list", "vm-migrate", "vm-pause", "vm-reboot",
    "vm-reset-powerstate", "vm-restart-device-models", "vm-resume", "vm-shutdown", "vm-snapshot",
    "vm-snapshot-with-quiesce", "vm-start", "vm-suspend", "vm-uninstall", "vm-unpause", "vm-vif-list",
})
"""The commands that `xe help` lists."""
# fmt: on


def add(command: Command) -> None:
    """Enter a command. ValueError if the name is taken."""
    if command.name in COMMANDS:
        raise ValueError(f"two commands {command.name}")
    COMMANDS[command.name] = command


def command(
    name: str,
    required: str = "",
    optional: str = "",
    *,
    select: Select | None = None,
    hidden: bool = False,
    local: bool = False,
) -> Callable[[Perform], Perform]:
    """Decorator: enter a function as a command; its docstring is the help."""

    def enter(perform: Perform) -> Perform:
        text = " ".join((perform.__doc__ or "").split())
        add(Command(name, perform, text, tuple(required.split()), tuple(optional.split()), select, hidden, local))
        return perform

    return enter
