"""Writes small CD images: ISO 9660 level 1, all files in the root directory. See ECMA-119."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from datetime import UTC, datetime

SECTOR = 2048  # bytes
SYSTEM_AREA = 16  # sectors
LITTLE_PATHS, BIG_PATHS, ROOT, FIRST_FILE = SYSTEM_AREA + 2, SYSTEM_AREA + 3, SYSTEM_AREA + 4, SYSTEM_AREA + 5
DIRECTORY = 2  # file flag
TAIL = 150  # sectors; readers look ahead, some refuse an image that ends before they have


def image(label: str, files: Mapping[str, bytes], made: datetime) -> bytes:
    """A CD image with `files` (8.3 names in upper case). Raises `ValueError` when their directory exceeds a sector."""
    sectors = {}
    position = FIRST_FILE
    for name in sorted(files):
        sectors[name] = position
        position += max(1, _sectors(len(files[name])))
    records = [_record(b"\0", ROOT, SECTOR, made, DIRECTORY), _record(b"\1", ROOT, SECTOR, made, DIRECTORY)]
    records += [_record(f"{name};1".encode(), sectors[name], len(files[name]), made) for name in sorted(files)]
    directory = b"".join(records)
    if len(directory) > SECTOR:
        raise ValueError("too many files for one directory sector")
    parts = [
        bytes(SYSTEM_AREA * SECTOR),
        _primary(label, position + TAIL, made),
        _padded(b"\xffCD001\x01"),
        _padded(struct.pack("<BBIH", 1, 0, ROOT, 1) + b"\0\0"),
        _padded(struct.pack(">BBIH", 1, 0, ROOT, 1) + b"\0\0"),
        _padded(directory),
        *(_padded(files[name] or b"\0") for name in sorted(files)),
        bytes(TAIL * SECTOR),
    ]
    return b"".join(parts)


def _primary(label: str, sectors: int, made: datetime) -> bytes:
    stamp = made.astimezone(UTC).strftime("%Y%m%d%H%M%S00").encode() + b"\0"
    never = b"0" * 16 + b"\0"
    fields = [
        b"\x01CD001\x01\0",
        b"LINUX".ljust(32),
        label.encode("ascii").ljust(32),
        bytes(8),
        _both32(sectors),
        bytes(32),
        _both16(1) * 2,  # size and number of the volume set
        _both16(SECTOR),
        _both32(10),  # bytes of the path table
        struct.pack("<II", LITTLE_PATHS, 0),
        struct.pack(">II", BIG_PATHS, 0),
        _record(b"\0", ROOT, SECTOR, made, DIRECTORY),
        b" " * (128 * 4 + 37 * 3),
        stamp * 2 + never * 2,
        b"\x01",
    ]
    return _padded(b"".join(fields))


def _record(name: bytes, sector: int, size: int, made: datetime, flags: int = 0) -> bytes:
    when = made.astimezone(UTC)
    date = bytes([when.year - 1900, when.month, when.day, when.hour, when.minute, when.second, 0])
    body = b"\0" + _both32(sector) + _both32(size) + date + bytes([flags, 0, 0]) + _both16(1)
    body += bytes([len(name)]) + name
    body += b"\0" * ((len(body) + 1) % 2)
    return bytes([len(body) + 1]) + body


def _both16(value: int) -> bytes:
    return struct.pack("<H", value) + struct.pack(">H", value)


def _both32(value: int) -> bytes:
    return struct.pack("<I", value) + struct.pack(">I", value)


def _sectors(size: int) -> int:
    return -(-size // SECTOR)


def _padded(content: bytes) -> bytes:
    return content.ljust(_sectors(len(content)) * SECTOR, b"\0")
