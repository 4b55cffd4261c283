"""Implementation of role: read from what the datamodel says, never from the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xapi.context import Context
from xapi.control import role_rows
from xapi.datamodel.refs import RoleRef
from xapi.datamodel.wire import MESSAGES
from xapi.db import generic


def _read(message: str, *values: Any) -> Any:
    return generic.execute(role_rows.store(), MESSAGES[message], list(values))


async def get_record(ctx: Context, self: RoleRef) -> Any:
    return _read("role.get_record", self)


async def get_by_uuid(ctx: Context, uuid: str) -> Any:
    return _read("role.get_by_uuid", uuid)


async def get_by_name_label(ctx: Context, label: str) -> Any:
    return _read("role.get_by_name_label", label)


async def get_uuid(ctx: Context, self: RoleRef) -> Any:
    return _read("role.get_uuid", self)


async def get_name_label(ctx: Context, self: RoleRef) -> Any:
    return _read("role.get_name_label", self)


async def get_name_description(ctx: Context, self: RoleRef) -> Any:
    return _read("role.get_name_description", self)


async def get_subroles(ctx: Context, self: RoleRef) -> Any:
    return _read("role.get_subroles", self)


async def get_is_internal(ctx: Context, self: RoleRef) -> Any:
    return _read("role.get_is_internal", self)


async def get_all(ctx: Context) -> Any:
    return _read("role.get_all")


async def get_all_where(ctx: Context, expr: str) -> Any:
    return _read("role.get_all_where", expr)


async def get_all_records_where(ctx: Context, expr: str) -> Any:
    return _read("role.get_all_records_where", expr)


async def get_all_records(ctx: Context) -> Any:
    return _read("role.get_all_records")


async def get_permissions(ctx: Context, self: RoleRef) -> Sequence[RoleRef]:
    """The permissions of a role; a permission has itself."""
    row = role_rows.table()[self]
    return row.subroles or (row.ref,)


async def get_permissions_name_label(ctx: Context, self: RoleRef) -> Sequence[str]:
    return [role_rows.table()[ref].name_label for ref in await get_permissions(ctx, self)]


async def get_by_permission(ctx: Context, permission: RoleRef) -> Sequence[RoleRef]:
    """The roles that hold a permission; none for what is no permission."""
    return [row.ref for row in role_rows.table().rows() if permission in row.subroles]


async def get_by_permission_name_label(ctx: Context, label: str) -> Sequence[RoleRef]:
    found = role_rows.table().by_name_label(label.lower())
    return await get_by_permission(ctx, found[0].ref) if found else []
