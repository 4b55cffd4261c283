"""Archives as the XML and JSON that clients parse, and XML back to archives.

Numbers are written as the original does: `%.15g`, `0.0` for zero, `NaN`, `Infinity`; in JSON every scalar is a string.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any
from xml.parsers import expat

import msgspec
import numpy as np

from rrdd.rrd.archive import Archive, Rrd
from rrdd.rrd.layout import STEP, Consolidation, Layout
from rrdd.source import Kind, Source

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
VERSION = "0003"
HEARTBEAT = "300"
MOST_SECONDS = 2**40


class BadArchive(Exception):
    """Not an archive of ours or of the original; the text says where."""


def number(value: float) -> str:
    """A float as the original writes it."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return f"{value:.15g}" if value else "0.0"


def numbers(row: Sequence[float], before: str, after: str) -> str:
    """Many floats at once, each between `before` and `after`, which hold no letters of `nan` and `inf` in a row."""
    written = (f"{before}%.15g{after}" * len(row)) % tuple(row)
    if "nan" in written:
        written = written.replace("nan", "NaN")
    if "inf" in written:
        written = written.replace("inf", "Infinity")
    return written.replace(f"{before}0{after}", f"{before}0.0{after}").replace(
        f"{before}-0{after}", f"{before}0.0{after}"
    )


def _finite(value: float) -> float:
    """What is accumulated so far; a minimum of nothing is unknown."""
    return math.nan if math.isinf(value) else value


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
        yield from _archive_xml(archive, rrd.last_updated)
    yield "</rrd>"


def _archive_xml(archive: Archive, last_updated: float) -> Iterator[str]:
    layout = archive.layout
    yield f"<rra><cf>{layout.consolidation}</cf><pdp_per_row>{layout.pdps}</pdp_per_row>"
    yield f"<params><xff>{number(layout.xff)}</xff></params><cdp_prep>"
    for value, unknown in zip(archive.value.tolist(), archive.unknown(last_updated), strict=True):
        yield "<ds><primary_value>0.0</primary_value><secondary_value>0.0</secondary_value>"
        yield f"<value>{number(_finite(value))}</value><unknown_datapoints>{unknown}</unknown_datapoints></ds>"
    yield "</cdp_prep><database>"
    for row in archive.rows.tolist():
        yield f"<row>{numbers(row, '<v>', '</v>')}</row>"
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
    return msgspec.json.encode(body | {"rra": [_archive_json(archive, rrd.last_updated) for archive in rrd.archives]})


def _archive_json(archive: Archive, last_updated: float) -> dict[str, Any]:
    preparation = [
        {
            "primary_value": "0.0",
            "secondary_value": "0.0",
            "value": number(_finite(value)),
            "unknown_datapoints": str(unknown),
        }
        for value, unknown in zip(archive.value.tolist(), archive.unknown(last_updated), strict=True)
    ]
    return {
        "cf": archive.layout.consolidation.value,
        "pdp_per_row": str(archive.layout.pdps),
        "params": {"xff": number(archive.layout.xff)},
        "cdp_prep": {"ds": preparation},
        "database": {"row": [{"v": [number(value) for value in row]} for row in archive.rows.tolist()]},
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
    except (ValueError, IndexError, OverflowError) as error:
        raise BadArchive(str(error)) from error


def _rrd(tree: _Node) -> Rrd:
    if float(tree.value("step")) != STEP:
        raise BadArchive(f"steps of {tree.value('step'):.20} s")
    nodes = tree.many("ds")
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
    last_updated = float(tree.value("lastupdate"))
    if not 0 <= last_updated < MOST_SECONDS:
        raise BadArchive("a time that can't be")
    archives = [_archive(node, len(sources), last_updated) for node in tree.many("rra")]
    if not archives:
        raise BadArchive("no archive")
    return _without_doubles(
        Rrd(
            sources,
            archives,
            last_updated,
            np.array([_float(node.value("last_ds")) for node in nodes]),
            np.nan_to_num(np.array([_float(node.value("value")) for node in nodes])),
            np.array([_float(node.value("unknown_sec")) for node in nodes]),
        )
    )


def _without_doubles(rrd: Rrd) -> Rrd:
    """Of two sources with the same name the first is kept, as in the original."""
    first: dict[str, int] = {}
    for i, source in enumerate(rrd.sources):
        first.setdefault(source.name, i)
    kept = list(first.values())
    if len(kept) == len(rrd.sources):
        return rrd
    archives = [Archive(a.layout, a.rows[:, kept], a.value[kept], a.known[kept]) for a in rrd.archives]
    sources = [rrd.sources[i] for i in kept]
    return Rrd(sources, archives, rrd.last_updated, rrd.last[kept], rrd.value[kept], rrd.unknown[kept])


def _archive(node: _Node, width: int, last_updated: float) -> Archive:
    rows = [[_float(v.text) for v in row.many("v")] for row in node.one("database").many("row")]
    if not rows or any(len(row) != width for row in rows):
        raise BadArchive("a row of another width")
    consolidation, pdps = Consolidation(node.value("cf")), int(node.value("pdp_per_row"))
    if not 0 < pdps < MOST_SECONDS:
        raise BadArchive("a row of no length")
    layout = Layout(consolidation, pdps, len(rows), _float(node.one("params").value("xff")))
    prepared = node.one("cdp_prep").many("ds")
    if len(prepared) != width:
        raise BadArchive("a preparation of another width")
    value = np.array([_float(one.value("value")) for one in prepared])
    start = {Consolidation.MIN: np.inf, Consolidation.MAX: -np.inf}.get(consolidation, 0.0)
    unknown = np.array([float(int(one.value("unknown_datapoints"))) for one in prepared])
    known = np.maximum(0.0, int(last_updated // STEP) % pdps - unknown)
    return Archive(
        layout,
        np.array(rows, dtype=np.float64).reshape(len(rows), width),
        np.where(np.isnan(value), start, value),
        known,
    )


def _float(text: str) -> float:
    return math.nan if text.strip() in {"U", ""} else float(text)
