"""Operations on VMs: which power state, which kind of VM and which guest each needs.

The order of the checks is part of the API: the first error is the one that clients see.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from xapi.control.guests import guest_of
from xapi.control.operations.core import Guard, Object, register
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

Op = VMOperations
Ops = frozenset[VMOperations]

HALTED, PAUSED = VMPowerState.HALTED, VMPowerState.PAUSED
SUSPENDED, RUNNING = VMPowerState.SUSPENDED, VMPowerState.RUNNING
STATES = (HALTED, PAUSED, SUSPENDED, RUNNING)
"""In the order in which VM_BAD_POWER_STATE names them."""

_BY_STATES: tuple[tuple[str, tuple[VMPowerState, ...]], ...] = (
    (
        "start start_on provision make_into_template changing_shadow_memory changing_NVRAM create_vtpm changing_VCPUs"
        " changing_static_range changing_memory_limits clone copy",
        (HALTED,),
    ),
    ("changing_dynamic_range", (HALTED, RUNNING)),
    ("destroy export create_template", (HALTED, SUSPENDED)),
    ("unpause", (PAUSED,)),
    ("resume resume_on csvm", (SUSPENDED,)),
    (
        "pause suspend clean_shutdown clean_reboot pool_migrate changing_memory_live awaiting_memory_live"
        " changing_VCPUs_live changing_shadow_memory_live send_sysrq send_trigger data_source_op call_plugin sysprep",
        (RUNNING,),
    ),
    ("snapshot_with_quiesce", ()),
    ("hard_reboot", (PAUSED, RUNNING)),
    ("hard_shutdown shutdown checkpoint get_boot_record", (PAUSED, SUSPENDED, RUNNING)),
    ("migrate_send", (HALTED, SUSPENDED, RUNNING)),
    (
        "snapshot revert reverting metadata_export power_state_reset assert_operation_valid update_allowed_operations"
        " query_services import",
        STATES,
    ),
)
NEEDS: Mapping[VMOperations, tuple[VMPowerState, ...]] = {
    Op(name): states for names, states in _BY_STATES for name in names.split()
}
"""The power states from which each operation may begin."""

CONTROL_DOMAIN_LIVE: Ops = frozenset({Op.CHANGING_VCPUS, Op.CHANGING_STATIC_RANGE, Op.CHANGING_MEMORY_LIMITS})
"""What a running control domain allows too."""
CONTROL_DOMAIN: Ops = CONTROL_DOMAIN_LIVE | {
    Op.DATA_SOURCE_OP,
    Op.CHANGING_MEMORY_LIVE,
    Op.AWAITING_MEMORY_LIVE,
    Op.CHANGING_DYNAMIC_RANGE,
    Op.METADATA_EXPORT,
    Op.ASSERT_OPERATION_VALID,
    Op.UPDATE_ALLOWED_OPERATIONS,
    Op.QUERY_SERVICES,
    Op.CALL_PLUGIN,
}
DUPLICATING: Ops = frozenset({Op.CLONE, Op.COPY})
TOGETHER: tuple[Ops, ...] = (
    DUPLICATING | {Op.EXPORT},
    frozenset({Op.SNAPSHOT, Op.CHECKPOINT}),
)
"""Operations of one set may run at the same time."""
DURING_MIGRATION: Ops = frozenset({Op.METADATA_EXPORT, Op.CLEAN_SHUTDOWN, Op.CLEAN_REBOOT})
OF_SNAPSHOTS: Ops = DUPLICATING | {Op.REVERT, Op.EXPORT, Op.DESTROY, Op.HARD_SHUTDOWN, Op.METADATA_EXPORT}
OF_DEFAULT_TEMPLATES: Ops = (
    DUPLICATING | {Op.EXPORT, Op.METADATA_EXPORT, Op.PROVISION} | {op for op in Op if op.value.startswith("changing_")}
)
OF_TEMPLATES: Ops = OF_DEFAULT_TEMPLATES | {Op.DESTROY, Op.MIGRATE_SEND}

NOT_LISTED: Ops = frozenset(
    {
        Op.CREATE_TEMPLATE,
        Op.POWER_STATE_RESET,
        Op.CSVM,
        Op.GET_BOOT_RECORD,
        Op.SEND_SYSRQ,
        Op.SEND_TRIGGER,
        Op.QUERY_SERVICES,
        Op.SHUTDOWN,
        Op.CALL_PLUGIN,
        Op.CHANGING_MEMORY_LIVE,
        Op.AWAITING_MEMORY_LIVE,
        Op.CHANGING_MEMORY_LIMITS,
        Op.CHANGING_SHADOW_MEMORY_LIVE,
        Op.CHANGING_VCPUS,
        Op.ASSERT_OPERATION_VALID,
        Op.DATA_SOURCE_OP,
        Op.UPDATE_ALLOWED_OPERATIONS,
        Op.IMPORT,
        Op.REVERTING,
    }
)
"""May be asked for, but `allowed_operations` never shows them."""
LISTED = tuple(op for op in reversed(Op) if op not in NOT_LISTED)

MOVING: Ops = frozenset({Op.POOL_MIGRATE, Op.MIGRATE_SEND})
FREEZING: Ops = frozenset({Op.SUSPEND, Op.CHECKPOINT}) | MOVING
"""The guest must take part: its memory is saved or moved."""
WITHOUT_RESET_DISKS: Ops = frozenset({Op.SUSPEND, Op.CHECKPOINT, Op.SNAPSHOT})
SITUATIONAL: Ops = (
    FREEZING
    | WITHOUT_RESET_DISKS
    | {Op.CLEAN_SHUTDOWN, Op.CLEAN_REBOOT, Op.CHANGING_VCPUS_LIVE, Op.MAKE_INTO_TEMPLATE, Op.CREATE_VTPM}
)
"""Operations for which more counts than the kind of the VM and its power state."""
MAXIMUM_VTPMS = 1


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
        _guest_error(db, vm, op, strict) or _disk_error(db, vm, op) or _hardware_error(vm, op) or _policy_error(vm, op)
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
    needed = _FEATURES.get(op, ())
    return VMLacksFeature(vm.ref) if needed and not guest.has(*needed) else None


_FEATURES: Mapping[VMOperations, tuple[str, ...]] = {
    Op.CLEAN_SHUTDOWN: ("feature-shutdown", "feature-poweroff"),
    Op.CLEAN_REBOOT: ("feature-shutdown", "feature-reboot"),
    **dict.fromkeys(FREEZING, ("feature-suspend",)),
}
"""Features of the guest of which it must have one."""


def _disk_error(db: Database, vm: VM, op: VMOperations) -> XenError | None:
    if op not in WITHOUT_RESET_DISKS:
        return None
    for vbd in (db.vbd[ref] for ref in vm.VBDs):
        vdi = db.vdi.get(vbd.VDI)
        if vbd.type is VBDType.DISK and vdi is not None and vdi.on_boot is OnBoot.RESET:
            return VDIOnBootModeIncompatibleWithOperation()
    return None


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


BLOCKS_DEVICES: Ops = frozenset({Op.CLEAN_SHUTDOWN, Op.HARD_SHUTDOWN, Op.SUSPEND, Op.PAUSE})
"""While one of these runs, no device is plugged or unplugged."""


def _devices(db: Database, ref: VMRef, op: str) -> Iterable[Object]:
    """The devices whose allowed operations depend on the VM's current operations."""
    if op not in BLOCKS_DEVICES or (vm := db.vm.get(ref)) is None:
        return ()
    return [("VBD", vbd) for vbd in vm.VBDs] + [("VIF", vif) for vif in vm.VIFs]


