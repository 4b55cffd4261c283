"""A VM's life: start, stop, pause, suspend, resume. Each asks xenopsd, then writes what xenopsd observes.

Nothing is assumed to have happened: also after an error, or when xenopsd was killed under us, the database shows what
is the case.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from common.errors import WireError
from common.idl import xen
from common.idl.task import TaskId
from xapi.context import Context
from xapi.control import (
    archives,
    boot,
    cpu,
    discard,
    domains,
    firmware,
    messages,
    network,
    observe,
    push,
    storage,
    unfinished,
)
from xapi.control.errors import translate
from xapi.control.memory import MIB
from xapi.control.unfinished import IMAGE_OF
from xapi.datamodel import errors
from xapi.datamodel.enums import VDIType, VMOperations, VMPowerState
from xapi.datamodel.errors import DomainExists, VMHasNoSuspendVDI, VMNoSuspendSR
from xapi.datamodel.refs import NetworkRef, SRRef, VDIRef, VMRef
from xapi.datamodel.types import NULL

log = logging.getLogger(__name__)

SHUTDOWN_TIMEOUT = 1200.0  # seconds a guest may take to shut down, as in the original
IMAGE_EXTRA = 64 * MIB  # beside a tenth of the memory: device state and framing

Ask = Callable[[xen.VmId], Awaitable[TaskId]]


async def start(ctx: Context, vm: VMRef, *, paused: bool, force: bool) -> None:
    """Boot the VM here."""
    row = ctx.db.vm[vm]
    if firmware.is_kept(row):
        # What its firmware remembers is given to xenopsd: it must be that of its last run, also of one nobody saw.
        await domains.observe_vm(ctx, vm)
    boot.check(ctx.db, vm, ctx.host)
    boot.check_disks(ctx.db, row)
    level = next((pool.cpu_info for pool in ctx.db.pool.rows()), {})
    flags = cpu.boot_flags(ctx.db.host[ctx.host].cpu_info, level, row.domain_type)
    firmware.add_wanted_tpm(ctx.db, vm)
    ctx.db.vm.update(vm, bios_strings=row.bios_strings or boot.DEFAULT_BIOS_STRINGS, last_boot_CPU_flags=flags)
    async with _arriving(ctx, vm) as id_:
        await domains.run(ctx, ctx.services.xen.vm.start(ctx.dbg, id_, force))
        if not paused:
            await domains.run(ctx, ctx.services.xen.vm.unpause(ctx.dbg, id_))
    _say(ctx, vm, "VM_STARTED", f"started {messages.on_host(ctx.db, ctx.host)}")


@asynccontextmanager
async def _arriving(ctx: Context, vm: VMRef) -> AsyncIterator[xen.VmId]:
    """While in the block the VM comes up here: its memory is set aside, its networks are there, xenopsd knows it."""
    with domains.working_on(ctx, vm):
        ctx.db.vm.update(vm, scheduled_to_be_resident_on=ctx.host)
        try:
            for ref in boot.networks(ctx.db, ctx.db.vm[vm]):
                await network.ensure_bridge(ctx, NetworkRef(ref))
            yield await domains.push_vm(ctx, vm)
        finally:
            await domains.observe_surely(ctx, vm)
            if vm in ctx.db.vm and ctx.db.vm[vm].scheduled_to_be_resident_on != NULL:
                ctx.db.vm.update(vm, scheduled_to_be_resident_on=NULL)


async def _perform(ctx: Context, vm: VMRef, ask: Ask) -> None:
    """Have xenopsd do something to a VM that has a domain, and write the outcome."""
    with domains.working_on(ctx, vm):
        try:
            await domains.run(ctx, ask(xen.VmId(ctx.db.vm[vm].uuid)))
        finally:
            await domains.observe_surely(ctx, vm)


async def pause(ctx: Context, vm: VMRef) -> None:
    """Stop the VCPUs."""
    await _perform(ctx, vm, lambda id_: ctx.services.xen.vm.pause(ctx.dbg, id_))
    _say(ctx, vm, "VM_PAUSED", "was paused")


async def unpause(ctx: Context, vm: VMRef) -> None:
    """Let the VCPUs run."""
    await _perform(ctx, vm, lambda id_: ctx.services.xen.vm.unpause(ctx.dbg, id_))
    _say(ctx, vm, "VM_UNPAUSED", "was unpaused")


async def clean_shutdown(ctx: Context, vm: VMRef, timeout: float = SHUTDOWN_TIMEOUT) -> None:
    """Ask the guest to shut down; it has `timeout` seconds."""
    await _stop(ctx, vm, lambda id_: ctx.services.xen.vm.shutdown(ctx.dbg, id_, timeout))
    _say(ctx, vm, "VM_SHUTDOWN", "shutdown cleanly")


async def hard_shutdown(ctx: Context, vm: VMRef) -> None:
    """Destroy the domain, or the memory image of a suspended VM. What the guest was asked before is cancelled."""
    await _cancel(ctx, vm, VMOperations.CLEAN_SHUTDOWN, VMOperations.CLEAN_REBOOT, VMOperations.HARD_REBOOT)
    if ctx.db.vm[vm].power_state is VMPowerState.SUSPENDED:
        await drop_image(ctx, vm)
    else:
        await _stop(ctx, vm, lambda id_: ctx.services.xen.vm.shutdown(ctx.dbg, id_))
    _say(ctx, vm, "VM_SHUTDOWN", "shutdown forcibly")


async def shutdown(ctx: Context, vm: VMRef) -> None:
    """Clean if the guest does it, else hard."""
    if ctx.db.vm[vm].power_state is VMPowerState.RUNNING:
        try:
            await clean_shutdown(ctx, vm)
        except WireError as error:
            log.info("VM %s: no clean shutdown: %s", ctx.db.vm[vm].uuid, error)
        else:
            return
    ctx.check_cancelled()
    if ctx.db.vm[vm].power_state is not VMPowerState.HALTED:
        await hard_shutdown(ctx, vm)


async def clean_reboot(ctx: Context, vm: VMRef) -> None:
    """Ask the guest to shut down, then start it with its present settings."""
    await domains.push_vm(ctx, vm)
    await _perform(ctx, vm, lambda id_: ctx.services.xen.vm.reboot(ctx.dbg, id_, SHUTDOWN_TIMEOUT))
    _say(ctx, vm, "VM_REBOOTED", "rebooted cleanly")


async def hard_reboot(ctx: Context, vm: VMRef) -> None:
    """Reset the VM; its settings of now take effect."""
    await _cancel(ctx, vm, VMOperations.CLEAN_SHUTDOWN, VMOperations.CLEAN_REBOOT)
    await domains.push_vm(ctx, vm)
    await _perform(ctx, vm, lambda id_: ctx.services.xen.vm.reboot(ctx.dbg, id_))
    _say(ctx, vm, "VM_REBOOTED", "rebooted forcibly")


async def suspend(ctx: Context, vm: VMRef) -> None:
    """Write the VM's memory to a disk of its own and end the domain.

    The database names the image before anything is written to it, so it is found again whatever dies.
    """
    image = await _new_image(ctx, vm, suspend_sr(ctx, vm))
    await ctx.db.durable()
    disk = push.disk(ctx.db, ctx.db.vdi[image])
    try:
        await _perform(ctx, vm, lambda id_: ctx.services.xen.vm.suspend(ctx.dbg, id_, disk))
    finally:
        domains.outdated(ctx, vm)
        if vm in ctx.db.vm and ctx.db.vm[vm].power_state is not VMPowerState.SUSPENDED:
            await _forget_image(ctx, vm)
    _say(ctx, vm, "VM_SUSPENDED", "suspended")


async def _new_image(ctx: Context, vm: VMRef, sr: SRRef) -> VDIRef:
    """A disk for the VM's memory, named by the VM."""
    row = ctx.db.vm[vm]
    work = unfinished.on_srs(ctx.db, [sr])
    async with discard.making(ctx, vm, work):
        image = await storage.create_vdi(
            ctx,
            sr,
            name_label="Suspend image",
            name_description=f"Memory of {row.name_label} ({row.uuid})",
            virtual_size=row.memory_static_max + row.memory_static_max // 10 + IMAGE_EXTRA,
            type=VDIType.SUSPEND,
            sm_config={"type": "raw", **work.sm_config},
            other_config={IMAGE_OF: row.uuid},
        )
        ctx.db.vm.update(vm, suspend_VDI=image)
    return image


