"""The VMs we manage with their devices and what is open for them: one JSON file each, a cache of it in memory.

Written by rename without sync: a killed xenopsd loses nothing, and after a power cut no domain runs and xapi tells
everything anew, so a file that cannot be read counts as absent.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import msgspec

from common.files import write_atomically
from common.idl.storage import Implementation
from common.idl.xen import (
    DeviceId,
    Disk,
    Vbd,
    Vif,
    Vm,
    VmId,
)
from common.idl.xen_errors import DoesNotExist

log = logging.getLogger(__name__)


class Phase(StrEnum):
    """Where a VM is between halted and running. A domain found in `STARTING` or `STOPPING` is half-made: destroyed."""

    HALTED = "halted"
    STARTING = "starting"
    RUNNING = "running"
    SENDING = "sending"
    """It runs, but we may have stopped its guest to save or move it: if we are interrupted, it runs on."""
    LEAVING = "leaving"
    """Its guest was stopped, and given to another host: it must not run here until it is known not to run there."""
    STOPPING = "stopping"


class Open(msgspec.Struct, frozen=True, kw_only=True):
    """A disk we asked sm for; `source` None while sm has not answered."""

    disk: Disk
    read_only: bool
    source: Implementation | None = None
    active: bool = True
    """False: let go of so that another host may take it; to be opened again if the VM stays."""


class Record(msgspec.Struct, kw_only=True):
    """A VM with what belongs to it. Owned by the store: change it, then `save`."""

    vm: Vm
    vbds: dict[str, Vbd] = {}
    vifs: dict[str, Vif] = {}
    phase: Phase = Phase.HALTED
    last_start_time: float = 0.0
    last_crash_time: float = 0.0
    suspended_memory: int = 0
    """Bytes the domain had when it was suspended; 0 when unknown."""
    open: dict[str, Open] = {}
    """By device; written before sm is asked, so that what a killed xenopsd opened is closed."""
    active_vbds: set[str] = set()
    active_vifs: set[str] = set()


class Store:
    """All records. Loaded once."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory / "vm"
        self._records: dict[VmId, Record] = {}
        self._directory.mkdir(parents=True, exist_ok=True)
        for path in sorted(self._directory.glob("*.json")):
            try:
                record = msgspec.json.decode(path.read_bytes(), type=Record)
            except msgspec.DecodeError as error:
                log.warning("%s: %s", path, error)
                continue
            self._records[record.vm.id] = record

    def __contains__(self, vm: VmId) -> bool:
        return vm in self._records

    def __iter__(self) -> Iterator[Record]:
        return iter(list(self._records.values()))

    def memory_range(self, vm: VmId) -> tuple[int, int] | None:
        """The dynamic range in bytes; None for a VM that is not ours."""
        record = self._records.get(vm)
        return None if record is None else (record.vm.memory_dynamic_min, record.vm.memory_dynamic_max)

    def get(self, vm: VmId) -> Record:
        """Raises `DoesNotExist`."""
        record = self._records.get(vm)
        if record is None:
            raise DoesNotExist("VM", vm)
        return record

    def vbd(self, id_: DeviceId) -> Vbd:
        """Raises `DoesNotExist`."""
        vbd = self.get(id_.vm).vbds.get(id_.device)
        if vbd is None:
            raise DoesNotExist("VBD", f"{id_.vm}.{id_.device}")
        return vbd

    def vif(self, id_: DeviceId) -> Vif:
        """Raises `DoesNotExist`."""
        vif = self.get(id_.vm).vifs.get(id_.device)
        if vif is None:
            raise DoesNotExist("VIF", f"{id_.vm}.{id_.device}")
        return vif

    def add(self, vm: Vm) -> Record:
        """Know `vm`, or know it anew."""
        record = self._records.get(vm.id)
        if record is None:
            record = self._records[vm.id] = Record(vm=vm)
        record.vm = vm
        self.save(record)
        return record

    def save(self, record: Record) -> None:
        """Put the record on disk."""
        write_atomically(self._path(record.vm.id), msgspec.json.encode(record), sync=False)

    def forget(self, vm: VmId) -> None:
        """Safe to repeat."""
        self._records.pop(vm, None)
        self._path(vm).unlink(missing_ok=True)

    def _path(self, vm: VmId) -> Path:
        return self._directory / f"{vm}.json"
