"""The objects that a command line chooses: vm=, host=, sr= (a uuid or a name), or any filter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from xapi.cli import generated
from xapi.cli.failures import CommandError
from xapi.cli.invocation import Invocation
from xapi.cli.records import RECORDS
from xapi.cli.table import Command, Select

PLURAL = {Select.VM: "VMs", Select.HOST: "hosts", Select.SR: "SRs"}

NAMED: Mapping[Select, tuple[str, ...]] = {
    Select.VM: ("uuid", "name_label"),
    Select.HOST: ("uuid", "name_label", "hostname"),
    Select.SR: ("uuid", "name_label"),
}
"""What `vm=` and the like are compared with."""

COMMON = frozenset({"multiple"})


def select(command: Command, call: Invocation) -> list[Any]:
    """The rows that `command` is about. Raises `CommandError` if there are none, or several without --multiple."""
    kind = command.select
    if kind is None:
        return []
    record = RECORDS[kind.value]
    own = {name.rstrip(":") for name in (*command.required, *command.optional)}
    filters = {
        name: value
        for name, value in call.words.params.items()
        if name != kind.value and name not in COMMON and name.partition(":")[0] not in own and name not in own
    }
    call.api.check(f"{record.cls}.get_all_records")
    rows = generated.matching(record, call, filters)
    rows = [row for row in rows if _eligible(kind, command)(row)]
    if (uuid := f"{kind}-uuid") in command.required:
        rows = [row for row in rows if row.uuid == call.need(uuid)]
    if kind.value in call.words.params and (kind.value not in own or kind.value in command.required):
        named = call.words.params[kind.value]
        rows = [row for row in rows if named in [getattr(row, field) for field in NAMED[kind]]]
    if not rows:
        raise CommandError(f"No matching {PLURAL[kind]} found")
    if len(rows) > 1 and not call.flag("multiple"):
        raise CommandError(f"Multiple matches {PLURAL[kind]} found. --multiple required to complete the operation")
    return rows


def _eligible(kind: Select, command: Command) -> Callable[[Any], bool]:
    if kind is not Select.VM:
        return lambda _row: True
    if command.name.startswith("snapshot-"):
        return lambda row: bool(row.is_a_snapshot)
    return lambda row: not row.is_a_template and not row.is_a_snapshot
