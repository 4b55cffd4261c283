"""Clones, copies, snapshots and checkpoints of VMs, and the way back.

A duplicate appears, marked as unfinished, before its first disk does, and loses the mark in the transaction that
completes it; one that never gets there is taken back, at once or at the next start (`leftovers`).
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager

from common.errors import DaemonUnreachable, WireError
from common.idl import xen
from common.undo import undo_on_failure
from xapi.context import Context
from xapi.control import discard, domains, duplicate, firmware, messages, operations, storage, unfinished
from xapi.control.duplicate import Kind
from xapi.control.unfinished import INCOMPLETE, Work
from xapi.datamodel.enums import VBDType, VMPowerState
from xapi.datamodel.refs import SRRef, VDIRef, VMRef
from xapi.datamodel.types import NULL
from xapi.db.database import Database
from xapi.db.records import VBD, VM

log = logging.getLogger(__name__)

SAME_SR = SRRef(NULL)
WAKE_TRIES = 3
QUIESCE = "quiesce"
"""The key of a VM's `other_config` that asks for its agent's help in snapshots: `true`."""
_MESSAGES = {
    Kind.CLONE: "VM_CLONED",
    Kind.COPY: "VM_CLONED",
    Kind.SNAPSHOT: "VM_SNAPSHOTTED",
    Kind.CHECKPOINT: "VM_CHECKPOINTED",
}
_SAID = {Kind.CLONE: "was cloned to", Kind.COPY: "was copied to"}


async def duplicated(
    ctx: Context,
    vm: VMRef,
    name: str,
    kind: Kind,
    *,
    ignored: Collection[VDIRef] = (),
    sr: SRRef = SAME_SR,
) -> VMRef:
    """A new VM from `vm`; disks in `ignored` are left out, copies go to `sr` (NULL: where the origin is).

    All or nothing: on an error no new VM and no new disk is left.
    """
    origin = ctx.db.vm[vm]
    await firmware.fetch_if_live(ctx, origin)
    disks = duplicate.vbds_with_disks(ctx.db, origin, frozenset(ignored))
    image = origin.suspend_VDI if _takes_image(origin, kind) else VDIRef(NULL)
    if not disks and image == NULL:
        return _completed(ctx, vm, _new_row(ctx, origin, name, kind), kind, {}, ignored)
    sources = [VDIRef(vbd.VDI) for vbd in disks] + ([VDIRef(image)] if image != NULL else [])
    work = unfinished.beside(ctx.db, sources) if sr == NULL else unfinished.on_srs(ctx.db, [sr])
    async with undo_on_failure() as undo:
        made = _new_row(ctx, origin, name, kind)
        unfinished.mark(ctx.db, made, INCOMPLETE, work)
        undo.push_async(_take_back, ctx, made, work)
        operations.core.begin(ctx.db, "VM", made, _task(ctx), kind.value)
        await ctx.db.durable()
        new_disks: dict[VDIRef, VDIRef] = {}
        async with quiet(ctx, vm, len(disks)) if kind.is_snapshot else _nothing() as quiesced:
            for index, vbd in enumerate(disks):
                ctx.check_cancelled()
                part = ctx.part(index / (len(disks) + 1), (index + 1) / (len(disks) + 1))
                new = await _disk(part, VDIRef(vbd.VDI), kind, sr, work)
                undo.push_async(discard.disk, ctx, new)
                new_disks[VDIRef(vbd.VDI)] = new
        if quiesced:
            info = ctx.db.vm[made].snapshot_info
            ctx.db.vm.update(made, snapshot_info={**info, "disk-snapshot-type": "quiesced"})
        if image != NULL:
            new_image = await _disk(ctx, VDIRef(image), kind, sr, work)
            undo.push_async(discard.disk, ctx, new_image)
            ctx.db.vm.update(made, suspend_VDI=new_image, power_state=VMPowerState.SUSPENDED)
        operations.core.end(ctx.db, "VM", made, _task(ctx))
        return _completed(ctx, vm, made, kind, new_disks, ignored)


async def _take_back(ctx: Context, vm: VMRef, work: Work) -> None:
    """Undo what was begun. If its disks can't be deleted now, the marked row stays until they are (`leftovers`)."""
    if await discard.made_for(ctx, work):
        discard.vm(ctx.db, vm)
    else:
        operations.core.end(ctx.db, "VM", vm, _task(ctx))


def _takes_image(origin: VM, kind: Kind) -> bool:
    return origin.power_state is VMPowerState.SUSPENDED and kind is not Kind.SNAPSHOT


def _task(ctx: Context) -> str:
    return ctx.task if ctx.task != NULL else f"DummyRef:|{ctx.dbg}"


def _new_row(ctx: Context, origin: VM, name: str, kind: Kind) -> VMRef:
    return VMRef(ctx.db.vm.create(**duplicate.vm_fields(ctx.db, origin, name, kind)).ref)


async def _disk(ctx: Context, vdi: VDIRef, kind: Kind, sr: SRRef, work: Work) -> VDIRef:
    match kind:
        case Kind.COPY:
            return await _copy(ctx, vdi, sr, work)
        case Kind.CLONE:
            return await storage.clone_vdi(ctx, vdi, work.sm_config)
        case _:
            return await storage.snapshot_vdi(ctx, vdi, work.sm_config)


