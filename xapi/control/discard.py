"""Gets rid of rows and disks that nothing needs, for good: what can't be deleted now is marked, and goes later."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakSet

from common.errors import WireError
from xapi.context import Context
from xapi.control import firmware, operations, storage, unfinished
from xapi.control.unfinished import MADE_FOR, MAKING, OBSOLETE, Work
from xapi.datamodel.refs import SRRef, VDIRef, VMRef
from xapi.datamodel.types import NULL
from xapi.db.database import Database

log = logging.getLogger(__name__)

waiting: WeakSet[Database] = WeakSet()
"""Databases with something that could not be deleted when it should have been: `leftovers` looks again soon."""


def mark(db: Database, vdi: VDIRef) -> None:
    """Say that the disk is to be deleted. Safe to repeat, and when it is gone."""
    row = db.vdi.get(vdi)
    if row is not None:
        db.vdi.update(vdi, other_config={**row.other_config, OBSOLETE: "true"})


async def disk(ctx: Context, vdi: VDIRef) -> bool:
    """Delete the disk; False if that has to wait, then `leftovers` does it. Never raises a daemon's error."""
    if vdi not in ctx.db.vdi:
        return True
    mark(ctx.db, vdi)
    try:
        await storage.destroy_vdi(ctx, vdi)
    except WireError as error:
        log.info("VDI %s: is to be deleted, later: %s", vdi, error)
        waiting.add(ctx.db)
        return False
    return True


async def made_for(ctx: Context, work: Work) -> bool:
    """Delete the disks made for `work`, by what is on the SRs: some never got a row. False if that has to wait."""
    for uuid in work.srs:
        for sr in ctx.db.sr.where(uuid=uuid):  # none: it was forgotten, and its disks with it
            try:
                await _made_on(ctx, SRRef(sr.ref), work)
            except WireError as error:
                log.info("SR %s: disks of unfinished work stay for now: %s", uuid, error)
                waiting.add(ctx.db)
                return False
    return True


async def _made_on(ctx: Context, sr: SRRef, work: Work) -> None:
    found = await ctx.services.storage.sr.scan(ctx.dbg, storage.require_attached(ctx, sr))
    for each in found.vdis:
        if each.sm_config.get(MADE_FOR) == work.id:
            await storage.destroy_at(ctx, sr, each.vdi, each.sm_config.get(storage.PARENT, ""))
            log.warning("VDI %s: was made for something that was never completed, deleted", each.vdi)


@asynccontextmanager
async def making(ctx: Context, vm: VMRef, work: Work) -> AsyncIterator[None]:
    """In the block disks are made for `vm`, each with the `sm_config` of `work`; if it raises they are deleted.

    Its last statements without `await` are one transaction with the end of the mark: until then we may die, and the
    next start deletes the disks.
    """
    unfinished.mark(ctx.db, vm, MAKING, work)
    await ctx.db.durable()
    try:
        yield
    except BaseException:
        if await made_for(ctx, work):
            unfinished.unmark(ctx.db, vm, MAKING)
        raise
    unfinished.unmark(ctx.db, vm, MAKING)


def vm(db: Database, ref: VMRef) -> None:
    """Delete the VM's row with the rows that are its own. Safe to repeat; its disks are left alone."""
    row = db.vm.get(ref)
    if row is None:
        return
    for vbd in [db.vbd[vbd] for vbd in row.VBDs]:
        _delete(db, "VBD_metrics", vbd.metrics)
        db.vbd.delete(vbd.ref)
        operations.refresh(db, "VDI", vbd.VDI)
    for vif in [db.vif[vif] for vif in row.VIFs]:
        _delete(db, "VIF_metrics", vif.metrics)
        db.vif.delete(vif.ref)
    for console in row.consoles:
        db.console.delete(console)
    firmware.remove_tpms(db, ref)
    _delete(db, "VM_metrics", row.metrics)
    _delete(db, "VM_guest_metrics", row.guest_metrics)
    for child in row.children:
        db.vm.update(child, parent=row.parent)
    for snapshot in row.snapshots:
        db.vm.update(snapshot, snapshot_of=NULL)
    db.vm.delete(ref)


def _delete(db: Database, cls: str, ref: str) -> None:
    if ref in db.table(cls):
        db.table(cls).delete(ref)
