"""The two formats of a plug-in's file, from bytes to values. Pure; nothing in the bytes is trusted.

Version 1 is text with an MD5 sum, version 2 binary with CRC-32 sums of the values and of their descriptions.
"""

from __future__ import annotations

import hashlib
import math
import re
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from common.idl.rrd import Owner
from rrdd.source import Kind, Source

MAGIC_1 = b"DATASOURCES\n"
MAGIC_2 = b"DATASOURCES"
HEADER_1 = re.compile(rb"DATASOURCES\n([0-9a-fA-F]{8})\n([0-9a-fA-F]{32})\n")
HEADER_2 = struct.Struct(">11sIIId")
CHECKED = 23  # offset of what the first sum of version 2 covers: the time and the values
MOST_SOURCES = 20_000
MOST_BYTES = 64 * 1024 * 1024
NAME = re.compile(r"[^\x00-\x1f\x7f]{1,256}")
OWNER = re.compile(r"(vm|sr) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


class BadPayload(Exception):
    """Not what the protocol says; the text says where."""


@dataclass(frozen=True, slots=True)
class Described:
    """What the values of a payload are: owner, uuid (empty for the host) and source of each, and which are integers."""

    owners: tuple[tuple[Owner, str], ...]
    sources: tuple[Source, ...]
    integers: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Payload:
    """One reading. `timestamp` is in seconds since the epoch; the sums tell whether something changed."""

    timestamp: float
    values: NDArray[np.float64]
    described: Described
    data_sum: object
    metadata_sum: object


def version(start: bytes) -> int:
    """1 or 2 by how a file begins; 0 for anything else."""
    if start.startswith(MAGIC_1):
        return 1
    return 2 if start.startswith(MAGIC_2) else 0


def read(content: bytes, before: Payload | None = None) -> Payload:
    """The payload in a file; descriptions are taken from `before` while their sum is the same. Raises `BadPayload`."""
    match version(content):
        case 1:
            return _read_1(content)
        case 2:
            return _read_2(content, before)
    raise BadPayload("no header")


def _read_2(content: bytes, before: Payload | None) -> Payload:
    if len(content) < HEADER_2.size:
        raise BadPayload("cut off in the header")
    _, data_sum, metadata_sum, count, timestamp = HEADER_2.unpack_from(content)
    end = HEADER_2.size + 8 * count
    if count > MOST_SOURCES or len(content) < end + 4:
        raise BadPayload(f"{count} values in {len(content)} bytes")
    if zlib.crc32(content[CHECKED:end]) != data_sum:
        raise BadPayload("wrong sum of the values")
    if before is not None and before.metadata_sum == metadata_sum and len(before.described.sources) == count:
        described = before.described
    else:
        described = _metadata(content, end, metadata_sum)
    if len(described.sources) != count:
        raise BadPayload(f"{count} values, {len(described.sources)} descriptions")
    raw = content[HEADER_2.size : end]
    values = np.frombuffer(raw, dtype=">f8").astype(np.float64)
    if described.integers.any():
        values = np.where(described.integers, np.frombuffer(raw, dtype=">i8").astype(np.float64), values)
    return Payload(_time(timestamp), values, described, data_sum, metadata_sum)


def _metadata(content: bytes, at: int, expected: int) -> Described:
    (length,) = struct.unpack_from(">I", content, at)
    metadata = content[at + 4 : at + 4 + length]
    if len(metadata) != length or zlib.crc32(metadata) != expected:
        raise BadPayload("wrong sum of the descriptions")
    return _described(_sources(_json(metadata.rstrip(b"\0"))), Kind.GAUGE)


def _read_1(content: bytes) -> Payload:
    found = HEADER_1.match(content)
    if found is None:
        raise BadPayload("no header of version 1")
    length = int(found[1], 16)
    body = content[found.end() : found.end() + length]
    if len(body) != length:
        raise BadPayload("cut off")
    digest = hashlib.md5(body, usedforsecurity=False).hexdigest()
    if digest.encode() != found[2].lower():
        raise BadPayload("wrong sum")
    tree = _json(body)
    sources = _sources(tree)
    described = _described(sources, Kind.ABSOLUTE, transform=False)
    values = np.array([_float(fields.get("value", "nan"), math.nan) for fields in sources.values()], dtype=np.float64)
    names = tuple(sources)
    return Payload(_time(tree.get("timestamp")), values, described, digest, names)


def _json(content: bytes) -> Mapping[str, Any]:
    try:
        tree = msgspec.json.decode(content)
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadPayload(f"no JSON: {error}") from error
    if not isinstance(tree, dict):
        raise BadPayload("no JSON object")
    return tree


def _sources(tree: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    sources = tree.get("datasources")
    if not isinstance(sources, dict) or not all(isinstance(fields, dict) for fields in sources.values()):
        raise BadPayload("no data sources")
    if len(sources) > MOST_SOURCES:
        raise BadPayload(f"{len(sources)} sources")
    return sources


def _described(sources: Mapping[str, Mapping[str, Any]], kind: Kind, *, transform: bool = True) -> Described:
    return Described(
        tuple(_owner(fields.get("owner", "host")) for fields in sources.values()),
        tuple(_source(name, fields, kind, transform=transform) for name, fields in sources.items()),
        np.array([fields.get("value_type") == "int64" for fields in sources.values()], dtype=bool),
    )


def _source(name: str, fields: Mapping[str, Any], kind: Kind, *, transform: bool) -> Source:
    if not NAME.fullmatch(name):
        raise BadPayload(f"a name that can't be: {name!r:.50}")
    try:
        told = Kind(str(fields.get("type", kind.value)).upper())
    except ValueError as error:
        raise BadPayload(f"{name}: type {fields.get('type')!r:.50}") from error
    return Source(
        name=name,
        doc=str(fields.get("description", ""))[:1024],
        units=str(fields.get("units", ""))[:64],
        kind=told,
        minimum=_float(fields.get("min", "-inf"), -math.inf),
        maximum=_float(fields.get("max", "inf"), math.inf),
        default=str(fields.get("default", "false")).lower() == "true",
        inverse=transform and fields.get("transform") == "inverse",
    )


def _owner(told: object) -> tuple[Owner, str]:
    if told == "host":
        return Owner.HOST, ""
    found = OWNER.fullmatch(told.lower()) if isinstance(told, str) else None
    if found is None:
        raise BadPayload(f"owner {told!r:.50}")
    return Owner(found[1]), found[2]


def _float(told: object, absent: float) -> float:
    try:
        value = float(told) if isinstance(told, str | int | float) else math.nan
    except (ValueError, OverflowError) as error:
        raise BadPayload(f"no number: {told!r:.50}") from error
    return absent if math.isnan(value) else value


def _time(told: object) -> float:
    if not isinstance(told, int | float) or not math.isfinite(told) or not 0 <= told < 1e11:
        raise BadPayload(f"timestamp {told!r:.50}")
    return float(told)
