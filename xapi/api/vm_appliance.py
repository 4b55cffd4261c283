"""Implementation of VM_appliance: VMs that start and stop together, in their order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from common.errors import WireError
from xapi.context import Context
from xapi.control import boot, operations
from xapi.control.operations.vm_appliance import failed
from xapi.datamodel.enums import VMApplianceOperation, VMPowerState
from xapi.datamodel.refs import SessionRef, SRRef, VMApplianceRef, VMRef
from xapi.datamodel.types import NULL
from xapi.db.records import VM

log = logging.getLogger(__name__)

Op = VMApplianceOperation


async def create(ctx: Context, record: Mapping[str, Any]) -> VMApplianceRef:
    """An appliance without VMs; they join by VM.set_appliance."""
    return VMApplianceRef(
        ctx.db.vm_appliance.create(name_label=record["name_label"], name_description=record["name_description"]).ref
    )


async def destroy(ctx: Context, self: VMApplianceRef) -> None:
    """Dissolve the appliance; its VMs live on."""
    for vm in ctx.db.vm_appliance[self].VMs:
        ctx.db.vm.update(vm, appliance=NULL)
        operations.refresh(ctx.db, "VM", vm)
    ctx.db.vm_appliance.delete(self)


async def start(ctx: Context, self: VMApplianceRef, paused: bool) -> None:
    """Start the halted VMs, lowest order first, each group after the delay of the one before."""
    halted = _members(ctx, self, VMPowerState.HALTED)
    await _each(ctx, self, Op.START, halted, "VM.start", "start_delay", start_paused=paused, force=False)


async def clean_shutdown(ctx: Context, self: VMApplianceRef) -> None:
    """Have the guests shut down, highest order first."""
    await _stop(ctx, self, Op.CLEAN_SHUTDOWN, "VM.clean_shutdown")


async def hard_shutdown(ctx: Context, self: VMApplianceRef) -> None:
    """Take the VMs' power away, highest order first."""
    await _stop(ctx, self, Op.HARD_SHUTDOWN, "VM.hard_shutdown")


async def shutdown(ctx: Context, self: VMApplianceRef) -> None:
    """Clean where the guests do it, else hard."""
    await _stop(ctx, self, Op.SHUTDOWN, "VM.shutdown")


async def _stop(ctx: Context, appliance: VMApplianceRef, op: VMApplianceOperation, message: str) -> None:
    live = _members(ctx, appliance, VMPowerState.RUNNING, VMPowerState.PAUSED, VMPowerState.SUSPENDED)
    await _each(ctx, appliance, op, reversed(live), message, "shutdown_delay")


def _members(ctx: Context, appliance: VMApplianceRef, *states: VMPowerState) -> list[VM]:
    rows = [ctx.db.vm[ref] for ref in ctx.db.vm_appliance[appliance].VMs]
    return sorted((row for row in rows if row.power_state in states), key=lambda row: row.order)


async def _each(
    ctx: Context,
    appliance: VMApplianceRef,
    op: VMApplianceOperation,
    rows: Iterable[VM],
    message: str,
    delay: str,
    **params: Any,
) -> None:
    """Send `message` to the VMs, those of one order at once. Raises OPERATION_PARTIALLY_FAILED if one fails."""
    groups = [list(group) for _, group in groupby(rows, key=lambda row: row.order)]
    total = max(1, sum(len(group) for group in groups))
    done, complete = 0, True
    for group in groups:
        ctx.check_cancelled()
        calls = [ctx.call(message, vm=VMRef(row.ref), **params) for row in group]
        for row, result in zip(group, await asyncio.gather(*calls, return_exceptions=True), strict=True):
            if isinstance(result, BaseException):
                complete = False
                _explain(row, message, result)
        done += len(group)
        ctx.progress(done / total)
        await asyncio.sleep(max(getattr(row, delay) for row in group))
    operations.refresh(ctx.db, "VM_appliance", appliance)
    if not complete:
        raise failed(op)


def _explain(row: VM, message: str, error: BaseException) -> None:
    if not isinstance(error, WireError):
        raise error
    log.warning("VM %s: %s as part of its appliance failed: %s", row.uuid, message, error)


async def get_SRs_required_for_recovery(
    ctx: Context, self: VMApplianceRef, session_to: SessionRef
) -> tuple[SRRef, ...]:
    """SRs of the VMs' disks."""
    rows = (ctx.db.vm[ref] for ref in ctx.db.vm_appliance[self].VMs)
    return tuple(dict.fromkeys(sr for row in rows for sr in boot.disk_srs(ctx.db, row)))


async def assert_can_be_recovered(ctx: Context, self: VMApplianceRef, session_to: SessionRef) -> None:
    """Raise VM_REQUIRES_SR for an SR that this host lacks."""
    for ref in ctx.db.vm_appliance[self].VMs:
        boot.check_storage(ctx.db, ctx.db.vm[ref], ctx.host)
