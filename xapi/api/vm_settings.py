"""Settings of VMs whose change does more than store a value."""

from __future__ import annotations

from collections.abc import Mapping

from common.idl import xen
from xapi.api.vm_memory import update_overhead
from xapi.context import Context
from xapi.control import boot, domains, operations, processors, push
from xapi.control.firmware import EFI_VARIABLES
from xapi.datamodel.enums import (
    DomainType,
    OnCrashBehaviour,
    UpdateStatus,
    VMOperations,
    VMPowerState,
    VMSecurebootCertificatesState,
    VMUefiMode,
)
from xapi.datamodel.errors import InvalidValue, VMBadPowerState
from xapi.datamodel.refs import VDIRef, VMApplianceRef, VMGroupRef, VMRef, VMSSRef
from xapi.datamodel.types import NULL

Strings = Mapping[str, str]

BOOT_POLICY = "BIOS order"
HA_PRIORITIES = ("", "restart", "best-effort")


async def set_VCPUs_max(ctx: Context, self: VMRef, value: int) -> None:
    """Change the most VCPUs the VM can have."""
    row = ctx.db.vm[self]
    processors.check_counts(row.VCPUs_at_startup, value, asked=value)
    boot.check_cores(value, row.platform.get("cores-per-socket", ""))
    ctx.db.vm.update(self, VCPUs_max=value)
    update_overhead(ctx, self)


async def set_VCPUs_at_startup(ctx: Context, self: VMRef, value: int) -> None:
    """Change how many VCPUs the VM starts with."""
    processors.check_counts(value, ctx.db.vm[self].VCPUs_max)
    ctx.db.vm.update(self, VCPUs_at_startup=value)
    update_overhead(ctx, self)


async def set_VCPUs_number_live(ctx: Context, self: VMRef, nvcpu: int) -> None:
    """Plug or unplug VCPUs of the running VM, and start it with as many next time."""
    processors.check_counts(nvcpu, ctx.db.vm[self].VCPUs_max)
    with domains.working_on(ctx, self):
        id_ = xen.VmId(ctx.db.vm[self].uuid)
        await domains.run(ctx, ctx.services.xen.vm.set_vcpus(ctx.dbg, id_, nvcpu))
        await domains.observe_surely(ctx, self)
    ctx.db.vm.update(self, VCPUs_at_startup=nvcpu)


async def add_to_VCPUs_params_live(ctx: Context, self: VMRef, key: str, value: str) -> None:
    """Set a scheduling parameter; the running VM gets it with its next description."""
    params = {**ctx.db.vm[self].VCPUs_params, key: value}
    ctx.db.vm.update(self, VCPUs_params=params)
    await domains.push_vm(ctx, self)


async def set_is_a_template(ctx: Context, self: VMRef, value: bool) -> None:
    """Make a template of a halted VM, or a VM of a template."""
    row = ctx.db.vm[self]
    if value and not row.is_a_template:
        error = operations.check(ctx.db, "VM", self, VMOperations.MAKE_INTO_TEMPLATE)
        if error is not None:
            raise error
    ctx.db.vm.update(self, is_a_template=value, **({} if value else {"is_default_template": False}))
    operations.refresh(ctx.db, "VM", self)


async def set_is_default_template(ctx: Context, vm: VMRef, value: bool) -> None:
    """Mark a template as one that nobody may destroy."""
    ctx.db.vm.update(vm, is_default_template=value, **({"is_a_template": True} if value else {}))
    operations.refresh(ctx.db, "VM", vm)


async def set_actions_after_crash(ctx: Context, self: VMRef, value: OnCrashBehaviour) -> None:
    """Change what follows a crash; also for the VM as it runs."""
    ctx.db.vm.update(self, actions_after_crash=value)
    if ctx.db.vm[self].power_state is VMPowerState.RUNNING:
        await domains.push_vm(ctx, self)


async def set_domain_type(ctx: Context, self: VMRef, value: DomainType) -> None:
    """Change how a halted VM runs; the boot policy follows."""
    _require_halted(ctx, self)
    row = ctx.db.vm[self]
    policy = (row.HVM_boot_policy or BOOT_POLICY) if value is DomainType.HVM else ""
    effective = push.effective_type(value, row.HVM_boot_policy)
    ctx.db.vm.update(
        self,
        domain_type=effective,
        HVM_boot_policy=row.HVM_boot_policy if value is DomainType.UNSPECIFIED else policy,
    )
    update_overhead(ctx, self)


