"""Domains as they are: the hypervisor's list, and what xenstore says, kept until a watch says that it changed."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import re
from dataclasses import dataclass, field

from common.idl.xen import (
    Console,
    ConsoleProtocol,
    GrantedMetrics,
    VmId,
)
from common.xen.libxc import NO_NODE, DomainInfo, Libxc, Shutdown
from common.xen.xenstore import Xenstore, XenstoreError
from xenopsd.backend.base import Domain, Ending, Notify, Status
from xenopsd.backend.libxl import guest, numa
from xenopsd.backend.libxl.consoles import Consoles

log = logging.getLogger(__name__)

CONNECTED = "4"
QUIET = 0.3  # seconds in which a guest's changes are gathered into one
AGAIN = 1.0  # seconds
BACKEND = re.compile(r"/local/domain/\d+/backend/")
ENDINGS = {Shutdown.POWEROFF: Ending.POWEROFF, Shutdown.REBOOT: Ending.REBOOT, Shutdown.SOFT_RESET: Ending.REBOOT}


@dataclass
class Device:
    """A drive or interface as the toolstack made it."""

    number: int
    backend: str
    name: str = ""
    medium: str = ""
    cdrom: bool = False
    connected: bool = False

    @property
    def server(self) -> int:
        """The domain whose kernel serves it; 0 but for driver domains."""
        return int(self.backend.split("/")[3])


@dataclass
class Seen:
    """What xenstore says of a domain, and how it was placed."""

    disks: dict[str, Device] = field(default_factory=dict)
    interfaces: dict[str, Device] = field(default_factory=dict)
    agent: dict[str, str] = field(default_factory=dict)
    xsdata: dict[str, str] = field(default_factory=dict)
    granted: list[GrantedMetrics] = field(default_factory=list)
    pci: list[str] = field(default_factory=list)
    terminal: str = ""
    hvm: bool = False
    started: float = 0.0
    memory_target: int = 0
    memory_limit: int = 0
    vcpus: int = 0
    uncooperative: bool = False
    numa_nodes: int = 0

    @property
    def pv_drivers(self) -> bool:
        """Whether a driver in the guest took up a device."""
        return any(each.connected for each in (*self.disks.values(), *self.interfaces.values()))


class Observer:
    """Looks at domains and follows their changes. `empty` is the path that stands for a missing medium."""

    def __init__(self, xc: Libxc, store: Xenstore, consoles: Consoles, empty: str, notify: Notify) -> None:
        self._xc, self._store, self._consoles = xc, store, consoles
        self._empty, self._notify = empty, notify
        self._seen: dict[tuple[str, int], Seen] = {}
        self._stale: set[int] = set()
        self._looking: dict[int, asyncio.Lock] = {}
        self._known: dict[int, tuple[str, int]] = {}
        self._changed: dict[VmId, asyncio.Event] = {}
        self._pending: dict[int, asyncio.TimerHandle] = {}

    def find(self, vm: VmId) -> DomainInfo | None:
        """The VM's domain, if it has one that is not being destroyed."""
        return next(iter(self.find_all(vm)), None)

    def find_all(self, vm: VmId) -> list[DomainInfo]:
        """The VM's domain first; another may be made beside it, to replace it."""
        return [each for each in self._domains() if each.handle == vm]

    def present(self) -> list[DomainInfo]:
        """The domain of each VM: not dom0, those being destroyed, and those beside another."""
        return list({each.handle: each for each in reversed(self._domains())}.values())

    def _domains(self) -> list[DomainInfo]:
        return [each for each in self._xc.domains() if each.domid and not each.dying]

    async def domain(self, info: DomainInfo) -> Domain:
        """Raises `XenstoreError`."""
        seen = await self.seen(info)
        status, ending = _status(info)
        vm = info.handle
        consoles = []
        if seen.terminal:
            await self._consoles.show(vm, info.domid, seen.terminal)
            consoles.append(Console(protocol=ConsoleProtocol.VT100, path=self._consoles.path(vm, "vt100")))
        if seen.hvm:
            consoles.insert(0, Console(protocol=ConsoleProtocol.RFB, path=self._consoles.path(vm, "rfb")))
        return Domain(
            domid=info.domid,
            status=status,
            ending=ending,
            started=seen.started,
            consoles=consoles,
            memory_actual=info.memory,
            memory_target=seen.memory_target,
            memory_limit=seen.memory_limit or info.memory_limit,
            vcpus=seen.vcpus or info.vcpus_online,
            disks={name: disk.medium not in {"", self._empty} for name, disk in seen.disks.items()},
            interfaces={name: nic.name for name, nic in seen.interfaces.items()},
            pci=list(seen.pci),
            guest_agent=dict(seen.agent),
            pv_drivers_detected=seen.pv_drivers,
            uncooperative=seen.uncooperative,
            numa_nodes=seen.numa_nodes,
            xsdata=dict(seen.xsdata),
        )

    async def seen(self, info: DomainInfo) -> Seen:
        """What xenstore says, read only if it changed. Raises `XenstoreError`."""
        key = (info.handle, info.domid)
        # One look at a time: an older one that ends later must not hide what changed meanwhile.
        async with self._looking.setdefault(info.domid, asyncio.Lock()):
            seen = self._seen.get(key)
            if seen is None or info.domid in self._stale:
                self._known[info.domid] = key
                self._stale.discard(info.domid)
                try:
                    seen = self._seen[key] = await self._look(info)
                except BaseException:
                    self._stale.add(info.domid)
                    raise
            return seen

    def spoil(self, domid: int) -> None:
        """We changed something about the domain ourselves."""
        self._stale.add(domid)

    async def ended(self, vm: VmId, timeout: float) -> bool:
        """Whether the domain ended, or is gone, within `timeout` seconds."""
        give_up = asyncio.get_running_loop().time() + timeout
        while True:
            changed = self._changed.setdefault(vm, asyncio.Event())
            changed.clear()
            info = self.find(vm)
            if info is None or _status(info)[0] is Status.ENDED:
                self._changed.pop(vm, None)
                return True
            left = give_up - asyncio.get_running_loop().time()
            if left <= 0:
                return False
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), min(left, AGAIN))

    async def follow(self) -> None:
        """For ever: domains that come, end and go, and what guests write."""
        before: dict[int, tuple[str, int]] = {}
        while True:
            try:
                async with self._store.watch("@introduceDomain", "@releaseDomain", "/local/domain") as changes:
                    while True:
                        path = await changes.get()
                        if path.startswith("@"):
                            before = self._compare(before)
                        elif (domid := _owner(path)) is not None:
                            self._stale.add(domid)
                            self._tell_soon(domid)
            except XenstoreError as error:
                log.warning("%s; trying again", error)
                await asyncio.sleep(AGAIN)

    def _compare(self, before: dict[int, tuple[str, int]]) -> dict[int, tuple[str, int]]:
        """Tell of every domain that came, went or changed its state since `before`."""
        now = {info.domid: (info.handle, info.flags & 0xFF0005) for info in self.present()}
        self._consoles.keep({handle for handle, _ in now.values()})
        for domid in set(self._known) - set(now):
            self._seen.pop(self._known.pop(domid), None)
            self._stale.discard(domid)
            self._looking.pop(domid, None)
        for domid, state in before.items() | now.items():
            if before.get(domid) != now.get(domid):
                self._tell(VmId(state[0]))
        return now

    def _tell(self, vm: VmId) -> None:
        if changed := self._changed.get(vm):
            changed.set()
        self._notify(vm)

    def _tell_soon(self, domid: int) -> None:
        if domid not in self._known or domid in self._pending:
            return

        def tell() -> None:
            del self._pending[domid]
            if key := self._known.get(domid):
                self._tell(VmId(key[0]))

        self._pending[domid] = asyncio.get_running_loop().call_later(QUIET, tell)

    async def _look(self, info: DomainInfo) -> Seen:
        store, home = self._store, guest.path(info.domid)
        disks, interfaces, pci, agent, xsdata, granted = await asyncio.gather(
            self._devices(info.domid, "vbd"),
            self._devices(info.domid, "vif"),
            self._pci(info.domid),
            guest.told(store, info.domid),
            guest.xsdata(store, info.domid),
            guest.granted(store, info.domid),
        )
        console, serial, kind, started, target, video, limit, uncooperative = await asyncio.gather(
            store.read(f"{home}/console/tty"),
            store.read(f"{home}/serial/0/tty"),
            store.read(f"/libxl/{info.domid}/type"),
            store.read(f"{guest.private(VmId(info.handle))}/start-time"),
            store.read(f"{home}/memory/target"),
            store.read(f"{home}/memory/videoram"),
            store.read(f"{home}/memory/static-max"),
            store.read(f"{home}/memory/uncooperative"),
        )
        availability = await store.tree(f"{home}/cpu", 2)
        return Seen(
            disks=disks,
            interfaces=interfaces,
            pci=pci,
            agent=agent,
            xsdata=xsdata,
            granted=granted,
            terminal=(serial if kind == "hvm" else console) or "",
            hvm=kind == "hvm",
            started=float(started or 0.0),
            memory_target=guest.kib(target) + guest.kib(video),
            memory_limit=guest.kib(limit),
            uncooperative=uncooperative is not None,
            numa_nodes=self._nodes_of(info),
            vcpus=sum(value == "online" for value in availability.values()),
        )

    @functools.cached_property
    def _cpu_nodes(self) -> list[int]:
        return self._xc.cpu_nodes()

    def _nodes_of(self, info: DomainInfo) -> int:
        """As `numa.placed`; where there is but one node nobody is asked for each VCPU."""
        if len({*self._cpu_nodes} - {NO_NODE}) < 2:
            return 0
        return numa.placed(self._cpu_nodes, self._xc.preferred_cpus(info))

    async def _pci(self, domid: int) -> list[str]:
        """Addresses of the host's devices that the domain has: they share one backend, listed nowhere else."""
        backend = f"/local/domain/0/backend/pci/{domid}/0"
        count = int(await self._store.read(f"{backend}/num_devs") or 0)
        found = await asyncio.gather(*(self._store.read(f"{backend}/dev-{number}") for number in range(count)))
        return [address for address in found if address]

    async def _devices(self, domid: int, kind: str) -> dict[str, Device]:
        """By the names that xapi uses: `xvda`, or the position of an interface."""
        found = {}
        for number in await self._store.directory(f"/libxl/{domid}/device/{kind}"):
            entry = f"/libxl/{domid}/device/{kind}/{number}"
            backend = await self._store.read(f"{entry}/backend") or ""
            name, medium, cdrom, state = await asyncio.gather(
                self._store.read(f"{backend}/dev"),
                self._store.read(f"{backend}/params"),
                self._store.read(f"{entry}/device-type"),
                self._store.read(f"{backend}/state"),
            )
            device = Device(int(number), backend, connected=state == CONNECTED)
            if kind == "vif":
                device.name = f"vif{domid}.{number}"
                found[number] = device
            elif name:
                # QEMU's drives are written as `aio:/path`.
                device.medium, device.cdrom = (medium or "").removeprefix("aio:"), cdrom == "cdrom"
                found[name] = device
        return found


def _status(info: DomainInfo) -> tuple[Status, Ending | None]:
    reason = info.shutdown
    if reason is Shutdown.SUSPEND:
        return Status.PAUSED, None  # it is being saved
    if reason is not None:
        return Status.ENDED, ENDINGS.get(reason, Ending.CRASH)
    return (Status.PAUSED if info.paused else Status.RUNNING), None


def _owner(path: str) -> int | None:
    """The domain that a changed path of xenstore is about."""
    parts = path.split("/")
    if BACKEND.match(path):
        return int(parts[6]) if len(parts) > 6 and parts[6].isdigit() else None
    return int(parts[3]) if len(parts) > 4 and parts[3].isdigit() else None
