"""Rows of metrics from rrdd, by object."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from common import http
from common.config import under_root
from common.errors import DaemonUnreachable
from common.idl.rrd import SOCKET

Owner = tuple[str, str]
"""`vm`, `host` or `sr`, and a uuid."""


class Meta(msgspec.Struct):
    """As rrdd writes it: every number is a string."""

    step: str
    end: str
    legend: list[str]


class Line(msgspec.Struct):
    """One row."""

    t: str
    values: list[str]


class Answer(msgspec.Struct):
    """`/rrd_updates` as JSON."""

    meta: Meta
    data: list[Line]


@dataclass(frozen=True, slots=True)
class Rows:
    """What is new: rows oldest first, each with its time and the values by owner."""

    end: int
    step: int
    owners: frozenset[Owner]
    rows: list[tuple[int, dict[Owner, dict[str, float]]]]


async def since(start: int, step: int) -> Rows:
    """Averages after `start` (negative: seconds back from now). Raises `DaemonUnreachable`."""
    target = f"/rrd_updates?start={start}&host=true&vm_uuid=all&sr_uuid=all&cf=AVERAGE&interval={step}&json=true"
    path = str(under_root(SOCKET))
    async with http.request(path, "GET", target) as response:
        body = b"".join([piece async for piece in response.pieces()])
    if response.status != 200:
        raise DaemonUnreachable(path, f"{target}: {response.status}")
    return parse(body)


def parse(body: bytes) -> Rows:
    """The answer of rrdd; entries of its legend that are no four parts are left out."""
    answer = msgspec.json.decode(body, type=Answer)
    columns = dict(_columns(answer.meta.legend))
    rows = []
    for line in reversed(answer.data):
        values: dict[Owner, dict[str, float]] = {}
        for column, (owner, name) in columns.items():
            values.setdefault(owner, {})[name] = _number(line.values[column])
        rows.append((int(line.t), values))
    return Rows(int(answer.meta.end), int(answer.meta.step), frozenset(owner for owner, _ in columns.values()), rows)


def _columns(legend: list[str]) -> Iterator[tuple[int, tuple[Owner, str]]]:
    for column, entry in enumerate(legend):
        parts = entry.split(":")
        if len(parts) == 4:
            yield column, ((parts[1], parts[2]), parts[3])


def _number(text: str) -> float:
    return math.nan if text == "NaN" else float(text)
