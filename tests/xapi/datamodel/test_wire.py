"""Messages that follow from classes and fields."""

from __future__ import annotations

import pytest

from xapi.datamodel import CLASSES
from xapi.datamodel.types import MapOf, RecordOf, Ref, Role, SetOf
from xapi.datamodel.wire import MESSAGES, Kind


def _count(implicit: bool) -> int:
    return sum(message.implicit == implicit for message in MESSAGES.values())


def test_how_many() -> None:
    assert (_count(implicit=True), _count(implicit=False)) == (1580, 678)
    assert sum(not message.removed for message in MESSAGES.values()) == 2162


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("VM.start", Kind.CUSTOM),
        ("VM.get_record", Kind.GET_RECORD),
        ("VM.get_all_records_where", Kind.GET_ALL_RECORDS_WHERE),
        ("VM.get_by_name_label", Kind.GET_BY_NAME_LABEL),
        ("VM.get_VBDs", Kind.GET),
        ("VM.set_tags", Kind.SET),
        ("VM.add_tags", Kind.ADD),
        ("VM.remove_tags", Kind.REMOVE),
        ("network.add_to_other_config", Kind.ADD_TO),
        ("network.remove_from_other_config", Kind.REMOVE_FROM),
        ("VBD.create", Kind.CREATE),
        ("VBD.destroy", Kind.DESTROY),
    ],
)
def test_kinds(name: str, kind: Kind) -> None:
    assert MESSAGES[name].kind == kind


@pytest.mark.parametrize(
    "name",
    [
        "pool.get_by_name_label",  # the pool's name is no name like the others
        "VM.set_VBDs",  # the server's
        "host.create_new",
        "PCI.get_attached_VMs",  # internal
        "event.get_record",  # not in the database
        "PIF.create",  # no constructor
        "session.get_all",
    ],
)
def test_not_on_the_wire(name: str) -> None:
    assert name not in MESSAGES


def test_parameters_and_results() -> None:
    vm = Ref("VM")
    add = MESSAGES["network.add_to_other_config"].message
    assert [(param.name, param.type) for param in add.params] == [
        ("self", Ref("network")),
        ("key", str),
        ("value", str),
    ]
    assert MESSAGES["VM.get_all_records"].message.result == MapOf(vm, RecordOf("VM"))
    assert MESSAGES["VM.get_by_name_label"].message.result == SetOf(vm)
    assert MESSAGES["VBD.create"].message.params[0].type == RecordOf("VBD")


def test_roles_follow_the_field() -> None:
    add = MESSAGES["network.add_to_other_config"].message
    assert add.roles == (Role.POOL_OPERATOR,)
    assert dict(add.key_roles)["folder"] == Role.VM_OPERATOR
    assert MESSAGES["VM.get_name_label"].message.roles == (Role.READ_ONLY, Role.CLIENT_CERT)
    assert MESSAGES["VM.set_name_label"].message.roles == (Role.VM_ADMIN,)


def test_removed_messages_are_known_but_make_no_task_and_have_no_async() -> None:
    removed = MESSAGES["VMPP.create"]
    assert removed.message.is_async
    assert (removed.removed, removed.is_async, removed.makes_task) == (True, False, False)


def test_tasks_and_events_make_no_tasks() -> None:
    assert not MESSAGES["task.get_record"].makes_task
    assert not MESSAGES["event.from"].makes_task
    assert MESSAGES["session.logout"].makes_task


def test_constructor_fields_are_what_a_client_may_give() -> None:
    fields = CLASSES["VBD"].constructor_fields
    assert {"VM", "VDI", "userdevice", "mode"} <= set(fields)
    assert not {"uuid", "metrics", "allowed_operations"} & set(fields)
