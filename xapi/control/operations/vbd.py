"""Operations on VBDs: they depend on the disk, on the VM's power state and on what is being done to the VM."""

from __future__ import annotations

from collections.abc import Iterable

from xapi.control.guests import has_drivers, runs_on_emulator
from xapi.control.operations.core import Guard, Object, register
from xapi.control.operations.vm_table import BLOCKS_DEVICES
from xapi.datamodel.enums import VBDMode, VBDOperations, VBDType, VMPowerState
from xapi.datamodel.errors import (
    DeviceAlreadyAttached,
    DeviceAlreadyDetached,
    OperationNotAllowed,
    OtherOperationInProgress,
    VBDIsEmpty,
    VBDNotEmpty,
    VBDNotRemovableMedia,
    VBDNotUnpluggable,
    VDIInUse,
    VMBadPowerState,
    VMMissingPvDrivers,
    XenError,
)
from xapi.datamodel.refs import VBDRef
from xapi.datamodel.types import NULL
from xapi.db.database import Database
from xapi.db.records import VBD, VM

Op = VBDOperations
LISTED = (Op.ATTACH, Op.UNPAUSE, Op.UNPLUG, Op.UNPLUG_FORCE, Op.PLUG, Op.EJECT, Op.INSERT, Op.PAUSE)
PAUSING = frozenset({Op.PAUSE, Op.UNPAUSE})
UNPLUGGING = frozenset({Op.UNPLUG, Op.UNPLUG_FORCE})
HOT = UNPLUGGING | {Op.PLUG}
MEDIA = frozenset({Op.INSERT, Op.EJECT})
OPENING = frozenset({Op.ATTACH, Op.PLUG})
"""The disk will be opened."""


def check(db: Database, ref: VBDRef, op: str, strict: bool) -> XenError | None:
    """Why `op` may not begin now, or None."""
    vbd, operation = db.vbd[ref], Op(op)
    vm = db.vm[vbd.VM]
    return (
        _busy_error(vbd, vm, operation)
        or _kind_error(vbd, vm, operation)
        or _power_error(db, vbd, vm, operation)
        or _sharing_error(db, vbd, operation)
    )


def _busy_error(vbd: VBD, vm: VM, op: VBDOperations) -> XenError | None:
    if vbd.current_operations and op not in PAUSING and not vm.is_control_domain:
        task, running = next(iter(vbd.current_operations.items()))
        return OtherOperationInProgress("VBD", vbd.ref, running, task)
    return None


def _kind_error(vbd: VBD, vm: VM, op: VBDOperations) -> XenError | None:
    if op in UNPLUGGING and not vbd.unpluggable and vm.power_state is VMPowerState.RUNNING:
        return VBDNotUnpluggable(vbd.ref)
    if op not in MEDIA:
        return None
    if vbd.type is not VBDType.CD:
        return VBDNotRemovableMedia(vbd.ref)
    if op is Op.EJECT and vbd.empty:
        return VBDIsEmpty(vbd.ref)
    return VBDNotEmpty(vbd.ref) if op is Op.INSERT and not vbd.empty else None


def _power_error(db: Database, vbd: VBD, vm: VM, op: VBDOperations) -> XenError | None:
    if op in HOT:
        return _hot_error(db, vbd, vm, op)
    if op in PAUSING:
        if vm.power_state not in (VMPowerState.RUNNING, VMPowerState.PAUSED):
            return VMBadPowerState(vm.ref, "running, paused", vm.power_state.lower())
        return None if vbd.currently_attached else DeviceAlreadyDetached(vbd.ref)
    if op in MEDIA and vm.power_state in (VMPowerState.PAUSED, VMPowerState.SUSPENDED):
        return VMBadPowerState(vm.ref, "halted, running", vm.power_state.lower())
    return None


def _hot_error(db: Database, vbd: VBD, vm: VM, op: VBDOperations) -> XenError | None:
    if vm.power_state is not VMPowerState.RUNNING:
        return VMBadPowerState(vm.ref, "running", vm.power_state.lower())
    if op is Op.PLUG and vbd.currently_attached:
        return DeviceAlreadyAttached(vbd.ref)
    if op in UNPLUGGING and not vbd.currently_attached:
        return DeviceAlreadyDetached(vbd.ref)
    if vm.is_control_domain:
        return None
    if blocking := BLOCKS_DEVICES.intersection(vm.current_operations.values()):
        return OperationNotAllowed(f"Current operations on VM:{vm.ref} are {', '.join(sorted(blocking))}")
    # A CD drive of emulated hardware can't be plugged; a disk needs the guest's own drivers.
    if runs_on_emulator(db, vm) and not has_drivers(db, vm):
        return VMMissingPvDrivers(vm.ref)
    return None


def _sharing_error(db: Database, vbd: VBD, op: VBDOperations) -> XenError | None:
    """A disk that is not sharable has one writer or many readers."""
    if op not in OPENING or vbd.currently_attached or vbd.empty or (vdi := db.vdi.get(vbd.VDI)) is None:
        return None
    if vdi.sharable:
        return None
    for other in (db.vbd[ref] for ref in vdi.VBDs if ref != vbd.ref):
        if other.currently_attached and VBDMode.RW in (vbd.mode, other.mode) and other.VM != vbd.VM:
            return VDIInUse(vbd.VDI, op)
    return None


def _disk(db: Database, ref: VBDRef, _op: str) -> Iterable[Object]:
    """The disk's allowed operations depend on those that run on its VBDs."""
    vbd = db.vbd.get(ref)
    return [("VDI", vbd.VDI)] if vbd is not None and vbd.VDI != NULL else []


register(
    "VBD",
    check,
    listed=LISTED,
    related=_disk,
    guarded={
        "VBD.eject": Guard("vbd", Op.EJECT),
        "VBD.insert": Guard("vbd", Op.INSERT),
        "VBD.plug": Guard("self", Op.PLUG),
        "VBD.unplug": Guard("self", Op.UNPLUG),
        "VBD.unplug_force": Guard("self", Op.UNPLUG_FORCE),
        "VBD.unplug_force_no_safety_check": Guard("self", Op.UNPLUG_FORCE),
    },
)
