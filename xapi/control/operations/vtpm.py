"""Operations on TPMs: one may be destroyed while its VM is halted."""

from __future__ import annotations

from xapi.control.operations.core import Guard, register
from xapi.datamodel.enums import VMPowerState, VTPMOperations
from xapi.datamodel.errors import OtherOperationInProgress, VMBadPowerState, XenError
from xapi.datamodel.refs import VTPMRef
from xapi.db.database import Database


def check(db: Database, ref: VTPMRef, op: str, strict: bool) -> XenError | None:
    """Why `op` may not begin now, or None."""
    row = db.vtpm[ref]
    for task, running in row.current_operations.items():
        return OtherOperationInProgress("VTPM", ref, running, task)
    vm = db.vm.get(row.VM)
    if vm is not None and vm.power_state is not VMPowerState.HALTED:
        return VMBadPowerState(vm.ref, "halted", vm.power_state.lower())
    return None


register(
    "VTPM",
    check,
    listed=(VTPMOperations.DESTROY,),
    guarded={"VTPM.destroy": Guard("self", VTPMOperations.DESTROY)},
)
