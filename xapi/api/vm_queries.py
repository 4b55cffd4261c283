"""Questions about VMs, and small commands to their guests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.idl import xen
from common.idl.rrd import Owner
from xapi.context import Context
from xapi.control import boot, operations, sources
from xapi.control.devices import MAXIMUM_DISKS, MAXIMUM_INTERFACES, disk_position, interface_position, unused
from xapi.datamodel import errors
from xapi.datamodel.enums import VMOperations, VMPowerState, VMSecurebootReadiness
from xapi.datamodel.errors import (
    HAConstraintViolationNetworkNotShared,
    HAConstraintViolationSRNotShared,
    InvalidValue,
    NotSystemDomain,
    VMBadPowerState,
    VMBiosStringsAlreadySet,
    WlbNotInitialized,
    XenapiMissingPlugin,
)
from xapi.datamodel.refs import HostRef, SessionRef, SRRef, VMRef
from xapi.datamodel.types import NULL
from xapi.db.records import VM

Strings = Mapping[str, str]

BIOS_STRING_LIMIT = 512
SETTABLE_BIOS_STRINGS = frozenset(boot.DEFAULT_BIOS_STRINGS) - {"hp-rombios", "oem-1", "oem-2"}


async def assert_operation_valid(ctx: Context, self: VMRef, op: VMOperations) -> None:
    """Raise why `op` may not begin now, if it may not."""
    error = operations.check(ctx.db, "VM", self, op)
    if error is not None:
        raise error


async def update_allowed_operations(ctx: Context, self: VMRef) -> None:
    """Work `allowed_operations` out again."""
    ctx.db.vm[self]
    operations.refresh(ctx.db, "VM", self)


async def get_allowed_VBD_devices(ctx: Context, vm: VMRef) -> tuple[str, ...]:
    """Free values for `userdevice` of a disk, lowest first."""
    taken = {disk_position(ctx.db.vbd[ref].userdevice) for ref in ctx.db.vm[vm].VBDs}
    return tuple(str(position) for position in unused(taken, MAXIMUM_DISKS))


async def get_allowed_VIF_devices(ctx: Context, vm: VMRef) -> tuple[str, ...]:
    """Free values for `device` of an interface, lowest first."""
    taken = {interface_position(ctx.db.vif[ref].device) for ref in ctx.db.vm[vm].VIFs}
    return tuple(str(position) for position in unused(taken, MAXIMUM_INTERFACES))


async def get_possible_hosts(ctx: Context, vm: VMRef) -> tuple[HostRef, ...]:
    """Hosts on which the VM could boot now."""
    ctx.db.vm[vm]
    return tuple(boot.possible_hosts(ctx, vm))


async def assert_can_boot_here(ctx: Context, self: VMRef, host: HostRef) -> None:
    """Raise why the VM could not boot on `host`."""
    boot.check(ctx.db, self, host)


async def assert_agile(ctx: Context, self: VMRef) -> None:
    """Raise what binds the VM to one host: storage or a network that is not shared."""
    row = ctx.db.vm[self]
    for sr in boot.srs(ctx.db, row):
        if not ctx.db.sr[sr].shared:
            raise HAConstraintViolationSRNotShared(sr)
    hosts = len(ctx.db.host)
    for network in boot.networks(ctx.db, row):
        pifs = [ctx.db.pif[ref] for ref in ctx.db.network[network].PIFs]
        if pifs and len({pif.host for pif in pifs if pif.currently_attached}) < hosts:
            raise HAConstraintViolationNetworkNotShared(network)


async def get_boot_record(ctx: Context, self: VMRef) -> VM:
    """The VM's record as it runs."""
    return ctx.db.vm[self]


async def get_SRs_required_for_recovery(ctx: Context, self: VMRef, session_to: SessionRef) -> tuple[SRRef, ...]:
    """SRs of the VM's disks."""
    return tuple(boot.disk_srs(ctx.db, ctx.db.vm[self]))


async def assert_can_be_recovered(ctx: Context, self: VMRef, session_to: SessionRef) -> None:
    """Raise VM_REQUIRES_SR for an SR that this host lacks."""
    boot.check_storage(ctx.db, ctx.db.vm[self], ctx.host)


async def retrieve_wlb_recommendations(ctx: Context, vm: VMRef) -> Mapping[HostRef, tuple[str, ...]]:
    """There is no workload balancer."""
    ctx.db.vm[vm]
    raise WlbNotInitialized


