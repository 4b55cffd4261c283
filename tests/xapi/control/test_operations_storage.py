"""What disks, SRs, hosts and pools allow."""

from __future__ import annotations

from typing import Any

import pytest

from xapi.context import Context
from xapi.control import operations
from xapi.datamodel.enums import VBDMode, VDIType
from xapi.datamodel.errors import (
    HAEnableInProgress,
    HostNotDisabled,
    OtherOperationInProgress,
    SRHasNoPBDs,
    SROperationNotSupported,
    VDICbtEnabled,
    VDIHasRrds,
    VDIIncompatibleType,
    VDIInUse,
    XenError,
)
from xapi.datamodel.refs import SRRef, VDIRef
from xapi.db.database import Database

FEATURES = {"VDI_SNAPSHOT": 1, "VDI_CLONE": 1, "VDI_DELETE": 1, "VDI_RESIZE": 1, "VDI_CREATE": 1, "VDI_MIRROR": 1}


@pytest.fixture
def db() -> Database:
    found = Database()
    found.sm.create(type="file", features=FEATURES)
    return found


@pytest.fixture
def sr(db: Database) -> SRRef:
    ref = db.sr.create(type="file").ref
    db.pbd.create(SR=ref, host=db.host.create().ref, currently_attached=True)
    return ref


@pytest.fixture
def vdi(db: Database, sr: SRRef) -> VDIRef:
    return db.vdi.create(SR=sr).ref


def use(db: Database, vdi: VDIRef, mode: VBDMode, **fields: Any) -> Any:
    vm = db.vm.create(**fields)
    return db.vbd.create(VM=vm.ref, VDI=vdi, currently_attached=True, mode=mode)


def error(db: Database, cls: str, ref: str, op: str) -> type[XenError] | None:
    found = operations.check(db, cls, ref, op)
    return type(found) if found is not None else None


def test_a_closed_disk_allows_what_its_driver_can(db: Database, vdi: VDIRef) -> None:
    operations.refresh(db, "VDI", vdi)

    assert set(db.vdi[vdi].allowed_operations) == {"snapshot", "clone", "copy", "resize", "destroy", "forget"}


def test_a_disk_in_use_allows_what_is_safe_live(db: Database, vdi: VDIRef) -> None:
    use(db, vdi, VBDMode.RW)
    operations.refresh(db, "VDI", vdi)

    assert set(db.vdi[vdi].allowed_operations) == {"snapshot", "clone"}


def test_a_disk_that_is_only_read_may_be_copied(db: Database, vdi: VDIRef) -> None:
    use(db, vdi, VBDMode.RO)

    assert error(db, "VDI", vdi, "copy") is None
    assert error(db, "VDI", vdi, "destroy") is VDIInUse


def test_a_reserved_disk_counts_as_in_use(db: Database, vdi: VDIRef) -> None:
    vbd = use(db, vdi, VBDMode.RW)
    db.vbd.update(vbd.ref, currently_attached=False, reserved=True)

    assert error(db, "VDI", vdi, "destroy") is VDIInUse


@pytest.mark.parametrize(
    ("running", "op", "expected"),
    [
        ("snapshot", "clone", OtherOperationInProgress),
        ("copy", "snapshot", None),
        ("copy", "destroy", OtherOperationInProgress),
        ("mirror", "destroy", None),
        ("mirror", "snapshot", OtherOperationInProgress),
    ],
)
def test_what_may_run_beside_what(
    db: Database, vdi: VDIRef, running: str, op: str, expected: type[XenError] | None
) -> None:
    db.vdi.update(vdi, current_operations={"OpaqueRef:task": running})

    assert error(db, "VDI", vdi, op) is expected


def test_a_busy_drive_blocks_its_disk(db: Database, vdi: VDIRef) -> None:
    vbd = db.vbd.create(VDI=vdi, VM=db.vm.create().ref)
    db.vbd.update(vbd.ref, current_operations={"OpaqueRef:task": "attach"})

    assert error(db, "VDI", vdi, "destroy") is OtherOperationInProgress


def test_what_the_driver_lacks(db: Database, vdi: VDIRef) -> None:
    assert error(db, "VDI", vdi, "resize_online") is SROperationNotSupported
    assert error(db, "VDI", vdi, "generate_config") is SROperationNotSupported


def test_kinds_of_disks_with_rules_of_their_own(db: Database, sr: SRRef) -> None:
    metadata = db.vdi.create(SR=sr, type=VDIType.CBT_METADATA).ref
    archive = db.vdi.create(SR=sr, type=VDIType.RRD).ref
    tracked = db.vdi.create(SR=sr, cbt_enabled=True).ref

    assert error(db, "VDI", metadata, "snapshot") is VDIIncompatibleType
    assert error(db, "VDI", metadata, "destroy") is None
    assert error(db, "VDI", archive, "destroy") is VDIHasRrds
    assert error(db, "VDI", tracked, "mirror") is VDICbtEnabled


def test_disks_of_the_tools_sr_stay(db: Database, sr: SRRef, vdi: VDIRef) -> None:
    db.sr.update(sr, is_tools_sr=True)

    assert error(db, "VDI", vdi, "destroy") is SROperationNotSupported
    assert error(db, "SR", sr, "vdi_create") is SROperationNotSupported


def test_resizing_needs_a_plugged_sr(db: Database, sr: SRRef, vdi: VDIRef) -> None:
    db.pbd.update(db.sr[sr].PBDs[0], currently_attached=False)

    assert error(db, "VDI", vdi, "resize") is SRHasNoPBDs


def test_an_sr_whose_disk_is_busy_is_not_forgotten(db: Database, sr: SRRef, vdi: VDIRef) -> None:
    db.pbd.update(db.sr[sr].PBDs[0], currently_attached=False)
    assert error(db, "SR", sr, "forget") is None

    db.vdi.update(vdi, current_operations={"OpaqueRef:task": "copy"})

    assert error(db, "SR", sr, "forget") is OtherOperationInProgress


def test_disks_are_made_beside_one_another_but_not_beside_a_destruction(db: Database, sr: SRRef) -> None:
    db.sr.update(sr, current_operations={"OpaqueRef:1": "vdi_create", "OpaqueRef:2": "scan"})
    assert error(db, "SR", sr, "vdi_create") is None
    assert error(db, "SR", sr, "scan") is OtherOperationInProgress

    db.sr.update(sr, current_operations={"OpaqueRef:1": "destroy"})
    assert error(db, "SR", sr, "vdi_create") is OtherOperationInProgress


def test_a_host_goes_down_only_when_disabled(db: Database) -> None:
    host = db.host.create(enabled=True).ref

    assert error(db, "host", host, "reboot") is HostNotDisabled
    db.host.update(host, enabled=False)
    assert error(db, "host", host, "reboot") is None


def test_what_brings_vms_excludes_what_takes_them_away(db: Database) -> None:
    host = db.host.create(enabled=True, current_operations={"OpaqueRef:1": "evacuate"}).ref

    assert error(db, "host", host, "vm_migrate") is OtherOperationInProgress
    assert error(db, "host", host, "vm_start") is None


def test_a_pool_names_the_operation_that_blocks(db: Database) -> None:
    pool = db.pool.create(current_operations={"OpaqueRef:1": "ha_enable"}).ref

    assert error(db, "pool", pool, "eject") is HAEnableInProgress


async def test_host_operations_of_a_fresh_host(started: Context) -> None:
    assert set(started.db.host[started.host].allowed_operations) == {
        "provision",
        "evacuate",
        "vm_start",
        "vm_resume",
        "vm_migrate",
        "enable",
    }
