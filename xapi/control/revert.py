"""Reverting a VM to one of its snapshots.

New disks are cloned from the snapshot's first; then one transaction gives them, and the settings of then, to the VM;
only then are the disks it had before deleted. So an error or a death in the middle leaves the VM as it was.
"""

from __future__ import annotations

from typing import Any

from xapi.context import Context
from xapi.control import (
    discard,
    domains,
    duplicate,
    firmware,
    messages,
    operations,
    snapshot,
    snapshot_metadata,
    storage,
    unfinished,
)
from xapi.control.duplicate import COPIED, copy_of
from xapi.control.unfinished import Work
from xapi.datamodel.enums import VMOperations, VMPowerState
from xapi.datamodel.errors import VMRevertFailed
from xapi.datamodel.refs import VDIRef, VMRef
from xapi.datamodel.types import NEVER, NULL
from xapi.db.records import VM


async def revert(ctx: Context, origin: VMRef) -> None:
    """Make the VM of which `origin` is a snapshot what it was then: disks, settings, devices, memory of a checkpoint.

    The VM must not run. Raises VM_REVERT_FAILED when it is gone.
    """
    source = ctx.db.vm[origin]
    vm = VMRef(source.snapshot_of)
    if vm not in ctx.db.vm:
        raise VMRevertFailed(vm, origin)
    wanted = _disks(ctx, source)
    work = unfinished.beside(ctx.db, wanted)
    async with operations.hold(ctx, "VM", vm, VMOperations.REVERTING), discard.making(ctx, vm, work):
        made = await _clones(ctx, wanted, work)
        image = made.pop(VDIRef(source.suspend_VDI), VDIRef(NULL))
        obsolete = _swap(ctx, vm, source, made, image)
    await ctx.db.durable()
    await domains.forget(ctx, ctx.db.vm[vm].uuid)
    for vdi in obsolete:
        await discard.disk(ctx, vdi)


def _disks(ctx: Context, source: VM) -> list[VDIRef]:
    """What the snapshot has: disks, and a memory image if it is a checkpoint."""
    disks = [VDIRef(vbd.VDI) for vbd in duplicate.vbds_with_disks(ctx.db, source, frozenset())]
    return disks if source.suspend_VDI == NULL else [*disks, VDIRef(source.suspend_VDI)]


async def _clones(ctx: Context, wanted: list[VDIRef], work: Work) -> dict[VDIRef, VDIRef]:
    """New disks by those of the snapshot."""
    made: dict[VDIRef, VDIRef] = {}
    for index, vdi in enumerate(wanted):
        ctx.check_cancelled()
        ctx.progress(index / len(wanted))
        made[vdi] = await storage.clone_vdi(ctx, vdi, work.sm_config)
    return made


def _swap(ctx: Context, vm: VMRef, source: VM, disks: dict[VDIRef, VDIRef], image: VDIRef) -> list[VDIRef]:
    """Give the VM what it had at the snapshot; answers the disks that nothing needs any more."""
    db, row = ctx.db, ctx.db.vm[vm]
    replaced = {VDIRef(vbd.VDI) for vbd in duplicate.vbds_with_disks(db, row, frozenset())}
    obsolete = [VDIRef(row.suspend_VDI)] if row.suspend_VDI != NULL else []
    for old_snapshot, new in disks.items():
        current = VDIRef(db.vdi[old_snapshot].snapshot_of)
        for kept in db.vdi[current].snapshots if current in db.vdi else (old_snapshot,):
            db.vdi.update(kept, snapshot_of=new)
        if current in replaced:
            obsolete.append(current)
    for vdi in obsolete:
        discard.mark(db, vdi)
    _replace_devices(ctx, vm, source, disks)
    started = db.vm_metrics[row.metrics].start_time if row.metrics in db.vm_metrics else NEVER
    for cls, ref in (("VM_metrics", row.metrics), ("VM_guest_metrics", row.guest_metrics)):
        if ref in db.table(cls):
            db.table(cls).delete(ref)
    db.vm.update(vm, **_fields(ctx, row, source), suspend_VDI=image, parent=source.ref)
    if row.metrics in db.vm_metrics:
        # That it ran since is no news: what its firmware wrote then must not be fetched.
        db.vm_metrics.update(row.metrics, start_time=max(started, db.vm_metrics[row.metrics].start_time))
    state = VMPowerState.HALTED if image == NULL else VMPowerState.SUSPENDED
    db.vm.update(vm, power_state=state)
    snapshot.refresh(db, vm)
    messages.about_vm(db, vm, "VM_SNAPSHOT_REVERTED", f"reverted to snapshot '{source.name_label}'")
    return obsolete


def _fields(ctx: Context, row: VM, source: VM) -> dict[str, Any]:
    then = snapshot_metadata.values(source.snapshot_metadata)
    kept = {"blocked_operations", "tags"}
    fields: dict[str, Any] = {name: getattr(source, name) for name in COPIED if name not in kept}
    # This ends the mark of the revert too: from here on the new disks are the VM's.
    fields["other_config"] = dict(source.other_config)
    fields["name_label"] = then.get("name__label", row.name_label)
    fields["is_a_template"] = then.get("is_a_template", "false") == "true"
    fields["generation_id"] = duplicate.fresh_generation_id() if source.generation_id else ""
    fields["metrics"] = copy_of(ctx.db, "VM_metrics", source.metrics) or NULL
    fields["guest_metrics"] = copy_of(ctx.db, "VM_guest_metrics", source.guest_metrics) or NULL
    return fields


def _replace_devices(ctx: Context, vm: VMRef, source: VM, disks: dict[VDIRef, VDIRef]) -> None:
    db, row = ctx.db, ctx.db.vm[vm]
    for vbd_ref in row.VBDs:
        db.vbd.delete(vbd_ref)
    for vif_ref in row.VIFs:
        db.vif.delete(vif_ref)
    for vbd in (db.vbd[ref] for ref in source.VBDs):
        duplicate.add_vbd(db, vbd, vm, snapshot.new_disk(vbd, disks))
    for vif in (db.vif[ref] for ref in source.VIFs):
        duplicate.add_vif(db, vif, vm, same_mac=True)
    firmware.remove_tpms(db, vm)
    firmware.copy_tpms(db, source, vm)