async def resume(ctx: Context, vm: VMRef, *, paused: bool, force: bool) -> None:
    """Bring a suspended VM back here. On failure it stays suspended; `force` is for what we don't check."""
    row = ctx.db.vm[vm]
    if row.suspend_VDI not in ctx.db.vdi:
        raise VMHasNoSuspendVDI(vm)
    boot.check(ctx.db, vm, ctx.host)
    boot.check_disks(ctx.db, row)
    if not force:
        boot.check_cpu(ctx.db, row, ctx.host)
    image = ctx.db.vdi[row.suspend_VDI]
    ctx.db.vdi.update(image.ref, other_config={**image.other_config, IMAGE_OF: row.uuid})
    disk = push.disk(ctx.db, image)
    async with _arriving(ctx, vm) as id_:
        await domains.run(ctx, ctx.services.xen.vm.resume(ctx.dbg, id_, disk))
        if not paused:
            await domains.run(ctx, ctx.services.xen.vm.unpause(ctx.dbg, id_))
    domains.outdated(ctx, vm)
    await _forget_image(ctx, vm)
    _say(ctx, vm, "VM_RESUMED", f"resumed {messages.on_host(ctx.db, ctx.host)}")


async def migrate_here(ctx: Context, vm: VMRef) -> None:
    """Move the running VM to a new domain of this host; where the hypervisor can't, it is there already."""
    try:
        await _perform(ctx, vm, lambda id_: ctx.services.xen.vm.migrate(ctx.dbg, id_, None, {}, {}))
    except errors.NotImplemented as error:
        log.info("VM %s stays in its domain: %s", ctx.db.vm[vm].uuid, error)
        return
    _say(ctx, vm, "VM_MIGRATED", f"migrated {messages.on_host(ctx.db, ctx.host)}")


