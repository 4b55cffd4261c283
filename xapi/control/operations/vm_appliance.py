"""Operations on appliances: one at a time; start while a VM is halted, stop while one is not."""

from __future__ import annotations

from xapi.control.operations.core import Guard, register
from xapi.datamodel.enums import VMApplianceOperation, VMPowerState
from xapi.datamodel.errors import OperationPartiallyFailed, OtherOperationInProgress, XenError
from xapi.datamodel.refs import VMApplianceRef
from xapi.db.database import Database

Op = VMApplianceOperation


def check(db: Database, ref: VMApplianceRef, op: str, strict: bool) -> XenError | None:
    """Why `op` may not begin now, or None."""
    appliance = db.vm_appliance[ref]
    if appliance.current_operations:
        task, running = next(iter(appliance.current_operations.items()))
        return OtherOperationInProgress("VM_appliance", ref, running, task)
    return None


def allowed(db: Database, ref: VMApplianceRef) -> tuple[VMApplianceOperation, ...]:
    """Start while a VM is halted; the others while one is not."""
    appliance = db.vm_appliance[ref]
    if appliance.current_operations:
        return ()
    states = {db.vm[vm].power_state for vm in appliance.VMs}
    start = (Op.START,) if VMPowerState.HALTED in states else ()
    stop = (Op.CLEAN_SHUTDOWN, Op.HARD_SHUTDOWN, Op.SHUTDOWN) if states - {VMPowerState.HALTED} else ()
    return (*start, *stop)


def failed(op: VMApplianceOperation) -> XenError:
    """Some VMs did it and some did not."""
    return OperationPartiallyFailed(f"VM_appliance.{op}")


register(
    "VM_appliance",
    check,
    allowed=allowed,
    guarded={f"VM_appliance.{op}": Guard("self", op) for op in Op},
)
