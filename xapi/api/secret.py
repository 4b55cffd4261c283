"""Implementation of secret: passwords that other objects name by uuid, so that they don't show in their records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xapi.context import Context
from xapi.datamodel.errors import UuidInvalid
from xapi.datamodel.refs import SecretRef


async def create(ctx: Context, record: Mapping[str, Any]) -> SecretRef:
    row = ctx.db.secret.create(value=record["value"], other_config=record["other_config"])
    return row.ref


async def introduce(ctx: Context, uuid: str, value: str, other_config: Mapping[str, str]) -> SecretRef:
    """A secret with a known uuid; one that is there already is left as it is if it has this value."""
    for row in ctx.db.secret.where(uuid=uuid):
        if row.value != value:
            raise UuidInvalid("secret", uuid)
        return row.ref
    return ctx.db.secret.create(uuid=uuid, value=value, other_config=other_config).ref


async def destroy(ctx: Context, self: SecretRef) -> None:
    ctx.db.secret.delete(self)
