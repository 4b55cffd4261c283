"""Devices that go to VMs and come back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from common.idl.xen import (
    DomainType,
    VmId,
)
from common.idl.xen_errors import (
    NoIommu,
    PciDeviceUnavailable,
)
from tests.xenopsd.pci_bus import DISKS, NIC, Sysfs
from tests.xenopsd.samples import GIB, VM, vm
from xenopsd.backend.libxl.pci import Passthrough
from xenopsd.xen.processes import LibxlFailed

OTHER = VmId("11111111-0000-4000-8000-000000000002")


class Machine:
    """A host with a card and a controller, and what xenopsd keeps of them over its death. It binds as libxl does."""

    def __init__(self, folder: Path) -> None:
        self.sysfs = Sysfs(folder)
        self.sysfs.add(NIC, driver="e1000e")
        self.sysfs.add(DISKS, driver="virtio-pci")
        self.files = folder / "pci"
        self.fail: set[str] = set()
        self.given_back: list[str] = []
        self._before: dict[str, str] = {}

    @property
    def passthrough(self) -> Passthrough:
        """As a new xenopsd finds it."""
        return Passthrough(self.files, self.sysfs.bus)

    @property
    def drivers(self) -> tuple[str, str]:
        return self.sysfs.bus.driver(NIC), self.sysfs.bus.driver(DISKS)

    async def take(self, vm_: VmId, *addresses: str) -> None:
        """As the build of a domain: claimed, then bound to pciback, but for what fails."""
        await self.passthrough.claim(vm_, addresses)
        for address in addresses:
            if address not in self.fail and (driver := self.sysfs.bus.driver(address)) != "pciback":
                self._before[address] = driver
                self.sysfs.drive(address, "pciback")

    async def give_back(self, vm_: VmId) -> None:
        processes: Any = self
        await self.passthrough.give_back(processes, vm_)

    async def short(self, call: str, *, pci: dict[str, int]) -> None:
        """libxl, asked by xenopsd."""
        assert call == "give_back"
        address = "{domain:04x}:{bus:02x}:{dev:02x}.{func:x}".format(**pci)
        if address in self.fail:
            raise LibxlFailed(call, -3, "libxl: failed")
        self.given_back.append(address)
        self.sysfs.drive(address, self._before.pop(address, ""))


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


async def test_a_device_goes_to_pciback_and_back_to_its_driver(machine: Machine) -> None:
    await machine.take(VM, NIC)
    assert machine.drivers == ("pciback", "virtio-pci")
    await machine.give_back(VM)
    assert machine.drivers == ("e1000e", "virtio-pci")
    await machine.give_back(VM)
    assert machine.given_back == [NIC]


async def test_what_an_administrator_keeps_for_guests_stays_with_pciback(machine: Machine) -> None:
    machine.sysfs.drive(NIC, "pciback")
    await machine.take(VM, NIC, DISKS)
    await machine.give_back(VM)
    assert machine.drivers == ("pciback", "virtio-pci")


async def test_a_killed_successor_gives_back_what_its_predecessor_took(machine: Machine) -> None:
    machine.fail = {DISKS}
    await machine.take(VM, NIC, DISKS)
    assert machine.drivers == ("pciback", "virtio-pci")
    # Taken once more by the VM's next start, which finds it with pciback: it is dom0's all the same.
    await machine.take(VM, NIC)
    await machine.give_back(VM)
    assert machine.drivers == ("e1000e", "virtio-pci")
    assert machine.given_back == [NIC]


async def test_what_can_not_go_back_is_tried_again(machine: Machine) -> None:
    await machine.take(VM, NIC)
    machine.fail = {NIC}
    await machine.give_back(VM)
    assert machine.drivers[0] == "pciback"
    machine.fail = set()
    await machine.give_back(VM)
    assert machine.drivers[0] == "e1000e"


async def test_a_device_is_one_vms(machine: Machine) -> None:
    machine.passthrough.check(vm(pci=[NIC]), GIB, iommu=True, used={NIC: VM})
    with pytest.raises(PciDeviceUnavailable, match=f"VM {OTHER} has it"):
        machine.passthrough.check(vm(pci=[NIC]), GIB, iommu=True, used={NIC: OTHER})
    await machine.take(OTHER, NIC)
    with pytest.raises(PciDeviceUnavailable, match=f"VM {OTHER} has it"):
        machine.passthrough.check(vm(pci=[DISKS, NIC]), GIB, iommu=True, used={})
    with pytest.raises(PciDeviceUnavailable, match=f"VM {OTHER} has it"):
        await machine.take(VM, NIC)
    await machine.give_back(VM)
    assert machine.drivers[0] == "pciback"
    await machine.give_back(OTHER)
    machine.passthrough.check(vm(pci=[DISKS, NIC]), GIB, iommu=True, used={})


async def test_of_two_vms_that_start_at_once_one_has_the_device(machine: Machine) -> None:
    for each in (VM, OTHER):
        machine.passthrough.check(vm(id=each, pci=[NIC]), GIB, iommu=True, used={})
    await machine.passthrough.claim(VM, [NIC])
    with pytest.raises(PciDeviceUnavailable, match=f"VM {VM} has it"):
        await machine.passthrough.claim(OTHER, [NIC])


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
