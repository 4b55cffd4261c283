"""Lists, fields, help and errors as the original printed them on the recorded host."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.xapi.cli.conftest import Xe, load_recorded, make, reference
from xapi.cli.manual import ADDED
from xapi.cli.table import COMMANDS
from xapi.db.database import Database

LINE = re.compile(r"^ *(\S+) \(([ SM]R[OW])\)( \[DEPRECATED\])? *: ?(.*)$", re.DOTALL)

CHANGING = {
    "name-label", "name-description", "allowed-operations", "current-operations", "status", "progress", "power-state",
    "resident-on", "dom-id", "memory-actual", "memory-target", "memory-free", "last-boot-CPU-flags", "other-config",
    "start-time", "snapshots", "children", "parent", "tags", "user-version", "resident-vms", "resident-VMs",
    "currently-attached", "virtual-allocation", "physical-utilisation", "VDIs", "VIF-uuids", "MAC", "IP", "carrier",
    "guest-metrics-last-updated", "vbd-uuids", "VBDs", "last-boot-record", "VCPUs-number", "blobs", "xenstore-data",
    "sm-config", "live", "current-domain-type", "default-SR", "ha-statefiles", "read-only",
}  # fmt: skip
"""The host was used between its rows and its lists were recorded."""


@pytest.fixture
async def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Xe]:
    monkeypatch.setenv("XAPI_ROOT", str(tmp_path))
    reference("recorded/xe-cli.json")
    db = Database()
    load_recorded(db)
    yield make(db)
    db.close()


def invocations() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = reference("recorded/xe-cli.json")
    return found


def records(text: str) -> dict[str, list[tuple[str, ...]]]:
    """The records of a list by uuid: name, tag, deprecation and value of each line."""
    found = {}
    for block in re.split(r"\n\n\n+", text.rstrip("\n")):
        lines = [match.groups("") for line in block.split("\n") if (match := LINE.match(line))]
        if lines:
            found[lines[0][3]] = lines
    return found


def first_lines(text: str) -> list[str]:
    """The parts of lines before their values: names, tags and columns."""
    return [line.partition("): ")[0] for line in text.split("\n\n\n")[0].splitlines() if "): " in line]


async def test_lists_have_the_recorded_fields_layout_and_values(recorded: Xe) -> None:
    compared, differing = 0, []
    for entry in invocations():
        argv = entry["argv"][1:]
        if not argv or not argv[0].endswith("-list") or argv[1:] not in ([], ["params=all"]):
            continue
        if not entry.get("stdout") or argv[0] not in COMMANDS:
            continue
        got, expected = await recorded(*argv), entry["stdout"]
        assert got.status == 0, (argv, got.err)
        if first_lines(got.out) != first_lines(expected) and records(got.out):
            differing.append(f"{argv}: {set(first_lines(got.out)) ^ set(first_lines(expected))}")
        ours = records(got.out)
        for uuid, lines in records(expected).items():
            compared += 1
            for mine, theirs in zip(ours.get(uuid, lines), lines, strict=False):
                if mine != theirs and theirs[0] not in CHANGING:
                    differing.append(f"{argv} {uuid}: {mine} instead of {theirs}")

    assert compared > 100
    assert not differing, "\n".join(differing)


async def test_help_of_each_command_has_the_recorded_layout_and_parameters(recorded: Xe) -> None:
    compared = 0
    for entry in invocations():
        argv = entry["argv"][1:]
        if argv[:1] != ["help"] or len(argv) != 2 or argv[1] not in COMMANDS:
            continue
        got = await recorded(*argv)
        compared += 1
        assert _but_description(got.out) == _but_description(entry["stdout"]), argv

    assert compared > 250


def _but_description(text: str) -> list[str]:
    return [_sorted(line) for line in text.partition("        description     : ")[0].split("\n")]


def _sorted(line: str) -> str:
    """The order of parameters has no meaning."""
    name, _, value = line.partition(": ")
    return f"{name}: {sorted(value.split(', '))}"


@pytest.mark.parametrize("all_", [(), ("--all",)], ids=["common", "all"])
async def test_the_list_of_commands_has_the_recorded_layout(recorded: Xe, all_: tuple[str, ...]) -> None:
    expected = next(e["stdout"] for e in invocations() if e["argv"][1:] == ["help", *all_])

    got = (await recorded("help", *all_)).out

    title = "Full command list" if all_ else "Common command list"
    theirs, ours = expected.partition(title)[2].split("\n"), got.partition(title)[2].split("\n")
    missing = {word for line in theirs for word in words_of(line)} - set(COMMANDS)
    if not missing:
        assert ours == theirs
    assert ours[:4] == theirs[:4]
    assert ours.count("    ") == theirs.count("    ")
    assert [w for line in ours for w in words_of(line) if w not in ADDED] == [
        w for line in theirs for w in words_of(line) if w not in missing
    ]
    assert len(max(ours, key=len)) <= len(max(theirs, key=len))


def words_of(line: str) -> list[str]:
    return line.strip().split(", ") if line.startswith("    ") and line.strip() else []


ERRORS = [
    ("nosuchcommand",),
    ("vm-param-list",),
    ("vm-param-get", "param-name=name-label"),
    ("vm-param-get", "uuid={vm}", "param-name=platform", "param-key=nokey"),
    ("vm-param-get", "uuid={vm}", "param-name=nosuch"),
    ("vm-param-get", "uuid={vm}"),
    ("vm-param-set", "uuid={vm}", "nosuch=1"),
    ("vm-param-set", "uuid={vm}", "power-state=halted"),
    ("vm-param-set", "uuid={vm}", "is-a-template=maybe"),
    ("vm-param-set", "uuid={vm}", "actions-after-crash=xx"),
    ("vm-param-add", "uuid={vm}", "param-name=name-label", "x=1"),
    ("vm-param-remove", "uuid={vm}", "param-name=tags", "param-key=none"),
    ("vm-param-get", "uuid={vm}", "param-name=platform"),
    ("vm-param-get", "uuid={vm}", "param-name=platform", "param-key=acpi"),
    ("vm-start", "vm=nosuch"),
    ("vm-start",),
    ("vm-start", "uuid=bad"),
    ("vm-install", "template=nosuch", "new-name-label=x"),
    ("vm-install", "new-name-label=x"),
    ("vm-memory-limits-set", "uuid=67adca46-9d89-8385-3e8b-5c6478699857"),
    ("vdi-create", "sr-uuid=2971907e-c6c8-367d-5fb6-ebce94a8e7f9", "name-label=x", "virtual-size=abc"),
    ("vdi-create", "name-label=x"),
    ("host-get-server-localtime", "uuid=5f1f6c3e-0000-4000-8000-0000000000a1"),
    ("template-list", "name-label=Other install media", "--minimal"),
    ("vm-list", "is-control-domain=true", "--minimal"),
    ("host-list", "--minimal"),
    ("sr-list", "type=dummy", "--minimal"),
]


@pytest.mark.parametrize("words", ERRORS, ids=" ".join)
async def test_what_is_printed_is_what_was_recorded(recorded: Xe, words: tuple[str, ...]) -> None:
    vm = "47f767af-97b2-0f78-ea34-6b951f99f600"
    argv = [word.format(vm=vm) for word in words]
    entry = next(e for e in invocations() if e["argv"][1:] == argv)

    got = await recorded(*argv)

    assert got.out == entry["stdout"]
    assert got.err.strip() == entry["stderr"].strip()
    assert got.status == entry["rc"]


async def test_errors_of_the_api_name_their_parameters_as_recorded(recorded: Xe) -> None:
    """The sentence is our own."""
    entry = next(e for e in invocations() if e["argv"][1:] == ["vdi-destroy", "uuid=bad"])

    got = await recorded("vm-param-get", "uuid=bad", "param-name=uuid")

    assert got.err.splitlines()[1:] == ["type: VM", "uuid: bad"]
    assert entry["stderr"].splitlines()[1:3] == ["type: VDI", "uuid: bad"]
    assert len(got.err.splitlines()) == len(entry["stderr"].strip().splitlines())
