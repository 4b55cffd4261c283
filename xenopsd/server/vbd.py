"""Disks of VMs."""

from __future__ import annotations

from common.idl import xen
from common.idl.task import TaskId
from common.idl.xen import (
    DeviceId,
    DeviceState,
    Disk,
    DiskType,
    PowerState,
    VmId,
)
from common.idl.xen_errors import (
    BadPowerState,
    DeviceIsConnected,
    MediaNotEjectable,
    MediaNotPresent,
    MediaPresent,
)
from xenopsd import plans
from xenopsd.backend.base import Domain, device_name
from xenopsd.executor import Executor, Prepare
from xenopsd.server.updates import Updates
from xenopsd.settle import power_state
from xenopsd.steps import Step, World, serial
from xenopsd.store import Record


class Vbd(xen.VBD):
    """Implements `common.idl.xen.VBD`."""

    def __init__(self, world: World, executor: Executor, updates: Updates) -> None:
        self._world, self._executor, self._updates = world, executor, updates

    async def add(self, dbg: str, vbd: xen.Vbd) -> None:
        record = self._world.store.get(vbd.id.vm)
        record.vbds[vbd.id.device] = vbd
        self._world.store.save(record)
        self._updates.changed(xen.ChangedVbd(id=vbd.id))

    async def remove(self, dbg: str, id: DeviceId) -> None:
        record = self._world.store.get(id.vm)
        domain = await self._world.backend.domain(id.vm)
        if domain is not None and id.device in domain.disks:
            raise DeviceIsConnected(device_name(id.vm, id.device))
        if record.vbds.pop(id.device, None) is not None:
            record.active_vbds.discard(id.device)
            self._world.store.save(record)
        self._updates.forget(xen.ChangedVbd(id=id))

    async def stat(self, dbg: str, id: DeviceId) -> DeviceState:
        self._world.store.vbd(id)
        record, domain = self._world.store.get(id.vm), await self._world.backend.domain(id.vm)
        plugged = domain is not None and id.device in domain.disks
        return DeviceState(active=id.device in record.active_vbds, plugged=plugged, device=id.device if plugged else "")

    async def all(self, dbg: str, vm: VmId) -> list[xen.Vbd]:
        return list(self._world.store.get(vm).vbds.values())

    async def plug(self, dbg: str, id: DeviceId) -> TaskId:
        def prepare(record: Record, domain: Domain | None) -> Step:
            vbd = self._world.store.vbd(id)
            _alive(record, domain)
            if _plugged(domain, id):
                raise DeviceIsConnected(device_name(id.vm, id.device))
            return plans.plug_vbd(vbd)

        return self._submit(dbg, id, prepare)

    async def unplug(self, dbg: str, id: DeviceId, force: bool = False) -> TaskId:
        def prepare(record: Record, domain: Domain | None) -> Step:
            if domain is None:
                return serial()
            return plans.unplug_vbd(id, force=force)

        return self._submit(dbg, id, prepare)

    async def insert(self, dbg: str, id: DeviceId, disk: Disk) -> TaskId:
        def prepare(record: Record, domain: Domain | None) -> Step:
            vbd = self._removable(id)
            if vbd.disk is not None and vbd.disk != disk:
                raise MediaPresent(device_name(id.vm, id.device))
            return plans.insert(vbd, disk, plugged=_plugged(domain, id))

        return self._submit(dbg, id, prepare)

    async def eject(self, dbg: str, id: DeviceId) -> TaskId:
        def prepare(record: Record, domain: Domain | None) -> Step:
            vbd = self._removable(id)
            if vbd.disk is None:
                raise MediaNotPresent(device_name(id.vm, id.device))
            return plans.eject(vbd, plugged=_plugged(domain, id))

        return self._submit(dbg, id, prepare)

    def _submit(self, dbg: str, id_: DeviceId, prepare: Prepare) -> TaskId:
        self._world.store.vbd(id_)
        return self._executor.submit(dbg, id_.vm, prepare)

    def _removable(self, id_: DeviceId) -> xen.Vbd:
        vbd = self._world.store.vbd(id_)
        if vbd.type is DiskType.DISK:
            raise MediaNotEjectable(device_name(id_.vm, id_.device))
        return vbd


def _alive(record: Record, domain: Domain | None) -> None:
    actual = power_state(record, domain)
    if actual not in {PowerState.RUNNING, PowerState.PAUSED}:
        raise BadPowerState(record.vm.id, actual, PowerState.RUNNING)


def _plugged(domain: Domain | None, id_: DeviceId) -> bool:
    return domain is not None and id_.device in domain.disks
