"""`sr.json` in an SR's directory: whose it is, and the SR's names."""

from __future__ import annotations

from pathlib import Path

import msgspec

from common.files import write_atomically

NAME = "sr.json"


class Marker(msgspec.Struct, frozen=True, kw_only=True):
    """`sr` is the SR's uuid."""

    sr: str
    name_label: str = ""
    name_description: str = ""


def read(directory: Path) -> Marker | None:
    """The marker, if the directory is an SR's. Raises `msgspec.DecodeError`."""
    try:
        return msgspec.json.decode((directory / NAME).read_bytes(), type=Marker)
    except FileNotFoundError:
        return None


def write(directory: Path, marker: Marker) -> None:
    """Mark the directory."""
    write_atomically(directory / NAME, msgspec.json.encode(marker))


def remove(directory: Path) -> None:
    """The directory is no SR's any more. Safe to repeat."""
    (directory / NAME).unlink(missing_ok=True)