async def set_HVM_boot_policy(ctx: Context, self: VMRef, value: str) -> None:
    """Any policy means emulated hardware, none a paravirtual kernel; the domain type follows."""
    _require_halted(ctx, self)
    ctx.db.vm.update(self, HVM_boot_policy=value, domain_type=push.effective_type(DomainType.UNSPECIFIED, value))
    update_overhead(ctx, self)


def _require_halted(ctx: Context, vm: VMRef) -> None:
    state = ctx.db.vm[vm].power_state
    if state is not VMPowerState.HALTED:
        raise VMBadPowerState(vm, "halted", state.lower())


async def set_blocked_operations(ctx: Context, self: VMRef, value: Mapping[VMOperations, str]) -> None:
    """Forbid operations, each with a reason."""
    ctx.db.vm.update(self, blocked_operations=value)
    operations.refresh(ctx.db, "VM", self)


async def add_to_blocked_operations(ctx: Context, self: VMRef, key: VMOperations, value: str) -> None:
    """Forbid one more."""
    ctx.db.vm.add_to(self, "blocked_operations", key, value)
    operations.refresh(ctx.db, "VM", self)


async def remove_from_blocked_operations(ctx: Context, self: VMRef, key: VMOperations) -> None:
    """Allow one again."""
    ctx.db.vm.remove_from(self, "blocked_operations", key)
    operations.refresh(ctx.db, "VM", self)


async def set_other_config(ctx: Context, self: VMRef, value: Strings) -> None:
    """Replace the map."""
    ctx.db.vm.update(self, other_config=value)


async def add_to_other_config(ctx: Context, self: VMRef, key: str, value: str) -> None:
    """Add a key."""
    ctx.db.vm.add_to(self, "other_config", key, value)


async def remove_from_other_config(ctx: Context, self: VMRef, key: str) -> None:
    """Remove a key."""
    ctx.db.vm.remove_from(self, "other_config", key)


async def set_platform(ctx: Context, self: VMRef, value: Strings) -> None:
    """Replace the map."""
    boot.check_cores(ctx.db.vm[self].VCPUs_max, value.get("cores-per-socket", ""))
    ctx.db.vm.update(self, platform=value)


async def add_to_platform(ctx: Context, self: VMRef, key: str, value: str) -> None:
    """Add a key."""
    if key == "cores-per-socket":
        boot.check_cores(ctx.db.vm[self].VCPUs_max, value)
    ctx.db.vm.add_to(self, "platform", key, value)


async def remove_from_platform(ctx: Context, self: VMRef, key: str) -> None:
    """Remove a key."""
    ctx.db.vm.remove_from(self, "platform", key)


async def set_xenstore_data(ctx: Context, self: VMRef, value: Strings) -> None:
    """Replace what the guest reads under `vm-data`; a running one sees it at once."""
    ctx.db.vm.update(self, xenstore_data=value)
    await _push_xsdata(ctx, self)


async def add_to_xenstore_data(ctx: Context, self: VMRef, key: str, value: str) -> None:
    """Add a key; a running guest sees it at once."""
    ctx.db.vm.add_to(self, "xenstore_data", key, value)
    await _push_xsdata(ctx, self)


async def remove_from_xenstore_data(ctx: Context, self: VMRef, key: str) -> None:
    """Remove a key; a running guest sees it at once."""
    ctx.db.vm.remove_from(self, "xenstore_data", key)
    await _push_xsdata(ctx, self)


async def _push_xsdata(ctx: Context, vm: VMRef) -> None:
    row = ctx.db.vm[vm]
    if row.power_state is VMPowerState.RUNNING and not row.is_control_domain:
        described = push.vm(row)
        with domains.working_on(ctx, vm):
            await domains.run(ctx, ctx.services.xen.vm.set_xsdata(ctx.dbg, described.id, described.xsdata))


async def set_NVRAM(ctx: Context, self: VMRef, value: Strings) -> None:
    """Replace the firmware's variables of a halted VM."""
    ctx.db.vm.update(self, NVRAM=value)


async def add_to_NVRAM(ctx: Context, self: VMRef, key: str, value: str) -> None:
    """Add a variable."""
    ctx.db.vm.add_to(self, "NVRAM", key, value)


async def remove_from_NVRAM(ctx: Context, self: VMRef, key: str) -> None:
    """Remove a variable."""
    ctx.db.vm.remove_from(self, "NVRAM", key)


