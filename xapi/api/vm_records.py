"""VMs as rows: create, duplicate, snapshot, revert, provision, destroy."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from common.errors import WireError
from xapi.context import Context
from xapi.control import (
    archives,
    boot,
    discard,
    domains,
    duplicate,
    lifecycle,
    memory,
    operations,
    processors,
    provisioning,
    push,
)
from xapi.control import revert as reverting
from xapi.control import snapshot as duplication
from xapi.control.duplicate import Kind
from xapi.datamodel.enums import VMPowerState
from xapi.datamodel.errors import VMCheckpointResumeFailed, VMCheckpointSuspendFailed
from xapi.datamodel.refs import BlobRef, SRRef, VDIRef, VMRef
from xapi.datamodel.types import NEVER, NULL

log = logging.getLogger(__name__)


async def create(ctx: Context, record: Mapping[str, Any]) -> VMRef:
    """A new VM without devices; suspended when the record says so and names a memory image, else halted."""
    fields = dict(record)
    processors.check_counts(fields["VCPUs_at_startup"], fields["VCPUs_max"])
    boot.check_cores(fields["VCPUs_max"], fields["platform"].get("cores-per-socket", ""))
    memory.Limits(
        fields["memory_static_min"],
        fields["memory_dynamic_min"],
        fields["memory_dynamic_max"],
        fields["memory_static_max"],
    ).check_order()
    suspended = fields["power_state"] is VMPowerState.SUSPENDED and fields["suspend_VDI"] in ctx.db.vdi
    domain_type = push.effective_type(fields["domain_type"], fields["HVM_boot_policy"])
    fields.update(
        domain_type=domain_type,
        power_state=VMPowerState.SUSPENDED if suspended else VMPowerState.HALTED,
        suspend_VDI=fields["suspend_VDI"] if suspended else NULL,
        other_config={duplicate.MAC_SEED: str(uuid4()), **fields["other_config"]},
        memory_overhead=memory.overhead(
            domain_type,
            fields["memory_static_max"],
            fields["VCPUs_max"],
            fields["HVM_shadow_multiplier"],
            fields["platform"],
        ),
        domid=-1,
        metrics=ctx.db.vm_metrics.create(install_time=datetime.now(UTC).replace(microsecond=0)).ref,
    )
    row = ctx.db.vm.create(**fields)
    operations.refresh(ctx.db, "VM", row.ref)
    return VMRef(row.ref)


async def destroy(ctx: Context, self: VMRef) -> None:
    """Delete the VM with its devices' rows and its memory image; its disks stay."""
    row = ctx.db.vm[self]
    uuid = row.uuid
    metrics = ctx.db.vm_metrics.get(row.metrics)
    ran = metrics is not None and metrics.start_time != NEVER
    if row.suspend_VDI != NULL:
        await lifecycle.drop_image(ctx, self)
    await domains.forget(ctx, uuid)
    discard.vm(ctx.db, self)
    if ran:
        archives.delete(ctx, uuid)


async def clone(ctx: Context, vm: VMRef, new_name: str) -> VMRef:
    """A new VM whose disks share the blocks of this one's."""
    return await duplication.duplicated(ctx, vm, new_name, Kind.CLONE)


async def copy(ctx: Context, vm: VMRef, new_name: str, sr: SRRef) -> VMRef:
    """A new VM with full copies of the disks, on `sr` or where the originals are."""
    if sr not in ("", NULL):
        ctx.db.sr[sr]
    return await duplication.duplicated(ctx, vm, new_name, Kind.COPY, sr=sr or SRRef(NULL))


async def snapshot(ctx: Context, vm: VMRef, new_name: str, ignore_vdis: tuple[VDIRef, ...]) -> VMRef:
    """A snapshot of the VM as it is, running or not; disks in `ignore_vdis` are left out."""
    return await duplication.duplicated(ctx, vm, new_name, Kind.SNAPSHOT, ignored=ignore_vdis)


async def checkpoint(ctx: Context, vm: VMRef, new_name: str) -> VMRef:
    """A snapshot with the memory: the VM is suspended, snapshotted and resumed."""
    before = ctx.db.vm[vm].power_state
    live = before in (VMPowerState.RUNNING, VMPowerState.PAUSED)
    if live:
        try:
            await lifecycle.suspend(ctx.part(0.0, 0.4), vm)
        except WireError as error:
            if ctx.db.vm[vm].power_state is VMPowerState.SUSPENDED:
                await _back(ctx, vm, paused=before is VMPowerState.PAUSED)
            raise VMCheckpointSuspendFailed(vm) from error
    try:
        made = await duplication.duplicated(ctx.part(0.4, 0.6), vm, new_name, Kind.CHECKPOINT)
    finally:
        if live:
            await _back(ctx.part(0.6, 1.0), vm, paused=before is VMPowerState.PAUSED)
    info = ctx.db.vm[made].snapshot_info
    ctx.db.vm.update(made, snapshot_info={**info, "power-state-at-snapshot": before.value})
    return made


async def _back(ctx: Context, vm: VMRef, *, paused: bool) -> None:
    try:
        await lifecycle.resume(ctx, vm, paused=paused, force=False)
    except WireError as error:
        raise VMCheckpointResumeFailed(vm) from error


async def revert(ctx: Context, snapshot: VMRef) -> None:
    """Make the VM what it was when `snapshot` was taken; if it runs it is stopped first."""
    vm = VMRef(ctx.db.vm[snapshot].snapshot_of)
    if vm in ctx.db.vm and ctx.db.vm[vm].power_state is not VMPowerState.HALTED:
        await ctx.call("VM.hard_shutdown", vm=vm)
    await reverting.revert(ctx, snapshot)


async def provision(ctx: Context, vm: VMRef) -> None:
    """Make the disks that the template's `other_config` asks for; the template becomes a VM."""
    await provisioning.provision(ctx, vm)


async def create_new_blob(ctx: Context, vm: VMRef, name: str, mime_type: str, public: bool) -> BlobRef:
    """An empty named blob that belongs to the VM."""
    row = ctx.db.vm[vm]
    blob = ctx.db.blob.create(mime_type=mime_type or "application/octet-stream", public=public)
    ctx.db.vm.update(vm, blobs={**row.blobs, name: blob.ref})
    return BlobRef(blob.ref)


async def update_snapshot_metadata(
    ctx: Context, vm: VMRef, snapshot_of: VMRef, snapshot_time: datetime, transportable_snapshot_id: str
) -> None:
    """Say that the VM is a snapshot of another."""
    ctx.db.vm.update(
        vm,
        is_a_snapshot=True,
        is_a_template=True,
        snapshot_of=snapshot_of,
        snapshot_time=snapshot_time,
        transportable_snapshot_id=transportable_snapshot_id,
    )
    operations.refresh(ctx.db, "VM", vm)
