"""Devices that go to VMs and come back."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from common.idl.xen import DomainType, NoIommu, PciDeviceUnavailable, VmId
from tests.xenopsd.pci_bus import DISKS, NIC, Sysfs
from tests.xenopsd.samples import GIB, VM, vm
from xenopsd.backend.libxl.pci import Passthrough
from xenopsd.xen.processes import LibxlFailed

OTHER = VmId("11111111-0000-4000-8000-000000000002")


class Libxl:
    """Binds devices as libxl does, remembering who had them; `fail` says what it can't bind, or give back."""

    def __init__(self, sysfs: Sysfs) -> None:
        self._sysfs = sysfs
        self._before: dict[str, str] = {}
        self.fail: set[str] = set()
        self.calls: list[tuple[str, bool]] = []

    async def short(self, call: str, *, pci: dict[str, int], add: bool) -> None:
        assert call == "assignable"
        address = "{domain:04x}:{bus:02x}:{dev:02x}.{func:x}".format(**pci)
        self.calls.append((address, add))
        await asyncio.sleep(0)
        if address in self.fail:
            raise LibxlFailed("assignable", -3, "libxl: failed")
        if add and self._sysfs.bus.driver(address) != "pciback":
            self._before[address] = self._sysfs.bus.driver(address)
        self._sysfs.drive(address, "pciback" if add else self._before.pop(address, ""))


class Machine:
    """A host with a card and a controller, and what xenopsd keeps of them over its own death."""

    def __init__(self, folder: Path) -> None:
        self.sysfs = Sysfs(folder)
        self.sysfs.add(NIC, driver="e1000e")
        self.sysfs.add(DISKS, driver="virtio-pci")
        self.libxl: Any = Libxl(self.sysfs)
        self.files = folder / "pci"

    @property
    def passthrough(self) -> Passthrough:
        """As a new xenopsd finds it."""
        return Passthrough(self.files, self.sysfs.bus)

    @property
    def drivers(self) -> tuple[str, str]:
        return self.sysfs.bus.driver(NIC), self.sysfs.bus.driver(DISKS)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


async def test_a_device_goes_to_pciback_and_back_to_its_driver(machine: Machine) -> None:
    await machine.passthrough.take(machine.libxl, VM, [NIC])
    assert machine.drivers == ("pciback", "virtio-pci")
    await machine.passthrough.give_back(machine.libxl, VM)
    assert machine.drivers == ("e1000e", "virtio-pci")
    await machine.passthrough.give_back(machine.libxl, VM)
    assert machine.libxl.calls == [(NIC, True), (NIC, False)]


async def test_what_an_administrator_keeps_for_guests_stays_with_pciback(machine: Machine) -> None:
    machine.sysfs.drive(NIC, "pciback")
    await machine.passthrough.take(machine.libxl, VM, [NIC, DISKS])
    await machine.passthrough.give_back(machine.libxl, VM)
    assert machine.drivers == ("pciback", "virtio-pci")


async def test_a_killed_successor_gives_back_what_its_predecessor_took(machine: Machine) -> None:
    machine.libxl.fail = {DISKS}
    with pytest.raises(LibxlFailed):
        await machine.passthrough.take(machine.libxl, VM, [NIC, DISKS])
    assert machine.drivers == ("pciback", "virtio-pci")
    machine.libxl.fail = set()
    # Taken once more by the VM's next start, which finds it with pciback: it is dom0's all the same.
    await machine.passthrough.take(machine.libxl, VM, [NIC])
    await machine.passthrough.give_back(machine.libxl, VM)
    assert machine.drivers == ("e1000e", "virtio-pci")
    assert (DISKS, False) not in machine.libxl.calls


async def test_what_can_not_go_back_is_tried_again(machine: Machine) -> None:
    await machine.passthrough.take(machine.libxl, VM, [NIC])
    machine.libxl.fail = {NIC}
    await machine.passthrough.give_back(machine.libxl, VM)
    assert machine.drivers[0] == "pciback"
    machine.libxl.fail = set()
    await machine.passthrough.give_back(machine.libxl, VM)
    assert machine.drivers[0] == "e1000e"


async def test_a_device_is_one_vms(machine: Machine) -> None:
    machine.passthrough.check(vm(pci=[NIC]), GIB, iommu=True, used={NIC: VM})
    with pytest.raises(PciDeviceUnavailable, match=f"VM {OTHER} has it"):
        machine.passthrough.check(vm(pci=[NIC]), GIB, iommu=True, used={NIC: OTHER})
    await machine.passthrough.take(machine.libxl, OTHER, [NIC])
    with pytest.raises(PciDeviceUnavailable, match=f"VM {OTHER} has it"):
        machine.passthrough.check(vm(pci=[DISKS, NIC]), GIB, iommu=True, used={})
    with pytest.raises(PciDeviceUnavailable, match=f"VM {OTHER} has it"):
        await machine.passthrough.take(machine.libxl, VM, [NIC])
    await machine.passthrough.give_back(machine.libxl, OTHER)
    machine.passthrough.check(vm(pci=[DISKS, NIC]), GIB, iommu=True, used={})


async def test_of_two_vms_that_start_at_once_one_has_the_device(machine: Machine) -> None:
    results = await asyncio.gather(
        *(machine.passthrough.take(machine.libxl, each, [NIC]) for each in (VM, OTHER)), return_exceptions=True
    )
    assert [type(result) for result in results] == [type(None), PciDeviceUnavailable]
    await machine.passthrough.give_back(machine.libxl, OTHER)
    assert machine.drivers[0] == "pciback"
    await machine.passthrough.give_back(machine.libxl, VM)
    assert machine.drivers[0] == "e1000e"


def test_what_a_vm_needs_to_have_a_device(machine: Machine) -> None:
    check = machine.passthrough.check
    check(vm(), GIB, iommu=False, used={})
    with pytest.raises(NoIommu):
        check(vm(pci=[NIC]), GIB, iommu=False, used={})
    with pytest.raises(PciDeviceUnavailable, match="no such device"):
        check(vm(pci=["0000:09:00.0"]), GIB, iommu=True, used={})
    for kind in (DomainType.PVH, DomainType.PV_IN_PVH):
        with pytest.raises(PciDeviceUnavailable, match="PVH"):
            check(vm(pci=[NIC], type=kind), GIB, iommu=True, used={})
    with pytest.raises(PciDeviceUnavailable, match="all its memory"):
        check(vm(pci=[NIC]), GIB - 1, iommu=True, used={})
    check(vm(pci=[NIC], type=DomainType.PV), GIB - 1, iommu=True, used={})
