"""Disks as xapi sees them: has sm do it, then makes the rows say what sm answered.

These functions check nothing that the dispatcher's guards check: to run an operation as a client would, with its
place in `current_operations`, use `ctx.call("VDI.snapshot", vdi=…)`. Every change of an SR's disks happens inside
`changing(sr)`, so that a scan which overlaps it neither introduces a disk twice nor forgets a new one.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from common.idl.storage import SrId, VdiDoesNotExist, VdiId, VdiInfo
from common.undo import undo_on_failure
from xapi.context import Context
from xapi.control import operations, scan
from xapi.datamodel.enums import OnBoot, VBDType, VDIType
from xapi.datamodel.errors import SRHasNoPBDs, VDIReadonly, VDITooSmall
from xapi.datamodel.refs import SRRef, VDIRef
from xapi.datamodel.types import NULL
from xapi.db.database import Database
from xapi.db.records import PBD, VDI

log = logging.getLogger(__name__)

NO_MAP: Mapping[str, str] = {}
NO_VDI = VDIRef(NULL)
PARENT = "vhd-parent"
"""Key of `sm_config`: uuid of the hidden base that a disk stands on."""


@dataclass(slots=True)
class _Activity:
    """Changes of one SR's disks: how many are in flight, how many there were."""

    in_flight: int = 0
    generation: int = 0


_activity: dict[SRRef, _Activity] = {}


def activity(sr: SRRef) -> _Activity:
    """What a scan compares before and after to know whether its result is a snapshot of one moment."""
    return _activity.setdefault(sr, _Activity())


@contextmanager
def changing(sr: SRRef) -> Iterator[None]:
    """Disks of `sr` come, go or change until the rows are written at the end of the block."""
    state = activity(sr)
    state.in_flight += 1
    try:
        yield
    finally:
        state.in_flight -= 1
        state.generation += 1


def attached_pbd(db: Database, sr: SRRef) -> PBD | None:
    """The PBD by which some host has `sr` now."""
    plugged = (db.pbd[ref] for ref in db.sr[sr].PBDs)
    return next((pbd for pbd in plugged if pbd.currently_attached), None)


def require_attached(ctx: Context, sr: SRRef) -> SrId:
    """The SR's id in sm. Raises SR_HAS_NO_PBDS unless this host has the SR."""
    row = ctx.db.sr[sr]
    if not any(ctx.db.pbd[ref].currently_attached and ctx.db.pbd[ref].host == ctx.host for ref in row.PBDs):
        raise SRHasNoPBDs(sr)
    return SrId(row.uuid)


async def create_vdi(
    ctx: Context,
    sr: SRRef,
    *,
    name_label: str,
    virtual_size: int,
    name_description: str = "",
    type: VDIType = VDIType.USER,
    sharable: bool = False,
    read_only: bool = False,
    other_config: Mapping[str, str] = NO_MAP,
    xenstore_data: Mapping[str, str] = NO_MAP,
    sm_config: Mapping[str, str] = NO_MAP,
    tags: Sequence[str] = (),
) -> VDIRef:
    """A new empty disk of at least `virtual_size` bytes."""
    sr_id = require_attached(ctx, sr)
    wanted = VdiInfo(
        sr=sr_id,
        name_label=name_label,
        name_description=name_description,
        type=type,
        virtual_size=virtual_size,
        read_only=read_only,
        sharable=sharable,
        sm_config=dict(sm_config),
    )
    with changing(sr):
        made = await ctx.services.storage.vdi.create(ctx.dbg, sr_id, wanted)
        return add_row(
            ctx.db,
            sr,
            made,
            name_label=name_label,
            name_description=name_description,
            type=type,
            sharable=sharable,
            read_only=read_only,
            other_config=dict(other_config),
            xenstore_data=dict(xenstore_data),
            tags=tuple(tags),
        )


async def destroy_vdi(ctx: Context, vdi: VDIRef) -> None:
    """Delete the disk and its row, and the VBDs that are left without it. One that is gone already is fine."""
    row = ctx.db.vdi[vdi]
    await destroy_at(ctx, SRRef(row.SR), VdiId(row.location), row.sm_config.get(PARENT, ""))