_GUARDED_BY_NAME = (
    "snapshot",
    "clone",
    "copy",
    "checkpoint",
    "provision",
    "start",
    "start_on",
    "pause",
    "unpause",
    "clean_shutdown",
    "clean_reboot",
    "hard_shutdown",
    "hard_reboot",
    "shutdown",
    "suspend",
    "resume",
    "resume_on",
    "pool_migrate",
    "migrate_send",
    "power_state_reset",
    "destroy",
)
_GUARDED_SETTERS = {
    "set_memory_dynamic_max": Op.CHANGING_DYNAMIC_RANGE,
    "set_memory_dynamic_min": Op.CHANGING_DYNAMIC_RANGE,
    "set_memory_dynamic_range": Op.CHANGING_DYNAMIC_RANGE,
    "set_memory_static_max": Op.CHANGING_STATIC_RANGE,
    "set_memory_static_min": Op.CHANGING_STATIC_RANGE,
    "set_memory_static_range": Op.CHANGING_STATIC_RANGE,
    "set_memory_limits": Op.CHANGING_MEMORY_LIMITS,
    "set_memory": Op.CHANGING_MEMORY_LIMITS,
    "set_memory_target_live": Op.CHANGING_MEMORY_LIVE,
    "wait_memory_target_live": Op.AWAITING_MEMORY_LIVE,
    "set_HVM_shadow_multiplier": Op.CHANGING_SHADOW_MEMORY,
    "set_shadow_multiplier_live": Op.CHANGING_SHADOW_MEMORY_LIVE,
    "set_VCPUs_max": Op.CHANGING_VCPUS,
    "set_VCPUs_at_startup": Op.CHANGING_VCPUS,
    "set_VCPUs_number_live": Op.CHANGING_VCPUS_LIVE,
    "add_to_VCPUs_params_live": Op.CHANGING_VCPUS_LIVE,
    "set_NVRAM": Op.CHANGING_NVRAM,
    "add_to_NVRAM": Op.CHANGING_NVRAM,
    "remove_from_NVRAM": Op.CHANGING_NVRAM,
    "get_boot_record": Op.GET_BOOT_RECORD,
}
_PARAMS = {"destroy": "self", "revert": "snapshot"}

register(
    "VM",
    check,
    allowed=allowed,
    related=_devices,
    guarded={
        **{f"VM.{name}": Guard(_PARAMS.get(name, "vm"), name) for name in _GUARDED_BY_NAME},
        **{f"VM.{name}": Guard("self", op) for name, op in _GUARDED_SETTERS.items()},
        "VM.revert": Guard("snapshot", Op.REVERT),
        "VM.send_sysrq": Guard("vm", Op.SEND_SYSRQ),
        "VM.send_trigger": Guard("vm", Op.SEND_TRIGGER),
    },
)
