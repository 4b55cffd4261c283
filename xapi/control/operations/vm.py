"""Operations on VMs: which power state, which kind of VM and which guest each needs.

The order of the checks is part of the API: the first error is the one that clients see.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from xapi.control import foreign
from xapi.control.guests import guest_of
from xapi.control.operations.core import Guard, Object, register
from xapi.control.operations.vm_table import (
    BLOCKS_DEVICES,
    CONTROL_DOMAIN,
    CONTROL_DOMAIN_LIVE,
    DUPLICATING,
    DURING_MIGRATION,
    FEATURES,
    FREEZING,
    GUARDED_BY_NAME,
    GUARDED_SETTERS,
    HALTED,
    LISTED,
    MAXIMUM_VTPMS,
    NEEDS,
    OF_DEFAULT_TEMPLATES,
    OF_SNAPSHOTS,
    OF_TEMPLATES,
    PARAMS,
    RUNNING,
    SITUATIONAL,
    SUSPENDED,
    TOGETHER,
    WITHOUT_RESET_DISKS,
    Op,
    Ops,
)
from xapi.control.verbatim import Verbatim
from xapi.datamodel.enums import OnBoot, VBDType, VMOperations, VMPowerState
from xapi.datamodel.errors import (
    OperationBlocked,
    OperationNotAllowed,
    OtherOperationInProgress,
    ProvisionOnlyAllowedOnTemplate,
    RevertOnlyAllowedOnSnapshot,
    VDIOnBootModeIncompatibleWithOperation,
    VMAssignedToSnapshotSchedule,
    VMBadPowerState,
    VMHasPCIAttached,
    VMHasVGPU,
    VMHasVUSBs,
    VMIsImmobile,
    VMIsPartOfAnAppliance,
    VMLacksFeature,
    VMNonSuspendable,
    VTPMMaxAmountReached,
    XenError,
)
from xapi.datamodel.refs import VMRef
from xapi.datamodel.types import NULL
from xapi.db.database import Database
from xapi.db.records import VM


class _Kind(NamedTuple):
    """What decides, with the power state, the operations that may be shown at all."""

    template: bool
    default_template: bool
    snapshot: bool
    control_domain: bool
    suspended_clones: bool


def _kind(db: Database, vm: VM) -> _Kind:
    return _Kind(
        vm.is_a_template,
        vm.is_default_template,
        vm.is_a_snapshot,
        vm.is_control_domain,
        vm.power_state is SUSPENDED and (vm.is_a_snapshot or _pool_clones_suspended(db)),
    )


def _pool_clones_suspended(db: Database) -> bool:
    return any(pool.other_config.get("allow_clone_suspended_vm") == "true" for pool in db.pool.rows())


def check(db: Database, ref: VMRef, op: str, strict: bool) -> XenError | None:
    """Why `op` may not begin now, or None."""
    vm, operation = db.vm[ref], Op(op)
    if operation in vm.blocked_operations:
        return OperationBlocked(ref, vm.blocked_operations[operation])
    kind = _kind(db, vm)
    states = _states(operation, kind)
    if vm.power_state not in states:
        return VMBadPowerState(ref, ", ".join(state.lower() for state in states), vm.power_state.lower())
    return (
        _concurrency_error(vm, operation)
        or _kind_error(ref, operation, kind)
        or _immobile_error(db, vm, operation, strict)
        or _control_domain_error(operation, kind)
        or _situation_error(db, vm, operation, strict)
    )


def allowed(db: Database, ref: VMRef) -> tuple[VMOperations, ...]:
    """What `allowed_operations` shows: the same answers as `check` gives, most of them from a table."""
    vm = db.vm[ref]
    candidates = _candidates(vm.power_state, _kind(db, vm))
    if vm.current_operations:
        running = frozenset(vm.current_operations.values())
        candidates = tuple(op for op in candidates if _may_join(op, running))
    return tuple(
        op
        for op in candidates
        if op not in vm.blocked_operations
        and (
            op not in SITUATIONAL
            or (_immobile_error(db, vm, op, True) is None and _situation_error(db, vm, op, True) is None)
        )
    )


@lru_cache
def _candidates(state: VMPowerState, kind: _Kind) -> tuple[VMOperations, ...]:
    return tuple(
        op
        for op in LISTED
        if state in _states(op, kind)
        and _kind_error(VMRef(""), op, kind) is None
        and _control_domain_error(op, kind) is None
    )


def _states(op: VMOperations, kind: _Kind) -> tuple[VMPowerState, ...]:
    if op in CONTROL_DOMAIN_LIVE and kind.control_domain:
        return (HALTED, RUNNING)
    if op in DUPLICATING and kind.suspended_clones:
        return (HALTED, SUSPENDED)
    return NEEDS.get(op, ())


def _concurrency_error(vm: VM, op: VMOperations) -> XenError | None:
    if not vm.current_operations or _may_join(op, frozenset(vm.current_operations.values())):
        return None
    running = [(str(name), task) for task, name in vm.current_operations.items()]
    return OtherOperationInProgress("VM", vm.ref, *(_listed(part) for part in zip(*running, strict=True)))


def _listed(names: Iterable[str]) -> str:
    items = list(names)
    return items[0] if len(items) == 1 else "{" + ",".join(items) + "}"


def _may_join(op: VMOperations, running: Ops) -> bool:
    if any(op in together and running <= together for together in TOGETHER):
        return True
    if op is Op.HARD_SHUTDOWN:
        return Op.HARD_SHUTDOWN not in running
    if op is Op.HARD_REBOOT:
        return not running & {Op.HARD_SHUTDOWN, Op.HARD_REBOOT}
    return running == {Op.MIGRATE_SEND} and op in DURING_MIGRATION


def _kind_error(ref: VMRef, op: VMOperations, kind: _Kind) -> XenError | None:
    if kind.snapshot:
        if op not in OF_SNAPSHOTS:
            return Verbatim("VM_IS_SNAPSHOT", ref, op)
    elif kind.template and op not in (OF_DEFAULT_TEMPLATES if kind.default_template else OF_TEMPLATES):
        return Verbatim("VM_IS_TEMPLATE", ref, op)
    if op is Op.PROVISION and not kind.template:
        return ProvisionOnlyAllowedOnTemplate()
    if op is Op.REVERT and not kind.snapshot:
        return RevertOnlyAllowedOnSnapshot()
    return None


def _immobile_error(db: Database, vm: VM, op: VMOperations, strict: bool) -> XenError | None:
    if not strict or op not in FREEZING or vm.power_state is not RUNNING:
        return None
    metrics = db.vm_metrics.get(vm.metrics)
    if metrics is not None and (metrics.nomigrate or metrics.nested_virt):
        return VMIsImmobile(vm.ref)
    return None


def _control_domain_error(op: VMOperations, kind: _Kind) -> XenError | None:
    if kind.control_domain and op not in CONTROL_DOMAIN:
        return OperationNotAllowed("This operation is not allowed on a control domain")
    return None


def _situation_error(db: Database, vm: VM, op: VMOperations, strict: bool) -> XenError | None:
    if op not in SITUATIONAL:
        return None
    return (
        _guest_error(db, vm, op, strict)
        or _disk_error(db, vm, op)
        or _foreign_error(db, vm, op)
        or _hardware_error(vm, op)
        or _policy_error(vm, op)
    )


def _guest_error(db: Database, vm: VM, op: VMOperations, strict: bool) -> XenError | None:
    guest = guest_of(db, vm)
    if guest.implies_all:
        return None
    if op is Op.CHANGING_VCPUS_LIVE and not guest.has("feature-vcpu-hotplug"):
        return VMLacksFeature(vm.ref)
    if not strict:
        return None
    if op in FREEZING and guest.cannot_suspend:
        return VMNonSuspendable(vm.ref, guest.cannot_suspend)
    needed = FEATURES.get(op, ())
    return VMLacksFeature(vm.ref) if needed and not guest.has(*needed) else None


def _disk_error(db: Database, vm: VM, op: VMOperations) -> XenError | None:
    if op not in WITHOUT_RESET_DISKS:
        return None
    for vbd in (db.vbd[ref] for ref in vm.VBDs):
        vdi = db.vdi.get(vbd.VDI)
        if vbd.type is VBDType.DISK and vdi is not None and vdi.on_boot is OnBoot.RESET:
            return VDIOnBootModeIncompatibleWithOperation()
    return None


def _foreign_error(db: Database, vm: VM, op: VMOperations) -> XenError | None:
    if op is not Op.SNAPSHOT or not foreign.is_foreign(db, vm):
        return None
    return OperationNotAllowed("its domain was made by xl: reboot it, or suspend and resume it, first")


def _hardware_error(vm: VM, op: VMOperations) -> XenError | None:
    if op not in FREEZING and op is not Op.SNAPSHOT:
        return None
    if op is not Op.SNAPSHOT and vm.power_state is RUNNING and vm.attached_PCIs:
        return VMHasPCIAttached(vm.ref)
    if op is not Op.SNAPSHOT and vm.power_state is RUNNING and vm.VGPUs:
        return VMHasVGPU(vm.ref)
    return VMHasVUSBs(vm.ref) if vm.VUSBs else None


def _policy_error(vm: VM, op: VMOperations) -> XenError | None:
    if op is Op.CREATE_VTPM and len(vm.VTPMs) >= MAXIMUM_VTPMS:
        return VTPMMaxAmountReached(MAXIMUM_VTPMS)
    if op is not Op.MAKE_INTO_TEMPLATE:
        return None
    if vm.appliance != NULL:
        return VMIsPartOfAnAppliance(vm.ref, vm.appliance)
    if vm.snapshot_schedule != NULL:
        return VMAssignedToSnapshotSchedule(vm.ref, vm.snapshot_schedule)
    return None


def _devices(db: Database, ref: VMRef, op: str) -> Iterable[Object]:
    """The devices whose allowed operations depend on the VM's current operations."""
    if op not in BLOCKS_DEVICES or (vm := db.vm.get(ref)) is None:
        return ()
    return [("VBD", vbd) for vbd in vm.VBDs] + [("VIF", vif) for vif in vm.VIFs]


register(
    "VM",
    check,
    allowed=allowed,
    related=_devices,
    guarded={
        **{f"VM.{name}": Guard(PARAMS.get(name, "vm"), name) for name in GUARDED_BY_NAME},
        **{f"VM.{name}": Guard("self", op) for name, op in GUARDED_SETTERS.items()},
        "VM.revert": Guard("snapshot", Op.REVERT),
        "VM.send_sysrq": Guard("vm", Op.SEND_SYSRQ),
        "VM.send_trigger": Guard("vm", Op.SEND_TRIGGER),
    },
)
