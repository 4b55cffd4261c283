"""Drives and interfaces of running domains: how libxl is told of them, plugging and unplugging."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from common.idl.storage import RawFile
from common.idl.xen import (
    DiskType,
    LockingMode,
    RemoteDisk,
    Vbd,
    Vif,
    VmId,
)
from common.idl.xen_errors import (
    BadPowerState,
    DeviceDetachRejected,
    DeviceNotConnected,
)
from common.xen.libxc import DomainInfo, Shutdown
from common.xen.xenstore import Xenstore
from xenopsd.backend.base import Drive, device_name
from xenopsd.backend.libvirt import filter
from xenopsd.backend.libxl import configuration, guest, interfaces
from xenopsd.backend.libxl.blocks import Blocks
from xenopsd.backend.libxl.observe import Observer
from xenopsd.xen.processes import SHORT, LibxlFailed, Processes

ADD, REMOVE, DESTROY, INSERT = range(4)
TIMED_OUT, NOT_FOUND = (-8, -9), -23


class Devices:
    """Implements what `xenopsd.backend.base.Backend` wants of devices."""

    _store: Xenstore
    _processes: Processes
    _observer: Observer
    _blocks: Blocks
    _stub: Path
    """The disc that stands for none."""

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
        try:
            # The device model of a running guest gets no emulated card: this one is for the guest's own driver only.
            await self._processes.short("nic", domid=info.domid, nic=self._nic(vif, hvm=False), action=ADD)
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

    def _alive(self, vm: VmId) -> DomainInfo:
        info = self._observer.find(vm)
        if info is None or info.shutdown not in {None, Shutdown.SUSPEND}:
            raise BadPowerState(vm, "Halted", "Running")
        return info
