"""The matrix of VM operations: states, kinds, concurrency, guests; and the lists that the original showed."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from tests.reference import MISSING, RECORDED
from xapi.control import operations
from xapi.control.operations.vm_table import LISTED, NEEDS
from xapi.datamodel.enums import DomainType, OnBoot, VBDType, VMOperations, VMPowerState
from xapi.datamodel.refs import VMRef
from xapi.db.database import Database

Op = VMOperations


def make(db: Database, state: VMPowerState = VMPowerState.HALTED, **fields: Any) -> VMRef:
    """A paravirtual VM in that state."""
    metrics = db.vm_metrics.create(current_domain_type=fields.get("domain_type", DomainType.PV)).ref
    known = {"domain_type": DomainType.PV, "metrics": metrics}
    return VMRef(db.vm.create(power_state=state, **{**known, **fields}).ref)


def agent(db: Database, vm: VMRef, **fields: Any) -> None:
    db.vm.update(vm, guest_metrics=db.vm_guest_metrics.create(**fields).ref)


def error(db: Database, vm: VMRef, op: VMOperations, *, strict: bool = True) -> list[str]:
    found = operations.check(db, "VM", vm, op, strict)
    return [] if found is None else [found.wire_code, *found.params]


def begin(db: Database, vm: VMRef, *ops: VMOperations) -> None:
    db.vm.update(vm, current_operations={f"task{index}": op for index, op in enumerate(ops)})


@pytest.mark.parametrize("state", VMPowerState)
def test_the_list_agrees_with_the_checks(state: VMPowerState) -> None:
    kinds = itertools.product((False, True), repeat=4)
    for (template, default, snapshot, control), running in itertools.product(kinds, ((), (Op.CLONE,), (Op.START,))):
        db = Database()
        vm = make(
            db,
            state,
            domain_type=DomainType.HVM,
            is_a_template=template,
            is_default_template=default,
            is_a_snapshot=snapshot,
            is_control_domain=control,
        )
        begin(db, vm, *running)
        operations.refresh(db, "VM", vm)
        assert list(db.vm[vm].allowed_operations) == [op for op in LISTED if not error(db, vm, op)]


def test_every_operation_has_its_states() -> None:
    assert set(NEEDS) == set(Op)


def test_the_needed_states_are_named_in_lower_case() -> None:
    db = Database()
    vm = make(db)
    assert error(db, vm, Op.HARD_SHUTDOWN) == ["VM_BAD_POWER_STATE", vm, "paused, suspended, running", "halted"]


def test_a_blocked_operation_goes_before_the_power_state() -> None:
    db = Database()
    vm = make(db, VMPowerState.RUNNING, blocked_operations={Op.START: "because"})
    assert error(db, vm, Op.START) == ["OPERATION_BLOCKED", vm, "because"]


def test_a_running_operation_is_named_with_its_task() -> None:
    db = Database()
    vm = make(db)
    begin(db, vm, Op.CLONE)
    assert error(db, vm, Op.START) == ["OTHER_OPERATION_IN_PROGRESS", "VM", vm, "clone", "task0"]
    begin(db, vm, Op.CLONE, Op.COPY)
    assert error(db, vm, Op.START)[3:] == ["{clone,copy}", "{task0,task1}"]


@pytest.mark.parametrize(
    ("running", "op", "may"),
    [
        ((Op.CLONE,), Op.COPY, True),
        ((Op.CLONE, Op.COPY), Op.EXPORT, True),
        ((Op.SNAPSHOT,), Op.CHECKPOINT, False),  # a halted VM has no memory to keep
        ((Op.SNAPSHOT,), Op.SNAPSHOT, True),
        ((Op.CLONE,), Op.SNAPSHOT, False),
        ((Op.MIGRATE_SEND,), Op.METADATA_EXPORT, True),
        ((Op.MIGRATE_SEND,), Op.SNAPSHOT, False),
    ],
)
def test_which_operations_run_together(running: tuple[VMOperations, ...], op: VMOperations, may: bool) -> None:
    db = Database()
    vm = make(db)
    begin(db, vm, *running)
    assert (error(db, vm, op) == []) is may


def test_a_hard_stop_goes_over_everything_but_itself() -> None:
    db = Database()
    vm = make(db, VMPowerState.RUNNING)
    begin(db, vm, Op.CLEAN_SHUTDOWN)
    assert error(db, vm, Op.HARD_SHUTDOWN) == error(db, vm, Op.HARD_REBOOT) == []
    begin(db, vm, Op.CLEAN_SHUTDOWN, Op.HARD_SHUTDOWN)
    assert error(db, vm, Op.HARD_SHUTDOWN)[0] == error(db, vm, Op.HARD_REBOOT)[0] == "OTHER_OPERATION_IN_PROGRESS"


def test_templates_and_snapshots_name_the_operation() -> None:
    db = Database()
    template = make(db, is_a_template=True)
    snapshot = make(db, is_a_template=True, is_a_snapshot=True)
    assert error(db, template, Op.START) == ["VM_IS_TEMPLATE", template, "start"]
    assert error(db, snapshot, Op.START) == ["VM_IS_SNAPSHOT", snapshot, "start"]
    assert error(db, make(db), Op.PROVISION) == ["PROVISION_ONLY_ALLOWED_ON_TEMPLATE"]
    assert error(db, make(db), Op.REVERT) == ["REVERT_ONLY_ALLOWED_ON_SNAPSHOT"]


def test_a_guest_without_drivers_needs_features() -> None:
    db = Database()
    vm = make(db, VMPowerState.RUNNING, domain_type=DomainType.HVM)
    agent(db, vm)
    assert error(db, vm, Op.CLEAN_SHUTDOWN) == error(db, vm, Op.SUSPEND) == ["VM_LACKS_FEATURE", vm]
    assert error(db, vm, Op.SUSPEND, strict=False) == []
    assert error(db, vm, Op.CHANGING_VCPUS_LIVE, strict=False) == ["VM_LACKS_FEATURE", vm]
    agent(db, vm, other={"feature-poweroff": "1", "feature-suspend": "1", "data-cant-suspend-reason": "no"})
    assert error(db, vm, Op.CLEAN_SHUTDOWN) == []
    assert error(db, vm, Op.SUSPEND) == ["VM_NON_SUSPENDABLE", vm, "no"]
    agent(db, vm, PV_drivers_detected=True)
    assert error(db, vm, Op.SUSPEND) == []


def test_a_disk_that_resets_forbids_to_keep_a_state() -> None:
    db = Database()
    vm = make(db)
    vdi = db.vdi.create(on_boot=OnBoot.RESET).ref
    db.vbd.create(VM=vm, VDI=vdi, type=VBDType.DISK)
    assert error(db, vm, Op.SNAPSHOT) == ["VDI_ON_BOOT_MODE_INCOMPATIBLE_WITH_OPERATION"]
    assert error(db, vm, Op.CLONE) == []


def test_a_suspended_vm_is_cloned_only_if_the_pool_says_so() -> None:
    db = Database()
    vm = make(db, VMPowerState.SUSPENDED)
    assert error(db, vm, Op.CLONE) == ["VM_BAD_POWER_STATE", vm, "halted", "suspended"]
    db.pool.create(other_config={"allow_clone_suspended_vm": "true"})
    assert error(db, vm, Op.CLONE) == []


def recorded() -> list[tuple[str, dict[str, Any]]]:
    """VM records of the original, by the file they are in."""
    found: list[tuple[str, dict[str, Any]]] = []
    for path in sorted(RECORDED.glob("*VM.get_record*.json")):
        value = json.loads(path.read_text())["decoded"].get("Value")
        if isinstance(value, dict) and not value["current_operations"]:
            found.append((path.name, value))
    return found


ORIGINALS = recorded()


@pytest.mark.skipif(not ORIGINALS, reason=MISSING)
@pytest.mark.parametrize(("name", "record"), ORIGINALS, ids=[name for name, _ in ORIGINALS])
def test_the_original_shows_the_same_operations(name: str, record: dict[str, Any]) -> None:
    db = Database()
    kept = ("is_a_template", "is_default_template", "is_a_snapshot", "is_control_domain")
    domain_type = DomainType(record["domain_type"])
    vm = make(
        db, VMPowerState(record["power_state"]), domain_type=domain_type, **{field: record[field] for field in kept}
    )
    agent(db, vm, PV_drivers_detected=name.startswith("pv."))
    operations.refresh(db, "VM", vm)
    assert list(db.vm[vm].allowed_operations) == record["allowed_operations"]
