"""Plugs, unplugs, moves and filters interfaces of VMs that run or not."""

from __future__ import annotations

from xapi.context import Context
from xapi.control import domains, network, push
from xapi.datamodel.enums import VMPowerState
from xapi.datamodel.refs import NetworkRef, VIFRef, VMRef


async def plug(ctx: Context, vif: VIFRef) -> None:
    """Connect the interface."""
    row = ctx.db.vif[vif]
    await network.ensure_bridge(ctx, NetworkRef(row.network))
    with domains.working_on(ctx, VMRef(row.VM)):
        await domains.push_vm(ctx, VMRef(row.VM))
        try:
            await domains.run(ctx, ctx.services.xen.vif.plug(ctx.dbg, push.vif_id(ctx.db, row)))
        finally:
            await domains.observe_vif_surely(ctx, vif)


async def unplug(ctx: Context, vif: VIFRef, *, force: bool) -> None:
    """Disconnect the interface."""
    row = ctx.db.vif[vif]
    with domains.working_on(ctx, VMRef(row.VM)):
        try:
            await domains.run(ctx, ctx.services.xen.vif.unplug(ctx.dbg, push.vif_id(ctx.db, row), force))
        finally:
            await domains.observe_vif_surely(ctx, vif)


async def move(ctx: Context, vif: VIFRef, target: NetworkRef) -> None:
    """Connect to another network, at once if it is plugged. An error leaves it where it was."""
    row = ctx.db.vif[vif]
    if _is_live(ctx, vif):
        await network.ensure_bridge(ctx, target)
        bridge = ctx.db.network[target].bridge
        with domains.working_on(ctx, VMRef(row.VM)):
            domains.outdated(ctx, VMRef(row.VM))
            await domains.run(ctx, ctx.services.xen.vif.move(ctx.dbg, push.vif_id(ctx.db, row), bridge))
    ctx.db.vif.update(vif, network=target)
    if _is_live(ctx, vif):
        await apply_filter(ctx, vif)


async def apply_filter(ctx: Context, vif: VIFRef) -> None:
    """Have xenopsd filter a plugged interface as its row and its network say."""
    row = ctx.db.vif[vif]
    if not _is_live(ctx, vif):
        return
    id_ = push.vif_id(ctx.db, row)
    mode, ipv4, ipv6 = push.filtering(row, ctx.db.network[row.network])
    await domains.run(ctx, ctx.services.xen.vif.set_locking_mode(ctx.dbg, id_, mode, ipv4, ipv6))


def _is_live(ctx: Context, vif: VIFRef) -> bool:
    row = ctx.db.vif[vif]
    return row.currently_attached and ctx.db.vm[row.VM].power_state is VMPowerState.RUNNING
