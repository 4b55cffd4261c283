"""The wanted state and the observed one, as frozen records, and the file that keeps what is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from common.files import write_atomically
from common.idl.network import Bridge, InterfaceState


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """All bridges that xapi asked for, by name."""

    bridges: dict[str, Bridge] = {}

    def with_bridge(self, bridge: Bridge) -> Wanted:
        """This state with `bridge` added or replaced."""
        return Wanted(bridges={**self.bridges, bridge.name: bridge})

    def without(self, name: str) -> Wanted:
        """This state without the bridge `name`."""
        return Wanted(bridges={key: value for key, value in self.bridges.items() if key != name})


class Observed(msgspec.Struct, frozen=True, kw_only=True):
    """The host's interfaces, by name."""

    interfaces: Mapping[str, InterfaceState] = {}


def load(path: Path) -> Wanted:
    """The wanted state kept at `path`; empty when there is none."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Wanted)
    except FileNotFoundError:
        return Wanted()


def save(path: Path, wanted: Wanted) -> None:
    """Keep `wanted` at `path`, so that a reader sees the old state or the new one."""
    write_atomically(path, msgspec.json.encode(wanted))
