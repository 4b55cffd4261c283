"""Pictures of metrics: into a file as PNG or SVG, else drawn in the terminal."""

from __future__ import annotations

from pathlib import PurePath

from xapi.cli.commands.files import fetch
from xapi.cli.failures import CommandError
from xapi.cli.invocation import Invocation
from xapi.cli.table import Select, command

OPTIONS = "filename format start cf width height title"
FORMATS = ("png", "svg", "text")
TERMINAL, MARGIN = 80, 16  # columns where the client does not tell, and what stands beside a drawing


@command("host-graph", "data-source", OPTIONS, select=Select.HOST)
async def host_graph(call: Invocation) -> None:
    """Draw data sources (cpu0,cpu1 or pif_*) of the chosen host, in the terminal or as a .png or .svg file.

    start= is a time in seconds since 1970, or negative: that many seconds ago.
    """
    await _draw(call)


@command("vm-graph", "data-source", OPTIONS, select=Select.VM)
async def vm_graph(call: Invocation) -> None:
    """Draw data sources (cpu0,memory or vbd_*) of the chosen VMs, in the terminal or as a .png or .svg file.

    start= is a time in seconds since 1970, or negative: that many seconds ago.
    """
    await _draw(call)


@command("sr-graph", "data-source", OPTIONS, select=Select.SR)
async def sr_graph(call: Invocation) -> None:
    """Draw data sources (size,physical_utilisation) of the chosen SRs, in the terminal or as a .png or .svg file.

    start= is a time in seconds since 1970, or negative: that many seconds ago.
    """
    await _draw(call)


async def _draw(call: Invocation) -> None:
    row, filename = call.selected[0], call.get("filename")
    kind = call.get("format") or _format_of(filename)
    if kind not in FORMATS:
        raise CommandError(f"format is one of {', '.join(FORMATS)}")
    query = {name: call.get(name) for name in ("start", "cf", "width", "height") if call.has(name)}
    if kind == "text" and "width" not in query:
        query["width"] = str((call.talk.columns or TERMINAL) - MARGIN)
    query |= {"uuid": row.uuid, "format": kind, "title": call.get("title", row.name_label)}
    sources = [name for name in call.need("data-source").split(",") if name]
    await fetch(call, filename, "/graph", **query, ds=sources)


def _format_of(filename: str) -> str:
    """By the name of the file; text for the terminal."""
    if not filename:
        return "text"
    return "svg" if PurePath(filename).suffix.lower() == ".svg" else "png"
