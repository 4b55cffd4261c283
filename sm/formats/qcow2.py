"""The qcow2 format: reads headers, writes empty images. Big-endian throughout; see QEMU's docs/interop/qcow2.txt."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from pathlib import Path

MAGIC = b"QFI\xfb"
CLUSTER_BITS = 16
CLUSTER = 1 << CLUSTER_BITS
MAX_SIZE = 16 << 40  # bytes; what the original allows
HEADER = struct.Struct(">4sIQIIQIIQQIIQQQQII")
HEADER_LENGTH = HEADER.size  # 104, what version 3 requires
EXTENSION_END = 0
EXTENSION_BACKING_FORMAT = 0xE2792ACA
ENTRIES_PER_TABLE = CLUSTER // 8
COVERED_BY_TABLE = ENTRIES_PER_TABLE * CLUSTER  # bytes of the disk that one L2 table maps
REFCOUNT_ORDER = 4  # 16-bit counters


class FormatError(Exception):
    """A file that is not the image its name says."""


@dataclass(frozen=True)
class Header:
    """What a header tells. `backing`: the file name as written, empty without one."""

    virtual_size: int
    backing: str
    l1_offset: int
    l1_entries: int
    cluster_size: int
    incompatible_features: int


def read_header(path: Path) -> Header:
    """The header of the image at `path`. Raises `FormatError`, `OSError`."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return parse_header(os.pread(descriptor, 4096, 0), str(path))
    finally:
        os.close(descriptor)


def parse_header(start: bytes, name: str = "image") -> Header:
    """The header in the first bytes of an image. Raises `FormatError`."""
    if len(start) < 72 or start[:4] != MAGIC:
        raise FormatError(f"{name}: no qcow2 header")
    # Version 2 ends after 72 bytes; the fields behind read as 0 there.
    fields = HEADER.unpack(start[:HEADER_LENGTH].ljust(HEADER_LENGTH, b"\0"))
    _, version, backing_offset, backing_length, cluster_bits, size, crypt, l1_entries, l1_offset = fields[:9]
    if version not in (2, 3) or not 9 <= cluster_bits <= 21:
        raise FormatError(f"{name}: qcow2 version {version} with clusters of 2^{cluster_bits}")
    if crypt:
        raise FormatError(f"{name}: encrypted")
    end = backing_offset + backing_length
    if backing_offset and (backing_length > 1023 or end > len(start)):
        raise FormatError(f"{name}: backing file name outside of the header")
    backing = start[backing_offset:end].decode(errors="surrogateescape") if backing_offset else ""
    incompatible = fields[13] if version >= 3 else 0
    return Header(size, backing, l1_offset, l1_entries, 1 << cluster_bits, incompatible)


def is_empty(path: Path, header: Header) -> bool:
    """Whether a closed image holds nothing itself, so that all it shows is its backing file's."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return not any(os.pread(descriptor, header.l1_entries * 8, header.l1_offset))
    finally:
        os.close(descriptor)


def write_empty(path: Path, size: int, backing: str = "", backing_format: str = "") -> None:
    """Make an image of `size` bytes without content, on stable storage when this returns; `path` must not exist."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        for offset, content in _empty(size, backing.encode(errors="surrogateescape"), backing_format.encode()):
            os.pwrite(descriptor, content, offset)
        os.ftruncate(descriptor, _clusters(size) * CLUSTER)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _l1_entries(size: int) -> int:
    return max(1, -(-size // COVERED_BY_TABLE))


def _clusters(size: int) -> int:
    # Header, refcount table, one refcount block, then the L1 table.
    return 3 + -(-_l1_entries(size) * 8 // CLUSTER)


def _empty(size: int, backing: bytes, backing_format: bytes) -> list[tuple[int, bytes]]:
    extensions = b""
    if backing_format:
        padded = backing_format.ljust(-(-len(backing_format) // 8) * 8, b"\0")
        extensions += struct.pack(">II", EXTENSION_BACKING_FORMAT, len(backing_format)) + padded
    extensions += struct.pack(">II", EXTENSION_END, 0)
    name_offset = HEADER_LENGTH + len(extensions) if backing else 0
    header = HEADER.pack(
        MAGIC, 3, name_offset, len(backing), CLUSTER_BITS, size, 0, _l1_entries(size), 3 * CLUSTER,
        CLUSTER, 1, 0, 0, 0, 0, 0, REFCOUNT_ORDER, HEADER_LENGTH,
    )  # fmt: skip
    counters = struct.pack(">H", 1) * _clusters(size)
    return [(0, header + extensions + backing), (CLUSTER, struct.pack(">Q", 2 * CLUSTER)), (2 * CLUSTER, counters)]
