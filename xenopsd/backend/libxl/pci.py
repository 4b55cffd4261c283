"""The host's PCI devices that VMs have: taken from dom0's drivers when a VM starts, given back when it has ended.

What was taken for a VM stands in a file of its own, written before it is taken, so that a killed xenopsd gives it back.
A device that an administrator keeps for guests, with pciback since boot, is nobody's to give back.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from common import command
from common.files import write_atomically
from common.idl.xen import (
    DomainType,
    Vm,
    VmId,
)
from common.idl.xen_errors import (
    NoIommu,
    PciDeviceUnavailable,
)
from xenopsd.xen.pci import PCIBACK, Bus, parts
from xenopsd.xen.processes import LibxlFailed, Processes

log = logging.getLogger(__name__)


class Passthrough:
    """All of them. `directory` holds the files."""

    def __init__(self, directory: Path, bus: Bus | None = None) -> None:
        self._directory = directory
        self._bus = bus or Bus()

    def check(self, vm: Vm, memory: int, *, iommu: bool, used: Mapping[str, str]) -> None:
        """Raises `NoIommu`, `PciDeviceUnavailable` if the VM, with `memory` bytes, can't have its devices.

        `used`: devices of running domains, with their VMs' ids.
        """
        if not vm.pci:
            return
        if not iommu:
            raise NoIommu(vm.id)
        owners = {**self._owners(), **used}
        for address in vm.pci:
            reason = _refusal(vm, memory) or self._bus.obstacle(address)
            owner = owners.get(address, vm.id)
            if not reason and owner != vm.id:
                reason = f"VM {owner} has it"
            if reason:
                raise PciDeviceUnavailable(vm.id, address, reason)

    async def claim(self, vm: VmId, addresses: Sequence[str]) -> None:
        """Remember which of them dom0 drives: they are about to be taken. Of two VMs only one may have a device.

        Raises `PciDeviceUnavailable`, `CommandFailed`.
        """
        if not addresses:
            return
        if not self._bus.has_pciback:
            await command.run("modprobe", "xen-pciback")
        owners = self._owners()
        for address in addresses:
            if (owner := owners.get(address, vm)) != vm:
                raise PciDeviceUnavailable(vm, address, f"VM {owner} has it")
        driven = [address for address in addresses if self._bus.driver(address) != PCIBACK]
        write_atomically(self._file(vm), msgspec.json.encode(sorted({*self.taken(vm), *driven})), sync=False)

    async def give_back(self, processes: Processes, vm: VmId) -> None:
        """Let dom0's drivers have again what was taken from them. Safe to repeat."""
        kept = []
        for address in self.taken(vm):
            if self._bus.driver(address) == PCIBACK:
                try:
                    await processes.short("give_back", pci=parts(address))
                except LibxlFailed as error:
                    log.warning("VM %s: %s does not go back to dom0: %s", vm, address, error)
                    kept.append(address)
        if kept:
            write_atomically(self._file(vm), msgspec.json.encode(kept), sync=False)
        else:
            self._file(vm).unlink(missing_ok=True)

    def taken(self, vm: str) -> list[str]:
        """What was taken for the VM, or is about to be."""
        with contextlib.suppress(FileNotFoundError, msgspec.DecodeError):
            return msgspec.json.decode(self._file(vm).read_bytes(), type=list[str])
        return []

    def _owners(self) -> dict[str, str]:
        return {address: file.stem for file in self._directory.glob("*.json") for address in self.taken(file.stem)}

    def _file(self, vm: str) -> Path:
        return self._directory / f"{vm}.json"


def _refusal(vm: Vm, memory: int) -> str:
    """Why the VM could have no device at all."""
    if vm.type not in {DomainType.HVM, DomainType.PV}:
        return "a PVH guest has no PCI bus in this Xen"
    if vm.type is DomainType.HVM and memory < vm.memory_static_max:
        return "an HVM guest with a device must have all its memory from the start"
    return ""
