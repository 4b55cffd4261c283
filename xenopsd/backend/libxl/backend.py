"""Xen guests by libxl, as `xenopsd.backend.base.Backend` wants them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Any, Self

from common import unix
from common.config import under_root
from common.idl.storage import Attachment, BlockDevice, Implementation, NbdSocket, RawFile
from common.idl.xen import (
    BadPowerState,
    BootloaderBoot,
    BootloaderError,
    DeviceDetachRejected,
    DeviceNotConnected,
    DiskType,
    FailedToAcknowledgeShutdown,
    FailedToStartEmulator,
    FailedToSuspend,
    HostState,
    LockingMode,
    RemoteDisk,
    Unimplemented,
    Vbd,
    Vif,
    VmCounters,
    VmId,
)
from common.xen.libxc import DomainInfo, Libxc, Shutdown
from common.xen.xenstore import Transaction, Xenstore
from xenopsd.backend.base import Domain, Drive, Ending, Notify, Spec, device_name
from xenopsd.backend.libvirt import filter
from xenopsd.backend.libxl import configuration, guest, interfaces, machine, stats
from xenopsd.backend.libxl.balloon import Ballooning
from xenopsd.backend.libxl.blocks import Blocks
from xenopsd.backend.libxl.consoles import Consoles
from xenopsd.backend.libxl.migration import Moving
from xenopsd.backend.libxl.observe import Observer
from xenopsd.backend.libxl.places import Places
from xenopsd.config import Config
from xenopsd.migration.machine import beside
from xenopsd.xen.processes import SHORT, LibxlFailed, Processes

log = logging.getLogger(__name__)

CONSOLES = "/var/run/xapi-toolstack/console"
BUILD_DEADLINE = 600.0  # seconds; its own part is small, but hot-plug scripts and a guest's memory are not
SAVE_DEADLINE = 1200.0
ADD, REMOVE, DESTROY, INSERT = range(4)
SUSPEND_DEVICE = "suspend"
PREFERENCE = (BlockDevice, NbdSocket, RawFile)
STUB_SIZE = 64 << 10  # bytes of an empty disc: QEMU dies when a disc is put into a drive that never had one
TIMED_OUT, NO_DOMAIN, NOT_FOUND = (-8, -9), -21, -23


class Libxl(Ballooning, Moving):
    """Implements `xenopsd.backend.base.Backend`."""

    name = "libxl"
    minimum_run = 120.0

    def __init__(self, state: Path, consoles: Path) -> None:
        self._state = state / "libxl"
        self._stub = self._state / "empty.iso"
        self._blocks = Blocks(self._state / "blocks")
        self._places = Places(self._state / "places")
        self._consoles = Consoles(consoles)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._xc: Libxc
        self._store: Xenstore
        self._processes: Processes
        self._observer: Observer

    @classmethod
    def from_config(cls, config: Config) -> Self:
        """As the settings say."""
        made = cls(under_root(config.state), under_root(CONSOLES))
        made.minimum_run = config.minimum_run
        return made

    async def start(self, notify: Notify) -> None:
        self._state.mkdir(parents=True, exist_ok=True)
        (self._state / "locks").mkdir(exist_ok=True)
        Path(self._consoles.path("any", "rfb")).parent.mkdir(parents=True, exist_ok=True)
        self._stub.write_bytes(bytes(STUB_SIZE))
        self._xc, self._store, self._processes = Libxc(), Xenstore(), Processes()
        self._observer = Observer(self._xc, self._store, self._consoles, str(self._stub), notify)
        self._background(self._observer.follow())
        self._background(self._processes.prepare())

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._processes.close()
        self._consoles.keep(set())
        await self._store.close()
        self._xc.close()

    async def host(self) -> HostState:
        return machine.state(self._xc, self.name)

    async def dmesg(self) -> str:
        return self._xc.console()

    async def send_debug_keys(self, keys: str) -> None:
        self._xc.send_debug_keys(keys)

    def choose(self, attachment: Attachment) -> Implementation:
        for kind in PREFERENCE:
            for implementation in attachment.implementations:
                if isinstance(implementation, kind):
                    return implementation
        raise Unimplemented("a disk that is reached in none of the ways Xen knows")

    async def domains(self) -> Mapping[VmId, Domain]:
        return {VmId(info.handle): await self._observer.domain(info) for info in self._observer.present()}

    async def domain(self, vm: VmId) -> Domain | None:
        info = self._observer.find(vm)
        return None if info is None else await self._observer.domain(info)

    async def create(self, spec: Spec) -> None:
        await self._build(spec, "create")

    async def restore(self, spec: Spec, image: Implementation) -> None:
        path = await self._image(spec.vm.id, image, read_only=True)
        try:
            await self._build(spec, "restore", path=path)
        finally:
            await self._blocks.detach(spec.vm.id, SUSPEND_DEVICE)

    async def save(self, vm: VmId, image: Implementation) -> None:
        domid = self._alive(vm).domid
        path = await self._image(vm, image, read_only=False)
        try:
            await self._processes.long("suspend", SAVE_DEADLINE, domid=domid, path=path, uuid=vm, lock=self._lock(vm))
        except LibxlFailed as error:
            log.warning("VM %s: not saved: %s", vm, error)
            raise FailedToSuspend(vm, SAVE_DEADLINE) from error
        finally:
            await self._blocks.detach(vm, SUSPEND_DEVICE)
        await self.destroy(vm)

    async def destroy(self, vm: VmId) -> None:
        for info in self._observer.find_all(vm):
            await self._end(info)
        await self._blocks.detach_all(vm)
        self._places.forget(vm)
        await guest.forget(self._store, vm)

    async def unpause(self, vm: VmId) -> None:
        await self._processes.short("unpause", domid=self._alive(vm).domid)

    async def pause(self, vm: VmId) -> None:
        await self._processes.short("pause", domid=self._alive(vm).domid)

    async def request_shutdown(self, vm: VmId, ending: Ending, timeout: float) -> None:
        info = self._alive(vm)
        seen = await self._observer.seen(info)
        if seen.hvm and not self._xc.has_pv_drivers(info.domid):
            # A reboot is a power-off too: what follows is a new domain. ACPI acknowledges nothing.
            await self._processes.short("power_button", domid=info.domid)
            return
        word = "reboot" if ending is Ending.REBOOT else "poweroff"
        path = f"{guest.path(info.domid)}/control/shutdown"

        async def ask(inside: Transaction) -> None:
            await inside.rm(path)
            await inside.write(path, word)

        await self._store.transaction(ask)
        try:
            async with asyncio.timeout(timeout), self._store.watch(path) as changes:
                while await self._store.read(path) == word and not await self._observer.ended(vm, 0.0):
                    await changes.get()
        except TimeoutError as error:
            if not await self._observer.ended(vm, 0.0):
                raise FailedToAcknowledgeShutdown(vm) from error

    async def wait_ended(self, vm: VmId, timeout: float) -> bool:
        return await self._observer.ended(vm, timeout)

    async def set_vcpus(self, vm: VmId, vcpus: int) -> None:
        info = self._alive(vm)
        await self._processes.short("vcpus", domid=info.domid, count=vcpus, maximum=info.max_vcpu + 1)
        self._observer.spoil(info.domid)

    async def set_memory(self, vm: VmId, minimum: int, maximum: int) -> None:
        await self._set_range(self._alive(vm), minimum, maximum)

    async def set_xsdata(self, vm: VmId, xsdata: Mapping[str, str]) -> None:
        domid = self._alive(vm).domid
        await guest.set_xsdata(self._store, domid, xsdata)
        self._observer.spoil(domid)

    async def send_sysrq(self, vm: VmId, key: str) -> None:
        await self._store.write(f"{guest.path(self._alive(vm).domid)}/control/sysrq", key)

    async def freeze(self, vm: VmId) -> bool:
        return False

    async def thaw(self, vm: VmId) -> None:
        return None

    async def counters(self) -> list[VmCounters]:
        found = []
        for info in self._observer.present():
            if info.shutdown is None:
                seen = await self._observer.seen(info)
                found.append(stats.counters(info, seen, self._xc.vcpu_seconds(info)))
        return found

    async def plug_disk(self, vm: VmId, drive: Drive) -> None:
        info = self._alive(vm)
        hvm = (await self._observer.seen(info)).hvm
        description = await self._disk(vm, drive, hvm=hvm)
        if description is None:
            return
        try:
            await self._processes.short("disk", domid=info.domid, disk=description, action=ADD)
        except LibxlFailed:
            await self._blocks.detach(vm, drive.vbd.id.device)
            raise
        finally:
            self._observer.spoil(info.domid)

    async def unplug_disk(self, vm: VmId, device: str, force: bool) -> None:
        info = self._observer.find(vm)
        found = None if info is None else (await self._observer.seen(info)).disks.get(device)
        if info is not None and found is not None:
            kind = "qdisk" if "/backend/qdisk/" in found.backend else "phy"
            which: dict[str, Any] = {"vdev": device, "backend": kind, "backend_domid": found.server}
            which |= {"format": "raw", "pdev_path": found.medium}
            await self._remove(vm, info, "disk", which, device, force)
        await self._blocks.detach(vm, device)

    async def change_medium(self, vm: VmId, drive: Drive) -> None:
        info, device = self._alive(vm), drive.vbd.id.device
        seen = await self._observer.seen(info)
        if not seen.hvm:
            # Only emulated drives can be empty: for others a medium is a disk that comes and goes.
            await self.unplug_disk(vm, device, force=False)
            await self.plug_disk(vm, drive)
            return
        if device not in seen.disks:
            raise DeviceNotConnected(device_name(vm, device))
        description = await self._disk(vm, drive, hvm=True)
        try:
            await self._processes.short("disk", domid=info.domid, disk=description, action=INSERT)
        finally:
            self._observer.spoil(info.domid)
        if drive.source is None:
            await self._blocks.detach(vm, device)

    async def plug_vif(self, vm: VmId, vif: Vif) -> None:
        info = self._alive(vm)
        hvm = (await self._observer.seen(info)).hvm
        try:
            await self._processes.short("nic", domid=info.domid, nic=self._nic(vif, hvm=hvm), action=ADD)
        finally:
            self._observer.spoil(info.domid)
        await self._adjust(info, vif)

    async def unplug_vif(self, vm: VmId, device: str, force: bool) -> None:
        info = self._observer.find(vm)
        if info is None:
            return
        found = (await self._observer.seen(info)).interfaces.get(device)
        if found is not None:
            await self._remove(vm, info, "nic", {"devid": found.number, "backend_domid": found.server}, device, force)
            await filter.remove([found.name])

    async def update_vif(self, vm: VmId, vif: Vif) -> None:
        info = self._alive(vm)
        if vif.id.device not in (await self._observer.seen(info)).interfaces:
            raise DeviceNotConnected(device_name(vm, vif.id.device))
        await self._adjust(info, vif, always=True)
        self._observer.spoil(info.domid)

    async def _build(self, spec: Spec, call: str, **args: Any) -> None:
        vm = spec.vm
        await self.destroy(vm.id)  # what a predecessor that was killed left, and its devices
        hvm = configuration.is_hvm(vm)
        try:
            disks = [found for drive in spec.drives if (found := await self._disk(vm.id, drive, hvm=hvm))]
            domid = await self._make(spec, disks, call, **args)
            await self._introduce(spec, domid)
        except LibxlFailed as error:
            await self.destroy(vm.id)
            if isinstance(vm.boot, BootloaderBoot) and "bootloader" in error.message:
                raise BootloaderError(vm.id, error.message) from error
            raise FailedToStartEmulator(vm.id, "libxl", error.message) from error
        except BaseException:
            await self.destroy(vm.id)
            raise

    async def _make(
        self, spec: Spec, disks: list[dict[str, Any]], call: str, *, second: bool = False, **args: Any
    ) -> int:
        """Call libxl for the domain; its number."""
        vm = spec.vm
        name = beside(vm.id) if second else vm.id
        given = configuration.Given(
            memory=_memory(spec),
            rfb=unix.short(self._consoles.path(name, "rfb")),
            features=machine.shown(self._xc, vm.type),
        )
        hvm, model = configuration.is_hvm(vm), vm.platform.get("nic_type", "")
        nics = [self._nic(vif, hvm=hvm, model=model) for vif in spec.vifs]
        config = configuration.domain(vm, given, disks, nics)
        config["c_info"]["name"] = name
        domid: int = await self._processes.long(call, BUILD_DEADLINE, config=config, lock=self._lock(name), **args)
        return domid

    async def _introduce(self, spec: Spec, domid: int) -> None:
        await guest.introduce(self._store, spec.vm, domid, _memory(spec))
        info = self._xc.domain(domid)
        for vif in spec.vifs:
            if info is not None:
                await self._adjust(info, vif)

    async def _end(self, info: DomainInfo) -> None:
        """Destroy one domain; what it used of the host beside itself stays."""
        seen = await self._observer.seen(info)
        try:
            await self._processes.short("destroy", domid=info.domid)
        except LibxlFailed as error:
            left = self._xc.domain(info.domid)
            if error.rc != NO_DOMAIN and left is not None and not left.dying:
                raise
        await filter.remove([device.name for device in seen.interfaces.values()])

    async def _disk(self, vm: VmId, drive: Drive, *, hvm: bool) -> dict[str, Any] | None:
        """A drive for libxl with its block device; None for an empty one of a guest that can't have that."""
        vbd, cdrom = drive.vbd, hvm and drive.vbd.type is DiskType.CDROM
        if drive.source is None:
            return configuration.disk(vbd, str(self._stub), hvm=hvm) if cdrom else None
        if cdrom and isinstance(drive.source, RawFile):
            return configuration.disk(vbd, drive.source.path, hvm=hvm)
        read_only = vbd.read_only or vbd.type is DiskType.CDROM
        path = await self._blocks.attach(vm, vbd.id.device, drive.source, read_only=read_only)
        return configuration.disk(vbd, path, hvm=hvm, backend=self._server(vbd))

    def _nic(self, vif: Vif, *, hvm: bool, model: str = "") -> dict[str, Any]:
        if vif.backend:
            backend = self._alive(VmId(vif.backend)).domid
            return configuration.nic(vif, hvm=False, script=interfaces.BRIDGE_SCRIPT, backend=backend)
        return configuration.nic(vif, hvm=hvm, script=interfaces.script(vif.bridge), model=model)

    def _server(self, vbd: Vbd) -> int:
        """The domain whose kernel serves the drive."""
        return self._alive(vbd.disk.backend).domid if isinstance(vbd.disk, RemoteDisk) else 0

    async def _remove(
        self, vm: VmId, info: DomainInfo, call: str, which: dict[str, Any], device: str, force: bool
    ) -> None:
        kind = "VBD" if call == "disk" else "VIF"
        try:
            action = DESTROY if force else REMOVE
            arguments: dict[str, Any] = {"domid": info.domid, "action": action, call: which}
            await self._processes.short(call, SHORT, **arguments)
        except LibxlFailed as error:
            if error.rc in TIMED_OUT:
                raise DeviceDetachRejected(kind, device_name(vm, device), error.message) from error
            if error.rc != NOT_FOUND:
                raise
        finally:
            self._observer.spoil(info.domid)

    async def _adjust(self, info: DomainInfo, vif: Vif, *, always: bool = False) -> None:
        if not always and vif.carrier and vif.locking_mode is LockingMode.UNLOCKED:
            return
        device = (await self._observer.seen(info)).interfaces.get(vif.id.device)
        if device is not None:
            frontend = f"{guest.path(info.domid)}/device/vif/{device.number}"
            await interfaces.update(self._store, vif, device, frontend)

    async def _image(self, vm: VmId, image: Implementation, *, read_only: bool) -> str:
        if isinstance(image, NbdSocket):
            return await self._blocks.attach(vm, SUSPEND_DEVICE, image, read_only=read_only)
        return image.path

    def _alive(self, vm: VmId) -> DomainInfo:
        info = self._observer.find(vm)
        if info is None or info.shutdown not in {None, Shutdown.SUSPEND}:
            raise BadPowerState(vm, "Halted", "Running")
        return info

    def _lock(self, vm: str) -> str:
        """Held by the process that builds or saves the VM's domain, so that its successor waits for its end."""
        return str(self._state / "locks" / vm)

    def _background(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("in the background: %s", error, exc_info=error)


def _memory(spec: Spec) -> int:
    return spec.vm.memory_dynamic_max if spec.memory is None else spec.memory
