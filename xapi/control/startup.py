"""Makes the database true to this host: `start` once, before calls are served; `watch` for as long as xapi runs.

`start` never waits long for a daemon that is away. What it could not ask, `watch` asks when the daemon comes: nothing
here is done only at start-up, so a daemon may be killed at any moment.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from common.errors import WireError
from common.idl.network import Kind
from common.idl.storage import SrId
from xapi.context import Context
from xapi.control import (
    certificates,
    facts,
    host,
    localdb,
    messages,
    network,
    operations,
    pci,
    pci_devices,
    repositories,
    templates,
)
from xapi.control.host import Machine
from xapi.control.inventory import Inventory, load
from xapi.datamodel.enums import Cls
from xapi.datamodel.refs import HostRef, PBDRef

log = logging.getLogger(__name__)

T = TypeVar("T")

PATIENCE = 2.0  # seconds a daemon may take to answer while calls are not yet served
RETRY = 1.0  # seconds between attempts to reach a daemon that is away
METRICS_EVERY = 10.0
FIGURES_EVERY = 30.0
NETWORK_POLL = 30.0
AUTO_SCAN = "auto-scan"
"""Key of an SR's `other_config`: `true` has it scanned as often as its figures are read."""
PLUG_FOR = 120.0  # seconds an SR may fail to plug before an alert is made; it is tried on afterwards
PLUG_DEADLINE = 60.0  # seconds for one attempt


async def start(ctx: Context) -> None:
    """Rows of this host, its pool, processors, control domain, network, drivers and templates. Safe to repeat.

    Sets `ctx.host`. Answers within seconds, whether or not the daemons do.
    """
    inventory = load()
    machine, kind, interfaces, drivers, attached = await asyncio.gather(
        _soon(host.observe(ctx)),
        _soon(ctx.services.network.kind(ctx.dbg)),
        _soon(ctx.services.network.interfaces(ctx.dbg)),
        _soon(ctx.services.storage.sr.drivers(ctx.dbg)),
        _soon(ctx.services.storage.sr.all(ctx.dbg)),
    )
    _sync_host(ctx, inventory, machine or _stand_in(ctx, inventory), kind)
    network.internal_network(ctx.db)
    if interfaces is not None:
        network.sync(ctx, interfaces)
    await _pci(ctx)
    templates.sync(ctx)
    if drivers is not None:
        repositories.register_drivers(ctx.db, drivers)
    repositories.tools_sr(ctx)
    certificates.sync(ctx)
    if attached is not None:
        _unplugged(ctx, attached)
    operations.refresh_all(ctx.db)
    this = ctx.db.host[ctx.host]
    ctx.db.host.update(
        ctx.host,
        other_config={**this.other_config, "agent_start_time": facts.now()},
        enabled=not _disabled_by_administrator(),
    )
    operations.refresh(ctx.db, "host", ctx.host)
    await ctx.db.durable()
    log.info("host %s: %s", this.uuid, "enabled" if ctx.db.host[ctx.host].enabled else "disabled")


async def watch(ctx: Context) -> None:
    """Follow the daemons until cancelled: the hypervisor's figures, storage, the network."""
    plugger = Plugger(ctx)
    async with asyncio.TaskGroup() as group:
        group.create_task(_forever("hypervisor", lambda: _hypervisor(ctx)))
        group.create_task(_forever("storage", lambda: _storage(ctx, plugger)))
        group.create_task(_forever("network", lambda: _network(ctx)))


async def _forever(name: str, follow: Callable[[], Awaitable[None]]) -> None:
    """Repeat `follow`; a daemon that is away is asked again, a bug of ours is logged and does not stop."""
    while True:
        try:
            await follow()
        except WireError as error:
            log.debug("%s: %s", name, error)
        except Exception:
            log.exception("following %s failed", name)
        await asyncio.sleep(RETRY)


async def _soon(call: Awaitable[T]) -> T | None:
    try:
        return await asyncio.wait_for(call, PATIENCE)
    except (WireError, TimeoutError) as error:
        log.info("start-up goes on without an answer: %r", error)
        return None


async def _pci(ctx: Context) -> None:
    """Rows of the machine's PCI devices: it has them as long as it runs."""
    devices = pci_devices.devices()
    names = await asyncio.to_thread(pci_devices.names, {device.vendor for device in devices})
    pci.sync(ctx.db, HostRef(ctx.host), devices, names)


def _stand_in(ctx: Context, inventory: Inventory) -> Machine:
    """What was known of the machine before, else what /proc says."""
    seen = host.from_proc(facts.read("/proc/cpuinfo"), facts.read("/proc/meminfo"))
    found = ctx.db.host.where(uuid=inventory.host)
    return host.remembered(ctx.db, found[0], seen) if found else seen