async def _copy(ctx: Context, vdi: VDIRef, sr: SRRef, work: Work) -> VDIRef:
    row = ctx.db.vdi[vdi]
    target = SRRef(row.SR) if sr == NULL else sr
    async with undo_on_failure() as undo:
        new = await storage.create_vdi(
            ctx,
            target,
            name_label=row.name_label,
            name_description=row.name_description,
            virtual_size=row.virtual_size,
            type=row.type,
            sharable=row.sharable,
            other_config=row.other_config,
            xenstore_data=row.xenstore_data,
            sm_config=work.sm_config,
            tags=row.tags,
        )
        undo.push_async(discard.disk, ctx, new)
        return await storage.copy_vdi(ctx, vdi, target, new)


def _completed(
    ctx: Context,
    vm: VMRef,
    made: VMRef,
    kind: Kind,
    new_disks: Mapping[VDIRef, VDIRef],
    ignored: Collection[VDIRef],
) -> VMRef:
    """Give the new VM its devices and show it: one transaction."""
    db, origin = ctx.db, ctx.db.vm[vm]
    for vbd in (db.vbd[ref] for ref in origin.VBDs):
        if vbd.VDI in ignored and vbd.VDI != NULL:
            continue
        duplicate.add_vbd(db, vbd, made, new_disk(vbd, new_disks))
    for vif in (db.vif[ref] for ref in origin.VIFs):
        duplicate.add_vif(db, vif, made, same_mac=kind.is_snapshot)
    firmware.copy_tpms(db, origin, made)
    unfinished.unmark(db, made, INCOMPLETE)
    if kind.is_snapshot:
        db.vm.update(vm, parent=made)
    refresh(db, made)
    name = db.vm[made].name_label
    said = f"{_SAID[kind]} '{name}' (uuid: {db.vm[made].uuid})" if kind in _SAID else f"snapshot '{name}' created"
    messages.about_vm(db, vm, _MESSAGES[kind], said)
    return made


def new_disk(vbd: VBD, new_disks: Mapping[VDIRef, VDIRef]) -> VDIRef:
    """CDs are shared between duplicates, disks are not."""
    if vbd.type is VBDType.CD:
        return VDIRef(vbd.VDI)
    return new_disks.get(VDIRef(vbd.VDI), VDIRef(NULL))


def refresh(db: Database, vm: VMRef) -> None:
    row = db.vm[vm]
    for vbd in row.VBDs:
        operations.refresh(db, "VBD", vbd)
    for vif in row.VIFs:
        operations.refresh(db, "VIF", vif)
    operations.refresh(db, "VM", vm)


@asynccontextmanager
async def _nothing() -> AsyncIterator[bool]:
    yield False


@asynccontextmanager
async def quiet(ctx: Context, vm: VMRef, disks: int) -> AsyncIterator[bool]:
    """While in the block the guest writes nothing. It yields whether the guest's agent froze the filesystems.

    It is asked to where `other_config` of the VM says `quiesce=true`. Else, or without an agent, the VCPUs stand still;
    but one disk needs neither for a crash-consistent snapshot, so that guest runs on. When we are killed in here, the
    next start wakes the guest (`leftovers`).
    """
    row = ctx.db.vm[vm]
    if row.power_state is not VMPowerState.RUNNING or not disks:
        yield False
        return
    id_ = xen.VmId(row.uuid)
    frozen = await _frozen(ctx, id_) if row.other_config.get(QUIESCE) == "true" else False
    paused = disks > 1 and frozen is not True
    try:
        if paused:
            await domains.run(ctx, ctx.services.xen.vm.pause(ctx.dbg, id_))
        yield frozen is True
    finally:
        await wake(ctx, id_, thaw=frozen is not False, unpause=paused)


async def _frozen(ctx: Context, id_: xen.VmId) -> bool | None:
    """None when xenopsd died under the call: the guest may be frozen."""
    try:
        return await ctx.services.xen.vm.freeze(ctx.dbg, id_)
    except DaemonUnreachable as error:
        log.warning("VM %s: it is not known whether its filesystems are frozen: %s", id_, error)
        return None
    except WireError as error:
        log.info("VM %s: its filesystems can't be frozen: %s", id_, error)
        return False


async def wake(ctx: Context, id_: xen.VmId, *, thaw: bool, unpause: bool) -> None:
    """End what `quiet` began: a paused guest first runs, then its agent can thaw. Safe to repeat.

    A guest that stays as it is hangs: should xenopsd die under a call, it is asked again.
    """
    if unpause:
        await _surely(ctx, id_, _unpause)
    if thaw:
        await _surely(ctx, id_, _thaw)


async def _surely(ctx: Context, id_: xen.VmId, work: Callable[[Context, xen.VmId], Awaitable[None]]) -> None:
    for _ in range(WAKE_TRIES):
        try:
            await work(ctx, id_)
        except WireError as error:
            log.warning("VM %s: does not wake from its snapshot yet: %s", id_, error)
        else:
            return


async def _thaw(ctx: Context, id_: xen.VmId) -> None:
    await ctx.services.xen.vm.thaw(ctx.dbg, id_)


async def _unpause(ctx: Context, id_: xen.VmId) -> None:
    status = await ctx.services.xen.vm.stat(ctx.dbg, id_)
    if status.state.power_state is xen.PowerState.PAUSED:
        await domains.run(ctx, ctx.services.xen.vm.unpause(ctx.dbg, id_))
