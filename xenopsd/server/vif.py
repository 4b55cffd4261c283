"""Network interfaces of VMs."""

from __future__ import annotations

from typing import Any

import msgspec

from common.idl import xen
from common.idl.task import TaskId
from common.idl.xen import (
    DeviceId,
    DeviceState,
    LockingMode,
    PowerState,
    VmId,
)
from common.idl.xen_errors import (
    BadPowerState,
    DeviceIsConnected,
)
from xenopsd import plans
from xenopsd.backend.base import Domain, device_name
from xenopsd.executor import Executor, Prepare
from xenopsd.server.updates import Updates
from xenopsd.settle import power_state
from xenopsd.steps import Step, World, serial
from xenopsd.store import Record


class Vif(xen.VIF):
    """Implements `common.idl.xen.VIF`."""

    def __init__(self, world: World, executor: Executor, updates: Updates) -> None:
        self._world, self._executor, self._updates = world, executor, updates

    async def add(self, dbg: str, vif: xen.Vif) -> None:
        record = self._world.store.get(vif.id.vm)
        record.vifs[vif.id.device] = vif
        self._world.store.save(record)
        self._updates.changed(xen.ChangedVif(id=vif.id))

    async def remove(self, dbg: str, id: DeviceId) -> None:
        record = self._world.store.get(id.vm)
        if _plugged(await self._world.backend.domain(id.vm), id):
            raise DeviceIsConnected(device_name(id.vm, id.device))
        if record.vifs.pop(id.device, None) is not None:
            record.active_vifs.discard(id.device)
            self._world.store.save(record)
        self._updates.forget(xen.ChangedVif(id=id))

    async def stat(self, dbg: str, id: DeviceId) -> DeviceState:
        self._world.store.vif(id)
        record, domain = self._world.store.get(id.vm), await self._world.backend.domain(id.vm)
        name = domain.interfaces.get(id.device) if domain is not None else None
        return DeviceState(active=id.device in record.active_vifs, plugged=name is not None, device=name or "")

    async def all(self, dbg: str, vm: VmId) -> list[xen.Vif]:
        return list(self._world.store.get(vm).vifs.values())

    async def plug(self, dbg: str, id: DeviceId) -> TaskId:
        def prepare(record: Record, domain: Domain | None) -> Step:
            vif = self._world.store.vif(id)
            actual = power_state(record, domain)
            if actual not in {PowerState.RUNNING, PowerState.PAUSED}:
                raise BadPowerState(id.vm, actual, PowerState.RUNNING)
            if _plugged(domain, id):
                raise DeviceIsConnected(device_name(id.vm, id.device))
            return plans.plug_vif(vif)

        return self._submit(dbg, id, prepare)

    async def unplug(self, dbg: str, id: DeviceId, force: bool = False) -> TaskId:
        def prepare(record: Record, domain: Domain | None) -> Step:
            return serial() if domain is None else plans.unplug_vif(id, force=force)

        return self._submit(dbg, id, prepare)

    async def move(self, dbg: str, id: DeviceId, bridge: str) -> TaskId:
        return self._change(dbg, id, bridge=bridge)

    async def set_carrier(self, dbg: str, id: DeviceId, carrier: bool) -> TaskId:
        return self._change(dbg, id, carrier=carrier)

    async def set_locking_mode(
        self, dbg: str, id: DeviceId, mode: LockingMode, ipv4: list[str], ipv6: list[str]
    ) -> TaskId:
        return self._change(dbg, id, locking_mode=mode, ipv4_allowed=ipv4, ipv6_allowed=ipv6)

    def _change(self, dbg: str, id_: DeviceId, **fields: Any) -> TaskId:
        def prepare(record: Record, domain: Domain | None) -> Step:
            vif = msgspec.structs.replace(self._world.store.vif(id_), **fields)
            return plans.update_vif(vif, plugged=_plugged(domain, id_))

        return self._submit(dbg, id_, prepare)

    def _submit(self, dbg: str, id_: DeviceId, prepare: Prepare) -> TaskId:
        self._world.store.vif(id_)
        return self._executor.submit(dbg, id_.vm, prepare)


def _plugged(domain: Domain | None, id_: DeviceId) -> bool:
    return domain is not None and id_.device in domain.interfaces
