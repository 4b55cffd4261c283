"""The host's PCI devices in a domain. libvirt takes them from their drivers, for vfio, and gives them back."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from common.idl.xen import Vm
from common.idl.xen_errors import (
    NoIommu,
    PciDeviceUnavailable,
)
from xenopsd.backend.libvirt.parts import add, element
from xenopsd.xen.pci import Bus, parts

NAMES = {"domain": 4, "bus": 2, "slot": 2, "function": 1}
"""Parts of an address as libvirt calls them, with their hexadecimal digits."""


def check(vm: Vm, bus: Bus) -> None:
    """Raises `NoIommu`, `PciDeviceUnavailable` if the VM can't have its devices."""
    for address in vm.pci:
        if reason := bus.obstacle(address):
            raise PciDeviceUnavailable(vm.id, address, reason)
        if not bus.is_isolated(address):
            raise NoIommu(vm.id)


def described(address: str) -> ET.Element:
    """The device for the domain's XML."""
    root = element("hostdev", mode="subsystem", type="pci", managed="yes")
    numbers = zip(NAMES.items(), parts(address).values(), strict=True)
    words = {name: f"0x{number:0{digits}x}" for (name, digits), number in numbers}
    add(add(root, "source"), "address", **words)
    return root


def found(domain: ET.Element) -> list[str]:
    """Addresses of the devices that a domain has, of its XML."""
    addresses = []
    for source in domain.findall("devices/hostdev[@type='pci']/source/address"):
        domain_, bus, slot, function = (int(source.get(name, "0"), 16) for name in NAMES)
        addresses.append(f"{domain_:04x}:{bus:02x}:{slot:02x}.{function:x}")
    return addresses
