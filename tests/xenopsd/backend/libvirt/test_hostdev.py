"""The host's devices in what libvirt is told, and in what it answers."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from common.idl.xen_errors import (
    NoIommu,
    PciDeviceUnavailable,
)
from tests.xenopsd.pci_bus import DISKS, NIC, Sysfs
from tests.xenopsd.samples import vm
from xenopsd.backend.base import Spec
from xenopsd.backend.libvirt import hostdev, observe, xml

PLACE = xml.Place(domid=7, kvm=False, vt100="/c/vt100", rfb="/c/rfb")


def test_a_device_is_libvirts_to_bind() -> None:
    text = xml.domain(Spec(vm=vm(pci=["0001:a0:1f.6", NIC]), drives=[], vifs=[]), PLACE, now=1.0)

    first = ET.fromstring(text).find("devices/hostdev")
    assert first is not None
    assert first.attrib == {"mode": "subsystem", "type": "pci", "managed": "yes"}
    address = first.find("source/address")
    assert address is not None
    assert address.attrib == {"domain": "0x0001", "bus": "0xa0", "slot": "0x1f", "function": "0x6"}
    seen = observe.parse(text)
    assert seen is not None
    assert seen.pci == ["0001:a0:1f.6", NIC]


def test_a_device_that_no_iommu_holds_is_refused(tmp_path: Path) -> None:
    sysfs = Sysfs(tmp_path)
    sysfs.add(NIC, group="1")
    sysfs.add(DISKS)
    hostdev.check(vm(pci=[NIC]), sysfs.bus)
    with pytest.raises(NoIommu):
        hostdev.check(vm(pci=[NIC, DISKS]), sysfs.bus)
    with pytest.raises(PciDeviceUnavailable):
        hostdev.check(vm(pci=["0000:07:00.0"]), sysfs.bus)
