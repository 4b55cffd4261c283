"""The datamodel folded to JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from xapi.datamodel import describe
from xapi.datamodel.types import Role


@pytest.fixture(scope="module")
def classes() -> dict[str, Any]:
    return {cls["name"]: cls for cls in json.loads(describe.text())}


def _named(items: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(item for item in items if item["name"] == name)


def test_every_class_is_there(classes: dict[str, Any]) -> None:
    assert len(classes) == 73


def test_a_message_names_its_session_first(classes: dict[str, Any]) -> None:
    start = _named(classes["VM"]["messages"], "start")
    assert [param["name"] for param in start["params"]] == ["session_id", "vm", "start_paused", "force"]
    assert start["result"] == ["void", ""]
    assert "VM_BAD_POWER_STATE" in [error["name"] for error in start["errors"]]
    assert start["async"]


def test_login_has_no_session(classes: dict[str, Any]) -> None:
    login = _named(classes["session"]["messages"], "login_with_password")
    assert [param["name"] for param in login["params"]] == ["uname", "pwd", "version", "originator"]
    assert login["params"][2]["default"] == "1.1"


def test_hidden_messages_and_internal_fields_are_left_out(classes: dict[str, Any]) -> None:
    assert "get_all_records_where" not in [message["name"] for message in classes["VM"]["messages"]]
    assert "wlb_password" not in [field["name"] for field in classes["pool"]["fields"]]


def test_enumerations_stand_with_the_classes_that_use_them(classes: dict[str, Any]) -> None:
    values = _named(classes["VM"]["enums"], "vm_power_state")["values"]
    assert [value["name"] for value in values] == ["Halted", "Paused", "Running", "Suspended"]


@pytest.mark.parametrize(
    ("least", "names"),
    [
        ((Role.LOCAL_ROOT,), []),
        ((Role.POOL_ADMIN,), ["pool-admin"]),
        ((Role.POOL_OPERATOR, Role.CLIENT_CERT), ["client-cert", "pool-admin", "pool-operator"]),
    ],
)
def test_who_may(least: tuple[Role, ...], names: list[str]) -> None:
    assert describe.role_names(least) == names
