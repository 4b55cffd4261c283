"""A domain in libvirt's XML, by pure functions. Names of devices travel as aliases: `ua-vbd-xvda`, `ua-vif-0`.

The machine type is `pc`, not `q35`: its bus takes some 25 hot-plugged devices without a port prepared for each (each
root port costs boot time), and its IDE drives are those whose media changes were tried.
"""

from __future__ import annotations

import copy
import time
from dataclasses import dataclass
from xml.etree import ElementTree as ET
from xml.sax.saxutils import quoteattr

from common.idl.storage import BlockDevice, Implementation, NbdSocket
from common.idl.xen import (
    Action,
    DirectBoot,
    DiskType,
    HvmBoot,
    Vif,
    Vm,
)
from common.idl.xen_errors import Unimplemented
from xenopsd.backend.base import Drive, Spec
from xenopsd.backend.libvirt import hostdev
from xenopsd.backend.libvirt.layout import EMULATOR
from xenopsd.backend.libvirt.parts import NAMESPACE, check_served_here
from xenopsd.backend.libvirt.parts import add as _add
from xenopsd.backend.libvirt.parts import element as _element
from xenopsd.backend.libvirt.parts import text as _text

VBD_ALIAS, VIF_ALIAS = "ua-vbd-", "ua-vif-"
IDE_DRIVES = 4
GUEST_AGENT = "org.qemu.guest_agent.0"
IN_PLACE = frozenset({Action.RESTART, Action.SOFT_REBOOT, Action.RENAME_RESTART, Action.COREDUMP_AND_RESTART})


@dataclass(frozen=True, slots=True)
class Firmware:
    """UEFI: read-only code, and this guest's variables made from a template."""

    code: str
    template: str
    variables: str


@dataclass(frozen=True, slots=True)
class Place:
    """What this host adds to a guest: an id, acceleration and where its consoles listen (paths short enough)."""

    domid: int
    kvm: bool
    vt100: str
    rfb: str
    firmware: Firmware | None = None
    cpus: str = ""
    """The only CPUs that it runs on, as `0-3,8`; empty: any."""


def domain(spec: Spec, place: Place, *, now: float | None = None) -> str:
    """The whole domain."""
    vm = spec.vm
    root = _element("domain", type="kvm" if place.kvm else "qemu")
    _add(root, "name", vm.id)
    _add(root, "title", vm.name.replace("\n", " ") or vm.id)
    _add(root, "uuid", vm.id)
    root.append(_metadata(place.domid, time.time() if now is None else now))
    _add(root, "memory", str(vm.memory_static_max >> 10), unit="KiB")
    _add(root, "currentMemory", str(vm.memory_dynamic_max >> 10), unit="KiB")
    _pin(_add(root, "vcpu", str(vm.vcpus_max), current=str(min(vm.vcpus, vm.vcpus_max))), place.cpus)
    _tune(root, vm)
    root.append(_os(vm, place.firmware))
    features = _add(root, "features")
    for feature in ("acpi", "apic"):
        _add(features, feature)
    _add(root, "cpu", mode="host-passthrough" if place.kvm else "maximum", check="none")
    root.append(_clock(vm))
    _add(root, "on_poweroff", "destroy")
    _add(root, "on_reboot", "restart" if vm.on_reboot in IN_PLACE else "destroy")
    # A crashed domain is kept until we have seen that it crashed.
    _add(root, "on_crash", "preserve")
    root.append(_devices(spec, place))
    _add(root, "seclabel", type="none")
    return _text(root)


def disk(drive: Drive, *, drives: list[Drive], order: int | None = None) -> str:
    """One drive; `drives` are all of the VM, among which CD drives are counted."""
    return _text(_disk(drive, drives, order))


def interface(vif: Vif, domid: int, *, boots: bool = False, order: int | None = None) -> str:
    """One interface."""
    return _text(_interface(vif, domid, boots, order))


def tap(domid: int, vif: Vif) -> str:
    """Name of the interface on this host."""
    return f"vif{domid}.{vif.position}"


def with_sources(saved: str, drives: list[Drive]) -> str:
    """The XML of a saved domain with its disks where they are today: sockets differ from one attachment to another."""
    root = ET.fromstring(saved)  # noqa: S314 - libvirt's own
    by_alias = {VBD_ALIAS + drive.vbd.id.device: drive for drive in drives}
    for found in root.findall("devices/disk"):
        alias = found.find("alias")
        drive = by_alias.get(alias.get("name", "") if alias is not None else "")
        if drive is None:
            continue
        old = found.find("source")
        if old is not None:
            found.remove(old)
        found.set("type", _disk_type(drive.source))
        if drive.source is not None:
            found.insert(1, _source(drive.source))
    return _text(root)


