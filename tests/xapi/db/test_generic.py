"""Every implicit message does what its kind says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from xapi.datamodel.errors import HandleInvalid, MapDuplicateKey, UuidInvalid
from xapi.datamodel.wire import MESSAGES, Kind
from xapi.db import generic
from xapi.db.database import Database
from xapi.db.records import VM
from xapi.db.render import Rendered, json_value


@pytest.fixture
def db() -> Database:
    return Database()


@pytest.fixture
def vm(db: Database) -> VM:
    return db.vm.create(name_label="a")


def call(db: Database, name: str, *args: Any) -> Any:
    result = generic.execute(db, MESSAGES[name], args)
    return json.loads(result.json()) if isinstance(result, Rendered) else result


def test_reading(db: Database, vm: VM) -> None:
    other = db.vm.create(name_label="b")

    assert call(db, "VM.get_record", vm.ref)["name_label"] == "a"
    assert call(db, "VM.get_all") == [vm.ref, other.ref]
    assert call(db, "VM.get_all_where", 'field "name__label" = "b"') == [other.ref]
    assert list(call(db, "VM.get_all_records")) == [vm.ref, other.ref]
    assert list(call(db, "VM.get_all_records_where", 'field "name__label" = "b"')) == [other.ref]
    assert call(db, "VM.get_by_uuid", vm.uuid) == vm.ref
    assert call(db, "VM.get_by_name_label", "a") == (vm.ref,)
    assert call(db, "VM.get_by_name_label", "z") == ()
    assert call(db, "VM.get_name_label", vm.ref) == "a"


def test_writing(db: Database, vm: VM) -> None:
    assert call(db, "VM.set_name_description", vm.ref, "d") is None
    call(db, "VM.add_tags", vm.ref, "t")
    call(db, "VM.add_tags", vm.ref, "u")
    call(db, "VM.remove_tags", vm.ref, "t")
    call(db, "VM.add_to_xenstore_data", vm.ref, "k", "v")
    call(db, "VM.add_to_xenstore_data", vm.ref, "l", "w")
    call(db, "VM.remove_from_xenstore_data", vm.ref, "k")

    assert (vm.name_description, vm.tags, vm.xenstore_data) == ("d", ("u",), {"l": "w"})


def test_a_set_keeps_the_doubles_it_was_given(db: Database, vm: VM) -> None:
    call(db, "VM.set_tags", vm.ref, ("b", "a", "b"))

    assert call(db, "VM.get_tags", vm.ref) == ("b", "a", "b")


def test_creating_takes_the_constructors_fields_only(db: Database) -> None:
    ref = call(db, "secret.create", {"value": "s", "other_config": {}, "uuid": "mine", "nonsense": 1})

    assert db.secret[ref].value == "s"
    assert db.secret[ref].uuid != "mine"
    call(db, "secret.destroy", ref)
    assert ref not in db.secret


def test_errors(db: Database, vm: VM) -> None:
    host = db.host.create()
    for ref in ("OpaqueRef:NULL", "garbage", host.ref):
        with pytest.raises(HandleInvalid) as handle:
            call(db, "VM.get_record", ref)
        assert handle.value.params == ["VM", ref]
    with pytest.raises(UuidInvalid) as uuid:
        call(db, "VM.get_by_uuid", "zzz")
    assert uuid.value.params == ["VM", "zzz"]
    call(db, "VM.add_to_xenstore_data", vm.ref, "k", "v")
    with pytest.raises(MapDuplicateKey) as key:
        call(db, "VM.add_to_xenstore_data", vm.ref, "k", "v2")
    assert key.value.params == ["VM", "xenstore_data", vm.ref, "k"]


def test_every_implicit_message_has_a_generic_form(db: Database) -> None:
    for message in MESSAGES.values():
        assert generic.can(message) == (message.kind != Kind.CUSTOM)


def test_every_getter_gives_what_its_record_shows(db: Database) -> None:
    rows = {table.name: table.create() for table in db.tables()}
    getters = [message for message in MESSAGES.values() if message.kind == Kind.GET and not message.removed]
    for message in getters:
        assert message.field
        row = rows[message.cls.name]
        shown = call(db, f"{message.cls.name}.get_record", row.ref)[message.field.name]
        assert json.loads(json_value(message.message.result, call(db, message.name, row.ref))) == shown, message.name
    assert len(getters) > 800
