"""Rows of the database as what xenopsd is told: pure, so equal rows give equal descriptions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from common.idl import xen
from xapi.control import firmware, pci
from xapi.control.devices import disk_name, disk_position, interface_position
from xapi.datamodel.enums import (
    DomainType,
    HostNumaAffinityPolicy,
    NetworkDefaultLockingMode,
    VBDMode,
    VIFLockingMode,
    VMPowerState,
)
from xapi.datamodel.refs import HostRef
from xapi.datamodel.types import NULL
from xapi.db.database import Database
from xapi.db.records import VBD, VDI, VIF, VM, Network

LARGEST_WEIGHT = 65535
TRUE = frozenset({"true", "1"})
BACKEND_VM = "backend_vm"
"""In other_config of a network: the VM, a driver domain, that has its bridge."""


NUMA = {
    HostNumaAffinityPolicy.ANY: xen.NumaPolicy.ANY,
    HostNumaAffinityPolicy.BEST_EFFORT: xen.NumaPolicy.BEST_EFFORT,
    HostNumaAffinityPolicy.DEFAULT_POLICY: xen.NumaPolicy.DEFAULT,
}
"""The default is the original's xenopsd's since 2025 (`numa-placement`, true unless its settings say otherwise)."""


class Description(NamedTuple):
    """A VM with its devices."""

    vm: xen.Vm
    vbds: tuple[xen.Vbd, ...]
    vifs: tuple[xen.Vif, ...]


def description(db: Database, row: VM, host: HostRef) -> Description:
    """All that xenopsd of `host` is told of the VM `row`."""
    return Description(
        _with_firmware(db, row, vm(row, NUMA[db.host[host].numa_affinity_policy])),
        tuple(vbd(db, db.vbd[ref]) for ref in row.VBDs),
        tuple(vif(db, db.vif[ref]) for ref in row.VIFs),
    )


def vm(row: VM, numa: xen.NumaPolicy = xen.NumaPolicy.DEFAULT) -> xen.Vm:
    """What the VM should be, on a host that places VMs by `numa`."""
    platform = row.platform
    return xen.Vm(
        id=xen.VmId(row.uuid),
        name=row.name_label,
        type=domain_type(row),
        boot=boot(row),
        memory_static_max=row.memory_static_max,
        memory_dynamic_max=row.memory_dynamic_max,
        memory_dynamic_min=row.memory_dynamic_min,
        vcpus_max=row.VCPUs_max,
        vcpus=row.VCPUs_at_startup,
        weight=_number(row.VCPUs_params.get("weight", ""), LARGEST_WEIGHT),
        cap=_number(row.VCPUs_params.get("cap", ""), row.VCPUs_max * 100),
        affinity=affinity(row.VCPUs_params.get("mask", "")),
        platform=dict(platform),
        bios_strings=dict(row.bios_strings),
        xsdata=dict(row.xenstore_data),
        shadow_multiplier=row.HVM_shadow_multiplier,
        timeoffset=platform.get("timeoffset", ""),
        generation_id=row.generation_id,
        on_crash=xen.Action(row.actions_after_crash),
        on_shutdown=xen.Action(row.actions_after_shutdown),
        on_reboot=xen.Action(row.actions_after_reboot),
        on_softreboot=xen.Action(row.actions_after_softreboot),
        suspended=row.power_state is VMPowerState.SUSPENDED,
        cpu_features=row.last_boot_CPU_flags.get("features", ""),
        nested_virt=platform.get("nested-virt", "").lower() in TRUE,
        nomigrate=platform.get("nomigrate", "").lower() in TRUE,
        has_vendor_device=row.has_vendor_device,
        numa=numa,
        pci=pci.chosen(row),
    )


def _with_firmware(db: Database, row: VM, described: xen.Vm) -> xen.Vm:
    return msgspec.structs.replace(described, tpm=bool(row.VTPMs), firmware=firmware.state(db, row))


def domain_type(row: VM) -> xen.DomainType:
    """How the VM runs; for rows that do not say, a boot policy means emulated hardware."""
    return xen.DomainType(effective_type(row.domain_type, row.HVM_boot_policy))


def effective_type(given: DomainType, hvm_boot_policy: str) -> DomainType:
    """`given`, or what follows from the boot policy when it is unspecified."""
    if given is not DomainType.UNSPECIFIED:
        return given
    return DomainType.HVM if hvm_boot_policy else DomainType.PV


def boot(row: VM) -> xen.Boot:
    """Firmware for emulated hardware, else the given kernel, else a bootloader that finds one on the disk.

    An emulated VM with PV_kernel boots that kernel directly when it has no boot policy.
    """
    if domain_type(row) is xen.DomainType.HVM and (row.HVM_boot_policy or not row.PV_kernel):
        return _firmware(row.HVM_boot_params, row.platform)
    if row.PV_bootloader:
        return xen.BootloaderBoot(
            bootloader=row.PV_bootloader,
            args=row.PV_args,
            legacy_args=row.PV_legacy_args,
            bootloader_args=row.PV_bootloader_args,
        )
    return xen.DirectBoot(kernel=row.PV_kernel, ramdisk=row.PV_ramdisk, cmdline=row.PV_args)


def _firmware(params: Mapping[str, str], platform: Mapping[str, str]) -> xen.HvmBoot:
    return xen.HvmBoot(
        order=params.get("order", "cd"),
        firmware=params.get("firmware", "bios"),
        secure_boot=platform.get("secureboot", "").lower() in TRUE,
    )


def affinity(mask: str) -> list[list[int]]:
    """`0,1;2` is VCPU 0 on processors 0 and 1, VCPU 1 on processor 2; what is no number is left out."""
    parts = [[int(cpu) for cpu in part.split(",") if cpu.strip().isdigit()] for part in mask.split(";")]
    return [part for part in parts if part]


def _number(text: str, largest: int) -> int | None:
    return min(int(text), largest) if text.isascii() and text.isdigit() else None


def vbd(db: Database, row: VBD) -> xen.Vbd:
    """What the disk drive should be."""
    vdi = db.vdi.get(row.VDI)
    position = disk_position(row.userdevice)
    return xen.Vbd(
        id=vbd_id(db, row),
        position=position,
        type=xen.DiskType(row.type),
        read_only=row.mode is VBDMode.RO,
        disk=None if vdi is None else disk(db, vdi),
        unpluggable=row.unpluggable,
        bootable=row.bootable,
        qos_class=_ionice(row),
    )


def vbd_id(db: Database, row: VBD) -> xen.DeviceId:
    """How xenopsd calls the disk drive."""
    device = row.device or disk_name(disk_position(row.userdevice))
    return xen.DeviceId(vm=xen.VmId(db.vm[row.VM].uuid), device=device)


def _ionice(row: VBD) -> str:
    if row.qos_algorithm_type != "ionice":
        return ""
    params = row.qos_algorithm_params
    return f"{params.get('sched', '')} {params.get('class', '')}".strip()


def disk(db: Database, row: VDI) -> xen.VdiDisk:
    """The disk by its place in sm."""
    return xen.VdiDisk(sr=db.sr[row.SR].uuid, vdi=row.location)


def vif(db: Database, row: VIF) -> xen.Vif:
    """What the interface should be."""
    network = db.network[row.network]
    mode, ipv4, ipv6 = filtering(row, network)
    return xen.Vif(
        id=vif_id(db, row),
        position=interface_position(row.device),
        mac=row.MAC,
        bridge=network.bridge,
        mtu=row.MTU or network.MTU,
        carrier=mode is not xen.LockingMode.DISABLED,
        rate=_rate(row),
        locking_mode=mode,
        ipv4_allowed=ipv4,
        ipv6_allowed=ipv6,
        other_config={**network.other_config, **row.other_config},
        backend=_driver_domain(db, network),
    )


def _driver_domain(db: Database, network: Network) -> str:
    """The VM on whose bridge the network is, by its uuid; empty for the host's own. A VM that is gone serves nobody."""
    found = db.vm.get(network.other_config.get(BACKEND_VM, NULL))
    return "" if found is None else found.uuid


