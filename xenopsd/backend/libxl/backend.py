"""Xen guests by libxl, as `xenopsd.backend.base.Backend` wants them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Any, Self

from msgspec.structs import replace

from common import unix
from common.config import under_root
from common.idl.storage import Attachment, BlockDevice, Implementation, NbdSocket, RawFile
from common.idl.xen import (
    BootloaderBoot,
    FirmwareState,
    HostState,
    VmCounters,
    VmId,
)
from common.idl.xen_errors import (
    BootloaderError,
    FailedToAcknowledgeShutdown,
    FailedToStartEmulator,
    FailedToSuspend,
    Unimplemented,
)
from common.xen.libxc import DomainInfo, Libxc
from common.xen.xenstore import Transaction, Xenstore
from xenopsd.backend.base import Domain, Ending, Notify, Spec
from xenopsd.backend.libvirt import filter
from xenopsd.backend.libxl import configuration, guest, machine, stats
from xenopsd.backend.libxl.balloon import Ballooning
from xenopsd.backend.libxl.blocks import Blocks
from xenopsd.backend.libxl.consoles import Consoles
from xenopsd.backend.libxl.devices import Devices
from xenopsd.backend.libxl.migration import Moving, until_free
from xenopsd.backend.libxl.observe import Observer
from xenopsd.backend.libxl.pci import Passthrough
from xenopsd.backend.libxl.places import Places
from xenopsd.config import Config
from xenopsd.migration.machine import beside
from xenopsd.xen.processes import LibxlFailed, Processes

log = logging.getLogger(__name__)

CONSOLES = "/var/run/xapi-toolstack/console"
BUILD_DEADLINE = 600.0  # seconds; its own part is small, but hot-plug scripts and a guest's memory are not
SAVE_DEADLINE = 1200.0
SUSPEND_DEVICE = "suspend"
PREFERENCE = (BlockDevice, NbdSocket, RawFile)
STUB_SIZE = 64 << 10  # bytes of an empty disc: QEMU dies when a disc is put into a drive that never had one
NO_DOMAIN = -21


class Libxl(Devices, Ballooning, Moving):
    """Implements `xenopsd.backend.base.Backend`."""

    name = "libxl"
    minimum_run = 120.0

    def __init__(self, state: Path, consoles: Path) -> None:
        self._state = state / "libxl"
        self._stub = self._state / "empty.iso"
        self._blocks = Blocks(self._state / "blocks")
        self._places = Places(self._state / "places")
        self._consoles = Consoles(consoles)
        self._passthrough = Passthrough(consoles.parent / "pci")
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

    async def firmware(self, vm: VmId) -> FirmwareState:
        """Empty: what firmware remembers ends with the domain."""
        return FirmwareState()

    async def set_firmware(self, vm: VmId, state: FirmwareState) -> None:
        return None

    async def create(self, spec: Spec) -> None:
        if spec.vm.tpm:
            raise Unimplemented("a TPM on Xen")
        await self._check_pci(spec)
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
        if self._passthrough.taken(vm):
            # A killed predecessor's process may still build, and undo, a domain: not before has it let go of them.
            await until_free(self._lock(vm))
        for info in self._observer.find_all(vm):
            await self._end(info)
        await self._passthrough.give_back(self._processes, vm)
        await self._blocks.detach_all(vm)
        self._places.forget(vm)
        await guest.forget(self._store, vm)

    async def unpause(self, vm: VmId) -> None:
        info = self._alive(vm)
        if info.paused:  # Xen refuses to do it twice
            await self._processes.short("unpause", domid=info.domid)

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

    async def _build(self, spec: Spec, call: str, **args: Any) -> None:
        vm = spec.vm
        await self.destroy(vm.id)  # what a predecessor that was killed left, and its devices
        hvm = configuration.is_hvm(vm)
        try:
            disks = [found for drive in spec.drives if (found := await self._disk(vm.id, drive, hvm=hvm))]
            await self._passthrough.claim(vm.id, vm.pci if call == "create" else [])
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
        # One that comes from elsewhere had no devices there, or it could not have been saved.
        vm = spec.vm if call == "create" else replace(spec.vm, pci=[])
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

    async def _check_pci(self, spec: Spec) -> None:
        used: dict[str, str] = {}
        for info in self._observer.present() if spec.vm.pci else []:
            used |= dict.fromkeys((await self._observer.seen(info)).pci, info.handle)
        self._passthrough.check(spec.vm, _memory(spec), iommu=self._xc.machine().iommu, used=used)

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

    async def _image(self, vm: VmId, image: Implementation, *, read_only: bool) -> str:
        if isinstance(image, NbdSocket):
            return await self._blocks.attach(vm, SUSPEND_DEVICE, image, read_only=read_only)
        return image.path

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
