"""Which datapath has which disk, on disk until the next boot, so that a successor of this process knows it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from common.files import write_atomically
from common.idl.storage import DatapathState, DpId, VdiId
from sm import paths

NAME = "datapaths.json"


class _Saved(msgspec.Struct, frozen=True):
    boot: str
    states: list[DatapathState]


def read(directory: Path) -> list[DatapathState]:
    """The datapaths of the SR with this run directory."""
    try:
        saved = msgspec.json.decode((directory / NAME).read_bytes(), type=_Saved)
    except (FileNotFoundError, msgspec.DecodeError):
        # Never synced: half a file is what a power cut left, and nothing of that boot is open now.
        return []
    return saved.states if saved.boot == paths.boot_id() else []


class States:
    """The datapaths of one SR. Each change is saved before the call that caused it ends."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._states = {(state.dp, state.vdi): state for state in read(directory)}

    def all(self) -> list[DatapathState]:
        """All of them."""
        return list(self._states.values())

    def get(self, dp: DpId, vdi: VdiId) -> DatapathState | None:
        """One."""
        return self._states.get((dp, vdi))

    def of(self, vdi: VdiId) -> list[DatapathState]:
        """Those that have the disk."""
        return [state for state in self._states.values() if state.vdi == vdi]

    def vdis(self, dp: DpId) -> list[VdiId]:
        """The disks of a datapath."""
        return [vdi for (name, vdi) in self._states if name == dp]

    def put(self, state: DatapathState) -> None:
        """Add or replace."""
        self._states[state.dp, state.vdi] = state
        self._save(self._states.values())

    def drop(self, dp: DpId, vdi: VdiId) -> None:
        """Forget. Safe to repeat."""
        if self._states.pop((dp, vdi), None) is not None:
            self._save(self._states.values())

    def _save(self, states: Iterable[DatapathState]) -> None:
        content = msgspec.json.encode(_Saved(paths.boot_id(), list(states)))
        write_atomically(self._directory / NAME, content, sync=False)
