"""Implementation of PBD: how a host reaches an SR."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xapi.context import Context
from xapi.control import operations, repositories
from xapi.datamodel.enums import StorageOperations
from xapi.datamodel.errors import OperationNotAllowed, PBDExists, SRNotSharable
from xapi.datamodel.refs import PBDRef

WAIT = 60.0  # seconds to wait for a plug or unplug of the SR that runs


async def create(ctx: Context, record: Mapping[str, Any]) -> PBDRef:
    """Tell how `host` reaches `SR`; PBD_EXISTS when that was told."""
    host, sr = record["host"], record["SR"]
    ctx.db.host[host]
    ctx.db.sr[sr]
    for pbd in ctx.db.pbd.where(host=host, SR=sr):
        raise PBDExists(sr, host, pbd.ref)
    if ctx.db.sr[sr].PBDs and not ctx.db.sr[sr].shared:
        raise SRNotSharable(sr, host)
    row = ctx.db.pbd.create(
        host=host, SR=sr, device_config=record["device_config"], other_config=record.get("other_config", {})
    )
    operations.refresh(ctx.db, "SR", sr)
    return row.ref


async def destroy(ctx: Context, self: PBDRef) -> None:
    """Remove an unplugged PBD."""
    row = ctx.db.pbd[self]
    if row.currently_attached:
        raise OperationNotAllowed("PBD is currently attached")
    ctx.db.pbd.delete(self)
    operations.refresh(ctx.db, "SR", row.SR)


async def plug(ctx: Context, self: PBDRef) -> None:
    async with operations.hold(ctx, "SR", ctx.db.pbd[self].SR, StorageOperations.PLUG, wait=WAIT):
        await repositories.plug(ctx, self)


async def unplug(ctx: Context, self: PBDRef) -> None:
    async with operations.hold(ctx, "SR", ctx.db.pbd[self].SR, StorageOperations.UNPLUG, wait=WAIT):
        await repositories.unplug(ctx, self)


async def set_device_config(ctx: Context, self: PBDRef, value: Mapping[str, str]) -> None:
    """Takes effect when the PBD is plugged next."""
    ctx.db.pbd.update(self, device_config=value)
