"""Guests of another toolstack as VMs."""

from __future__ import annotations

import json
from typing import Any

from xapi.cli.failures import CommandError
from xapi.cli.invocation import Invocation
from xapi.cli.table import command
from xapi.control import adoption


@command("vm-adopt", optional="config name host shutdown")
async def vm_adopt(call: Invocation) -> None:
    """Make VMs of the guests that xl runs on a host, or only of the one of that name, or of the one in the
    configuration file of that path; disks stay in place. A guest that can't go on running is left alone, or shut down
    first with shutdown=true. Without host: the coordinator."""
    host = call.host(call.get("host")) if call.has("host") else call.pool.master
    args = {name: call.get(name) for name in ("config", "name") if call.has(name)}
    args["shutdown"] = "true" if call.flag("shutdown") else "false"
    answer = await call.api.run("host.call_plugin", host, adoption.PLUGIN, adoption.FUNCTION, args)
    reports: list[dict[str, Any]] = json.loads(answer)
    call.items(each["uuid"] for each in reports if "uuid" in each and call.minimal)
    for each in reports:
        if not call.minimal:
            call.print(_line(each))
    if refused := [each["name"] for each in reports if "refused" in each]:
        raise CommandError(f"Not adopted: {', '.join(refused)}")


def _line(report: dict[str, Any]) -> str:
    if "refused" in report:
        return f"{report['name']}: {report['refused']}"
    notes = "; ".join(report["notes"])
    return f"{report['uuid']} ({report['name']})" + (f": {notes}" if notes else "")
