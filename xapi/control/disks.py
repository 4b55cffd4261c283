"""Plugs and unplugs disk drives, and changes CDs, of VMs that run or not."""

from __future__ import annotations

from xapi.context import Context
from xapi.control import domains, operations, push
from xapi.control.devices import disk_name, disk_position
from xapi.datamodel import errors
from xapi.datamodel.enums import VMPowerState
from xapi.datamodel.refs import VBDRef, VDIRef, VMRef
from xapi.datamodel.types import NULL


async def plug(ctx: Context, vbd: VBDRef) -> None:
    """Connect the disk. An error leaves it unplugged."""
    row = ctx.db.vbd[vbd]
    _require_guest(ctx, row.VM)
    device = disk_name(disk_position(row.userdevice))
    ctx.db.vbd.update(vbd, device=device)
    with domains.working_on(ctx, VMRef(row.VM)):
        await domains.push_vm(ctx, VMRef(row.VM))
        try:
            await domains.run(ctx, ctx.services.xen.vbd.plug(ctx.dbg, push.vbd_id(ctx.db, ctx.db.vbd[vbd])))
        finally:
            await domains.observe_vbd_surely(ctx, vbd)


async def unplug(ctx: Context, vbd: VBDRef, *, force: bool) -> None:
    """Disconnect the disk."""
    row = ctx.db.vbd[vbd]
    _require_guest(ctx, row.VM)
    with domains.working_on(ctx, VMRef(row.VM)):
        try:
            await domains.run(ctx, ctx.services.xen.vbd.unplug(ctx.dbg, push.vbd_id(ctx.db, row), force))
        finally:
            await domains.observe_vbd_surely(ctx, vbd)


async def insert(ctx: Context, vbd: VBDRef, vdi: VDIRef) -> None:
    """Put a CD into the drive, now if it is plugged, else for the next start."""
    row = ctx.db.vbd[vbd]
    if _is_live(ctx, vbd):
        disk = push.disk(ctx.db, ctx.db.vdi[vdi])
        await _change(ctx, vbd, lambda id_: ctx.services.xen.vbd.insert(ctx.dbg, id_, disk))
    ctx.db.vbd.update(row.ref, VDI=vdi, empty=False)
    _refresh(ctx, vbd, vdi)


async def eject(ctx: Context, vbd: VBDRef) -> None:
    """Empty the drive, now if it is plugged, else for the next start."""
    row = ctx.db.vbd[vbd]
    before = VDIRef(row.VDI)
    if _is_live(ctx, vbd):
        await _change(ctx, vbd, lambda id_: ctx.services.xen.vbd.eject(ctx.dbg, id_))
    ctx.db.vbd.update(row.ref, VDI=NULL, empty=True)
    _refresh(ctx, vbd, before)


def _is_live(ctx: Context, vbd: VBDRef) -> bool:
    row = ctx.db.vbd[vbd]
    return row.currently_attached and ctx.db.vm[row.VM].power_state is VMPowerState.RUNNING


async def _change(ctx: Context, vbd: VBDRef, ask: domains.AskDevice) -> None:
    row = ctx.db.vbd[vbd]
    with domains.working_on(ctx, VMRef(row.VM)):
        # xenopsd knows another disk now than the one it was told of.
        domains.outdated(ctx, VMRef(row.VM))
        await domains.run(ctx, ask(push.vbd_id(ctx.db, row)))


def _refresh(ctx: Context, vbd: VBDRef, vdi: VDIRef) -> None:
    operations.refresh(ctx.db, "VBD", vbd)
    operations.refresh(ctx.db, "VDI", vdi)


def _require_guest(ctx: Context, vm: str) -> None:
    """xenopsd does not manage the control domain, which reaches disks through sm itself."""
    if ctx.db.vm[vm].is_control_domain:
        raise errors.NotImplemented("VBD.plug to a control domain")