def _sync_host(ctx: Context, inventory: Inventory, machine: Machine, kind: Kind | None) -> None:
    host.sync(ctx, inventory, machine, kind)
    host.sync_pool(ctx, machine.cpu)


def _disabled_by_administrator() -> bool:
    return localdb.get(localdb.DISABLED) == str(facts.boot_time(facts.read("/proc/stat")))


def _unplugged(ctx: Context, attached: Iterable[SrId]) -> None:
    """What sm has not attached is not plugged; what it has will be plugged again, which does no harm."""
    present = set(attached)
    for pbd in ctx.db.pbd.where(host=ctx.host):
        if ctx.db.sr[pbd.SR].uuid not in present:
            ctx.db.pbd.update(pbd.ref, currently_attached=False)


async def _hypervisor(ctx: Context) -> None:
    """Take over what xenopsd says of the machine, then its figures every few seconds."""
    machine = await host.observe(ctx)
    if machine is None:
        return
    kind = await _soon(ctx.services.network.kind(ctx.dbg))
    _sync_host(ctx, load(), machine, kind)
    while (machine := await host.observe(ctx)) is not None:
        host.update_metrics(ctx.db, ctx.host, machine)
        await asyncio.sleep(METRICS_EVERY)


async def _network(ctx: Context) -> None:
    """Have the bridges, then follow changes of links and addresses."""
    await network.observe(ctx)
    await network.bring_up(ctx)
    since: int | None = None
    while True:
        await network.observe(ctx)
        since = await ctx.services.network.changed(ctx.dbg, since, NETWORK_POLL)


async def _storage(ctx: Context, plugger: Plugger) -> None:
    """Register drivers, plug what should be plugged, and keep the figures of SRs fresh."""
    repositories.register_drivers(ctx.db, await ctx.services.storage.sr.drivers(ctx.dbg))
    last = 0.0
    while True:
        await plugger.round()
        if time.monotonic() - last >= FIGURES_EVERY:
            last = time.monotonic()
            await _figures(ctx)
        await asyncio.sleep(RETRY if plugger.pending else FIGURES_EVERY / 3)


async def _figures(ctx: Context) -> None:
    for pbd in ctx.db.pbd.where(host=ctx.host):
        if pbd.currently_attached:
            scanned = ctx.db.sr[pbd.SR].other_config.get(AUTO_SCAN) == "true"
            look = repositories.scan_sr if scanned else repositories.refresh_figures
            try:
                await asyncio.wait_for(look(ctx, pbd.SR), PLUG_DEADLINE)
            except (WireError, TimeoutError) as error:
                log.warning("SR %s: no figures: %s", ctx.db.sr[pbd.SR].uuid, error)


class Plugger:
    """Plugs this host's PBDs at start-up, and again those that sm lost; each by itself, so a dead server stalls one.

    An SR that an administrator unplugged while we ran stays unplugged until the next start.
    """

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._first = True
        self._since: dict[PBDRef, float] = {}
        self._alerted: set[PBDRef] = set()

    @property
    def pending(self) -> bool:
        """Whether something is still to be plugged."""
        return bool(self._since)

    async def round(self) -> None:
        """One attempt for each PBD that should be plugged and is not."""
        ctx = self._ctx
        attached = set(await ctx.services.storage.sr.all(ctx.dbg))
        for pbd in ctx.db.pbd.where(host=ctx.host):
            present = ctx.db.sr[pbd.SR].uuid in attached
            lost = pbd.currently_attached and not present
            if lost:
                ctx.db.pbd.update(pbd.ref, currently_attached=False)
            if lost or self._first:
                self._since.setdefault(pbd.ref, time.monotonic())
        self._first = False
        await asyncio.gather(*(self._plug(pbd) for pbd in list(self._since)))

    async def _plug(self, pbd: PBDRef) -> None:
        ctx = self._ctx
        if pbd not in ctx.db.pbd:
            self._since.pop(pbd, None)
            return
        uuid = ctx.db.sr[ctx.db.pbd[pbd].SR].uuid
        try:
            await asyncio.wait_for(repositories.plug(ctx, pbd), PLUG_DEADLINE)
            self._since.pop(pbd, None)
        except (WireError, TimeoutError) as error:
            log.warning("SR %s: not plugged: %r", uuid, error)
            self._alert(pbd)

    def _alert(self, pbd: PBDRef) -> None:
        ctx = self._ctx
        if pbd in self._alerted or time.monotonic() - self._since[pbd] < PLUG_FOR:
            return
        self._alerted.add(pbd)
        this = ctx.db.host[ctx.host]
        body = f"Some storage could not be plugged on host {this.name_label} (uuid: {this.uuid}) when it started."
        messages.create(ctx.db, "PBD_PLUG_FAILED_ON_SERVER_START", 3, Cls.HOST, this.uuid, body)
