"""A domain as libxl wants it described: its JSON, from a `Spec`. Pure.

The domain is called by its uuid, since libxl wants names to be unique and the XenAPI doesn't; `guest.py` then writes
the VM's name to xenstore, where tools read it.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common.idl.xen import (
    BootloaderBoot,
    DirectBoot,
    DiskType,
    DomainType,
    HvmBoot,
    NumaPolicy,
    Vbd,
    Vif,
    Vm,
)
from common.idl.xen_errors import (
    NoBootableDevice,
    Unimplemented,
)
from xenopsd.backend.libxl import cpu
from xenopsd.xen import pci

MIB = 1 << 20
RATE_INTERVAL = 50_000  # microseconds over which an interface's rate is counted
TRUE = frozenset({"1", "true", "yes"})


@dataclass(frozen=True, slots=True)
class Given:
    """What of a domain is decided here, not by who configured the VM."""

    memory: int
    """Bytes it begins with."""
    rfb: str
    """The Unix socket of an HVM guest's screen."""
    features: str = ""
    """The CPU features that Xen shows a guest of this type when it is not told otherwise."""


def domain(vm: Vm, given: Given, disks: list[dict[str, Any]], nics: list[dict[str, Any]]) -> dict[str, Any]:
    """The whole domain. Raises `Unimplemented`."""
    return {
        "c_info": {"type": _type(vm), "name": vm.id, "uuid": vm.id},
        "b_info": _build(vm, given),
        "disks": disks,
        "nics": nics,
        "pcidevs": [pci.parts(address) for address in vm.pci],
        # What follows an end is xenopsd's to decide, so libxl may not act first.
        "on_poweroff": "preserve",
        "on_reboot": "preserve",
        "on_watchdog": "preserve",
        "on_crash": "preserve",
        "on_soft_reset": "preserve",
    }


def is_hvm(vm: Vm) -> bool:
    """Whether it has a device model: firmware, emulated drives, a screen."""
    return vm.type is DomainType.HVM


def disk(vbd: Vbd, path: str, *, hvm: bool, backend: int = 0) -> dict[str, Any]:
    """A drive with its medium at `path` of the domain `backend`, a file only for a CD of an HVM guest."""
    cdrom = hvm and vbd.type is DiskType.CDROM
    return {
        "backend_domid": backend,
        "pdev_path": path,
        "vdev": vbd.id.device,
        # Which backend a CD of an emulated drive has, libxl finds out.
        **({} if cdrom else {"backend": "phy"}),
        "format": "raw",
        "readwrite": int(not vbd.read_only and vbd.type is DiskType.DISK),
        "removable": int(vbd.unpluggable or cdrom),
        "is_cdrom": int(cdrom),
    }


def nic(vif: Vif, *, hvm: bool, script: str, model: str = "", backend: int = 0) -> dict[str, Any]:
    """An interface; `script` connects it to its bridge in the domain `backend`."""
    description: dict[str, Any] = {
        "backend_domid": backend,
        "devid": vif.position,
        "mac": vif.mac.lower(),
        "bridge": vif.bridge,
        "script": script,
        "mtu": vif.mtu,
        "nictype": "vif_ioemu" if hvm else "vif",
    }
    if hvm and model:
        description["model"] = model
    if vif.rate:
        description |= {
            "rate_bytes_per_interval": vif.rate * 1024 * RATE_INTERVAL // 1_000_000,
            "rate_interval_usecs": RATE_INTERVAL,
        }
    return description


