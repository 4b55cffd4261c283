"""Implementation of VMSS: schedules of snapshots."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from common.errors import WireError
from xapi.context import Context
from xapi.control import operations
from xapi.datamodel.enums import VMPowerState, VMSSFrequency, VMSSType
from xapi.datamodel.errors import InvalidValue, OperationNotAllowed
from xapi.datamodel.refs import VMRef, VMSSRef
from xapi.datamodel.types import NULL
from xapi.db.records import VM, VMSS

log = logging.getLogger(__name__)

KEPT = range(1, 11)
DAYS = frozenset({"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"})
MINUTES = frozenset({"0", "15", "30", "45"})
HOURS = frozenset(str(hour) for hour in range(24))
NEEDS: Mapping[VMSSFrequency, tuple[str, ...]] = {
    VMSSFrequency.HOURLY: ("min",),
    VMSSFrequency.DAILY: ("hour", "min"),
    VMSSFrequency.WEEKLY: ("hour", "min", "days"),
}
_VALID: Mapping[str, Callable[[str], bool]] = {
    "min": lambda value: value in MINUTES,
    "hour": lambda value: value in HOURS,
    "days": lambda value: bool(value) and all(day.strip() in DAYS for day in value.split(",")),
}


async def create(ctx: Context, record: Mapping[str, Any]) -> VMSSRef:
    """A schedule without VMs; they join by VM.set_snapshot_schedule."""
    _check_kept(record["retained_snapshots"])
    _check_schedule(record["frequency"], record["schedule"])
    return VMSSRef(ctx.db.vmss.create(**record).ref)


async def destroy(ctx: Context, self: VMSSRef) -> None:
    """Delete the schedule; its VMs and their snapshots stay."""
    for vm in ctx.db.vmss[self].VMs:
        ctx.db.vm.update(vm, snapshot_schedule=NULL)
        operations.refresh(ctx.db, "VM", vm)
    ctx.db.vmss.delete(self)


async def snapshot_now(ctx: Context, vmss: VMSSRef) -> str:
    """Take the snapshots of the schedule now, and delete those that are too many."""
    row = ctx.db.vmss[vmss]
    if not row.enabled:
        raise OperationNotAllowed("The snapshot schedule is disabled")
    ctx.db.vmss.update(vmss, last_run_time=_now())
    done = []
    for vm in (ctx.db.vm[ref] for ref in row.VMs):
        if await _snapshot(ctx, row, vm):
            done.append(vm.uuid)
    return ",".join(done)


async def _snapshot(ctx: Context, schedule: VMSS, vm: VM) -> bool:
    name = f"[{schedule.name_label}] {vm.name_label} {_now():%Y-%m-%dT%H:%M:%SZ}"
    checkpoint = schedule.type is VMSSType.CHECKPOINT and vm.power_state is VMPowerState.RUNNING
    try:
        if checkpoint:
            made = await ctx.call("VM.checkpoint", vm=vm.ref, new_name=name)
        else:
            made = await ctx.call("VM.snapshot", vm=vm.ref, new_name=name, ignore_vdis=())
        ctx.db.vm.update(made, is_vmss_snapshot=True)
        await _retire(ctx, schedule, vm)
    except WireError as error:
        log.warning("VM %s: its scheduled snapshot failed: %s", vm.uuid, error)
        return False
    return True


async def _retire(ctx: Context, schedule: VMSS, vm: VM) -> None:
    """Delete the oldest scheduled snapshots beyond those to keep, with their disks."""
    snapshots = [row for row in (ctx.db.vm[ref] for ref in vm.snapshots) if row.is_vmss_snapshot]
    snapshots.sort(key=lambda row: row.snapshot_time)
    for old in snapshots[: -schedule.retained_snapshots]:
        disks = [ctx.db.vbd[ref].VDI for ref in old.VBDs if ctx.db.vbd[ref].type == "Disk"]
        await ctx.call("VM.destroy", self=VMRef(old.ref))
        for vdi in disks:
            if vdi in ctx.db.vdi:
                await ctx.call("VDI.destroy", self=vdi)


async def set_retained_snapshots(ctx: Context, self: VMSSRef, value: int) -> None:
    """Change how many snapshots of each VM are kept."""
    _check_kept(value)
    ctx.db.vmss.update(self, retained_snapshots=value)


async def set_frequency(ctx: Context, self: VMSSRef, value: VMSSFrequency) -> None:
    """Change how often; the schedule must have what that needs."""
    _check_schedule(value, ctx.db.vmss[self].schedule)
    ctx.db.vmss.update(self, frequency=value)


async def set_schedule(ctx: Context, self: VMSSRef, value: Mapping[str, str]) -> None:
    """Change when."""
    _check_schedule(ctx.db.vmss[self].frequency, value)
    ctx.db.vmss.update(self, schedule=value)


async def add_to_schedule(ctx: Context, self: VMSSRef, key: str, value: str) -> None:
    """Add a part of when."""
    _check_entry(key, value)
    ctx.db.vmss.add_to(self, "schedule", key, value)


async def remove_from_schedule(ctx: Context, self: VMSSRef, key: str) -> None:
    """Remove a part that the frequency does not need."""
    if key in NEEDS[ctx.db.vmss[self].frequency]:
        raise InvalidValue(f"schedule:{key}", "")
    ctx.db.vmss.remove_from(self, "schedule", key)


async def set_last_run_time(ctx: Context, self: VMSSRef, value: datetime) -> None:
    """Say when the schedule last ran."""
    ctx.db.vmss.update(self, last_run_time=value)


async def set_type(ctx: Context, self: VMSSRef, value: VMSSType) -> None:
    """Change whether memory is kept too."""
    ctx.db.vmss.update(self, type=value)


def _check_kept(number: int) -> None:
    if number not in KEPT:
        raise InvalidValue("retained_snapshots", number)


def _check_schedule(frequency: VMSSFrequency, schedule: Mapping[str, str]) -> None:
    for key in NEEDS[frequency]:
        _check_entry(key, schedule.get(key, ""))


def _check_entry(key: str, value: str) -> None:
    if key not in _VALID or not _VALID[key](value):
        raise InvalidValue(f"schedule:{key}", value)


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
