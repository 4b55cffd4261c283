"""xapi's side of xenopsd: pushes what VMs should be, asks for operations, and follows what really happens.

xenopsd owns whether a domain runs; the database copies it. Everything here may be repeated: after either side was
killed, `xenops.Xenops` reads all anew and the database is true again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

from common.errors import DaemonUnreachable, WireError
from common.idl import xen, xen_errors
from common.idl.task import TaskId
from xapi.context import Context
from xapi.control import firmware, observe, push
from xapi.control.errors import translate
from xapi.control.observe import Happened
from xapi.datamodel.refs import VBDRef, VIFRef, VMRef
from xapi.db.database import Database
from xapi.db.records import VBD, VIF, VM

log = logging.getLogger(__name__)

AskDevice = Callable[[xen.DeviceId], Awaitable[TaskId]]


class Known:
    """What this process knows of xenopsd: a cache, empty after each start of either."""

    def __init__(self) -> None:
        self.pushed: dict[str, push.Description] = {}
        """By the VM's uuid: what xenopsd was told last."""
        self.found: set[str] = set()
        """Uuids of the VMs that xenopsd had when it was last read; those told since are in `pushed`."""
        self.busy: dict[str, int] = {}
        """VMs on which calls of ours work, and how many; they observe the outcome themselves."""
        self.crashes: dict[str, float] = {}
        """When each VM last crashed, as xenopsd told."""
        self.missed: set[str] = set()
        """Busy VMs that changed since they were last observed."""


_known: WeakKeyDictionary[Database, Known] = WeakKeyDictionary()


def known(db: Database) -> Known:
    """The cache that belongs to `db`."""
    return _known.setdefault(db, Known())


@contextmanager
def working_on(ctx: Context, vm: VMRef) -> Iterator[None]:
    """While in the block, what happens to the VM is our own doing: the event loop neither shows nor reports it."""
    uuid = ctx.db.vm[vm].uuid
    busy = known(ctx.db).busy
    busy[uuid] = busy.get(uuid, 0) + 1
    try:
        yield
    finally:
        busy[uuid] -= 1
        if not busy[uuid]:
            del busy[uuid]
            if uuid in known(ctx.db).missed:
                known(ctx.db).missed.discard(uuid)
                ctx.later(observe_surely(ctx.internal("xenopsd"), vm))


def defer(ctx: Context, uuid: str) -> bool:
    """Whether the VM, which changed, is busy: then whoever works on it observes it."""
    cache = known(ctx.db)
    if uuid not in cache.busy:
        return False
    cache.missed.add(uuid)
    return True


async def push_vm(ctx: Context, vm: VMRef) -> xen.VmId:
    """Tell xenopsd what the VM and its devices should be, unless it was told so last. Safe to repeat."""
    row = ctx.db.vm[vm]
    wanted = push.description(ctx.db, row, ctx.host)
    cache = known(ctx.db)
    before = cache.pushed.get(row.uuid)
    if before == wanted:
        return wanted.vm.id
    cache.pushed.pop(row.uuid, None)
    calls = ctx.services.xen
    if before is None or before.vm != wanted.vm:
        await calls.vm.add(ctx.dbg, wanted.vm)
    for vbd in await _surplus(ctx, before and before.vbds, wanted.vbds, lambda: calls.vbd.all(ctx.dbg, wanted.vm.id)):
        await calls.vbd.remove(ctx.dbg, vbd)
    for vif in await _surplus(ctx, before and before.vifs, wanted.vifs, lambda: calls.vif.all(ctx.dbg, wanted.vm.id)):
        await calls.vif.remove(ctx.dbg, vif)
    await asyncio.gather(
        *(calls.vbd.add(ctx.dbg, vbd) for vbd in wanted.vbds if before is None or vbd not in before.vbds),
        *(calls.vif.add(ctx.dbg, vif) for vif in wanted.vifs if before is None or vif not in before.vifs),
    )
    cache.pushed[row.uuid] = wanted
    return wanted.vm.id


async def _surplus(
    ctx: Context,
    before: Any,
    wanted: Any,
    ask: Callable[[], Awaitable[Any]],
) -> list[xen.DeviceId]:
    """Devices that xenopsd has of a VM and should not have."""
    present = before if before is not None else await ask()
    keep = {device.id for device in wanted}
    return [device.id for device in present if device.id not in keep]


def outdated(ctx: Context, vm: VMRef) -> None:
    """xenopsd knows something else of the VM than it was told last, by its own operation: tell it anew next time."""
    if vm in ctx.db.vm:
        known(ctx.db).pushed.pop(ctx.db.vm[vm].uuid, None)


async def forget(ctx: Context, uuid: str) -> None:
    """Have xenopsd forget a halted VM. Safe to repeat."""
    cache = known(ctx.db)
    cache.crashes.pop(uuid, None)
    if cache.pushed.pop(uuid, None) is None and uuid not in cache.found:
        return
    cache.found.discard(uuid)
    try:
        await ctx.services.xen.vm.remove(ctx.dbg, xen.VmId(uuid))
    except xen_errors.DoesNotExist:
        return
    except WireError as error:
        log.info("VM %s: xenopsd still knows it and forgets it at our next start: %s", uuid, error)


