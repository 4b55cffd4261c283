"""Clears up after a death in the middle: half-made VMs, disks made for them, guests left frozen, stray images."""

from __future__ import annotations

import logging

from common.errors import WireError
from common.idl import storage as sm
from common.idl import xen
from xapi.context import Context
from xapi.control import observe, snapshot, storage, unfinished
from xapi.control.unfinished import IMAGE_OF, INCOMPLETE, MADE_FOR, REVERTING, Work
from xapi.datamodel.enums import VMPowerState
from xapi.datamodel.refs import VDIRef, VMRef
from xapi.datamodel.types import NULL
from xapi.db.records import VM

log = logging.getLogger(__name__)


async def clean(ctx: Context) -> bool:
    """Delete what nobody completes any more; False when something must wait until its SR is attached.

    Safe to repeat; what works now (it is in `current_operations`) is not touched.
    """
    done = True
    for row in ctx.db.vm.rows():
        if row.current_operations:
            continue
        if INCOMPLETE in row.other_config:
            done &= await _discard(ctx, row)
        elif REVERTING in row.other_config:
            done &= await _end_revert(ctx, row)
        elif row.power_state in observe.LIVE and row.suspend_VDI != NULL:
            ctx.db.vm.update(row.ref, suspend_VDI=NULL)
    for vdi in ctx.db.vdi.rows():
        if IMAGE_OF in vdi.other_config and not vdi.VBDs and not ctx.db.vm.where(suspend_VDI=vdi.ref):
            done &= await _delete(ctx, VDIRef(vdi.ref))
    return done


async def _discard(ctx: Context, row: VM) -> bool:
    """A duplicate that was being made when we died: its origin may still stand still for it."""
    log.warning("VM %s: was never completed, removing it", row.uuid)
    await _wake_origin(ctx, row)
    if not await _delete_made_for(ctx, unfinished.parse(row.other_config[INCOMPLETE])):
        return False
    snapshot.discard_row(ctx.db, VMRef(row.ref))
    return True


async def _wake_origin(ctx: Context, row: VM) -> None:
    origin = ctx.db.vm.get(row.snapshot_of)
    if origin is not None and origin.power_state in observe.LIVE and not origin.current_operations:
        ran = row.snapshot_info.get("power-state-at-snapshot") == VMPowerState.RUNNING
        paused = ran and origin.power_state is VMPowerState.PAUSED
        await snapshot.wake(ctx, xen.VmId(origin.uuid), thaw=True, unpause=paused)


async def _end_revert(ctx: Context, row: VM) -> bool:
    log.warning("VM %s: a revert was interrupted, it stays as it was", row.uuid)
    if not await _delete_made_for(ctx, unfinished.parse(row.other_config[REVERTING])):
        return False
    unfinished.unmark(ctx.db, VMRef(row.ref), REVERTING)
    return True


async def _delete_made_for(ctx: Context, work: Work) -> bool:
    """Delete the disks made for `work`, on the SRs themselves: some may never have got a row."""
    for sr in work.srs:
        try:
            found = await ctx.services.storage.sr.scan(ctx.dbg, sm.SrId(sr))
            for disk in found.vdis:
                if disk.sm_config.get(MADE_FOR) == work.id:
                    await _delete_disk(ctx, sm.SrId(sr), disk.vdi)
        except WireError as error:
            log.info("SR %s: disks of unfinished work stay for now: %s", sr, error)
            return False
    return True


async def _delete_disk(ctx: Context, sr: sm.SrId, location: sm.VdiId) -> None:
    rows = ctx.db.vdi.where(SR=ctx.db.sr.by_uuid(sr).ref, location=location)
    if rows:
        await storage.destroy_vdi(ctx, VDIRef(rows[0].ref))
    else:
        await ctx.services.storage.vdi.destroy(ctx.dbg, sr, location)
    log.warning("VDI %s: was made for something that was never completed, deleted", location)


async def _delete(ctx: Context, vdi: VDIRef) -> bool:
    try:
        await storage.destroy_vdi(ctx, vdi)
    except WireError as error:
        log.info("VDI %s: a stray memory image stays for now: %s", vdi, error)
        return False
    return True
