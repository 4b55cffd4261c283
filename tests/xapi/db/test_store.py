"""Tables in memory: found, written, related, ordered."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from xapi.datamodel.enums import VMOperations, VMPowerState
from xapi.datamodel.errors import DbUniquenessConstraintViolation, HandleInvalid, MapDuplicateKey, UuidInvalid
from xapi.datamodel.types import NULL
from xapi.db.database import Database
from xapi.db.row import Row


@pytest.fixture
def db() -> Database:
    return Database()


def changed(db: Database, before: int) -> list[str]:
    db.flush()
    return [row.ref for row in db.changes.changed_since(before)]


# Found ----------------------------------------------------------------------------------------------------------------


def test_a_new_row_has_defaults_a_reference_and_a_uuid(db: Database) -> None:
    vm = db.vm.create(name_label="a")

    assert db.vm[vm.ref] is vm
    assert db.vm.by_uuid(vm.uuid) is vm
    assert vm.ref.startswith("OpaqueRef:")
    assert (vm.power_state, vm.resident_on, vm.tags, vm.platform) == (VMPowerState.HALTED, NULL, (), {})
    assert vm.snapshot_time == datetime(1970, 1, 1, tzinfo=UTC)


def test_unknown_references_and_uuids_name_the_class(db: Database) -> None:
    host = db.host.create()

    with pytest.raises(HandleInvalid) as handle:
        db.vm["OpaqueRef:x"]
    with pytest.raises(UuidInvalid) as uuid:
        db.vm.by_uuid(host.uuid)

    assert handle.value.params == ["VM", "OpaqueRef:x"]
    assert uuid.value.params == ["VM", host.uuid]


def test_names_and_references_are_found_by_index_after_every_write(db: Database) -> None:
    host, other = db.host.create(), db.host.create()
    vm = db.vm.create(name_label="a", resident_on=host.ref)
    db.vm.create(name_label="b")

    assert db.vm.by_name_label("a") == [vm]
    assert db.vm.where(resident_on=host.ref) == [vm]
    db.vm.update(vm.ref, name_label="c", resident_on=other.ref)
    assert db.vm.by_name_label("a") == []
    assert db.vm.by_name_label("c") == db.vm.where(resident_on=other.ref, name_label="c") == [vm]
    assert db.vm.where(resident_on=host.ref) == []
    db.vm.delete(vm.ref)
    assert db.vm.by_name_label("c") == []
    assert db.vm.where(resident_on=other.ref) == []


def test_where_takes_any_field(db: Database) -> None:
    a = db.vm.create(name_label="a", is_a_template=True)
    b = db.vm.create(name_label="a", is_a_template=False)
    group = db.vm_group.create()
    db.vm.update(a.ref, groups=(group.ref,))

    assert db.vm.where(name_label="a", is_a_template=False) == [b]
    assert db.vm.where(resident_on=NULL, is_a_template=True) == [a]
    assert db.vm.where(groups=group.ref) == [a]
    assert db.vm.where(groups=(group.ref,)) == [a]
    assert db.vm.where(uuid=b.uuid) == [b]
    assert db.vm.where(uuid=b.uuid, is_a_template=True) == []
    with pytest.raises(TypeError, match="no field nonsense"):
        db.vm.where(nonsense=1)


# Written --------------------------------------------------------------------------------------------------------------


def test_rows_are_live_and_only_the_table_writes_them(db: Database) -> None:
    vm = db.vm.create(name_label="a")
    db.vm.update(vm.ref, name_label="b", other_config={"k": "v"})

    assert vm.name_label == "b"
    with pytest.raises(AttributeError, match="through their table"):
        vm.name_label = "c"
    with pytest.raises(TypeError, match="no field nonsense"):
        db.vm.update(vm.ref, nonsense=1)


def test_a_map_given_is_copied(db: Database) -> None:
    given = {"k": "v"}
    vm = db.vm.create(other_config=given)
    given["k"] = "changed"

    assert vm.other_config == {"k": "v"}


def test_maps_and_sets_change_by_member(db: Database) -> None:
    vm = db.vm.create()
    db.vm.add_to(vm.ref, "other_config", "k", "v")
    before = vm.other_config
    with pytest.raises(MapDuplicateKey) as duplicate:
        db.vm.add_to(vm.ref, "other_config", "k", "w")
    db.vm.remove_from(vm.ref, "other_config", "k")
    db.vm.remove_from(vm.ref, "other_config", "k")
    db.vm.add(vm.ref, "tags", "a")
    db.vm.add(vm.ref, "tags", "a")
    db.vm.add(vm.ref, "tags", "b")
    db.vm.remove(vm.ref, "tags", "a")

    assert duplicate.value.params == ["VM", "other_config", vm.ref, "k"]
    assert before == {"k": "v"}
    assert vm.other_config == {}
    assert vm.tags == ("b",)


def test_references_and_uuids_are_unique_over_all_classes(db: Database) -> None:
    host = db.host.create()
    vm = db.vm.create()

    with pytest.raises(DbUniquenessConstraintViolation):
        db.vm.create(ref=host.ref)
    with pytest.raises(DbUniquenessConstraintViolation):
        db.vm.create(uuid=host.uuid)
    with pytest.raises(DbUniquenessConstraintViolation):
        db.vm.update(vm.ref, uuid=host.uuid)
    old = vm.uuid
    db.vm.update(vm.ref, uuid="new")
    assert db.vm.by_uuid("new") is vm
    assert db.vm.create(uuid=old).uuid == old


# Ordered --------------------------------------------------------------------------------------------------------------


def test_each_change_takes_the_next_generation_and_no_change_none(db: Database) -> None:
    vm, other = db.vm.create(), db.vm.create()
    before = db.generation
    db.vm.update(vm.ref, name_label=vm.name_label)
    assert db.generation == before
    db.vm.update(vm.ref, name_label="x")
    db.vm.touch(other.ref)
    db.vm.update(vm.ref, allowed_operations=[VMOperations.START])

    assert db.generation == before + 3
    assert changed(db, before) == [other.ref, vm.ref]
    assert vm.allowed_operations == (VMOperations.START,)


def test_deletions_are_remembered_in_order(db: Database) -> None:
    vm = db.vm.create()
    before = db.generation
    db.vm.delete(vm.ref)
    db.flush()

    assert [(gone.ref, gone.generation) for gone in db.changes.deleted_since(before)] == [(vm.ref, before + 1)]
    assert db.changes.deleted_since(before + 1) == []
    assert db.find(vm.ref) is None


# Related --------------------------------------------------------------------------------------------------------------


def test_the_set_side_follows_the_reference_side_and_counts_as_changed(db: Database) -> None:
    vm, other = db.vm.create(), db.vm.create()
    before = db.generation
    vbd = db.vbd.create(VM=vm.ref)
    assert vm.VBDs == (vbd.ref,)
    assert set(changed(db, before)) == {vm.ref, vbd.ref}

    before = db.generation
    db.vbd.update(vbd.ref, VM=other.ref)
    assert [list(vm.VBDs), list(other.VBDs)] == [[], [vbd.ref]]
    assert set(changed(db, before)) == {vm.ref, other.ref, vbd.ref}

    before = db.generation
    db.vbd.delete(vbd.ref)
    assert other.VBDs == ()
    assert changed(db, before) == [other.ref]


def test_an_object_made_after_those_that_refer_to_it_finds_them(db: Database) -> None:
    vbd = db.vbd.create(VM="OpaqueRef:later")

    assert db.vm.create(ref="OpaqueRef:later").VBDs == (vbd.ref,)


def test_a_class_may_be_related_to_itself(db: Database) -> None:
    vm = db.vm.create()
    snapshot = db.vm.create(snapshot_of=vm.ref, parent=vm.ref)

    assert (vm.snapshots, vm.children) == ((snapshot.ref,), (snapshot.ref,))


def test_many_to_many_is_written_from_either_end(db: Database) -> None:
    vm, group, other = db.vm.create(), db.vm_group.create(), db.vm_group.create()
    db.vm.update(vm.ref, groups=(group.ref,))
    assert group.VMs == (vm.ref,)
    db.vm_group.update(other.ref, VMs=(vm.ref,))
    assert vm.groups == (group.ref, other.ref)
    db.vm_group.update(group.ref, VMs=())
    assert [list(vm.groups), list(group.VMs), list(other.VMs)] == [[other.ref], [], [vm.ref]]
    db.vm.delete(vm.ref)
    assert other.VMs == ()


def test_the_end_that_follows_one_reference_is_not_written(db: Database) -> None:
    vm = db.vm.create()

    with pytest.raises(TypeError, match=r"follows VBD\.VM"):
        db.vm.update(vm.ref, VBDs=())


# Seen -----------------------------------------------------------------------------------------------------------------


async def test_statements_without_await_become_visible_together(db: Database) -> None:
    before = db.changes.visible
    db.vm.create()
    db.vm.create()
    assert db.changes.visible == before
    await db.durable()

    assert db.changes.visible == db.generation == before + 2


def test_every_class_with_rows_has_its_table(db: Database) -> None:
    for table in db.tables():
        row = table.create()
        assert isinstance(row, Row)
        assert getattr(db, table.name.lower()) is table
        assert table.all().xml().count(b"OpaqueRef:") == 1
