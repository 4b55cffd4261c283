"""QEMU guests by libvirt, as `xenopsd.backend.base.Backend` wants them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, Self, TypeVar

import libvirt

from common import unix
from common.config import under_root
from common.idl.storage import Attachment, BlockDevice, Implementation, NbdSocket, RawFile
from common.idl.xen import (
    Console,
    ConsoleProtocol,
    FirmwareState,
    HostState,
    LockingMode,
    Vif,
    Vm,
    VmCounters,
    VmId,
)
from common.idl.xen_errors import (
    FailedToStartEmulator,
    FailedToSuspend,
    NotEnoughMemory,
    Unimplemented,
)
from xenopsd.backend.base import Domain, Drive, Ending, HypervisorError, Notify, Spec, Status
from xenopsd.backend.libvirt import (
    acceleration,
    devices,
    domains,
    filter,
    hostdev,
    image,
    layout,
    machine,
    numa,
    observe,
    remembered,
    stats,
    xen,
    xml,
)
from xenopsd.backend.libvirt.agents import Agents
from xenopsd.backend.libvirt.connection import Connection
from xenopsd.backend.libvirt.domains import Snapshot
from xenopsd.backend.libvirt.firmware import check_tpm, firmware
from xenopsd.backend.libvirt.numbers import Numbers
from xenopsd.config import Config
from xenopsd.xen.pci import Bus

log = logging.getLogger(__name__)

CONSOLES = "/var/run/xapi-toolstack/console"
BUILD_DEADLINE = 180.0  # seconds; the first one also asks QEMU for all it can do
SAVE_DEADLINE = 1200.0
ENDED_POLL = 2.0  # seconds between looks while waiting for a guest, should an event be lost
# As Xen names them: Nova looks for a match of its own architecture.
CAPABILITIES = ["hvm-3.0-x86_32", "hvm-3.0-x86_32p", "hvm-3.0-x86_64"]
PRESS_AGAIN = 10.0  # seconds until a guest that goes on is asked again to shut down
PREFERENCE = (NbdSocket, BlockDevice, RawFile)

T = TypeVar("T")


class Libvirt:
    """Implements `xenopsd.backend.base.Backend`."""

    name = "libvirt"
    minimum_run = 120.0

    def __init__(
        self, socket: Path, state: Path, consoles: Path, acceleration: str, agent_interval: float, uri: str = ""
    ) -> None:
        self._consoles = consoles
        self._uri = uri or f"qemu+unix:///system?socket={unix.short(str(socket))}"
        self._xen = self._uri.startswith("xen:")
        self._acceleration, self._finding = acceleration, state / "libvirt" / "acceleration.json"
        self._numbers = Numbers(state / "libvirt" / "domid")
        self._agent_interval = agent_interval
        self._notify: Notify = lambda _vm: None
        self._connection: Connection
        self._kvm: asyncio.Task[bool] | None = None
        self._agents: Agents
        self._tasks: set[asyncio.Task[Any]] = set()
        self._changed: dict[VmId, asyncio.Event] = {}
        self._asked: set[VmId] = set()
        self._endings: dict[VmId, Ending] = {}
        self._seen: dict[tuple[VmId, int], observe.Seen] = {}

    @classmethod
    def from_config(cls, config: Config) -> Self:
        """As the settings say."""
        made = cls(
            under_root(config.libvirt_socket),
            under_root(config.state),
            under_root(CONSOLES),
            config.acceleration,
            config.agent_interval,
            config.libvirt_uri,
        )
        made.minimum_run = config.minimum_run
        return made

    async def start(self, notify: Notify) -> None:
        self._notify = notify
        self._consoles.mkdir(parents=True, exist_ok=True)
        self._connection = Connection(self._uri, self._on_event, self._on_connected)
        self._agents = Agents(self._connection, self._agent_interval, notify)
        self._connection.connect()
        if not self._xen:
            self._kvm = self._background(acceleration.has_kvm(self._acceleration, self._finding))
        self._background(self._agents.run())

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._connection.close()

    async def host(self) -> HostState:
        version = await self._call(lambda connection: connection.getVersion())
        kvm = await self._has_kvm()
        total, available = await self._memory()
        promised = sum(domain.memory_limit for domain in (await self.domains()).values())
        numbers = f"{version // 1_000_000}.{version // 1000 % 1000}.{version % 1000}"
        return HostState(
            backend=self.name,
            hypervisor=f"Xen {numbers}" if self._xen else f"QEMU {numbers} ({'kvm' if kvm else 'tcg'})",
            capabilities=CAPABILITIES,
            cpu=machine.cpu(machine.CPUINFO.read_text(), machine.nodes()),
            memory_total=total,
            memory_free=max(min(available, total - promised), 0),
            iommu=not self._xen and Bus().has_groups,
        )

    async def dmesg(self) -> str:
        return ""

    async def send_debug_keys(self, keys: str) -> None:
        raise Unimplemented("debug keys: QEMU has no such console")

    def choose(self, attachment: Attachment) -> Implementation:
        for kind in xen.PREFERENCE if self._xen else PREFERENCE:
            for implementation in attachment.implementations:
                if isinstance(implementation, kind):
                    return implementation
        raise Unimplemented("a disk that is reached in none of the ways QEMU knows")

    async def domains(self) -> Mapping[VmId, Domain]:
        return {each.vm: self._domain(each) for each in await self._call(domains.look_at_all)}

    async def domain(self, vm: VmId) -> Domain | None:
        snapshot = await self._call(lambda connection: domains.look(connection, vm))
        if snapshot is not None:
            return self._domain(snapshot)
        ending = self._endings.get(vm)
        # Its id is unknown by now; only the reason matters until the VM is settled.
        return None if ending is None else Domain(domid=0, status=Status.ENDED, ending=ending)

    async def firmware(self, vm: VmId) -> FirmwareState:
        return await asyncio.to_thread(remembered.state, vm)

    async def set_firmware(self, vm: VmId, state: FirmwareState) -> None:
        await asyncio.to_thread(remembered.replace, vm, state)

    async def create(self, spec: Spec) -> None:
        if self._xen and spec.vm.pci:
            raise Unimplemented("devices of the host by libvirt's Xen driver: use the libxl backend")
        hostdev.check(spec.vm, Bus())
        _, available = await self._memory()
        if spec.vm.memory_static_max > available:
            raise NotEnoughMemory(spec.vm.memory_static_max, available)
        place = await self._place(spec.vm)
        text = (xen if self._xen else xml).domain(spec, place)
        log.debug("%s", text)
        await self._build(spec.vm.id, lambda connection: domains.create(connection, text))
        await self._filter(spec.vifs, place.domid)

    async def restore(self, spec: Spec, image_: Implementation) -> None:
        if self._xen:
            raise Unimplemented("resuming by libvirt's Xen driver: use the libxl backend")
        place = await self._place(spec.vm)
        async with image.read(image_, self._scratch(spec.vm.id)) as path:
            await self._build(
                spec.vm.id,
                lambda connection: domains.restore(connection, path, spec.drives, place, time.time()),
            )
        await self._filter(spec.vifs, place.domid)

    async def save(self, vm: VmId, image_: Implementation) -> None:
        if self._xen:
            raise Unimplemented("suspending by libvirt's Xen driver: use the libxl backend")
        try:
            async with image.written(image_, self._scratch(vm)) as path:
                await self._call(
                    lambda connection: domains.save(connection, vm, path), deadline=SAVE_DEADLINE, repeat=False
                )
        except HypervisorError as error:
            log.warning("VM %s: not saved: %s", vm, error)
            raise FailedToSuspend(vm, SAVE_DEADLINE) from error

    async def destroy(self, vm: VmId) -> None:
        seen = await self._look(vm)
        await self._call(lambda connection: domains.destroy(connection, vm))
        await filter.remove([] if seen is None else seen.interfaces.values())
        self._endings.pop(vm, None)
        self._agents.forget(vm)
        for protocol in ConsoleProtocol:
            with contextlib.suppress(FileNotFoundError):
                self._console(vm, protocol).unlink()

    async def unpause(self, vm: VmId) -> None:
        await self._call(lambda connection: domains.resume(connection, vm))

    async def pause(self, vm: VmId) -> None:
        await self._call(lambda connection: domains.pause(connection, vm))

    async def request_shutdown(self, vm: VmId, ending: Ending, timeout: float) -> None:
        # A reboot is a power-off too: what follows is a new domain. ACPI acknowledges nothing.
        self._asked.add(vm)
        await self._press(vm)

    async def _press(self, vm: VmId) -> None:
        await self._call(lambda connection: domains.press_power_button(connection, vm), agent=True)

    async def wait_ended(self, vm: VmId, timeout: float) -> bool:
        loop = asyncio.get_running_loop()
        give_up = loop.time() + timeout
        again = loop.time() + PRESS_AGAIN
        while True:
            changed = self._changed.setdefault(vm, asyncio.Event())
            changed.clear()
            found = await self.domain(vm)
            if found is None or found.status is Status.ENDED:
                self._changed.pop(vm, None)
                self._asked.discard(vm)
                return True
            left = give_up - loop.time()
            if left <= 0:
                self._asked.discard(vm)
                return False
            if vm in self._asked and loop.time() >= again:
                # A guest that was still booting did not hear the first one.
                again = loop.time() + PRESS_AGAIN
                await self._press(vm)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), min(left, ENDED_POLL))

    async def set_vcpus(self, vm: VmId, vcpus: int) -> None:
        await self._call(lambda connection: domains.set_vcpus(connection, vm, vcpus))

    async def set_memory(self, vm: VmId, minimum: int, maximum: int) -> None:
        await self._call(lambda connection: domains.set_memory(connection, vm, maximum))

    async def set_xsdata(self, vm: VmId, xsdata: Mapping[str, str]) -> None:
        # QEMU guests have no xenstore; what xapi wants is recorded, and nobody reads it.
        return None

    async def send_sysrq(self, vm: VmId, key: str) -> None:
        await self._call(lambda connection: domains.send_sysrq(connection, vm, key))

    async def freeze(self, vm: VmId) -> bool:
        return await self._call(lambda connection: domains.freeze(connection, vm), agent=True)

    async def thaw(self, vm: VmId) -> None:
        await self._call(lambda connection: domains.thaw(connection, vm), agent=True)

    async def counters(self) -> list[VmCounters]:
        found, current = [], {}
        for vm, number, statistics in await self._call(domains.statistics):
            seen = self._seen.get((vm, number)) or await self._look(vm)
            if seen is not None:
                current[vm, number] = seen
                found.append(stats.counters(vm, seen, statistics))
        self._seen = current
        return found

    async def plug_disk(self, vm: VmId, drive: Drive) -> None:
        await self._device(vm, lambda connection: devices.plug_disk(connection, vm, drive))

    async def unplug_disk(self, vm: VmId, device: str, force: bool) -> None:
        # QEMU can't pull a disk out of a guest that keeps it, so `force` changes nothing.
        await self._device(vm, lambda connection: devices.unplug(connection, vm, xml.VBD_ALIAS + device, "VBD"))

    async def change_medium(self, vm: VmId, drive: Drive) -> None:
        await self._device(vm, lambda connection: devices.change_medium(connection, vm, drive))

    async def plug_vif(self, vm: VmId, vif: Vif) -> None:
        await self._device(vm, lambda connection: devices.plug_vif(connection, vm, vif))
        await self._filter_live(vm, vif)

    async def unplug_vif(self, vm: VmId, device: str, force: bool) -> None:
        await self._device(vm, lambda connection: devices.unplug(connection, vm, xml.VIF_ALIAS + device, "VIF"))

    async def update_vif(self, vm: VmId, vif: Vif) -> None:
        await self._device(vm, lambda connection: devices.update_vif(connection, vm, vif))
        await self._filter_live(vm, vif)

    async def _call(
        self, work: Callable[[Any], T], *, deadline: float = 60.0, repeat: bool = True, agent: bool = False
    ) -> T:
        try:
            return await self._connection.call(work, deadline=deadline, repeat=repeat, agent=agent)
        except libvirt.libvirtError as error:
            raise HypervisorError(str(error)) from error

    async def _look(self, vm: VmId) -> observe.Seen | None:
        snapshot = await self._call(lambda connection: domains.look(connection, vm))
        return None if snapshot is None else snapshot.seen

    async def _build(self, vm: VmId, work: Callable[[Any], None]) -> None:
        try:
            await self._call(work, deadline=BUILD_DEADLINE, repeat=False)
        except HypervisorError as error:
            raise FailedToStartEmulator(vm, "qemu", error.message) from error
        finally:
            # What a failed build says of its end is no guest's doing.
            self._endings.pop(vm, None)

    async def _device(self, vm: VmId, work: Callable[[Any], None]) -> None:
        if self._xen:
            raise Unimplemented("changing devices of a running guest by libvirt's Xen driver: use the libxl backend")
        try:
            await self._call(work)
        finally:
            self._forget_seen(vm)

    async def _filter(self, vifs: list[Vif], domid: int) -> None:
        for vif in vifs:
            if vif.locking_mode is not LockingMode.UNLOCKED:
                await filter.apply(vif, xml.tap(domid, vif))

    async def _filter_live(self, vm: VmId, vif: Vif) -> None:
        seen = await self._look(vm)
        if seen is not None and (tap := seen.interfaces.get(vif.id.device)):
            await filter.apply(vif, tap)

    async def _memory(self) -> tuple[int, int]:
        """Total and free bytes: in a Xen dom0 the kernel's own are its own only."""
        if not self._xen:
            return machine.memory(machine.MEMINFO.read_text())
        return await self._call(lambda connection: (connection.getInfo()[1] << 20, connection.getFreeMemory()))

    async def _has_kvm(self) -> bool:
        return self._kvm is not None and await self._kvm

    async def _place(self, vm: Vm) -> xml.Place:
        check_tpm(vm)
        if not self._xen:
            await asyncio.to_thread(remembered.complete, vm)
        present = [each.seen for each in await self._call(domains.look_at_all)]
        beside = [(seen.cpus, seen.memory_limit) for seen in present]
        return xml.Place(
            domid=self._numbers.take({seen.domid for seen in present}),
            kvm=await self._has_kvm(),
            vt100=unix.short(str(self._console(vm.id, ConsoleProtocol.VT100))),
            rfb=unix.short(str(self._console(vm.id, ConsoleProtocol.RFB))),
            firmware=firmware(vm),
            cpus="" if self._xen else await asyncio.to_thread(numa.cpus, vm, beside),
        )

    def _console(self, vm: VmId, protocol: ConsoleProtocol) -> Path:
        return self._consoles / f"{vm}.{protocol}"

    def _scratch(self, vm: VmId) -> Path:
        return layout.saved() / vm

    def _domain(self, snapshot: Snapshot) -> Domain:
        seen, vm = snapshot.seen, snapshot.vm
        status, ending, stalled = observe.status(snapshot.state, snapshot.reason)
        return Domain(
            domid=seen.domid,
            status=status,
            ending=ending,
            stalled=stalled,
            started=seen.started,
            consoles=[
                Console(protocol=protocol, path=str(self._console(vm, protocol))) for protocol in ConsoleProtocol
            ],
            memory_actual=seen.memory,
            memory_target=seen.memory,
            memory_limit=seen.memory_limit,
            vcpus=seen.vcpus,
            disks=seen.disks,
            interfaces=seen.interfaces,
            pci=seen.pci,
            guest_agent=self._agents.keys(vm),
            pv_drivers_detected=status is Status.RUNNING,
            numa_nodes=1 if seen.cpus and not self._xen else 0,
        )

    def _on_connected(self) -> None:
        """A new libvirtd tells nothing of what happened before it."""
        self._background(self._tell_all())

    def _on_event(self, vm: VmId, kind: str, first: int, second: int) -> None:
        """In the loop, from libvirt's thread."""
        if kind == "lifecycle" and first == libvirt.VIR_DOMAIN_EVENT_STOPPED:
            self._agents.forget(vm)
            if second in {libvirt.VIR_DOMAIN_EVENT_STOPPED_CRASHED, libvirt.VIR_DOMAIN_EVENT_STOPPED_FAILED}:
                self._endings[vm] = Ending.CRASH
        if kind == "reboot":
            self._background(self._rebooted(vm))
        if kind in {"agent", "reboot"}:
            self._agents.ask_soon()
        self._forget_seen(vm)
        if changed := self._changed.get(vm):
            changed.set()
        self._notify(vm)

    async def _tell_all(self) -> None:
        with contextlib.suppress(HypervisorError):
            for vm in await self.domains():
                self._notify(vm)

    async def _rebooted(self, vm: VmId) -> None:
        with contextlib.suppress(HypervisorError):
            await self._call(lambda connection: domains.set_started(connection, vm, time.time()))
            self._notify(vm)

    def _forget_seen(self, vm: VmId) -> None:
        for key in [key for key in self._seen if key[0] == vm]:
            del self._seen[key]

    def _background(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
