"""What a clone, copy or snapshot takes from its origin: rules about rows, without any disk."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any
from uuid import uuid4

from xapi.control import mac, unfinished
from xapi.control.snapshot_metadata import written
from xapi.datamodel.enums import VBDType, VMPowerState
from xapi.datamodel.refs import VBDRef, VDIRef, VIFRef, VMRef
from xapi.datamodel.types import NULL
from xapi.db.database import Database
from xapi.db.records import VBD, VIF, VM

MAC_SEED = "mac_seed"
BASE_TEMPLATE = "base_template_name"
NOT_COPIED = frozenset({"default_template", "xensource_internal", *unfinished.MARKS})
"""Keys of `other_config` that stay with the origin."""
OWNER = "owner"
"""In a VBD's `other_config`: the disk came with the VM and goes with it."""


class Kind(Enum):
    """How the new VM is made; the value is the operation's name."""

    CLONE = "clone"
    COPY = "copy"
    SNAPSHOT = "snapshot"
    CHECKPOINT = "checkpoint"

    @property
    def is_snapshot(self) -> bool:
        return self in (Kind.SNAPSHOT, Kind.CHECKPOINT)


COPIED = (
    "name_description",
    "user_version",
    "affinity",
    "memory_overhead",
    "memory_target",
    "memory_static_max",
    "memory_dynamic_max",
    "memory_dynamic_min",
    "memory_static_min",
    "VCPUs_params",
    "VCPUs_max",
    "VCPUs_at_startup",
    "actions_after_softreboot",
    "actions_after_shutdown",
    "actions_after_reboot",
    "actions_after_crash",
    "PV_bootloader",
    "PV_kernel",
    "PV_ramdisk",
    "PV_args",
    "PV_bootloader_args",
    "PV_legacy_args",
    "HVM_boot_policy",
    "HVM_boot_params",
    "HVM_shadow_multiplier",
    "platform",
    "PCI_bus",
    "domarch",
    "last_boot_CPU_flags",
    "last_booted_record",
    "recommendations",
    "xenstore_data",
    "ha_restart_priority",
    "tags",
    "blocked_operations",
    "bios_strings",
    "version",
    "hardware_platform_version",
    "has_vendor_device",
    "reference_label",
    "domain_type",
    "NVRAM",
    "suspend_SR",
)
"""Fields of a VM that its duplicate has too."""


def vm_fields(db: Database, origin: VM, name: str, kind: Kind) -> dict[str, Any]:
    """Fields of the duplicate, which is Halted: its memory image, if it has one, comes later."""
    fields = {field: getattr(origin, field) for field in COPIED}
    fields.update(
        name_label=name,
        power_state=VMPowerState.HALTED,
        is_a_template=origin.is_a_template or kind.is_snapshot,
        is_default_template=False,
        is_control_domain=False,
        domid=-1,
        other_config=_other_config(origin, kind),
        generation_id=fresh_generation_id() if origin.generation_id else "",
        metrics=copy_of(db, "VM_metrics", origin.metrics) or db.vm_metrics.create().ref,
        guest_metrics=copy_of(db, "VM_guest_metrics", origin.guest_metrics) or NULL,
    )
    if kind.is_snapshot:
        fields.update(_snapshot_fields(db, origin))
    return fields


def _snapshot_fields(db: Database, origin: VM) -> dict[str, Any]:
    return {
        "is_a_snapshot": True,
        "snapshot_of": origin.ref,
        "snapshot_time": datetime.now(UTC).replace(microsecond=0),
        "snapshot_info": {
            "power-state-at-snapshot": origin.power_state.value,
            "disk-snapshot-type": "crash_consistent",
        },
        "snapshot_metadata": written(origin),
        "parent": origin.parent,
        "appliance": NULL,
    }


def _other_config(origin: VM, kind: Kind) -> dict[str, str]:
    copied = {key: value for key, value in origin.other_config.items() if key not in NOT_COPIED}
    if kind.is_snapshot:
        return copied
    if origin.is_default_template:
        copied[BASE_TEMPLATE] = origin.name_label
    copied[MAC_SEED] = str(uuid4())
    return copied


def fresh_generation_id() -> str:
    """Two random numbers: a guest that sees another pair knows that it was rolled back or duplicated."""
    return f"{_signed64()}:{_signed64()}"


def _signed64() -> int:
    return secrets.randbits(64) - 2**63


_NOT_METRICS = frozenset({"uuid", "ref"})


def copy_of(db: Database, cls: str, ref: str) -> str | None:
    """A copy of a row of metrics; None when there is none."""
    table = db.table(cls)
    row = table.get(ref)
    if row is None:
        return None
    fields = {name: getattr(row, name) for name in row.shape.columns if name not in _NOT_METRICS}
    return str(table.create(**fields).ref)


def add_vbd(db: Database, origin: VBD, vm: VMRef, vdi: VDIRef) -> VBDRef:
    """The duplicate's disk drive, with `vdi` (which may be NULL) in it."""
    owned = {OWNER: ""} if origin.type is not VBDType.CD else {}
    made = db.vbd.create(
        VM=vm,
        VDI=vdi,
        device=origin.device,
        userdevice=origin.userdevice,
        bootable=origin.bootable,
        mode=origin.mode,
        type=origin.type,
        unpluggable=origin.unpluggable,
        empty=vdi == NULL,
        other_config={**origin.other_config, **owned},
        qos_algorithm_type=origin.qos_algorithm_type,
        qos_algorithm_params=origin.qos_algorithm_params,
        qos_supported_algorithms=origin.qos_supported_algorithms,
        metrics=db.vbd_metrics.create().ref,
    )
    return VBDRef(made.ref)


def add_vif(db: Database, origin: VIF, vm: VMRef, *, same_mac: bool) -> VIFRef:
    """The duplicate's interface; with an address of its own unless `same_mac`."""
    seed = db.vm[vm].other_config.get(MAC_SEED, vm)
    made = db.vif.create(
        VM=vm,
        network=origin.network,
        device=origin.device,
        MAC=origin.MAC if same_mac else mac.derive(seed, int(origin.device)),
        MAC_autogenerated=origin.MAC_autogenerated or not same_mac,
        MTU=origin.MTU,
        other_config=origin.other_config,
        qos_algorithm_type=origin.qos_algorithm_type,
        qos_algorithm_params=origin.qos_algorithm_params,
        qos_supported_algorithms=origin.qos_supported_algorithms,
        locking_mode=origin.locking_mode,
        ipv4_allowed=origin.ipv4_allowed,
        ipv6_allowed=origin.ipv6_allowed,
        ipv4_configuration_mode=origin.ipv4_configuration_mode,
        ipv4_addresses=origin.ipv4_addresses,
        ipv4_gateway=origin.ipv4_gateway,
        ipv6_configuration_mode=origin.ipv6_configuration_mode,
        ipv6_addresses=origin.ipv6_addresses,
        ipv6_gateway=origin.ipv6_gateway,
        trunks=origin.trunks,
        metrics=db.vif_metrics.create().ref,
    )
    return VIFRef(made.ref)


def vbds_with_disks(db: Database, vm: VM, ignored: Mapping[VDIRef, Any] | frozenset[VDIRef]) -> list[VBD]:
    """The VM's writable or owned disks, which a duplicate needs its own of; without those `ignored`."""
    rows = (db.vbd[ref] for ref in vm.VBDs)
    return [vbd for vbd in rows if vbd.type is VBDType.DISK and vbd.VDI in db.vdi and vbd.VDI not in ignored]
