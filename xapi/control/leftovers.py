"""Clears up after a death in the middle: half-made VMs, disks made for them, guests left frozen, stray images."""

from __future__ import annotations

import logging

from common.idl import xen
from xapi.context import Context
from xapi.control import discard, observe, snapshot, unfinished
from xapi.control.unfinished import IMAGE_OF, INCOMPLETE, MAKING, OBSOLETE
from xapi.datamodel.enums import VMPowerState
from xapi.datamodel.refs import VDIRef, VMRef
from xapi.datamodel.types import NULL
from xapi.db.database import Database
from xapi.db.records import VDI, VM

log = logging.getLogger(__name__)


async def clean(ctx: Context) -> None:
    """Delete what nobody completes any more; what must wait, as for an SR that is not attached yet, is `waiting`.

    Safe to repeat; what works now (it is in `current_operations`) is not touched.
    """
    discard.waiting.discard(ctx.db)
    for row in ctx.db.vm.rows():
        if row.current_operations:
            continue
        if INCOMPLETE in row.other_config:
            await _discard(ctx, row)
        elif MAKING in row.other_config:
            await _end_making(ctx, row)
        elif row.power_state in observe.LIVE and row.suspend_VDI != NULL:
            ctx.db.vm.update(row.ref, suspend_VDI=NULL)
    for vdi in ctx.db.vdi.rows():
        if _is_stray(ctx.db, vdi):
            await discard.disk(ctx, VDIRef(vdi.ref))


def _is_stray(db: Database, vdi: VDI) -> bool:
    if OBSOLETE not in vdi.other_config and IMAGE_OF not in vdi.other_config:
        return False
    return not vdi.VBDs and not vdi.current_operations and not db.vm.where(suspend_VDI=vdi.ref)


async def _discard(ctx: Context, row: VM) -> None:
    """A duplicate that was being made when we died: its origin may still stand still for it."""
    log.warning("VM %s: was never completed, removing it", row.uuid)
    await _wake_origin(ctx, row)
    if await discard.made_for(ctx, unfinished.parse(row.other_config[INCOMPLETE])):
        discard.vm(ctx.db, VMRef(row.ref))


async def _wake_origin(ctx: Context, row: VM) -> None:
    origin = ctx.db.vm.get(row.snapshot_of)
    if origin is not None and origin.power_state in observe.LIVE and not origin.current_operations:
        ran = row.snapshot_info.get("power-state-at-snapshot") == VMPowerState.RUNNING
        paused = ran and origin.power_state is VMPowerState.PAUSED
        await snapshot.wake(ctx, xen.VmId(origin.uuid), thaw=True, unpause=paused)


async def _end_making(ctx: Context, row: VM) -> None:
    log.warning("VM %s: disks for it were being made, it stays as it was", row.uuid)
    if await discard.made_for(ctx, unfinished.parse(row.other_config[MAKING])):
        unfinished.unmark(ctx.db, VMRef(row.ref), MAKING)
