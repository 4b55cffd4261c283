"""Roles: each permission is a role of its own, with the uuid that it has everywhere."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.reference import RECORDED, needed
from xapi.api import role
from xapi.context import Context
from xapi.control import role_rows
from xapi.datamodel.errors import HandleInvalid
from xapi.datamodel.refs import RoleRef

ADMIN = RoleRef("OpaqueRef:0165f154-ba3e-034e-6b27-5d271af109ba")
READER = RoleRef("OpaqueRef:7233b8e3-eacb-d7da-2c95-f2e581cdbf4e")


@pytest.fixture(scope="module")
def recorded() -> dict[str, dict[str, Any]]:
    path = needed(RECORDED / "all.role.get_all_records.json")
    found: dict[str, dict[str, Any]] = json.loads(path.read_text())["decoded"]["Value"]
    return found


def test_references_and_names_are_the_originals(recorded: dict[str, dict[str, Any]]) -> None:
    ours = {row.ref: (row.name_label, row.is_internal) for row in role_rows.table().rows()}
    theirs = {ref: (record["name_label"], record["is_internal"]) for ref, record in recorded.items()}

    assert {ref: name for ref, name in theirs.items() if ref not in ours} == {}
    assert {ref: name for ref, name in ours.items() if ref not in theirs} == {}


def test_what_each_role_may_do_is_the_originals(recorded: dict[str, dict[str, Any]]) -> None:
    for row in role_rows.table().rows():
        assert set(row.subroles) == set(recorded[row.ref]["subroles"]), row.name_label


async def test_permissions_of_a_role_and_roles_of_a_permission(host_ctx: Context) -> None:
    start = role_rows.reference(role_rows.permission_uuid("VM.start"))

    assert start in await role.get_permissions(host_ctx, ADMIN)
    assert start not in await role.get_permissions(host_ctx, READER)
    assert ADMIN in await role.get_by_permission(host_ctx, start)
    assert READER not in await role.get_by_permission(host_ctx, start)
    assert await role.get_by_permission_name_label(host_ctx, "VM.start") == await role.get_by_permission(
        host_ctx, start
    )


async def test_what_is_no_permission_has_no_roles(host_ctx: Context) -> None:
    assert await role.get_by_permission(host_ctx, RoleRef("VM.start")) == []
    assert await role.get_by_permission_name_label(host_ctx, "nonsense") == []


async def test_fields_are_read_like_any_rows(host_ctx: Context) -> None:
    assert await role.get_name_label(host_ctx, ADMIN) == "pool-admin"
    assert list(await role.get_by_name_label(host_ctx, "pool-admin")) == [ADMIN]
    with pytest.raises(HandleInvalid):
        await role.get_record(host_ctx, RoleRef("OpaqueRef:nothing"))