def overhead(vm: Vm) -> int:
    """Bytes that Xen and libxl take for the domain besides what the guest sees."""
    shadow = 0
    if vm.type is not DomainType.PV:
        pages = 256 * vm.vcpus_max + 2 * (vm.memory_static_max >> 20)
        shadow = max(int(-(-pages * 4096 // MIB) * vm.shadow_multiplier), 1) * MIB
    return shadow + fixed_overhead(vm.vcpus_max, pv=vm.type is DomainType.PV)


def fixed_overhead(vcpus: int, *, pv: bool) -> int:
    """Of `overhead`, what is not the pool of page tables."""
    return (1 if pv else 2) * MIB + 38 * 4096 * vcpus


def _type(vm: Vm) -> str:
    return {DomainType.HVM: "hvm", DomainType.PV: "pv"}.get(vm.type, "pvh")


def _build(vm: Vm, given: Given) -> dict[str, Any]:
    platform = vm.platform
    described: dict[str, Any] = {
        "max_vcpus": vm.vcpus_max,
        "avail_vcpus": list(range(vm.vcpus)),
        "max_memkb": vm.memory_static_max >> 10,
        "target_memkb": given.memory >> 10,
        "disable_migrate": _word(vm.nomigrate or bool(vm.pci)),
    }
    if vm.type is DomainType.HVM:
        described["type.hvm"] = _hvm(vm, given.rfb)
        described |= {key: _word(platform.get(key, "true").lower() in TRUE) for key in ("acpi", "apic")}
        if vm.nested_virt:
            described["nested_hvm"] = _word(True)
    elif vm.type is DomainType.PV:
        # Beside its memory there must be room for what the devices map, where the host has it.
        described["type.pv"] = {"e820_host": _word(True)} if vm.pci else {}
    else:
        described["type.pvh"] = {"pvshim": _word(True)} if vm.type is DomainType.PV_IN_PVH else {}
    described |= _boot(vm)
    if masks := cpu.hidden(vm.cpu_features, given.features):
        described["cpuid"] = masks
    scheduling = {"weight": vm.weight, "cap": vm.cap}
    if known := {key: value for key, value in scheduling.items() if value is not None}:
        described["sched_params"] = known
    # libxl's own default is to place; where the owner named CPUs there is nothing to choose.
    described["numa_placement"] = _word(vm.numa is not NumaPolicy.ANY and not vm.affinity)
    if vm.affinity:
        described["vcpu_hard_affinity"] = [vm.affinity[n % len(vm.affinity)] for n in range(vm.vcpus_max)]
    if offset := vm.timeoffset.strip():
        described["rtc_timeoffset"] = int(offset) & 0xFFFFFFFF
    return described


def _boot(vm: Vm) -> dict[str, Any]:
    boot = vm.boot
    if isinstance(boot, DirectBoot):
        for path in filter(None, (boot.kernel, boot.ramdisk)):
            if not Path(path).exists():
                raise NoBootableDevice(vm.id)
        words = {"kernel": boot.kernel, "ramdisk": boot.ramdisk, "cmdline": boot.cmdline}
        return {key: value for key, value in words.items() if value}
    if isinstance(boot, BootloaderBoot):
        arguments = shlex.split(f"{boot.args} {boot.bootloader_args}")
        return {"bootloader": boot.bootloader, "bootloader_args": arguments, "cmdline": boot.legacy_args}
    if vm.type is not DomainType.HVM:
        raise NoBootableDevice(vm.id)
    return {}


def _hvm(vm: Vm, rfb: str) -> dict[str, Any]:
    boot, platform = vm.boot, vm.platform
    described: dict[str, Any] = {
        "vnc": {"enable": _word(True), "listen": f"unix:{rfb}", "findunused": _word(False)},
        "serial": "pty",
        "vga": {"kind": "std" if platform.get("vga", "std") == "std" else "cirrus"},
        "usb": _word(True),
        "usbdevice_list": ["tablet"],
        "boot": boot.order if isinstance(boot, HvmBoot) and boot.order else "cd",
        "bios": "ovmf" if isinstance(boot, HvmBoot) and boot.firmware == "uefi" else "seabios",
    }
    if isinstance(boot, HvmBoot) and boot.secure_boot:
        raise Unimplemented("secure boot on Xen")
    described |= _flags(platform)
    if vm.has_vendor_device:
        described["vendor_device"] = "xenserver"
    return described


def _flags(platform: Mapping[str, str]) -> dict[str, Any]:
    return {key: _word(platform[key].lower() in TRUE) for key in ("pae", "nx", "viridian", "hpet") if key in platform}


def _word(value: bool) -> str:
    """A truth value that may also be left to libxl: it reads these as words, and drops JSON's own."""
    return "True" if value else "False"