async def query_services(ctx: Context, self: VMRef) -> Strings:
    """Services of a driver domain; no VM of ours is one."""
    ctx.db.vm[self]
    raise NotSystemDomain(self)


async def import_convert(
    ctx: Context, type: str, username: str, password: str, sr: SRRef, remote_config: Strings
) -> None:
    """The conversion appliance's plug-in is not here."""
    raise XenapiMissingPlugin("conversion")


async def call_plugin(ctx: Context, vm: VMRef, plugin: str, fn: str, args: Strings) -> str:
    """Call a plug-in inside the guest; our hypervisors reach none."""
    _require_running(ctx, vm)
    raise XenapiMissingPlugin(plugin)


async def call_host_plugin(ctx: Context, vm: VMRef, plugin: str, fn: str, args: Strings) -> str:
    """Call a plug-in of the host on which the VM runs."""
    host = ctx.db.vm[vm].resident_on
    target = ctx.host if host == NULL else host
    return str(await ctx.call("host.call_plugin", host=target, plugin=plugin, fn=fn, args=args))


async def send_sysrq(ctx: Context, vm: VMRef, key: str) -> None:
    """Press a SysRq key in the guest."""
    await ctx.services.xen.vm.send_sysrq(ctx.dbg, xen.VmId(ctx.db.vm[vm].uuid), key)


async def send_trigger(ctx: Context, vm: VMRef, trigger: str) -> None:
    """Our hypervisors know no triggers."""
    raise errors.NotImplemented("send_trigger")


async def get_secureboot_readiness(ctx: Context, self: VMRef) -> VMSecurebootReadiness:
    """How far the VM is from booting with checked signatures."""
    row = ctx.db.vm[self]
    if row.HVM_boot_params.get("firmware") != "uefi":
        return VMSecurebootReadiness.NOT_SUPPORTED
    if row.platform.get("secureboot", "").lower() not in ("true", "1"):
        return VMSecurebootReadiness.DISABLED
    return VMSecurebootReadiness.READY if row.NVRAM.get("EFI-variables") else VMSecurebootReadiness.FIRST_BOOT


async def set_bios_strings(ctx: Context, self: VMRef, value: Strings) -> None:
    """Choose what the guest finds in its firmware; once, before the first start."""
    if ctx.db.vm[self].bios_strings:
        raise VMBiosStringsAlreadySet
    for key, text in value.items():
        if key not in SETTABLE_BIOS_STRINGS:
            raise InvalidValue(key, "Unknown key")
        if not 0 < len(text) <= BIOS_STRING_LIMIT or not text.isprintable() or not text.isascii():
            raise InvalidValue(key, text[:BIOS_STRING_LIMIT])
    ctx.db.vm.update(self, bios_strings={**boot.DEFAULT_BIOS_STRINGS, **value})


async def copy_bios_strings(ctx: Context, vm: VMRef, host: HostRef) -> None:
    """Let the guest find the strings of `host`'s firmware; once, before the first start."""
    if ctx.db.vm[vm].bios_strings:
        raise VMBiosStringsAlreadySet
    ctx.db.vm.update(vm, bios_strings={**boot.DEFAULT_BIOS_STRINGS, **ctx.db.host[host].bios_strings})


async def get_data_sources(ctx: Context, self: VMRef) -> tuple[dict[str, Any], ...]:
    """What can be measured of the VM."""
    return tuple(await sources.records(ctx, Owner.VM, ctx.db.vm[self].uuid))


async def record_data_source(ctx: Context, self: VMRef, data_source: str) -> None:
    """Start recording a source."""
    await ctx.services.rrd.record(ctx.dbg, Owner.VM, _require_running(ctx, self), data_source)


async def query_data_source(ctx: Context, self: VMRef, data_source: str) -> float:
    """The newest value of a source."""
    return await ctx.services.rrd.query(ctx.dbg, Owner.VM, _require_running(ctx, self), data_source)


async def forget_data_source_archives(ctx: Context, self: VMRef, data_source: str) -> None:
    """Stop recording a source and drop what was recorded."""
    await ctx.services.rrd.forget(ctx.dbg, Owner.VM, _require_running(ctx, self), data_source)


def _require_running(ctx: Context, vm: VMRef) -> str:
    row = ctx.db.vm[vm]
    if row.power_state is not VMPowerState.RUNNING:
        raise VMBadPowerState(vm, "running", row.power_state.lower())
    return row.uuid
