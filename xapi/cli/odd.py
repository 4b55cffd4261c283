"""Fields of `xe` that are not fields of their class: metrics of a VM, the host of an SR, what must be computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from xapi.cli.values import NOT_IN_DATABASE, UNKNOWN, Shown, show, show_one
from xapi.datamodel.types import NULL
from xapi.db.store import Store

Getter = Callable[[Store, Any], Shown]

RENAMED: Mapping[tuple[str, str], str] = {
    ("VM", "dom-id"): "domid",
    ("PVS_site", "pvs-cache-storage-uuids"): "cache_storage",
    ("PVS_site", "pvs-server-uuids"): "servers",
    ("PVS_site", "pvs-proxy-uuids"): "proxies",
    ("PVS_server", "pvs-site-uuid"): "site",
    ("PVS_proxy", "pvs-site-uuid"): "site",
    ("PVS_cache_storage", "pvs-site-uuid"): "site",
    ("VDI", "crashdump-uuids"): "crash_dumps",
    ("role", "name"): "name_label",
    ("role", "description"): "name_description",
    ("message", "class"): "cls",
    ("pool_patch", "update"): "pool_update",
    ("Driver_variant", "hw-present"): "hardware_present",
    ("VTPM", "secret"): "contents",
}
"""Fields of the class under another name."""


def name_of(db: Store, ref: str) -> str:
    """The name of an object."""
    row = db.find(ref) if ref != NULL else None
    return NOT_IN_DATABASE if row is None else str(getattr(row, "name_label", NOT_IN_DATABASE))


def through(reference: str, name: str, missing: str = NOT_IN_DATABASE) -> Getter:
    """Field `name` of the object that field `reference` points to."""

    def get(db: Store, row: Any) -> Shown:
        target = db.find(getattr(row, reference))
        return missing if target is None else show(db, getattr(target, name))

    return get


def constant(text: str) -> Getter:
    return lambda _db, _row: text


def later(_db: Store, _row: Any) -> Shown:
    """What only a call of the API knows: see `xapi.cli.costly`."""
    return UNKNOWN


def of_metrics(name: str, missing: str = NOT_IN_DATABASE) -> Getter:
    return through("metrics", name, missing)


def of_guest(name: str) -> Getter:
    return through("guest_metrics", name)


def _sr_host(db: Store, row: Any) -> Shown:
    """The only host of an SR."""
    pbds: list[Any] = [pbd for ref in row.PBDs if (pbd := db.find(ref)) is not None]
    hosts = [pbd.host for pbd in pbds]
    if not hosts:
        return NOT_IN_DATABASE
    return name_of(db, hosts[0]) if len(hosts) == 1 else "<shared>"


def _metadata_of_pool(db: Store, row: Any) -> Shown:
    return show_one(db, row.metadata_of_pool) or NOT_IN_DATABASE


def _speed(db: Store, row: Any) -> Shown:
    metrics = db.find(row.metrics)
    return UNKNOWN if metrics is None else f"{metrics.speed} Mbit/s"  # type: ignore[attr-defined]


def _duplex(db: Store, row: Any) -> Shown:
    metrics: Any = db.find(row.metrics)
    if metrics is None or not metrics.carrier:
        return "unknown"
    return "full" if metrics.duplex else "half"


def _pif_rate(name: str) -> Getter:
    def get(db: Store, row: Any) -> Shown:
        metrics = db.find(row.metrics)
        rate = getattr(metrics, name, 0.0)
        return show_one(db, rate) if rate else UNKNOWN

    return get


def _memory_target(_db: Store, row: Any) -> Shown:
    if row.power_state == "Halted":
        return "0"
    return str(row.memory_target) if row.memory_target else UNKNOWN


def _variant(name: str) -> Getter:
    """Whether the variant is what its driver's field `name` says."""
    return lambda db, row: show_one(db, getattr(db.find(row.driver), name, NULL) == row.ref)


def _of_variants(name: str) -> Getter:
    def get(db: Store, row: Any) -> Shown:
        variants = [variant for ref in row.variants if (variant := db.find(ref)) is not None]
        return [show_one(db, getattr(variant, name)) for variant in variants]

    return get


def _patch_hosts(db: Store, row: Any) -> Shown:
    patches = [patch for ref in row.host_patches if (patch := db.find(ref)) is not None]
    return [show_one(db, patch.host) for patch in patches]  # type: ignore[attr-defined]


def _sr_types(db: Store, _row: Any) -> Shown:
    return list(dict.fromkeys(sm.type for sm in db.table("SM").rows()))


def _licence(db: Store, row: Any) -> Shown:
    master: Any = db.find(row.master)
    if master is None:
        return {}
    return {"edition": master.edition, "expiry": master.license_params.get("expiry", "never")}


def _every_host(name: str) -> Getter:
    """Whether a field is true on every host; the value if it is no truth, the least of several."""

    def get(db: Store, _row: Any) -> Shown:
        values = [getattr(host, name) for host in db.table("host").rows()]
        if not values:
            return NOT_IN_DATABASE
        return show_one(db, all(values) if isinstance(values[0], bool) else min(values))

    return get


def _resolution(_db: Store, row: Any) -> Shown:
    return f"{row.max_resolution_x}x{row.max_resolution_y}"


def _boot_record(_db: Store, row: Any) -> Shown:
    return f"'{row.last_booted_record}'"


