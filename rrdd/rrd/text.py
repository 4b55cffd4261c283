"""Archives as the XML and JSON that clients parse, and XML back to archives.

Numbers are written as the original does: `%.15g`, `0.0` for zero, `NaN`, `Infinity`; in JSON every scalar is a string.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

import msgspec
import numpy as np

from rrdd.rrd.archive import STEP, Archive, Consolidation, Layout, Rrd
from rrdd.source import Kind, Source

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
VERSION = "0003"
HEARTBEAT = "300"


class BadArchive(Exception):
    """Not an archive of ours or of the original; the text says where."""


def number(value: float) -> str:
    """A float as the original writes it."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return f"{value:.15g}" if value else "0.0"


def escape(text: str) -> str:
    """Text for XML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def to_xml(rrd: Rrd) -> bytes:
    """The whole database as XML; `rrdtool restore` reads the same shape."""
    return "".join(_xml(rrd)).encode()


def _xml(rrd: Rrd) -> Iterator[str]:
    yield f"{DECLARATION}<rrd><version>{VERSION}</version><step>{STEP}</step>"
    yield f"<lastupdate>{int(rrd.last_updated)}</lastupdate>"
    for i, source in enumerate(rrd.sources):
        yield (
            f"<ds><name>{escape(source.name)}</name><type>{source.kind}</type>"
            f"<minimal_heartbeat>{HEARTBEAT}</minimal_heartbeat>"
            f"<min>{number(source.minimum)}</min><max>{number(source.maximum)}</max>"
            f"<last_ds>{_last(rrd, i)}</last_ds><value>{number(float(rrd.value[i]))}</value>"
            f"<unknown_sec>{int(rrd.unknown[i])}</unknown_sec></ds>"
        )
    for archive in rrd.archives:
        yield from _archive_xml(archive)
    yield "</rrd>"


def _archive_xml(archive: Archive) -> Iterator[str]:
    layout = archive.layout
    yield f"<rra><cf>{layout.consolidation}</cf><pdp_per_row>{layout.pdps}</pdp_per_row>"
    yield f"<params><xff>{number(layout.xff)}</xff></params><cdp_prep>"
    for value, unknown in zip(archive.value, archive.unknown, strict=True):
        yield "<ds><primary_value>0.0</primary_value><secondary_value>0.0</secondary_value>"
        yield f"<value>{number(float(value))}</value><unknown_datapoints>{unknown}</unknown_datapoints></ds>"
    yield "</cdp_prep><database>"
    for row in archive.rows().tolist():
        yield "<row>" + "".join(f"<v>{number(value)}</v>" for value in row) + "</row>"
    yield "</database></rra>"


def to_json(rrd: Rrd) -> bytes:
    """The whole database as JSON, every scalar a string."""
    sources = [
        {
            "name": source.name,
            "type": source.kind.value,
            "minimal_heartbeat": HEARTBEAT,
            "min": number(source.minimum),
            "max": number(source.maximum),
            "last_ds": _last(rrd, i),
            "value": number(float(rrd.value[i])),
            "unknown_sec": number(float(rrd.unknown[i])),
            "last_updated": number(rrd.last_updated),
        }
        for i, source in enumerate(rrd.sources)
    ]
    body: dict[str, Any] = {
        "version": VERSION,
        "step": str(STEP),
        "lastupdate": number(rrd.last_updated),
        "ds": sources,
    }
    return msgspec.json.encode(body | {"rra": [_archive_json(archive) for archive in rrd.archives]})


def _archive_json(archive: Archive) -> dict[str, Any]:
    preparation = [
        {
            "primary_value": "0.0",
            "secondary_value": "0.0",
            "value": number(float(value)),
            "unknown_datapoints": str(unknown),
        }
        for value, unknown in zip(archive.value, archive.unknown, strict=True)
    ]
    return {
        "cf": archive.layout.consolidation.value,
        "pdp_per_row": str(archive.layout.pdps),
        "params": {"xff": number(archive.layout.xff)},
        "cdp_prep": {"ds": preparation},
        "database": {"row": [{"v": [number(value) for value in row]} for row in archive.rows().tolist()]},
    }


def _last(rrd: Rrd, column: int) -> str:
    value = float(rrd.last[column])
    return "U" if math.isnan(value) else number(value)


class _Node:
    __slots__ = ("children", "name", "text")

    def __init__(self, name: str) -> None:
        self.name, self.text = name, ""
        self.children: list[_Node] = []

    def one(self, name: str) -> _Node:
        for child in self.children:
            if child.name == name:
                return child
        raise BadArchive(f"no <{name}> in <{self.name}>")

    def many(self, name: str) -> list[_Node]:
        return [child for child in self.children if child.name == name]

    def value(self, name: str) -> str:
        return self.one(name).text.strip()


def _parse(data: bytes) -> _Node:
    root = _Node("")
    stack = [root]
    parser = expat.ParserCreate()

    def start(name: str, _attributes: dict[str, str]) -> None:
        node = _Node(name)
        stack[-1].children.append(node)
        stack.append(node)

    def text(characters: str) -> None:
        stack[-1].text += characters

    def refuse(*_args: Any) -> None:
        raise BadArchive("document types are refused")

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _name: stack.pop()
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise BadArchive(str(error)) from error
    return root


def from_xml(data: bytes) -> Rrd:
    """The database in `data`. Raises `BadArchive`."""
    tree = _parse(data).one("rrd")
    try:
        return _rrd(tree)
    except (ValueError, IndexError) as error:
        raise BadArchive(str(error)) from error


def _rrd(tree: _Node) -> Rrd:
    nodes = tree.many("ds")
    rrd = Rrd.empty(float(tree.value("lastupdate")), extremes=False)
    sources = [
        Source(
            name=node.value("name"),
            doc="",
            units="",
            kind=Kind(node.value("type")),
            minimum=max(0.0, _float(node.value("min"))),
            maximum=_float(node.value("max")),
        )
        for node in nodes
    ]
    if len({source.name for source in sources}) != len(sources):
        raise BadArchive("two sources of one name")
    rrd.archives = [_archive(node, len(sources)) for node in tree.many("rra")]
    if not rrd.archives:
        raise BadArchive("no archive")
    rrd.sources = sources
    rrd.last = np.array([_float(node.value("last_ds")) for node in nodes])
    rrd.value = np.nan_to_num(np.array([_float(node.value("value")) for node in nodes]))
    rrd.unknown = np.array([_float(node.value("unknown_sec")) for node in nodes])
    return rrd


def _archive(node: _Node, width: int) -> Archive:
    rows = [[_float(v.text) for v in row.many("v")] for row in node.one("database").many("row")]
    if not rows or any(len(row) != width for row in rows):
        raise BadArchive("a row of another width")
    layout = Layout(
        Consolidation(node.value("cf")),
        int(node.value("pdp_per_row")),
        len(rows),
        _float(node.one("params").value("xff")),
    )
    archive = Archive.empty(layout, width)
    archive.ring = np.array(rows, dtype=np.float64).reshape(len(rows), width)
    prepared = node.one("cdp_prep").many("ds")
    archive.value = np.array([_float(one.value("value")) for one in prepared])
    archive.unknown = np.array([int(one.value("unknown_datapoints")) for one in prepared])
    return archive


def _float(text: str) -> float:
    return math.nan if text.strip() in {"U", ""} else float(text)
