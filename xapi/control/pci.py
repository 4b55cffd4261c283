"""PCI devices of this host as rows, and which of them a VM wants and has.

A VM names its devices in `other_config:pci` = `0/0000:00:1f.6,0/0000:03:00.0`: order and address of each.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from xapi.control.pci_devices import Device, Names, related
from xapi.datamodel.enums import DomainType, PCIDom0Access, VMPowerState
from xapi.datamodel.errors import (
    DeviceAlreadyAttached,
    InvalidValue,
    MemoryConstraintViolationMaxpin,
    OperationNotAllowed,
    VMIncompatibleWithThisHost,
    VMRequiresIommu,
)
from xapi.datamodel.refs import HostRef, PCIRef, VMRef
from xapi.datamodel.types import NULL
from xapi.db.database import Database
from xapi.db.records import PCI, VM

KEY = "pci"
PVH = (DomainType.PVH, DomainType.PV_IN_PVH)
KEEPERS = ("pciback", "vfio-pci")
"""Drivers that hold what is for guests, on Xen and by libvirt."""
CHOICE = re.compile(r"(\d{1,9})/([0-9a-fA-F]{4}:[0-9a-fA-F]{2}:[01][0-9a-fA-F]\.[0-7])")


def sync(db: Database, host: HostRef, devices: Sequence[Device], names: Names) -> None:
    """Make the host's rows true: one that is where it was stays the same row. Safe to repeat."""
    known = {(row.pci_id, row.vendor_id, row.device_id): row for row in db.pci.where(host=host)}
    rows: dict[str, PCIRef] = {}
    for device in devices:
        row = known.pop((device.address, device.vendor, device.model), None)
        rows[device.address] = _row(db, host, row, device, names)
    for gone in known.values():
        db.pci.delete(gone.ref)
    for device in devices:
        db.pci.update(
            rows[device.address],
            dependencies=tuple(rows[other.address] for other in related(device, devices)),
            physical_function=rows.get(device.physical, NULL),
        )


def _row(db: Database, host: HostRef, row: PCI | None, device: Device, names: Names) -> PCIRef:
    fields: dict[str, Any] = {
        "class_id": device.class_id,
        "class_name": names.of_class(device.class_id),
        "vendor_id": device.vendor,
        "vendor_name": names.of_vendor(device.vendor),
        "device_id": device.model,
        "device_name": names.of_model(device.vendor, device.model),
        "subsystem_vendor_id": device.board_vendor,
        "subsystem_vendor_name": names.of_vendor(device.board_vendor),
        "subsystem_device_id": device.board,
        "subsystem_device_name": names.of_model(device.vendor, device.model, device.board_vendor, device.board),
        "driver_name": device.driver,
        "functions": 1 + device.virtual,
    }
    if row is None:
        return db.pci.create(host=host, pci_id=device.address, **fields).ref
    db.pci.update(row.ref, **fields)
    return row.ref


def chosen(row: VM) -> list[str]:
    """Addresses of the devices that the VM wants, in its order; what makes no sense is left out."""
    matches = [CHOICE.fullmatch(part.strip()) for part in row.other_config.get(KEY, "").split(",")]
    return [match[2].lower() for match in sorted(filter(None, matches), key=lambda match: int(match[1]))]


def check(db: Database, row: VM, host: HostRef, kind: DomainType) -> None:
    """Raise the first reason why the VM, of this kind, could not have its devices on `host`.

    One that is suspended has none and takes none.
    """
    text = row.other_config.get(KEY, "").strip()
    if not text or row.power_state is VMPowerState.SUSPENDED:
        return
    for part in text.split(","):
        if CHOICE.fullmatch(part.strip()) is None:
            raise InvalidValue(f"other_config:{KEY}", part)
    machine = db.host[host]
    if machine.chipset_info.get("iommu") != "true":
        raise VMRequiresIommu(host)
    if kind in PVH and machine.software_version.get("backend") == "libxl":
        raise VMIncompatibleWithThisHost(row.ref, host, "A PVH guest has no PCI bus: make it HVM or PV")
    if kind is DomainType.HVM and row.memory_dynamic_min < row.memory_static_max:
        raise MemoryConstraintViolationMaxpin("memory_dynamic_min must be memory_static_max: the VM has PCI devices")
    present = {device.pci_id: device for device in db.pci.where(host=host)}
    for address in chosen(row):
        _check_device(db, row, host, address, present.get(address))


def _check_device(db: Database, row: VM, host: HostRef, address: str, device: PCI | None) -> None:
    if device is None:
        raise VMIncompatibleWithThisHost(row.ref, host, f"The host has no PCI device {address}")
    if any(vm != row.ref for vm in device.attached_VMs):
        raise DeviceAlreadyAttached(device.ref)
    for pif in db.pif.where(host=host):
        metrics = db.pif_metrics.get(pif.metrics)
        if pif.management and metrics is not None and metrics.pci_bus_path == address:
            raise OperationNotAllowed(f"PCI device {address} is the host's management interface")


def dom0_access(row: PCI, driver: str) -> PCIDom0Access:
    """Whether the control domain may use a device that `driver` has now: one lent to a VM comes back."""
    kept = driver in KEEPERS and not row.attached_VMs
    return PCIDom0Access.DISABLED if kept else PCIDom0Access.ENABLED


def observe(db: Database, host: HostRef, vm: VMRef, addresses: Sequence[str]) -> None:
    """Write which devices of the host the VM has. Safe to repeat."""
    attached = tuple(device.ref for device in db.pci.where(host=host) if device.pci_id in addresses)
    if set(attached) != set(db.vm[vm].attached_PCIs):
        db.vm.update(vm, attached_PCIs=attached)
