"""A domain in the XML of libvirt's Xen driver: what differs from QEMU's, by pure functions.

That driver knows no sockets for disks, no aliases of ours and no virtio; so devices are found by their targets' names,
which are the guest's own, and VIFs by the end of their taps' names.
"""

from __future__ import annotations

import time
from xml.etree import ElementTree as ET

from common.idl.storage import BlockDevice, Implementation, RawFile
from common.idl.xen import (
    BootloaderBoot,
    DirectBoot,
    DiskType,
    DomainType,
    HvmBoot,
    Vif,
    Vm,
)
from common.idl.xen_errors import Unimplemented
from xenopsd.backend.base import Drive, Spec
from xenopsd.backend.libvirt.parts import NAMESPACE, add, check_served_here, element, text
from xenopsd.backend.libvirt.xml import VBD_ALIAS, VIF_ALIAS, Place, tap

URI = "xen:///system"
PREFERENCE = (BlockDevice, RawFile)
"""Ways to a disk: blkback opens block devices, the domain's own QEMU files."""

TYPES = {DomainType.PV: "linux", DomainType.HVM: "hvm"}
LOADER = "/usr/lib/xen/boot/hvmloader"
BOOT_DEVICES = {"c": "hd", "d": "cdrom", "n": "network"}


def domain(spec: Spec, place: Place, *, now: float | None = None) -> str:
    """The whole domain."""
    vm = spec.vm
    if vm.tpm:
        raise Unimplemented("a TPM by libvirt's Xen driver")
    root = element("domain", type="xen")
    add(root, "name", vm.id)
    add(root, "uuid", vm.id)
    mark = {"domid": str(place.domid), "started": repr(time.time() if now is None else now)}
    ET.SubElement(add(root, "metadata"), f"{{{NAMESPACE}}}domain", mark)
    add(root, "memory", str(vm.memory_static_max >> 10), unit="KiB")
    add(root, "currentMemory", str((spec.memory or vm.memory_dynamic_max) >> 10), unit="KiB")
    add(root, "vcpu", str(vm.vcpus_max), current=str(min(vm.vcpus, vm.vcpus_max)))
    _boot(root, vm)
    if vm.type is not DomainType.PV:
        features = add(root, "features")
        for feature in ("acpi", "apic"):
            add(features, feature)
    add(root, "clock", offset="utc")
    add(root, "on_poweroff", "destroy")
    # Xen makes another domain for a reboot, of which we would know nothing: ours is made by us.
    add(root, "on_reboot", "destroy")
    add(root, "on_crash", "preserve")
    devices = add(root, "devices")
    for drive in spec.drives:
        devices.append(disk(drive, vm.type))
    for vif in spec.vifs:
        devices.append(interface(vif, place.domid, vm.type))
    add(add(devices, "console", type="pty"), "target", type="serial" if vm.type is DomainType.HVM else "xen", port="0")
    if vm.type is DomainType.HVM:
        add(devices, "graphics", type="vnc", port="-1", autoport="yes", listen="127.0.0.1")
        add(add(devices, "video"), "model", type="vga", vram="16384")
        add(devices, "input", type="tablet", bus="usb")
    return text(root)


def disk(drive: Drive, type_: DomainType) -> ET.Element:
    """One drive. Raises `Unimplemented` for a disk that is reached by a socket only."""
    vbd, source = drive.vbd, drive.source
    check_served_here(vbd)
    kind = {DiskType.DISK: "disk", DiskType.CDROM: "cdrom", DiskType.FLOPPY: "floppy"}[vbd.type]
    root = element("disk", type="block" if isinstance(source, BlockDevice) else "file", device=kind)
    # blkback ("phy") takes only what is a block device; the rest is QEMU's.
    add(root, "driver", name="phy" if isinstance(source, BlockDevice) else "qemu", type="raw")
    if source is not None:
        root.append(_source(source))
    name, bus = _target(drive, type_)
    add(root, "target", dev=name, bus=bus)
    if vbd.read_only or vbd.type is DiskType.CDROM:
        add(root, "readonly")
    add(root, "alias", name=VBD_ALIAS + vbd.id.device)
    return root


def interface(vif: Vif, domid: int, type_: DomainType) -> ET.Element:
    """One interface."""
    check_served_here(vif)
    if not vif.bridge:
        raise Unimplemented("an interface without a bridge")
    root = element("interface", type="bridge")
    add(root, "mac", address=vif.mac)
    add(root, "source", bridge=vif.bridge)
    add(root, "script", path="vif-bridge")
    add(root, "target", dev=tap(domid, vif))
    # With an emulated card beside it, so that firmware and guests without drivers have a network.
    add(root, "model", type="rtl8139" if type_ is DomainType.HVM else "netfront")
    if vif.rate:
        add(add(root, "bandwidth"), "outbound", average=str(vif.rate))
    add(root, "alias", name=VIF_ALIAS + vif.id.device)
    return root


def _boot(root: ET.Element, vm: Vm) -> None:
    if isinstance(vm.boot, BootloaderBoot):
        if vm.type is not DomainType.PV:
            raise Unimplemented("a bootloader for a guest that is not paravirtual, by libvirt's Xen driver")
        add(root, "bootloader", vm.boot.bootloader)
        if vm.boot.bootloader_args:
            add(root, "bootloader_args", vm.boot.bootloader_args)
    system = add(root, "os")
    kind = TYPES.get(vm.type, "xenpvh")
    add(system, "type", kind, arch="x86_64", machine={"hvm": "xenfv", "linux": "xenpv"}.get(kind, "xenpvh"))
    if kind == "hvm":
        add(system, "loader", LOADER, type="rom")
    if isinstance(vm.boot, DirectBoot):
        for tag, value in (("kernel", vm.boot.kernel), ("initrd", vm.boot.ramdisk), ("cmdline", vm.boot.cmdline)):
            if value:
                add(system, tag, value)
    elif isinstance(vm.boot, HvmBoot):
        _firmware(system, vm.type, vm.boot)


def _firmware(system: ET.Element, type_: DomainType, boot: HvmBoot) -> None:
    if type_ is not DomainType.HVM:
        raise Unimplemented("firmware for a guest without emulated hardware")
    if boot.firmware != "bios":
        raise Unimplemented("UEFI by libvirt's Xen driver")
    for letter in dict.fromkeys(boot.order.lower()):
        if letter in BOOT_DEVICES:
            add(system, "boot", dev=BOOT_DEVICES[letter])


def _target(drive: Drive, type_: DomainType) -> tuple[str, str]:
    device = drive.vbd.id.device
    if type_ is DomainType.HVM and drive.vbd.type is DiskType.CDROM and device.startswith("xvd"):
        # hvmloader and guests without drivers see IDE drives only, the first four.
        return "hd" + device.removeprefix("xvd"), "ide"
    if type_ is DomainType.HVM and device.startswith("hd"):
        return device, "ide"
    return device, "xen"


def _source(source: Implementation) -> ET.Element:
    if isinstance(source, BlockDevice):
        return element("source", dev=source.path)
    if isinstance(source, RawFile):
        return element("source", file=source.path)
    raise Unimplemented("a disk that only a socket reaches, by libvirt's Xen driver")
