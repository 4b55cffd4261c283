"""`xe help`: the commands, and one command."""

from __future__ import annotations

from collections.abc import Iterable

from xapi.cli import layout
from xapi.cli.failures import UsageError
from xapi.cli.invocation import Invocation
from xapi.cli.options import USAGE
from xapi.cli.table import COMMANDS, STANDARD, Command, Select, add

INTRODUCTION = (
    USAGE.partition("\nA list of")[0]
    + """
Help for one command:
  xe help <command>
"""
)
MORE = """
A list of all commands:
  xe help --all
"""

SELECTORS = {
    Select.VM: "The VMs are chosen by any field of vm-list (power-state=halted), or by vm=<uuid or name>; "
    "--multiple allows more than one.",
    Select.HOST: "The hosts are chosen by any field of host-list (enabled=true), or by host=<uuid or name>; "
    "--multiple allows more than one.",
    Select.SR: "The SRs are chosen by any field of sr-list (type=nfs), or by sr=<uuid or name>; "
    "--multiple allows more than one.",
}


async def help_(call: Invocation) -> None:
    """What commands there are, or what one of them takes."""
    if call.words.arguments:
        for name in call.words.arguments:
            _one(call, name)
    elif call.minimal:
        call.print(layout.minimal(names() if call.flag("all") else sorted(STANDARD & COMMANDS.keys())))
    elif call.flag("all"):
        _overview(call, "Full command list", _groups(names()), "")
    else:
        _overview(call, "Common command list", [sorted(STANDARD & COMMANDS.keys())], MORE)


def names() -> list[str]:
    """All commands that are not hidden."""
    return sorted(name for name, command in COMMANDS.items() if not command.hidden and name != "help")


def _groups(words: Iterable[str]) -> list[list[str]]:
    """Commands of hosts, of VMs, and the others."""
    groups: list[list[str]] = [[], [], []]
    for word in words:
        groups[0 if word.startswith("host-") else 1 if word.startswith("vm-") else 2].append(word)
    return groups


def _overview(call: Invocation, title: str, groups: list[list[str]], more: str) -> None:
    call.print(f"{INTRODUCTION}{more}\n{title}\n{'-' * len(title)}\n")
    for index, group in enumerate(groups):
        if index:
            call.print("    ")
        for line in layout.wrapped(group):
            call.print(line)


def _one(call: Invocation, name: str) -> None:
    command = COMMANDS.get(name)
    if command is None:
        raise UsageError(f"Unknown command: {name}")
    call.print("\n".join(described(command)) + "\n\n")


def described(command: Command) -> list[str]:
    """The lines about one command; completion reads them."""
    optional = [*command.optional]
    text = command.help
    if command.select is not None:
        optional.append(f"<{command.select}-selectors>")
        text = f"{text} {SELECTORS[command.select]}"
    return [
        f"command name            : {command.name}",
        f"        reqd params     : {', '.join(command.required)}",
        f"        optional params : {', '.join(optional)}",
        f"        description     : {text}",
    ]


add(Command("help", help_, "Show the commands, or what one of them takes.", optional=("all",)))