async def set_NVRAM_EFI_variables(ctx: Context, self: VMRef, value: str, update: UpdateStatus) -> None:
    """The firmware's variables as the running guest left them."""
    ctx.db.vm.update(self, NVRAM={**ctx.db.vm[self].NVRAM, EFI_VARIABLES: value})


async def set_uefi_mode(ctx: Context, self: VMRef, mode: VMUefiMode) -> str:
    """Forget the enrolled keys (setup), or have the pool's enrolled at the next boot (user)."""
    _require_halted(ctx, self)
    ctx.db.vm.remove_from(self, "NVRAM", EFI_VARIABLES)
    enroll = mode is VMUefiMode.USER
    state = VMSecurebootCertificatesState.UPDATE_ON_BOOT if enroll else VMSecurebootCertificatesState.OK
    ctx.db.vm.update(self, secureboot_certificates_state=state)
    return ""


async def update_secureboot_certificates_on_boot(ctx: Context, self: VMRef, mark: bool) -> None:
    """Mark whether the keys are renewed at the next boot."""
    state = VMSecurebootCertificatesState.UPDATE_ON_BOOT if mark else VMSecurebootCertificatesState.OK
    ctx.db.vm.update(self, secureboot_certificates_state=state)


async def set_ha_restart_priority(ctx: Context, self: VMRef, value: str) -> None:
    """Choose whether HA restarts the VM."""
    if value not in HA_PRIORITIES:
        raise InvalidValue("ha_restart_priority", value)
    ctx.db.vm.update(self, ha_restart_priority=value)


async def set_ha_always_run(ctx: Context, self: VMRef, value: bool) -> None:
    """Choose whether HA keeps the VM running."""
    ctx.db.vm.update(self, ha_always_run=value)


async def set_start_delay(ctx: Context, self: VMRef, value: int) -> None:
    """Seconds its appliance waits after starting the VM."""
    ctx.db.vm.update(self, start_delay=_not_negative("start_delay", value))


async def set_shutdown_delay(ctx: Context, self: VMRef, value: int) -> None:
    """Seconds its appliance waits after stopping the VM."""
    ctx.db.vm.update(self, shutdown_delay=_not_negative("shutdown_delay", value))


async def set_order(ctx: Context, self: VMRef, value: int) -> None:
    """The VM's place in the order in which HA and its appliance start VMs."""
    ctx.db.vm.update(self, order=_not_negative("order", value))


def _not_negative(field: str, value: int) -> int:
    if value < 0:
        raise InvalidValue(field, value)
    return value


async def set_appliance(ctx: Context, self: VMRef, value: VMApplianceRef) -> None:
    """Put the VM into an appliance, or (NULL) out of it."""
    before = ctx.db.vm[self].appliance
    if value != NULL:
        ctx.db.vm_appliance[value]
    ctx.db.vm.update(self, appliance=value)
    operations.refresh(ctx.db, "VM", self)
    for appliance in (before, value):
        operations.refresh(ctx.db, "VM_appliance", appliance)


async def set_groups(ctx: Context, self: VMRef, value: tuple[VMGroupRef, ...]) -> None:
    """Put the VM into groups; it leaves all others."""
    for group in value:
        ctx.db.vm_group[group]
    ctx.db.vm.update(self, groups=value)


async def set_snapshot_schedule(ctx: Context, self: VMRef, value: VMSSRef) -> None:
    """Have the VM snapshotted by a schedule, or (NULL) by none."""
    if value != NULL:
        ctx.db.vmss[value]
    ctx.db.vm.update(self, snapshot_schedule=value)
    operations.refresh(ctx.db, "VM", self)


async def set_suspend_VDI(ctx: Context, self: VMRef, value: VDIRef) -> None:
    """Replace the memory image of a suspended VM."""
    row = ctx.db.vm[self]
    if row.power_state is not VMPowerState.SUSPENDED:
        raise VMBadPowerState(self, "suspended", row.power_state.lower())
    ctx.db.vdi[value]
    ctx.db.vm.update(self, suspend_VDI=value)


async def set_has_vendor_device(ctx: Context, self: VMRef, value: bool) -> None:
    """Show the vendor's PCI device to the guest, or don't; for a halted VM."""
    _require_halted(ctx, self)
    ctx.db.vm.update(self, has_vendor_device=value)