async def destroy_at(ctx: Context, sr: SRRef, location: VdiId, parent: str) -> None:
    """`destroy_vdi` for a disk that may have no row: it stands on the base `parent`."""
    sr_id = require_attached(ctx, sr)
    with changing(sr):
        try:
            await ctx.services.storage.vdi.destroy(ctx.dbg, sr_id, location)
        except VdiDoesNotExist:
            log.info("VDI %s: was gone from its SR", location)
        for row in ctx.db.vdi.where(SR=sr, location=location):
            remove_row(ctx.db, VDIRef(row.ref))
        await _forget_bases(ctx, sr, sr_id, parent)


async def _forget_bases(ctx: Context, sr: SRRef, sr_id: SrId, parent: str) -> None:
    """Remove the rows of hidden bases, from `parent` up, that sm deleted with their last child."""
    while found := [row for row in ctx.db.vdi.where(uuid=parent) if sr == row.SR and not row.managed]:
        base = found[0]
        try:
            await ctx.services.storage.vdi.stat(ctx.dbg, sr_id, VdiId(base.location))
        except VdiDoesNotExist:
            parent = base.sm_config.get(PARENT, "")
            remove_row(ctx.db, VDIRef(base.ref))
        else:
            return


async def snapshot_vdi(ctx: Context, vdi: VDIRef, driver_params: Mapping[str, str] = NO_MAP) -> VDIRef:
    """A disk that keeps the present content of `vdi`, which may be in use; names and settings are copied."""
    row = ctx.db.vdi[vdi]
    now = datetime.now(UTC).replace(microsecond=0)
    wanted = VdiInfo(
        name_label=row.name_label,
        name_description=row.name_description,
        type=row.type,
        is_a_snapshot=True,
        snapshot_of=row.uuid,
        snapshot_time=scan.written(now),
        read_only=row.read_only,
        sharable=row.sharable,
        sm_config=dict(driver_params),
    )
    sr_id = require_attached(ctx, row.SR)
    with changing(row.SR):
        made = await ctx.services.storage.vdi.snapshot(ctx.dbg, sr_id, VdiId(row.location), wanted)
        copied = _copied(row)
        return add_row(ctx.db, row.SR, made, **copied, is_a_snapshot=True, snapshot_of=vdi, snapshot_time=now)


async def clone_vdi(ctx: Context, vdi: VDIRef, driver_params: Mapping[str, str] = NO_MAP) -> VDIRef:
    """A writable disk that starts with the content of `vdi`; names and settings are copied."""
    row = ctx.db.vdi[vdi]
    wanted = VdiInfo(
        name_label=row.name_label,
        name_description=row.name_description,
        type=row.type,
        sharable=row.sharable,
        sm_config=dict(driver_params),
    )
    sr_id = require_attached(ctx, row.SR)
    with changing(row.SR):
        made = await ctx.services.storage.vdi.clone(ctx.dbg, sr_id, VdiId(row.location), wanted)
        return add_row(ctx.db, row.SR, made, **_copied(row))


async def copy_vdi(ctx: Context, vdi: VDIRef, sr: SRRef, into: VDIRef = NO_VDI) -> VDIRef:
    """The content of `vdi` in a new disk on `sr` (or in the disk `into`), with progress in the call's task.

    A failed or cancelled copy leaves no new disk. Raises VDI_TOO_SMALL, VDI_READONLY for an `into` that cannot take it.
    """
    row = ctx.db.vdi[vdi]
    source = require_attached(ctx, row.SR)
    async with undo_on_failure() as undo:
        target = into
        if into == NULL:
            target = await create_vdi(
                ctx, sr, virtual_size=row.virtual_size, sm_config=_portable(row.sm_config), **_copied(row)
            )
            undo.push_async(destroy_vdi, ctx, target)
        else:
            _check_target(ctx.db.vdi[into], row.virtual_size)
        destination = ctx.db.vdi[target]
        task = await ctx.services.storage.vdi.copy(
            ctx.dbg,
            source,
            VdiId(row.location),
            require_attached(ctx, destination.SR),
            VdiId(destination.location),
        )
        await ctx.storage_task(task)
    await refresh_vdi(ctx, target)
    return target


async def resize_vdi(ctx: Context, vdi: VDIRef, size: int) -> None:
    """Grow the disk, in use or not, to at least `size` bytes."""
    row = ctx.db.vdi[vdi]
    sr_id = require_attached(ctx, row.SR)
    with changing(row.SR):
        _apply(ctx.db, vdi, await ctx.services.storage.vdi.resize(ctx.dbg, sr_id, VdiId(row.location), size))


