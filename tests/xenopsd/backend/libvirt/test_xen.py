"""What libvirt's Xen driver is told of a domain."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from common.idl.storage import BlockDevice, Implementation, NbdSocket, RawFile
from common.idl.xen import (
    BootloaderBoot,
    DiskType,
    DomainType,
    HvmBoot,
)
from common.idl.xen_errors import Unimplemented
from tests.xenopsd.samples import vbd, vif, vm
from xenopsd.backend.base import Drive, Spec
from xenopsd.backend.libvirt import observe, xen
from xenopsd.backend.libvirt.xml import Place

PLACE = Place(domid=7, kvm=False, vt100="/c/vt100", rfb="/c/rfb")
BLOCK = BlockDevice(path="/dev/nbd0")


def drive(device: str, position: int, source: Implementation | None = BLOCK, **fields: Any) -> Drive:
    return Drive(vbd=vbd(device, position, **fields), source=source)


def domain(*drives: Drive, **fields: Any) -> ET.Element:
    spec = Spec(vm=vm(**fields), drives=list(drives), vifs=[vif(0)], memory=1 << 29)
    return ET.fromstring(xen.domain(spec, PLACE, now=1000.0))


def shape(root: ET.Element, path: str) -> tuple[str | None, dict[str, str]]:
    found = root.find(path)
    assert found is not None, path
    return found.text, found.attrib


@pytest.mark.parametrize(
    ("type_", "kind", "machine"),
    [
        (DomainType.PV, "linux", "xenpv"),
        (DomainType.PVH, "xenpvh", "xenpvh"),
        (DomainType.HVM, "hvm", "xenfv"),
    ],
)
def test_each_type_has_its_machine_and_its_kernel(type_: DomainType, kind: str, machine: str) -> None:
    root = domain(type=type_)
    assert root.get("type") == "xen"
    assert shape(root, "os/type") == (kind, {"arch": "x86_64", "machine": machine})
    assert shape(root, "os/kernel")[0] == "/boot/vmlinuz"
    assert (root.find("os/loader") is not None) == (type_ is DomainType.HVM)
    assert (root.find("devices/graphics") is not None) == (type_ is DomainType.HVM)
    assert shape(root, "currentMemory")[0] == str(1 << 19)


def test_block_devices_go_to_blkback_and_files_to_qemu() -> None:
    root = domain(drive("xvda", 0), drive("xvdb", 1, RawFile(path="/x.raw"), read_only=True))
    first, second = root.findall("devices/disk")
    assert (shape(first, "driver")[1]["name"], shape(first, "source")[1]) == ("phy", {"dev": "/dev/nbd0"})
    assert (shape(second, "driver")[1]["name"], shape(second, "source")[1]) == ("qemu", {"file": "/x.raw"})
    assert second.find("readonly") is not None
    with pytest.raises(Unimplemented):
        domain(drive("xvda", 0, NbdSocket(socket="/s", export="x")))


def test_what_libvirt_answers_without_aliases_is_read_back() -> None:
    boot = HvmBoot(order="dc")
    root = domain(drive("xvda", 0), drive("xvdd", 3, None, type=DiskType.CDROM), type=DomainType.HVM, boot=boot)
    assert [each.get("dev") for each in root.findall("os/boot")] == ["cdrom", "hd"]
    for parent in root.findall("devices/*"):
        for alias in parent.findall("alias"):
            parent.remove(alias)
    seen = observe.parse(ET.tostring(root, encoding="unicode"))
    assert seen is not None
    assert (seen.domid, seen.disks) == (7, {"xvda": True, "xvdd": False})
    assert seen.interfaces == {"0": "vif7.0"}


def test_a_bootloader_is_for_paravirtual_guests() -> None:
    boot = BootloaderBoot(bootloader="pygrub", bootloader_args="-q")
    root = domain(type=DomainType.PV, boot=boot)
    assert (shape(root, "bootloader")[0], shape(root, "bootloader_args")[0]) == ("pygrub", "-q")
    for type_ in (DomainType.PVH, DomainType.HVM):
        with pytest.raises(Unimplemented):
            domain(type=type_, boot=boot)
    with pytest.raises(Unimplemented):
        domain(type=DomainType.PVH, boot=HvmBoot())


def test_a_tpm_is_refused() -> None:
    with pytest.raises(Unimplemented):
        domain(type=DomainType.HVM, tpm=True)
