"""Domains that xl made and that were taken over: what their disks can't do, and until when."""

from __future__ import annotations

from xapi.control import foreign, operations
from xapi.datamodel.enums import VMPowerState
from xapi.datamodel.errors import OperationNotAllowed, VDIInUse
from xapi.datamodel.refs import HostRef, VMRef
from xapi.db.database import Database
from xapi.db.records import VM


def adopted(db: Database) -> VM:
    host = db.host.create(other_config={"boot_time": "1"})
    vm = db.vm.create(power_state=VMPowerState.RUNNING, domid=7, resident_on=host.ref)
    sr = db.sr.create(type="file")
    db.sm.create(type="file", features={"VDI_SNAPSHOT": 1})
    vdi = db.vdi.create(SR=sr.ref, managed=True)
    db.vbd.create(VM=vm.ref, VDI=vdi.ref, currently_attached=True)
    foreign.mark(db, VMRef(vm.ref), HostRef(host.ref), 7)
    return vm


def test_a_disk_that_is_open_elsewhere_is_not_snapshotted() -> None:
    db = Database()
    vm = adopted(db)
    [vdi] = db.vdi
    assert foreign.is_foreign(db, vm)
    assert isinstance(operations.check(db, "VDI", vdi, "snapshot"), VDIInUse)
    assert isinstance(operations.check(db, "VM", vm.ref, "snapshot"), OperationNotAllowed)
    assert operations.check(db, "VM", vm.ref, "clean_reboot") is None


def test_it_is_after_the_domain_is_another() -> None:
    db = Database()
    vm = adopted(db)
    [vdi] = db.vdi
    db.vm.update(vm.ref, domid=8)
    assert not foreign.is_foreign(db, vm)
    assert operations.check(db, "VDI", vdi, "snapshot") is None
    assert operations.check(db, "VM", vm.ref, "snapshot") is None


def test_domains_of_another_boot_are_others() -> None:
    db = Database()
    vm = adopted(db)
    db.host.update(vm.resident_on, other_config={"boot_time": "2"})
    assert not foreign.is_foreign(db, vm)