_VM: Mapping[str, Getter] = {
    "memory-actual": of_metrics("memory_actual"),
    "memory-target": _memory_target,
    "hvm": of_metrics("hvm"),
    "nomigrate": of_metrics("nomigrate"),
    "nested-virt": of_metrics("nested_virt"),
    "numa-optimised": of_metrics("numa_optimised"),
    "numa-nodes": of_metrics("numa_nodes"),
    "numa-node-memory": of_metrics("numa_node_memory"),
    "current-domain-type": of_metrics("current_domain_type"),
    "last-boot-record": _boot_record,
    "start-time": of_metrics("start_time"),
    "install-time": of_metrics("install_time"),
    "VCPUs-number": of_metrics("VCPUs_number"),
    "VCPUs-utilisation": of_metrics("VCPUs_utilisation"),
    "os-version": of_guest("os_version"),
    "netbios-name": of_guest("netbios_name"),
    "PV-drivers-version": of_guest("PV_drivers_version"),
    "PV-drivers-up-to-date": of_guest("PV_drivers_up_to_date"),
    "memory": of_guest("memory"),
    "disks": of_guest("disks"),
    "networks": of_guest("networks"),
    "services": of_guest("services"),
    "PV-drivers-detected": of_guest("PV_drivers_detected"),
    "other": of_guest("other"),
    "live": of_guest("live"),
    "guest-metrics-last-updated": of_guest("last_updated"),
    "can-use-hotplug-vbd": of_guest("can_use_hotplug_vbd"),
    "can-use-hotplug-vif": of_guest("can_use_hotplug_vif"),
    "allowed-VBD-devices": later,
    "allowed-VIF-devices": later,
    "possible-hosts": later,
    "cooperative": constant("true"),
}

_BY_CLASS: Mapping[str, Mapping[str, Getter]] = {
    "VM": _VM,
    "pool": {
        "supported-sr-types": _sr_types,
        "license-state": _licence,
        "https-only": _every_host("https_only"),
        "ssh-enabled": _every_host("ssh_enabled"),
        "ssh-enabled-timeout": _every_host("ssh_enabled_timeout"),
        "ssh-expiry": _every_host("ssh_expiry"),
        "console-idle-timeout": _every_host("console_idle_timeout"),
        "ssh-auto-mode": _every_host("ssh_auto_mode"),
    },
    "host": {
        "memory-total": of_metrics("memory_total"),
        "memory-free": of_metrics("memory_free"),
        "host-metrics-live": of_metrics("live"),
        "memory-free-computed": later,
    },
    "PIF": {
        "io_read_kbs": _pif_rate("io_read_kbs"),
        "io_write_kbs": _pif_rate("io_write_kbs"),
        "carrier": of_metrics("carrier"),
        "vendor-id": of_metrics("vendor_id", UNKNOWN),
        "vendor-name": of_metrics("vendor_name", UNKNOWN),
        "device-id": of_metrics("device_id", UNKNOWN),
        "device-name": of_metrics("device_name", UNKNOWN),
        "speed": _speed,
        "duplex": _duplex,
        "pci-bus-path": of_metrics("pci_bus_path", UNKNOWN),
    },
    "VIF": {"io_read_kbs": constant(UNKNOWN), "io_write_kbs": constant(UNKNOWN)},
    "VBD": {"io_read_kbs": constant(UNKNOWN), "io_write_kbs": constant(UNKNOWN), "attachable": later},
    "SR": {"host": _sr_host},
    "VDI": {"metadata-of-pool": _metadata_of_pool},
    "pool_patch": {"hosts": _patch_hosts},
    "PGPU": {
        "vendor-name": through("PCI", "vendor_name"),
        "device-name": through("PCI", "device_name"),
        "pci-id": through("PCI", "pci_id"),
        "dependencies": through("PCI", "dependencies"),
    },
    "VGPU": {"type-model-name": through("type", "model_name")},
    "VGPU_type": {"max-resolution": _resolution},
    "network_sriov": {"remaining-capacity": later},
    "Driver_variant": {
        "active": _variant("active_variant"),
        "selected": _variant("selected_variant"),
        "driver-name": through("driver", "name"),
        "host-uuid": through("driver", "host"),
    },
    "Host_driver": {
        "variants": _of_variants("name"),
        "variants-uuid": _of_variants("uuid"),
        "variants-dev-status": _of_variants("status"),
        "variants-hw-present": _of_variants("hardware_present"),
    },
}

GETTERS: Mapping[tuple[str, str], Getter] = {
    (cls, name): getter for cls, getters in _BY_CLASS.items() for name, getter in getters.items()
}

COSTLY: Mapping[tuple[str, str], tuple[str, str]] = {
    ("VM", "allowed-VBD-devices"): ("VM.get_allowed_VBD_devices", ""),
    ("VM", "allowed-VIF-devices"): ("VM.get_allowed_VIF_devices", ""),
    ("VM", "possible-hosts"): ("VM.get_possible_hosts", ""),
    ("host", "memory-free-computed"): ("host.compute_free_memory", ""),
    ("VBD", "attachable"): ("VBD.assert_attachable", "true"),
    ("network_sriov", "remaining-capacity"): ("network_sriov.get_remaining_capacity", ""),
}
"""Fields that a call answers; one that answers nothing is printed as the second text, `false` if it fails."""
