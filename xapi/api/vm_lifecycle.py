"""VMs as domains: start, stop, pause, suspend, resume, migrate."""

from __future__ import annotations

from collections.abc import Mapping

from xapi.context import Context
from xapi.control import boot, lifecycle
from xapi.datamodel import errors
from xapi.datamodel.errors import OperationNotAllowed, VMNotResidentHere
from xapi.datamodel.refs import GPUGroupRef, HostRef, NetworkRef, SRRef, VDIRef, VGPURef, VIFRef, VMRef
from xapi.datamodel.types import NULL

Strings = Mapping[str, str]


async def start(ctx: Context, vm: VMRef, start_paused: bool, force: bool) -> None:
    """Boot the VM on the host that suits it."""
    await lifecycle.start(ctx, vm, paused=start_paused, force=force)


async def start_on(ctx: Context, vm: VMRef, host: HostRef, start_paused: bool, force: bool) -> None:
    """Boot the VM on `host`."""
    boot.check_host(ctx.db, host)
    _require_here(ctx, vm, host)
    await lifecycle.start(ctx, vm, paused=start_paused, force=force)


def _require_here(ctx: Context, vm: VMRef, host: HostRef) -> None:
    ctx.db.host[host]
    if host != ctx.host:
        raise VMNotResidentHere(vm, host)


async def pause(ctx: Context, vm: VMRef) -> None:
    """Stop the VCPUs."""
    await lifecycle.pause(ctx, vm)


async def unpause(ctx: Context, vm: VMRef) -> None:
    """Let the VCPUs run."""
    await lifecycle.unpause(ctx, vm)


async def clean_shutdown(ctx: Context, vm: VMRef) -> None:
    """Ask the guest to shut down, and wait until it has."""
    await lifecycle.clean_shutdown(ctx, vm)


async def hard_shutdown(ctx: Context, vm: VMRef) -> None:
    """Take the VM's power away."""
    await lifecycle.hard_shutdown(ctx, vm)


async def shutdown(ctx: Context, vm: VMRef) -> None:
    """Clean if the guest does it, else hard."""
    await lifecycle.shutdown(ctx, vm)


async def clean_reboot(ctx: Context, vm: VMRef) -> None:
    """Ask the guest to shut down, then start it again."""
    await lifecycle.clean_reboot(ctx, vm)


async def hard_reboot(ctx: Context, vm: VMRef) -> None:
    """Reset the VM."""
    await lifecycle.hard_reboot(ctx, vm)


async def hard_reboot_internal(ctx: Context, vm: VMRef) -> None:
    """Reset the VM."""
    await lifecycle.hard_reboot(ctx, vm)


async def suspend(ctx: Context, vm: VMRef) -> None:
    """Write the VM's memory to a disk and end its domain."""
    await lifecycle.suspend(ctx, vm)


async def resume(ctx: Context, vm: VMRef, start_paused: bool, force: bool) -> None:
    """Bring the suspended VM back."""
    await lifecycle.resume(ctx, vm, paused=start_paused, force=force)


async def resume_on(ctx: Context, vm: VMRef, host: HostRef, start_paused: bool, force: bool) -> None:
    """Bring the suspended VM back on `host`."""
    boot.check_host(ctx.db, host)
    _require_here(ctx, vm, host)
    await lifecycle.resume(ctx, vm, paused=start_paused, force=force)


async def power_state_reset(ctx: Context, vm: VMRef) -> None:
    """Call the VM Halted; for one whose host is known to be dead. DOMAIN_EXISTS while it has a domain."""
    await lifecycle.power_state_reset(ctx, vm)


async def atomic_set_resident_on(ctx: Context, vm: VMRef, host: HostRef) -> None:
    """Say that the VM runs on `host`."""
    ctx.db.host[host]
    ctx.db.vm.update(vm, resident_on=host, scheduled_to_be_resident_on=NULL)


async def restart_device_models(ctx: Context, self: VMRef) -> None:
    """Our hypervisors don't replace a running device model on the same host."""
    raise errors.NotImplemented("VM.restart_device_models")


async def s3_suspend(ctx: Context, vm: VMRef) -> None:
    """Our hypervisors don't offer ACPI S3."""
    raise errors.NotImplemented("VM.s3_suspend")


async def s3_resume(ctx: Context, vm: VMRef) -> None:
    """Our hypervisors don't offer ACPI S3."""
    raise errors.NotImplemented("VM.s3_resume")


async def pool_migrate(ctx: Context, vm: VMRef, host: HostRef, options: Strings) -> None:
    """Move the running VM to `host`; on the host where it is, to a new domain."""
    boot.check_host(ctx.db, host)
    if host != ctx.db.vm[vm].resident_on:
        raise errors.NotImplemented("VM.pool_migrate")
    await lifecycle.migrate_here(ctx, vm)


async def migrate_send(
    ctx: Context,
    vm: VMRef,
    dest: Strings,
    live: bool,
    vdi_map: Mapping[VDIRef, SRRef],
    vif_map: Mapping[VIFRef, NetworkRef],
    options: Strings,
    vgpu_map: Mapping[VGPURef, GPUGroupRef],
    vdi_format_map: Mapping[VDIRef, str],
) -> VMRef:
    """Storage motion is not built yet."""
    raise errors.NotImplemented("VM.migrate_send")


async def assert_can_migrate(
    ctx: Context,
    vm: VMRef,
    dest: Strings,
    live: bool,
    vdi_map: Mapping[VDIRef, SRRef],
    vif_map: Mapping[VIFRef, NetworkRef],
    options: Strings,
    vgpu_map: Mapping[VGPURef, GPUGroupRef],
) -> None:
    """To its own host a VM can be moved if xenopsd says so; to others not yet, and a client had better know before."""
    row = ctx.db.vm[vm]
    if dest.get("host") != row.resident_on or vdi_map or vif_map:
        raise OperationNotAllowed("VMs can't be migrated to another pool or storage")
    await lifecycle.assert_can_migrate(ctx, vm)
