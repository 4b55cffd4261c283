"""Follows xenopsd for as long as xapi runs: what guests do by themselves reaches the database and the messages."""

from __future__ import annotations

import asyncio
import logging

import msgspec

from common.errors import WireError
from common.idl import xen
from xapi.context import Context
from xapi.control import discard, domains, firmware, leftovers, messages, observe
from xapi.control.observe import Happened
from xapi.datamodel.enums import VMPowerState
from xapi.datamodel.refs import VMRef
from xapi.db.records import VM

log = logging.getLogger(__name__)

POLL = 10.0  # seconds xenopsd may take to answer that nothing changed
RETRY = 0.5  # seconds between attempts while it is away
CLEAN_EVERY = 60.0  # seconds between looks for what was left behind
CLEAN_AGAIN = 5.0  # when something has to wait for a daemon
PACE = 0.02  # seconds between rounds: changes that come together are read together


class Xenops:
    """The event loop. `watch` runs until cancelled; it survives the death of xenopsd, and of ourselves before it."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._since: int | None = None
        self._first = 0
        self._cleaned = 0.0
        self.synchronised = asyncio.Event()
        """Set once the database has been true to xenopsd."""

    async def watch(self) -> None:
        """Follow xenopsd until cancelled."""
        while True:
            try:
                await self._synchronise()
                while True:
                    await self._round()
                    await asyncio.sleep(PACE)
            except WireError as error:
                log.info("xenopsd: %s; asking again", error)
            except Exception:
                log.exception("following xenopsd failed")
            await asyncio.sleep(RETRY)

    async def _synchronise(self) -> None:
        """Read all VMs, clean up what was interrupted, and start to listen. Safe to repeat.

        The feed is read first: what happens after that moment is told again, so nothing falls between.
        """
        domains.known(self._ctx.db).pushed.clear()
        changes = await self._ctx.services.xen.updates.get(self._ctx.dbg, None, 0.0)
        self._since, self._first = changes.last, changes.first
        states = {status.vm.id: status for status in await self._ctx.services.xen.vm.all(self._ctx.dbg)}
        domains.known(self._ctx.db).found = set(states)
        await self._forget_strangers(states)
        for row in self._ctx.db.vm.rows():
            if row.uuid not in domains.known(self._ctx.db).busy and self._concerns_us(row, states):
                await self._reconcile(row, states.get(xen.VmId(row.uuid)))
        await self._clean()
        self.synchronised.set()
        log.info("xenopsd: %d VMs read", len(states))

    async def _clean(self) -> None:
        """Delete what was left behind."""
        await leftovers.clean(self._ctx)
        self._cleaned = asyncio.get_running_loop().time()

    def _clean_is_due(self) -> bool:
        pause = CLEAN_AGAIN if self._ctx.db in discard.waiting else CLEAN_EVERY
        return asyncio.get_running_loop().time() > self._cleaned + pause

    def _concerns_us(self, row: VM, states: dict[xen.VmId, xen.VmStatus]) -> bool:
        status = states.get(xen.VmId(row.uuid))
        if status is not None and status.state.domids:
            return not row.is_control_domain
        return domains.ours(self._ctx, row) and (
            row.power_state in observe.LIVE
            or row.domid != -1
            or row.scheduled_to_be_resident_on == self._ctx.host
            or (status is not None and firmware.ran_unseen(self._ctx.db, row, status.state))
        )

    async def _reconcile(self, row: VM, status: xen.VmStatus | None) -> None:
        """Make the row of one VM true to what xenopsd says of it; one that it does not know has no domain."""
        before = row.power_state
        state = status.state if status is not None else xen.VmState(power_state=xen.PowerState.HALTED)
        vm = VMRef(row.ref)
        if status is not None:
            await firmware.fetch_if_ended(self._ctx, row, state)
        happened = domains.apply(self._ctx, vm, state)
        if row.power_state in observe.LIVE:
            await domains.observe_devices(self._ctx, vm)
        if row.power_state is not before:
            log.warning("VM %s: was %s, is %s", row.uuid, before, row.power_state)
        self._report(vm, happened)

    async def _forget_strangers(self, states: dict[xen.VmId, xen.VmStatus]) -> None:
        """VMs without a domain that the database does not have were destroyed while one of us was away."""
        for id_, status in states.items():
            if not self._ctx.db.vm.where(uuid=id_) and not status.state.domids:
                try:
                    # One that is suspended can't be removed; its image is no longer ours to know.
                    halted = msgspec.structs.replace(status.vm, suspended=False)
                    await self._ctx.services.xen.vm.add(self._ctx.dbg, halted)
                    await self._ctx.services.xen.vm.remove(self._ctx.dbg, id_)
                except WireError as error:
                    log.warning("xenopsd keeps VM %s, which is gone: %s", id_, error)

    async def _round(self) -> None:
        changes = await self._ctx.services.xen.updates.get(self._ctx.dbg, self._since, POLL)
        if changes.first != self._first:
            log.info("xenopsd was started anew")
            await self._synchronise()
            return
        self._since = changes.last
        for uuid in _vms(changes.changed):
            await self._changed(uuid)
        if self._clean_is_due():
            await self._clean()

    async def _changed(self, uuid: str) -> None:
        found = self._ctx.db.vm.where(uuid=uuid)
        if not found:
            return
        if domains.defer(self._ctx, uuid):
            return
        vm = VMRef(found[0].ref)
        if found[0].is_control_domain:
            return
        self._report(vm, await domains.observe_vm(self._ctx, vm))

    def _report(self, vm: VMRef, happened: Happened) -> None:
        """Tell what nobody asked for: the guest did it, or somebody behind our back."""
        db = self._ctx.db
        if vm not in db.vm:
            return
        match happened:
            case Happened.CRASHED:
                messages.about_vm(db, vm, "VM_CRASHED", "crashed")
            case Happened.STOPPED if db.vm[vm].power_state is VMPowerState.HALTED:
                messages.about_vm(db, vm, "VM_SHUTDOWN", "shutdown itself down")
            case Happened.REBOOTED:
                messages.about_vm(db, vm, "VM_REBOOTED", f"rebooted itself {messages.on_host(db, self._ctx.host)}")
            case _:
                return


def _vms(changed: list[xen.Changed]) -> list[str]:
    """The VMs that these changes are about, each once."""
    found: dict[str, None] = {}
    for change in changed:
        match change:
            case xen.ChangedVm(id=id_):
                found[id_] = None
            case xen.ChangedVbd(id=device) | xen.ChangedVif(id=device):
                found[device.vm] = None
            case _:
                continue
    return list(found)
