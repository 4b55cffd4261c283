"""Memory of VMs: limits and the balloon's target. All numbers are bytes."""

from __future__ import annotations

import asyncio

from common.idl import xen
from xapi.context import Context
from xapi.control import domains, memory
from xapi.control.memory import MIB, Limits
from xapi.datamodel.enums import VMPowerState
from xapi.datamodel.errors import InvalidValue
from xapi.datamodel.refs import VMRef

APPROXIMATE_VCPUS = 64
"""For an approximation, overhead is counted as if the VM had this many: it then suffices whatever VCPUs are given."""
TARGET_TOLERANCE = 4 * MIB
TARGET_TIMEOUT = 256.0  # seconds a guest may take to reach its target


async def set_memory_dynamic_max(ctx: Context, self: VMRef, value: int) -> None:
    """Change the most the VM may have while it runs."""
    await _set_dynamic(ctx, self, ctx.db.vm[self].memory_dynamic_min, value)


async def set_memory_dynamic_min(ctx: Context, self: VMRef, value: int) -> None:
    """Change the least the VM is left with while it runs."""
    await _set_dynamic(ctx, self, value, ctx.db.vm[self].memory_dynamic_max)


async def set_memory_dynamic_range(ctx: Context, self: VMRef, min: int, max: int) -> None:
    """Change both ends; a running VM follows at once."""
    await _set_dynamic(ctx, self, min, max)


async def _set_dynamic(ctx: Context, vm: VMRef, low: int, high: int) -> None:
    row = ctx.db.vm[vm]
    _check(ctx, vm, Limits(row.memory_static_min, low, high, row.memory_static_max))
    if row.power_state is VMPowerState.RUNNING and not row.is_control_domain:
        with domains.working_on(ctx, vm):
            id_ = xen.VmId(row.uuid)
            await domains.run(ctx, ctx.services.xen.vm.set_memory_dynamic_range(ctx.dbg, id_, low, high))
            await domains.observe_surely(ctx, vm)
    ctx.db.vm.update(vm, memory_dynamic_min=low, memory_dynamic_max=high)


async def set_memory_static_max(ctx: Context, self: VMRef, value: int) -> None:
    """Change the most the VM can ever have."""
    _set_limits(ctx, self, static_max=value)


async def set_memory_static_min(ctx: Context, self: VMRef, value: int) -> None:
    """Change the least the VM needs."""
    _set_limits(ctx, self, static_min=value)


async def set_memory_static_range(ctx: Context, self: VMRef, min: int, max: int) -> None:
    """Change both."""
    _set_limits(ctx, self, static_min=min, static_max=max)


async def set_memory_limits(
    ctx: Context, self: VMRef, static_min: int, static_max: int, dynamic_min: int, dynamic_max: int
) -> None:
    """Change all limits at once."""
    _set_limits(
        ctx, self, static_min=static_min, static_max=static_max, dynamic_min=dynamic_min, dynamic_max=dynamic_max
    )


async def set_memory(ctx: Context, self: VMRef, value: int) -> None:
    """Give the VM exactly `value`."""
    low = min(ctx.db.vm[self].memory_static_min, value)
    _set_limits(ctx, self, static_min=low, static_max=value, dynamic_min=value, dynamic_max=value)


def _set_limits(ctx: Context, vm: VMRef, **wanted: int) -> None:
    row = ctx.db.vm[vm]
    limits = Limits(
        wanted.get("static_min", row.memory_static_min),
        wanted.get("dynamic_min", row.memory_dynamic_min),
        wanted.get("dynamic_max", row.memory_dynamic_max),
        wanted.get("static_max", row.memory_static_max),
    )
    _check(ctx, vm, limits)
    ctx.db.vm.update(vm, **{f"memory_{name}": value for name, value in wanted.items()})
    update_overhead(ctx, vm)


def _check(ctx: Context, vm: VMRef, limits: Limits) -> None:
    row = ctx.db.vm[vm]
    if row.is_control_domain:
        limits.check_order()
    else:
        memory.check_limits(ctx.db, limits, row.domain_type)


def update_overhead(ctx: Context, vm: VMRef) -> None:
    """Write what the VM costs beyond its own memory, as it is configured now."""
    ctx.db.vm.update(vm, memory_overhead=memory.overhead_of(ctx.db.vm[vm]))


async def set_HVM_shadow_multiplier(ctx: Context, self: VMRef, value: float) -> None:
    """Change how much shadow memory the VM gets at its next start."""
    _set_multiplier(ctx, self, value)


async def set_shadow_multiplier_live(ctx: Context, self: VMRef, multiplier: float) -> None:
    """Change how much shadow memory the VM gets; hardware with nested paging needs none, so nothing moves."""
    _set_multiplier(ctx, self, multiplier)


def _set_multiplier(ctx: Context, vm: VMRef, value: float) -> None:
    if not value >= 1.0:
        raise InvalidValue("multiplier", f"{value:g}")
    ctx.db.vm.update(vm, HVM_shadow_multiplier=value)
    update_overhead(ctx, vm)


async def set_memory_target_live(ctx: Context, self: VMRef, target: int) -> None:
    """Have the VM shrink or grow to `target`."""
    await _set_dynamic(ctx, self, target, target)


async def wait_memory_target_live(ctx: Context, self: VMRef) -> None:
    """Return when the VM is near its target, at the latest after a few minutes."""
    deadline = asyncio.get_running_loop().time() + TARGET_TIMEOUT
    while asyncio.get_running_loop().time() < deadline:
        ctx.check_cancelled()
        status = await ctx.services.xen.vm.stat(ctx.dbg, xen.VmId(ctx.db.vm[self].uuid))
        if abs(status.state.memory_actual - status.state.memory_target) <= TARGET_TOLERANCE:
            return
        await asyncio.sleep(1.0)


async def get_cooperative(ctx: Context, self: VMRef) -> bool:
    """Whether the VM follows its target; one that does not run does no harm."""
    row = ctx.db.vm[self]
    if row.power_state is not VMPowerState.RUNNING or row.is_control_domain:
        return True
    status = await ctx.services.xen.vm.stat(ctx.dbg, xen.VmId(row.uuid))
    return not status.state.uncooperative


async def compute_memory_overhead(ctx: Context, vm: VMRef) -> int:
    """What the VM costs a host beyond its own memory."""
    return memory.overhead_of(ctx.db.vm[vm])


async def maximise_memory(ctx: Context, self: VMRef, total: int, approximate: bool) -> int:
    """The largest static_max, in whole MiB, with which the VM and its overhead fit into `total`."""
    row = ctx.db.vm[self]
    vcpus = APPROXIMATE_VCPUS if approximate else row.VCPUs_max
    low, high = 0, total // MIB
    while low < high:
        middle = (low + high + 1) // 2
        cost = memory.overhead(row.domain_type, middle * MIB, vcpus, row.HVM_shadow_multiplier, row.platform)
        low, high = (middle, high) if middle * MIB + cost <= total else (low, middle - 1)
    return low * MIB
