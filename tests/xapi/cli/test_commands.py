"""The table of commands against the original's list and against the documentation."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.xapi.cli.conftest import reference
from xapi.cli import manual
from xapi.cli.records import RECORDS
from xapi.cli.table import COMMANDS, STANDARD
from xapi.datamodel.wire import MESSAGES

SELECTORS = {"vm_selectors": "vm", "host_selectors": "host", "sr_selectors": "sr"}


def test_the_manual_is_up_to_date() -> None:
    written = (Path(__file__).parents[3] / "docs/xe.md").read_text()

    assert written == manual.manual(), "run: python -m xapi.cli.manual > docs/xe.md"


def test_commands_missing_are_those_that_the_manual_admits() -> None:
    original = reference("xe-commands.json")["commands"]

    assert sorted(original.keys() - COMMANDS.keys()) == list(manual.MISSING)
    assert COMMANDS.keys() - original.keys() == {"help", *manual.ADDED}


def test_commands_take_the_original_parameters() -> None:
    differing = []
    for name, original in reference("xe-commands.json")["commands"].items():
        command = COMMANDS.get(name)
        if command is None:
            continue
        flags = original.get("flags", [])
        expected = (
            set(original.get("reqd", [])),
            set(original.get("optn", [])) - {""},
            next((kind for flag, kind in SELECTORS.items() if flag in flags), None),
            "hidden" in flags,
            original.get("local_session", False),
        )
        found = (set(command.required), set(command.optional), command.select, command.hidden, command.local)
        if found != expected:
            differing.append(f"{name}: {found} instead of {expected}")

    assert not differing, "\n".join(differing)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_command_says_what_it_does(name: str) -> None:
    text = COMMANDS[name].help

    assert text.endswith((".", "!", "?")), text
    assert len(text) > 10


def test_the_commands_of_the_short_list_exist() -> None:
    assert STANDARD - COMMANDS.keys() == set()


def test_each_field_that_can_be_set_has_a_setter() -> None:
    without = []
    for record in RECORDS.values():
        for field in record.fields:
            name = field.column.name if field.column is not None else field.name.replace("-", "_")
            if field.has("w") and f"{record.cls}.set_{name}" not in MESSAGES:
                without.append(f"{record.name} {field.name}")

    assert without == []
