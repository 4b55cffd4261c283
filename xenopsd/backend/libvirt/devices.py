"""Calls to libvirt about devices of a running domain. They block: run them through `Connection.call`."""

from __future__ import annotations

import logging
import time
from typing import Any

import libvirt

from common.idl.xen import (
    DiskType,
    Vif,
    VmId,
)
from common.idl.xen_errors import (
    DeviceDetachRejected,
    DeviceNotConnected,
    Unimplemented,
)
from xenopsd.backend.base import Drive, device_name
from xenopsd.backend.libvirt import xml
from xenopsd.backend.libvirt.domains import find, need
from xenopsd.backend.libvirt.observe import device, parse

log = logging.getLogger(__name__)

LIVE = libvirt.VIR_DOMAIN_AFFECT_LIVE
UNPLUG_DEADLINE = 15.0  # seconds a guest has to let go of a device
POLL = 0.05


def plug_disk(connection: Any, vm: VmId, drive: Drive) -> None:
    """Disks only: IDE and SATA drives stay as the domain was built."""
    if drive.vbd.type is not DiskType.DISK:
        raise Unimplemented("plugging a CD or floppy drive into a running VM")
    need(connection, vm).attachDeviceFlags(xml.disk(drive, drives=[drive]), LIVE)


def plug_vif(connection: Any, vm: VmId, vif: Vif) -> None:
    """Connect an interface."""
    domain = need(connection, vm)
    seen = parse(domain.XMLDesc())
    domain.attachDeviceFlags(xml.interface(vif, seen.domid if seen is not None else 0), LIVE)


def unplug(connection: Any, vm: VmId, alias: str, kind: str) -> None:
    """Ask the guest for the device and wait for it. Safe to repeat. Raises `DeviceDetachRejected`."""
    domain = find(connection, vm)
    if domain is None or not _has(domain, alias):
        return
    try:
        domain.detachDeviceAlias(alias, LIVE)
    except libvirt.libvirtError as error:
        # The guest may still be at what an earlier call asked for.
        log.info("VM %s: %s: %s", vm, alias, error)
    give_up = time.monotonic() + UNPLUG_DEADLINE
    while _has(domain, alias):
        if time.monotonic() > give_up:
            name = alias.removeprefix(xml.VBD_ALIAS).removeprefix(xml.VIF_ALIAS)
            raise DeviceDetachRejected(kind, device_name(vm, name), f"the guest kept it for {UNPLUG_DEADLINE:.0f} s")
        time.sleep(POLL)


def change_medium(connection: Any, vm: VmId, drive: Drive) -> None:
    """Gently, then by force: a guest that locked the drive keeps its lock, not the medium."""
    domain, alias = need(connection, vm), xml.VBD_ALIAS + drive.vbd.id.device
    found = _device(domain, alias)
    if found is None:
        raise DeviceNotConnected(device_name(vm, drive.vbd.id.device))
    text = xml.with_medium(found, drive)
    try:
        domain.updateDeviceFlags(text, LIVE)
    except libvirt.libvirtError as error:
        log.info("VM %s: %s: %s; by force now", vm, alias, error)
        domain.updateDeviceFlags(text, LIVE | libvirt.VIR_DOMAIN_DEVICE_MODIFY_FORCE)


def update_vif(connection: Any, vm: VmId, vif: Vif) -> None:
    """Bridge and link."""
    domain = need(connection, vm)
    found = _device(domain, xml.VIF_ALIAS + vif.id.device)
    if found is None:
        raise DeviceNotConnected(device_name(vm, vif.id.device))
    domain.updateDeviceFlags(xml.with_network(found, vif), LIVE)


def _device(domain: Any, alias: str) -> Any:
    seen = parse(domain.XMLDesc())
    return None if seen is None else device(seen.xml, alias)


def _has(domain: Any, alias: str) -> bool:
    try:
        return _device(domain, alias) is not None
    except libvirt.libvirtError as error:
        if error.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN:
            return False
        raise
