"""Implementation of VBD: the drive that connects a disk or CD to a VM."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xapi.context import Context
from xapi.control import disks, operations
from xapi.control.devices import AUTODETECT, MAXIMUM_DISKS, disk_position, unused
from xapi.datamodel import errors
from xapi.datamodel.enums import VBDMode, VBDOperations, VBDType, VMPowerState
from xapi.datamodel.errors import (
    DeviceAlreadyExists,
    OperationNotAllowed,
    VBDCdsMustBeReadonly,
    VDIInUse,
    VDINotManaged,
    VMBadPowerState,
)
from xapi.datamodel.refs import VBDRef, VDIRef, VMRef
from xapi.datamodel.types import NULL


async def create(ctx: Context, record: Mapping[str, Any]) -> VBDRef:
    """A drive of a VM, not plugged; `userdevice` "autodetect" takes the first free position."""
    vm, vdi = VMRef(record["VM"]), record["VDI"]
    kind, mode = record["type"], record["mode"]
    empty = record["empty"] or vdi == NULL
    row = ctx.db.vm[vm]
    if kind is VBDType.CD and mode is not VBDMode.RO:
        raise VBDCdsMustBeReadonly
    if not empty:
        _check_disk(ctx, VDIRef(vdi))
    elif kind is not VBDType.CD:
        ctx.db.vdi[vdi]
    _check_power(row.ref, row.power_state)
    device = _position(ctx, vm, record["userdevice"])
    fields = {name: value for name, value in record.items() if name not in ("device", "currently_attached")}
    fields.update(userdevice=device, empty=empty, VDI=NULL if empty else vdi)
    made = ctx.db.vbd.create(**fields, metrics=ctx.db.vbd_metrics.create().ref)
    operations.refresh(ctx.db, "VBD", made.ref)
    if not empty:
        operations.refresh(ctx.db, "VDI", vdi)
    operations.refresh(ctx.db, "VM", vm)
    return VBDRef(made.ref)


def _check_disk(ctx: Context, vdi: VDIRef) -> None:
    row = ctx.db.vdi[vdi]
    if not row.managed:
        raise VDINotManaged(vdi)


def _check_power(vm: str, state: VMPowerState) -> None:
    if state in (VMPowerState.SUSPENDED, VMPowerState.PAUSED):
        raise VMBadPowerState(vm, "halted, running", state.lower())


def _position(ctx: Context, vm: VMRef, userdevice: str) -> str:
    """The position as we keep it: decimal. Raises DEVICE_ALREADY_EXISTS, INVALID_DEVICE."""
    taken = {disk_position(ctx.db.vbd[ref].userdevice) for ref in ctx.db.vm[vm].VBDs}
    if userdevice == AUTODETECT:
        free = unused(taken, MAXIMUM_DISKS)
        if not free:
            raise DeviceAlreadyExists(userdevice)
        return str(free[0])
    position = disk_position(userdevice)
    if position in taken:
        raise DeviceAlreadyExists(userdevice)
    return str(position)


async def destroy(ctx: Context, self: VBDRef) -> None:
    """Remove the drive; it must not be plugged."""
    row = ctx.db.vbd[self]
    vm = ctx.db.vm[row.VM]
    if row.currently_attached:
        raise OperationNotAllowed(f"VBD '{row.uuid}' still attached to '{vm.uuid}'")
    if row.metrics in ctx.db.vbd_metrics:
        ctx.db.vbd_metrics.delete(row.metrics)
    ctx.db.vbd.delete(self)
    operations.refresh(ctx.db, "VDI", row.VDI)
    operations.refresh(ctx.db, "VM", row.VM)


async def plug(ctx: Context, self: VBDRef) -> None:
    """Connect the disk to the running VM."""
    await disks.plug(ctx, self)


async def unplug(ctx: Context, self: VBDRef) -> None:
    """Take the disk from the running VM; the guest must agree."""
    await disks.unplug(ctx, self, force=False)


async def unplug_force(ctx: Context, self: VBDRef) -> None:
    """Take the disk from the running VM, whatever the guest says."""
    await disks.unplug(ctx, self, force=True)


async def unplug_force_no_safety_check(ctx: Context, self: VBDRef) -> None:
    """Take the disk from the running VM, whatever the guest says."""
    await disks.unplug(ctx, self, force=True)


async def insert(ctx: Context, vbd: VBDRef, vdi: VDIRef) -> None:
    """Put a CD into the empty drive."""
    _check_disk(ctx, vdi)
    if not ctx.db.vdi[vdi].read_only and not ctx.db.vdi[vdi].sharable and _has_writer(ctx, vdi):
        raise VDIInUse(vdi, VBDOperations.INSERT)
    await disks.insert(ctx, vbd, vdi)


def _has_writer(ctx: Context, vdi: VDIRef) -> bool:
    others = (ctx.db.vbd[ref] for ref in ctx.db.vdi[vdi].VBDs)
    return any(other.currently_attached and other.mode is VBDMode.RW for other in others)


async def eject(ctx: Context, vbd: VBDRef) -> None:
    """Empty the drive."""
    await disks.eject(ctx, vbd)


async def assert_attachable(ctx: Context, self: VBDRef) -> None:
    """Raise why the disk can't be used, if it can't."""
    error = operations.check(ctx.db, "VBD", self, VBDOperations.ATTACH)
    if error is not None:
        raise error


async def set_mode(ctx: Context, self: VBDRef, value: VBDMode) -> None:
    """Change whether the VM may write; the drive must not be plugged, and a CD is read only."""
    row = ctx.db.vbd[self]
    if row.currently_attached:
        raise OperationNotAllowed(f"VBD '{row.uuid}' still attached to '{ctx.db.vm[row.VM].uuid}'")
    if row.type is VBDType.CD and value is not VBDMode.RO:
        raise VBDCdsMustBeReadonly
    ctx.db.vbd.update(self, mode=value)
    operations.refresh(ctx.db, "VDI", row.VDI)


async def set_userdevice(ctx: Context, self: VBDRef, value: str) -> None:
    """Move the drive to another position; it must not be plugged."""
    row = ctx.db.vbd[self]
    if row.currently_attached:
        raise OperationNotAllowed(f"VBD '{row.uuid}' still attached to '{ctx.db.vm[row.VM].uuid}'")
    if value != row.userdevice:
        ctx.db.vbd.update(self, userdevice=_position(ctx, VMRef(row.VM), value), device="")


async def pause(ctx: Context, self: VBDRef) -> str:
    """Our storage needs no pause of a drive: its daemon switches images while the guest runs."""
    raise errors.NotImplemented("VBD.pause")


async def unpause(ctx: Context, self: VBDRef, token: str) -> None:
    """See `pause`."""
    raise errors.NotImplemented("VBD.unpause")