async def assert_can_migrate(ctx: Context, vm: VMRef) -> None:
    """Raises the error with which a move of the VM as it runs would fail."""
    try:
        await ctx.services.xen.vm.assert_can_migrate(ctx.dbg, xen.VmId(ctx.db.vm[vm].uuid))
    except WireError as error:
        raise translate(ctx.db, error) from error


async def power_state_reset(ctx: Context, vm: VMRef) -> None:
    """Call the VM Halted. Raises DOMAIN_EXISTS while xenopsd has a domain for it."""
    if ctx.db.vm[vm].is_control_domain:
        raise DomainExists(vm, ctx.db.vm[vm].domid)
    await domains.observe_vm(ctx, vm)
    row = ctx.db.vm[vm]
    if row.power_state in (VMPowerState.RUNNING, VMPowerState.PAUSED):
        raise DomainExists(vm, row.domid)
    await drop_image(ctx, vm)


async def drop_image(ctx: Context, vm: VMRef) -> None:
    """Make a suspended VM halted: its memory is lost. Safe to repeat."""
    with domains.working_on(ctx, vm):
        image = VDIRef(ctx.db.vm[vm].suspend_VDI)
        ctx.db.vm.update(vm, suspend_VDI=NULL)
        observe.without_domain(ctx.db, vm, VMPowerState.HALTED)
        await _push_halted(ctx, vm)
        await discard.disk(ctx, image)


async def _push_halted(ctx: Context, vm: VMRef) -> None:
    """Have xenopsd know that there is no image any more; if it is away, the next start tells it."""
    domains.outdated(ctx, vm)
    try:
        await domains.push_vm(ctx, vm)
    except WireError as error:
        log.info("VM %s: xenopsd does not know yet that it is halted: %s", ctx.db.vm[vm].uuid, error)


async def _forget_image(ctx: Context, vm: VMRef) -> None:
    image = VDIRef(ctx.db.vm[vm].suspend_VDI)
    ctx.db.vm.update(vm, suspend_VDI=NULL)
    await discard.disk(ctx, image)


def suspend_sr(ctx: Context, vm: VMRef) -> SRRef:
    """Where the VM's memory goes: its own choice, the pool's, the host's, the pool's default; else VM_NO_SUSPEND_SR."""
    pools = ctx.db.pool.rows()
    choices = [ctx.db.vm[vm].suspend_SR]
    choices += [pool.suspend_image_SR for pool in pools]
    choices += [ctx.db.host[ctx.host].suspend_image_sr]
    choices += [pool.default_SR for pool in pools]
    for sr in choices:
        if sr in ctx.db.sr and boot.sr_is_on(ctx.db, SRRef(sr), ctx.host):
            return SRRef(sr)
    raise VMNoSuspendSR(vm)


async def _stop(ctx: Context, vm: VMRef, ask: Ask) -> None:
    """End the domain. If it is gone although xenopsd answers an error, that is what was asked for."""
    try:
        await _perform(ctx, vm, ask)
    except WireError as error:
        if vm not in ctx.db.vm or ctx.db.vm[vm].power_state is not VMPowerState.HALTED or ctx.state.cancelling:
            raise
        log.info("VM %s: is halted, although: %s", ctx.db.vm[vm].uuid, error)
    if vm in ctx.db.vm:
        archives.write(ctx, ctx.db.vm[vm].uuid)


async def _cancel(ctx: Context, vm: VMRef, *ops: VMOperations) -> None:
    """Cancel those of our calls that are doing one of `ops` to the VM."""
    for task, op in list(ctx.db.vm[vm].current_operations.items()):
        running = ctx.shared.running.get(task)  # type: ignore[call-overload]
        if op in ops and running is not None and running is not ctx.state:
            await running.cancel()


def _say(ctx: Context, vm: VMRef, name: str, what: str) -> None:
    if vm in ctx.db.vm:
        messages.about_vm(ctx.db, vm, name, what)