def vif_id(db: Database, row: VIF) -> xen.DeviceId:
    """How xenopsd calls the interface."""
    return xen.DeviceId(vm=xen.VmId(db.vm[row.VM].uuid), device=row.device)


def filtering(row: VIF, network: Network) -> tuple[xen.LockingMode, list[str], list[str]]:
    """The interface's locking mode with the IPv4 and IPv6 addresses it may use; the network's where it has none."""
    mode = row.locking_mode
    if mode is VIFLockingMode.NETWORK_DEFAULT:
        disabled = network.default_locking_mode is NetworkDefaultLockingMode.DISABLED
        mode = VIFLockingMode.DISABLED if disabled else VIFLockingMode.UNLOCKED
    if mode is not VIFLockingMode.LOCKED:
        return xen.LockingMode(mode.value), [], []
    return xen.LockingMode.LOCKED, list(row.ipv4_allowed), list(row.ipv6_allowed)


def _rate(row: VIF) -> int | None:
    if row.qos_algorithm_type != "ratelimit":
        return None
    return _number(row.qos_algorithm_params.get("kbps", ""), 2**31)


def console_location(address: str, uuid: str) -> str:
    """Where clients reach a console."""
    host = f"[{address}]" if ":" in address else address
    return f"https://{host}/console?uuid={uuid}"


def is_attached_to_nothing(row: VBD) -> bool:
    """An empty drive."""
    return row.empty or row.VDI == NULL
