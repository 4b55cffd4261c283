"""The matrix of VM operations as tables: states, kinds, concurrency, features, and the messages that they guard."""

from __future__ import annotations

from collections.abc import Mapping

from xapi.datamodel.enums import VMOperations, VMPowerState

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

FEATURES: Mapping[VMOperations, tuple[str, ...]] = {
    Op.CLEAN_SHUTDOWN: ("feature-shutdown", "feature-poweroff"),
    Op.CLEAN_REBOOT: ("feature-shutdown", "feature-reboot"),
    **dict.fromkeys(FREEZING, ("feature-suspend",)),
}
"""Features of the guest of which it must have one."""

BLOCKS_DEVICES: Ops = frozenset({Op.CLEAN_SHUTDOWN, Op.HARD_SHUTDOWN, Op.SUSPEND, Op.PAUSE})
"""While one of these runs, no device is plugged or unplugged."""

GUARDED_BY_NAME = (
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
GUARDED_SETTERS = {
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
PARAMS = {"destroy": "self", "revert": "snapshot"}
