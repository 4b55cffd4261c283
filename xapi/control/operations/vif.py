"""Operations on VIFs: plug and unplug, as the VM's power state and guest allow."""

from __future__ import annotations

from xapi.control.guests import has_drivers, runs_on_emulator
from xapi.control.operations.core import Guard, register
from xapi.control.operations.vm_table import BLOCKS_DEVICES
from xapi.datamodel.enums import VIFOperations, VMPowerState
from xapi.datamodel.errors import (
    DeviceAlreadyAttached,
    DeviceAlreadyDetached,
    OperationNotAllowed,
    OtherOperationInProgress,
    VMBadPowerState,
    VMMissingPvDrivers,
    XenError,
)
from xapi.datamodel.refs import VIFRef
from xapi.db.database import Database

Op = VIFOperations
LISTED = (Op.ATTACH, Op.UNPLUG, Op.PLUG)


def check(db: Database, ref: VIFRef, op: str, strict: bool) -> XenError | None:
    """Why `op` may not begin now, or None."""
    vif, operation = db.vif[ref], Op(op)
    if vif.current_operations:
        task, running = next(iter(vif.current_operations.items()))
        return OtherOperationInProgress("VIF", ref, running, task)
    return None if operation is Op.ATTACH else _hot_error(db, ref, operation)


def _hot_error(db: Database, ref: VIFRef, op: VIFOperations) -> XenError | None:
    vif = db.vif[ref]
    vm = db.vm[vif.VM]
    if vm.power_state is not VMPowerState.RUNNING:
        return VMBadPowerState(vm.ref, "running", vm.power_state.lower())
    if op is Op.PLUG and vif.currently_attached:
        return DeviceAlreadyAttached(ref)
    if op is Op.UNPLUG and not vif.currently_attached:
        return DeviceAlreadyDetached(ref)
    if blocking := BLOCKS_DEVICES.intersection(vm.current_operations.values()):
        return OperationNotAllowed(f"Current operations on VM:{vm.ref} are {', '.join(sorted(blocking))}")
    if runs_on_emulator(db, vm) and not has_drivers(db, vm):
        return VMMissingPvDrivers(vm.ref)
    return None


register(
    "VIF",
    check,
    listed=LISTED,
    guarded={
        "VIF.plug": Guard("self", Op.PLUG),
        "VIF.unplug": Guard("self", Op.UNPLUG),
        "VIF.unplug_force": Guard("self", Op.UNPLUG),
    },
)