async def revert_vdi(ctx: Context, snapshot: VDIRef, vdi: VDIRef) -> None:
    """Give the closed disk `vdi` the content of `snapshot`; it stays the same object."""
    row, source = ctx.db.vdi[vdi], ctx.db.vdi[snapshot]
    sr_id = require_attached(ctx, row.SR)
    with changing(row.SR):
        made = await ctx.services.storage.vdi.revert(ctx.dbg, sr_id, VdiId(source.location), VdiId(row.location))
        _apply(ctx.db, vdi, made)
        if made.vdi and made.vdi != row.location:
            ctx.db.vdi.update(vdi, location=made.vdi)


async def refresh_vdi(ctx: Context, vdi: VDIRef) -> None:
    """Read sizes and `sm_config` of the disk again."""
    row = ctx.db.vdi[vdi]
    sr_id = require_attached(ctx, row.SR)
    _apply(ctx.db, vdi, await ctx.services.storage.vdi.stat(ctx.dbg, sr_id, VdiId(row.location)))


async def write_names(ctx: Context, vdi: VDIRef) -> None:
    """Write the row's names to the SR, if it is attached here; a driver without a place for them ignores it."""
    row = ctx.db.vdi[vdi]
    if attached_pbd(ctx.db, row.SR) is None:
        return
    await ctx.services.storage.vdi.update(
        ctx.dbg, SrId(ctx.db.sr[row.SR].uuid), VdiId(row.location), row.name_label, row.name_description
    )


def add_row(db: Database, sr: SRRef, disk: VdiInfo, **fields: Any) -> VDIRef:
    """A row for a disk that sm told of; `fields` go before what sm says."""
    values = {**scan.fields(disk), **fields}
    present = db.vdi.where(SR=sr, location=disk.vdi)
    if present:
        db.vdi.update(present[0].ref, **values)
        ref = present[0].ref
    else:
        ref = db.vdi.create(uuid=disk.uuid or None, SR=sr, **values).ref
    allocate(db, sr, disk.virtual_size if not present else 0)
    operations.refresh(db, "VDI", ref)
    return ref


def remove_row(db: Database, vdi: VDIRef) -> None:
    """Forget a disk: its row, VBDs left without it, and references to it. Safe to repeat."""
    row = db.vdi.get(vdi)
    if row is None:
        return
    for vbd in (db.vbd[ref] for ref in row.VBDs):
        if vbd.type is VBDType.CD:
            db.vbd.update(vbd.ref, VDI=NULL, empty=True)
        else:
            db.vbd.delete(vbd.ref)
    for snapshot in row.snapshots:
        db.vdi.update(snapshot, snapshot_of=NULL)
    db.vdi.delete(vdi)
    allocate(db, row.SR, -row.virtual_size)


def allocate(db: Database, sr: SRRef, size: int) -> None:
    """Count `size` bytes more (or less) as allocated, until the next scan tells what it really is."""
    row = db.sr.get(sr)
    if row is not None and size:
        db.sr.update(sr, virtual_allocation=max(0, row.virtual_allocation + size))


def _apply(db: Database, vdi: VDIRef, disk: VdiInfo) -> None:
    row = db.vdi.get(vdi)
    if row is not None and (changed := scan.changes(row, disk)):
        db.vdi.update(vdi, **changed)


def _copied(row: VDI) -> dict[str, Any]:
    """What a snapshot, clone or copy takes from the row of its origin."""
    return {
        "name_label": row.name_label,
        "name_description": row.name_description,
        "type": row.type,
        "sharable": row.sharable,
        "read_only": row.read_only,
        "other_config": dict(row.other_config),
        "xenstore_data": dict(row.xenstore_data),
        "tags": row.tags,
    }


def _portable(sm_config: Mapping[str, str]) -> dict[str, str]:
    """The keys of `sm_config` that choose how a disk is made, as opposed to where it came from."""
    return {key: sm_config[key] for key in ("type",) if key in sm_config}


def _check_target(target: VDI, size: int) -> None:
    if target.read_only or target.on_boot is not OnBoot.PERSIST:
        raise VDIReadonly(target.ref)
    if target.virtual_size < size:
        raise VDITooSmall(target.ref, size)