def with_medium(drive: ET.Element, wanted: Drive) -> str:
    """A live drive with another medium, or none."""
    made = copy.deepcopy(drive)
    for tag in ("source", "backingStore", "mirror"):
        for old in made.findall(tag):
            made.remove(old)
    made.set("type", _disk_type(wanted.source))
    if wanted.source is not None:
        made.insert(1, _source(wanted.source))
    return _text(made)


def with_network(interface: ET.Element, vif: Vif) -> str:
    """A live interface on the bridge and with the link that `vif` says."""
    made = copy.deepcopy(interface)
    for old in made.findall("source") + made.findall("link"):
        made.remove(old)
    _add(made, "source", bridge=vif.bridge)
    _add(made, "link", state="up" if vif.carrier else "down")
    return _text(made)


def renumbered(saved: str, domid: int, started: float, cpus: str) -> str:
    """A saved domain's XML with the id it has from now on, after which its taps are named, and with its CPUs."""
    root = ET.fromstring(saved)  # noqa: S314 - libvirt's own
    ours = root.find(f"metadata/{{{NAMESPACE}}}domain")
    if ours is not None:
        ours.set("domid", str(domid))
        ours.set("started", repr(started))
    for vcpu in root.findall("vcpu"):
        _pin(vcpu, cpus)
    for found in root.findall("devices/interface"):
        alias, target = found.find("alias"), found.find("target")
        if alias is not None and target is not None and alias.get("name", "").startswith(VIF_ALIAS):
            target.set("dev", f"vif{domid}.{target.get('dev', '').rpartition('.')[2]}")
    return _text(root)


def mark(domid: int, started: float) -> str:
    """What we keep in a domain."""
    return f"<domain domid={quoteattr(str(domid))} started={quoteattr(repr(started))}/>"


def _metadata(domid: int, started: float) -> ET.Element:
    outer = _element("metadata")
    ET.SubElement(outer, f"{{{NAMESPACE}}}domain", {"domid": str(domid), "started": repr(started)})
    return outer


def _pin(vcpu: ET.Element, cpus: str) -> None:
    vcpu.attrib.pop("cpuset", None)
    if cpus:
        vcpu.set("cpuset", cpus)


def _tune(root: ET.Element, vm: Vm) -> None:
    if not vm.affinity:
        return
    tune = _add(root, "cputune")
    for index in range(vm.vcpus_max):
        mask = vm.affinity[index % len(vm.affinity)]
        if mask:
            _add(tune, "vcpupin", vcpu=str(index), cpuset=",".join(map(str, mask)))


def _os(vm: Vm, firmware: Firmware | None) -> ET.Element:
    root = _element("os")
    _add(root, "type", "hvm", arch="x86_64", machine="pc")
    if firmware is not None:
        _add(root, "loader", firmware.code, readonly="yes", type="pflash")
        _add(root, "nvram", firmware.variables, template=firmware.template)
    if isinstance(vm.boot, DirectBoot):
        _add(root, "kernel", vm.boot.kernel)
        if vm.boot.ramdisk:
            _add(root, "initrd", vm.boot.ramdisk)
        if vm.boot.cmdline:
            _add(root, "cmdline", vm.boot.cmdline)
    return root


def _clock(vm: Vm) -> ET.Element:
    try:
        offset = int(vm.timeoffset)
    except ValueError:
        return _element("clock", offset="utc")
    return _element("clock", offset="variable", adjustment=str(offset), basis="utc")


def _devices(spec: Spec, place: Place) -> ET.Element:
    root = _element("devices")
    _add(root, "emulator", EMULATOR)
    # More slots for those who plug more than the first bus takes.
    _add(root, "controller", type="pci", index="0", model="pci-root")
    _add(root, "controller", type="pci", index="1", model="pci-bridge")
    _add(root, "controller", type="usb", model="qemu-xhci")
    boots = boot_order(spec)
    for drive in spec.drives:
        root.append(_disk(drive, spec.drives, boots.get(VBD_ALIAS + drive.vbd.id.device)))
    network = any(alias.startswith(VIF_ALIAS) for alias in boots)
    for vif in spec.vifs:
        root.append(_interface(vif, place.domid, network, boots.get(VIF_ALIAS + vif.id.device)))
    for address in spec.vm.pci:
        root.append(hostdev.described(address))
    serial = _add(root, "serial", type="unix")
    _add(serial, "source", mode="bind", path=place.vt100)
    _add(_add(root, "channel", type="unix"), "target", type="virtio", name=GUEST_AGENT)
    _add(root, "graphics", type="vnc", socket=place.rfb)
    _add(_add(root, "video"), "model", type="vga", vram="16384")
    _add(root, "input", type="tablet", bus="usb")
    _add(_add(root, "memballoon", model="virtio"), "stats", period="10")
    _add(_add(root, "rng", model="virtio"), "backend", "/dev/urandom", model="random")
    if spec.vm.tpm:
        # Persistent, or libvirt removes its state with this domain.
        _add(_add(root, "tpm", model="tpm-crb"), "backend", type="emulator", version="2.0", persistent_state="yes")
    _add(root, "panic", model="isa")
    return root