async def run(ctx: Context, task: Awaitable[TaskId]) -> str | None:
    """Ask xenopsd for a task and wait for its end; errors are the XenAPI's."""
    try:
        id_ = await task
    except WireError as error:
        raise translate(ctx.db, error) from error
    return await ctx.xen_task(id_)


async def observe_vm(ctx: Context, vm: VMRef) -> Happened:
    """Write what xenopsd sees of the VM and its devices now. A VM it does not know has no domain."""
    row = ctx.db.vm[vm]
    known(ctx.db).missed.discard(row.uuid)
    try:
        status = await ctx.services.xen.vm.stat(ctx.dbg, xen.VmId(row.uuid))
    except xen_errors.DoesNotExist:
        known(ctx.db).pushed.pop(row.uuid, None)
        state = xen.VmState(power_state=xen.PowerState.HALTED)
    else:
        state = status.state
        await firmware.fetch_if_ended(ctx, row, state)
    if vm not in ctx.db.vm:
        return Happened.NOTHING
    happened = apply(ctx, vm, state)
    if ctx.db.vm[vm].power_state in observe.LIVE:
        await observe_devices(ctx, vm)
    return happened


def apply(ctx: Context, vm: VMRef, state: xen.VmState) -> Happened:
    """Write what xenopsd sees of the VM, devices left out."""
    happened = observe.apply(ctx.db, ctx.host, vm, state)
    crashes, uuid = known(ctx.db).crashes, ctx.db.vm[vm].uuid
    before = crashes.get(uuid, state.last_crash_time)
    crashes[uuid] = state.last_crash_time
    return Happened.CRASHED if state.last_crash_time > before else happened


async def observe_devices(ctx: Context, vm: VMRef) -> None:
    """Write which of the VM's devices are plugged."""
    row = ctx.db.vm[vm]
    await asyncio.gather(
        *(observe_vbd(ctx, ctx.db.vbd[ref]) for ref in row.VBDs),
        *(observe_vif(ctx, ctx.db.vif[ref]) for ref in row.VIFs),
    )


async def observe_vbd(ctx: Context, row: VBD) -> None:
    """Write whether the disk drive is plugged."""
    id_ = push.vbd_id(ctx.db, row)
    try:
        state = await ctx.services.xen.vbd.stat(ctx.dbg, id_)
    except xen_errors.DoesNotExist:
        state = xen.DeviceState()
    if row.ref in ctx.db.vbd:
        if state.plugged and row.device != id_.device:
            ctx.db.vbd.update(row.ref, device=id_.device)
        observe.vbd(ctx.db, row.ref, state)


async def observe_vif(ctx: Context, row: VIF) -> None:
    """Write whether the interface is plugged."""
    try:
        state = await ctx.services.xen.vif.stat(ctx.dbg, push.vif_id(ctx.db, row))
    except xen_errors.DoesNotExist:
        state = xen.DeviceState()
    if row.ref in ctx.db.vif:
        observe.vif(ctx.db, row.ref, state)


async def observe_vbd_surely(ctx: Context, vbd: VBDRef) -> None:
    """`observe_vbd` after an operation; if it fails the event loop tells later."""
    try:
        await observe_vbd(ctx, ctx.db.vbd[vbd])
    except WireError as error:
        log.warning("VBD %s: can't observe it: %s", vbd, error)


async def observe_vif_surely(ctx: Context, vif: VIFRef) -> None:
    """`observe_vif` after an operation; if it fails the event loop tells later."""
    try:
        await observe_vif(ctx, ctx.db.vif[vif])
    except WireError as error:
        log.warning("VIF %s: can't observe it: %s", vif, error)


async def observe_surely(ctx: Context, vm: VMRef, patience: float = 10.0) -> None:
    """`observe_vm` after an operation, also when xenopsd was just killed: it is back in a moment.

    When it does not come back the event loop tells later.
    """
    deadline = asyncio.get_running_loop().time() + patience
    while vm in ctx.db.vm:
        try:
            await observe_vm(ctx, vm)
        except DaemonUnreachable:
            if asyncio.get_running_loop().time() > deadline:
                log.warning("VM %s: its state is unknown while xenopsd is away", ctx.db.vm[vm].uuid)
                return
            await asyncio.sleep(0.2)
        except WireError as error:
            log.warning("VM %s: can't observe it: %s", ctx.db.vm[vm].uuid, error)
            return
        else:
            return


def ours(ctx: Context, row: VM) -> bool:
    """Whether this host's xenopsd is the one to ask about the VM."""
    if row.is_control_domain:
        return False
    return ctx.host in (row.resident_on, row.scheduled_to_be_resident_on) or row.power_state not in observe.LIVE
