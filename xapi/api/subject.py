"""Implementation of subject: users of an external directory. Without one, none can be added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from xapi.context import Context
from xapi.control import role_rows
from xapi.datamodel.errors import AuthIsDisabled, RoleAlreadyExists, RoleNotFound
from xapi.datamodel.refs import RoleRef, SubjectRef


async def create(ctx: Context, record: Mapping[str, Any]) -> SubjectRef:
    raise AuthIsDisabled


async def destroy(ctx: Context, self: SubjectRef) -> None:
    ctx.db.subject.delete(self)


async def add_to_roles(ctx: Context, self: SubjectRef, role: RoleRef) -> None:
    """Raises ROLE_NOT_FOUND, ROLE_ALREADY_EXISTS."""
    row = ctx.db.subject[self]
    if role not in role_rows.table() or not role_rows.table()[role].subroles:
        raise RoleNotFound
    if role in row.roles:
        raise RoleAlreadyExists
    ctx.db.subject.add(self, "roles", role)


async def remove_from_roles(ctx: Context, self: SubjectRef, role: RoleRef) -> None:
    """Raises ROLE_NOT_FOUND."""
    if role not in ctx.db.subject[self].roles:
        raise RoleNotFound
    ctx.db.subject.remove(self, "roles", role)


async def get_permissions_name_label(ctx: Context, self: SubjectRef) -> Sequence[str]:
    """Everything that the subject's roles allow."""
    held = [role_rows.table().get(role) for role in ctx.db.subject[self].roles]
    refs = dict.fromkeys(ref for row in held if row is not None for ref in row.subroles)
    return [role_rows.table()[ref].name_label for ref in refs]