def boot_order(spec: Spec) -> dict[str, int]:
    """Alias of each device that firmware tries, with its turn. A kernel loaded by us needs none."""
    if isinstance(spec.vm.boot, DirectBoot):
        return {}
    # A bootloader that reads the first disk is what firmware is, too.
    letters = spec.vm.boot.order if isinstance(spec.vm.boot, HvmBoot) else "c"
    found: list[str] = []
    for letter in dict.fromkeys(letters.lower()):
        if letter == "n":
            found += [VIF_ALIAS + vif.id.device for vif in spec.vifs]
        elif letter in "cd":
            kind = DiskType.DISK if letter == "c" else DiskType.CDROM
            found += [VBD_ALIAS + drive.vbd.id.device for drive in spec.drives if drive.vbd.type is kind]
    return {alias: turn for turn, alias in enumerate(found, 1)}


def _disk(drive: Drive, drives: list[Drive], order: int | None) -> ET.Element:
    vbd = drive.vbd
    check_served_here(vbd)
    device = {DiskType.DISK: "disk", DiskType.CDROM: "cdrom", DiskType.FLOPPY: "floppy"}[vbd.type]
    root = _element("disk", type=_disk_type(drive.source), device=device)
    driver = _add(root, "driver", name="qemu", type="raw")
    if drive.source is not None:
        root.append(_source(drive.source))
        # A guest must not see the death of a storage daemon: it is stopped, and goes on when the daemon is back.
        driver.set("error_policy", "stop")
        driver.set("rerror_policy", "stop")
        if vbd.type is DiskType.DISK:
            driver.set("cache", "none" if isinstance(drive.source, NbdSocket | BlockDevice) else "writeback")
            if not vbd.read_only:
                driver.set("discard", "unmap")
    target, bus = _target(drive, drives)
    _add(root, "target", dev=target, bus=bus)
    if vbd.read_only or vbd.type is DiskType.CDROM:
        _add(root, "readonly")
    if order is not None:
        _add(root, "boot", order=str(order))
    _add(root, "alias", name=VBD_ALIAS + vbd.id.device)
    return root


def _target(drive: Drive, drives: list[Drive]) -> tuple[str, str]:
    """Name and bus. Disks sit on virtio, in the order of their positions; CD drives on IDE, then on SATA."""
    if drive.vbd.type is DiskType.DISK:
        return "vd" + letters(drive.vbd.position), "virtio"
    same = [other.vbd.id.device for other in drives if other.vbd.type is drive.vbd.type]
    number = same.index(drive.vbd.id.device) if drive.vbd.id.device in same else len(same)
    if drive.vbd.type is DiskType.FLOPPY:
        return "fd" + letters(number), "fdc"
    return ("hd" + letters(number), "ide") if number < IDE_DRIVES else ("sd" + letters(number - IDE_DRIVES), "sata")


def letters(number: int) -> str:
    """0 is a, 25 z, 26 aa."""
    last = chr(ord("a") + number % 26)
    return last if number < 26 else letters(number // 26 - 1) + last


def _disk_type(source: Implementation | None) -> str:
    if isinstance(source, NbdSocket):
        return "network"
    return "block" if isinstance(source, BlockDevice) else "file"


def _source(source: Implementation) -> ET.Element:
    if isinstance(source, NbdSocket):
        root = _element("source", protocol="nbd", name=source.export)
        _add(root, "host", transport="unix", socket=source.socket)
        return root
    return _element("source", **{"dev" if isinstance(source, BlockDevice) else "file": source.path})


def _interface(vif: Vif, domid: int, network_boot: bool, order: int | None) -> ET.Element:
    check_served_here(vif)
    if not vif.bridge:
        raise Unimplemented("an interface without a bridge")
    root = _element("interface", type="bridge")
    _add(root, "mac", address=vif.mac)
    _add(root, "source", bridge=vif.bridge)
    _add(root, "target", dev=tap(domid, vif))
    _add(root, "model", type="virtio")
    if vif.mtu != 1500:
        _add(root, "mtu", size=str(vif.mtu))
    if vif.rate:
        _add(_add(root, "bandwidth"), "inbound", average=str(vif.rate))
    _add(root, "link", state="up" if vif.carrier else "down")
    if not network_boot:
        # The option ROM is another package, and time at each boot.
        _add(root, "rom", enabled="no")
    if order is not None:
        _add(root, "boot", order=str(order))
    _add(root, "alias", name=VIF_ALIAS + vif.id.device)
    return root
