"""A hypervisor without guests, for tests and for pools of thousands: domains in memory, each mirrored in a small file.

How a guest behaves is asked for by keys below `vm-data/` (`Vm.xsdata`) or platform flags of these names:
`simulator/shutdown` = `ignore` (acknowledges, stays), `refuse` (does not acknowledge), or seconds it takes;
`simulator/do` = `poweroff`, `reboot` or `crash`, `simulator/after` seconds (0) after it was unpaused or told;
`simulator/unplug` = `refuse`; `simulator/create`, `simulator/suspend` = `fail`;
`simulator/migrate` = `fail`, `refuse` (at the destination), or seconds it takes.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from common.files import write_atomically
from common.idl.storage import Attachment, Implementation
from common.idl.xen import (
    Console,
    ConsoleProtocol,
    CpuInfo,
    FirmwareState,
    HostState,
    Vif,
    VmCounters,
    VmId,
)
from common.idl.xen_errors import (
    BadPowerState,
    DeviceDetachRejected,
    FailedToAcknowledgeShutdown,
    FailedToStartEmulator,
    FailedToSuspend,
    NotEnoughMemory,
)
from xenopsd.backend.base import Domain, Drive, Ending, Notify, Spec, Status, device_name
from xenopsd.backend.simulated_console import Consoles
from xenopsd.backend.simulated_guest import Guest
from xenopsd.backend.simulated_load import counters
from xenopsd.backend.simulated_migration import Moving
from xenopsd.migration.machine import beside, is_beside

MEMORY = 1 << 40  # bytes: room for any test
CPUS = 16
FIRST_DOMID = 1


class Simulator(Moving):
    """Implements `xenopsd.backend.base.Backend`."""

    name = "simulator"
    minimum_run = 0.0

    def __init__(self, state: Path, consoles: Path) -> None:
        self._directory = state / "simulator"
        self._guests: dict[VmId, Guest] = {}
        self._endings: dict[VmId, asyncio.Event] = {}
        self._timers: dict[VmId, asyncio.TimerHandle] = {}
        self._notify: Callable[[VmId], None] = lambda _vm: None
        self._consoles = Consoles(consoles)
        self._last_domid = FIRST_DOMID - 1
        self._supplied: dict[VmId, list[Drive]] = {}

    async def start(self, notify: Notify) -> None:
        self._notify = notify
        self._directory.mkdir(parents=True, exist_ok=True)
        for path in self._directory.glob("*.json"):
            with contextlib.suppress(msgspec.DecodeError):
                guest = msgspec.json.decode(path.read_bytes(), type=Guest)
                if is_beside(guest.vm.id):
                    path.unlink()
                    continue
                self._guests[guest.vm.id] = guest
                self._last_domid = max(self._last_domid, guest.domid)
                self._schedule(guest)
        await self._consoles.start()

    async def stop(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        await self._consoles.stop()

    async def host(self) -> HostState:
        cpu = CpuInfo(
            cpu_count=CPUS, socket_count=2, threads_per_core=1, vendor="Simulated", speed=2000.0, model_name="Simulated"
        )
        return HostState(
            backend=self.name,
            hypervisor="simulator 1",
            capabilities=["hvm", "pv", "pvh"],
            cpu=cpu,
            memory_total=MEMORY,
            memory_free=self._free(),
            iommu=True,
        )

    async def dmesg(self) -> str:
        return ""

    async def send_debug_keys(self, keys: str) -> None:
        return None

    def choose(self, attachment: Attachment) -> Implementation:
        return attachment.implementations[0]

    async def domains(self) -> Mapping[VmId, Domain]:
        return {vm: self._domain(guest) for vm, guest in self._guests.items()}

    async def domain(self, vm: VmId) -> Domain | None:
        guest = self._guests.get(vm)
        return None if guest is None else self._domain(guest)

    async def firmware(self, vm: VmId) -> FirmwareState:
        """Empty: these guests have no firmware."""
        return FirmwareState()

    async def set_firmware(self, vm: VmId, state: FirmwareState) -> None:
        return None

    async def create(self, spec: Spec) -> None:
        vm = spec.vm
        if vm.memory_dynamic_max > self._free():
            raise NotEnoughMemory(vm.memory_dynamic_max, self._free())
        self._last_domid += 1
        guest = Guest(
            vm=vm,
            domid=self._last_domid,
            started=time.time(),
            memory=vm.memory_dynamic_max,
            vcpus=vm.vcpus,
            drives={drive.vbd.id.device: drive for drive in spec.drives},
            vifs={vif.id.device: vif for vif in spec.vifs},
        )
        if guest.asked("create") == "fail":
            raise FailedToStartEmulator(vm.id, "simulator", "asked to fail")
        self._guests[vm.id] = guest
        self._save(guest)

    async def restore(self, spec: Spec, image: Implementation) -> None:
        await self.create(spec)

    async def save(self, vm: VmId, image: Implementation) -> None:
        if self._alive(vm).asked("suspend") == "fail":
            raise FailedToSuspend(vm, 0.0)
        await self.destroy(vm)

    async def destroy(self, vm: VmId) -> None:
        for each in (vm, beside(vm)):
            if self._guests.pop(each, None) is not None:
                self._path(each).unlink(missing_ok=True)
                self._ended(each)

    async def unpause(self, vm: VmId) -> None:
        guest = self._alive(vm)
        guest.status = Status.RUNNING
        if guest.unpaused is None:
            guest.unpaused = time.time()
        self._save(guest)
        self._schedule(guest)

    async def pause(self, vm: VmId) -> None:
        guest = self._alive(vm)
        guest.ran, guest.unpaused, guest.status = guest.running_for(time.time()), None, Status.PAUSED
        self._save(guest)

    async def request_shutdown(self, vm: VmId, ending: Ending, timeout: float) -> None:
        wanted = self._alive(vm).asked("shutdown")
        if wanted == "refuse":
            await asyncio.sleep(timeout)
            raise FailedToAcknowledgeShutdown(vm)
        if wanted != "ignore":
            self._later(vm, ending, float(wanted or 0.0))

    async def wait_ended(self, vm: VmId, timeout: float) -> bool:
        guest = self._guests.get(vm)
        if guest is None or guest.status is Status.ENDED:
            return True
        event = self._endings.setdefault(vm, asyncio.Event())
        try:
            await asyncio.wait_for(event.wait(), timeout)
        except TimeoutError:
            return False
        return True

    async def set_vcpus(self, vm: VmId, vcpus: int) -> None:
        guest = self._alive(vm)
        guest.vcpus = vcpus
        self._save(guest)

    async def set_memory(self, vm: VmId, minimum: int, maximum: int) -> None:
        guest = self._alive(vm)
        guest.memory = maximum
        self._save(guest)

    async def set_xsdata(self, vm: VmId, xsdata: Mapping[str, str]) -> None:
        guest = self._alive(vm)
        guest.vm = msgspec.structs.replace(guest.vm, xsdata=dict(xsdata))
        self._save(guest)
        self._schedule(guest)

    async def send_sysrq(self, vm: VmId, key: str) -> None:
        if key == "c":
            self._end(vm, Ending.CRASH)

    async def freeze(self, vm: VmId) -> bool:
        self._alive(vm).frozen = True
        return True

    async def thaw(self, vm: VmId) -> None:
        if vm in self._guests:
            self._guests[vm].frozen = False

    async def counters(self) -> list[VmCounters]:
        now = time.time()
        return [
            counters(
                guest.vm.id,
                guest.domid,
                seconds=guest.running_for(now),
                vcpus=guest.vcpus,
                memory=guest.memory,
                disks=list(guest.drives),
                interfaces=list(guest.vifs),
            )
            for guest in self._guests.values()
            if guest.status is not Status.ENDED
        ]

    async def plug_disk(self, vm: VmId, drive: Drive) -> None:
        guest = self._alive(vm)
        guest.drives[drive.vbd.id.device] = drive
        self._save(guest)

    async def unplug_disk(self, vm: VmId, device: str, force: bool) -> None:
        guest = self._guests.get(vm)
        if guest is None or device not in guest.drives:
            return
        if guest.asked("unplug") == "refuse" and not force:
            raise DeviceDetachRejected("VBD", device_name(vm, device), "the guest refuses")
        del guest.drives[device]
        self._save(guest)

    async def change_medium(self, vm: VmId, drive: Drive) -> None:
        await self.plug_disk(vm, drive)

    async def plug_vif(self, vm: VmId, vif: Vif) -> None:
        guest = self._alive(vm)
        guest.vifs[vif.id.device] = vif
        self._save(guest)

    async def unplug_vif(self, vm: VmId, device: str, force: bool) -> None:
        guest = self._guests.get(vm)
        if guest is None or device not in guest.vifs:
            return
        if guest.asked("unplug") == "refuse" and not force:
            raise DeviceDetachRejected("VIF", device_name(vm, device), "the guest refuses")
        del guest.vifs[device]
        self._save(guest)

    async def update_vif(self, vm: VmId, vif: Vif) -> None:
        await self.plug_vif(vm, vif)

    def _alive(self, vm: VmId) -> Guest:
        guest = self._guests.get(vm)
        if guest is None or guest.status is Status.ENDED:
            raise BadPowerState(vm, "Halted", "Running")
        return guest

    def _free(self) -> int:
        return MEMORY - sum(guest.memory for guest in self._guests.values())

    def _domain(self, guest: Guest) -> Domain:
        return Domain(
            domid=guest.domid,
            status=guest.status,
            ending=guest.ending,
            started=guest.started,
            consoles=[
                Console(protocol=ConsoleProtocol.RFB, path=self._consoles.rfb),
                Console(protocol=ConsoleProtocol.VT100, path=self._consoles.vt100),
            ],
            memory_actual=guest.memory,
            memory_target=guest.memory,
            memory_limit=guest.vm.memory_static_max,
            vcpus=guest.vcpus,
            disks={device: drive.source is not None for device, drive in guest.drives.items()},
            interfaces={device: f"vif{guest.domid}.{device}" for device in guest.vifs},
            pci=list(guest.vm.pci),
            guest_agent={"control/feature-shutdown": "1", "control/feature-suspend": "1"},
            pv_drivers_detected=guest.running_for(time.time()) > 0.0,
        )

    def _schedule(self, guest: Guest) -> None:
        if guest.status is Status.RUNNING and (wanted := guest.asked("do")):
            self._later(guest.vm.id, Ending(wanted), float(guest.asked("after") or 0.0))

    def _later(self, vm: VmId, ending: Ending, seconds: float) -> None:
        if earlier := self._timers.pop(vm, None):
            earlier.cancel()
        if seconds:
            self._timers[vm] = asyncio.get_running_loop().call_later(seconds, self._end, vm, ending)
        else:
            self._end(vm, ending)

    def _end(self, vm: VmId, ending: Ending) -> None:
        guest = self._guests.get(vm)
        if guest is None or guest.status is Status.ENDED:
            return
        guest.status, guest.ending = Status.ENDED, ending
        self._save(guest)
        self._ended(vm)
        self._notify(vm)

    def _ended(self, vm: VmId) -> None:
        if timer := self._timers.pop(vm, None):
            timer.cancel()
        if event := self._endings.pop(vm, None):
            event.set()

    def _save(self, guest: Guest) -> None:
        write_atomically(self._path(guest.vm.id), msgspec.json.encode(guest), sync=False)

    def _path(self, vm: VmId) -> Path:
        return self._directory / f"{vm}.json"
