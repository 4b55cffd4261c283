"""Steps that concern a virtual network interface."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from common.idl.xen import (
    ChangedVif,
    DeviceId,
    Vif,
)
from xenopsd.steps import Job


@dataclass(frozen=True, slots=True)
class VifPlug:
    """Connect the interface to the running domain and to its bridge."""

    weight: ClassVar[float] = 1.0

    id: DeviceId

    async def perform(self, job: Job) -> None:
        store = job.world.store
        await job.world.backend.plug_vif(self.id.vm, store.vif(self.id))
        record = store.get(self.id.vm)
        record.active_vifs.add(self.id.device)
        store.save(record)
        job.world.changed(ChangedVif(id=self.id))


@dataclass(frozen=True, slots=True)
class VifUnplug:
    """Disconnect the interface. Safe to repeat."""

    weight: ClassVar[float] = 1.0

    id: DeviceId
    force: bool

    async def perform(self, job: Job) -> None:
        await job.world.backend.unplug_vif(self.id.vm, self.id.device, self.force)
        record = job.world.store.get(self.id.vm)
        record.active_vifs.discard(self.id.device)
        job.world.store.save(record)
        job.world.changed(ChangedVif(id=self.id))


@dataclass(frozen=True, slots=True)
class VifUpdate:
    """Remember the interface as `vif` says and, if `plugged`, make it so."""

    weight: ClassVar[float] = 1.0

    vif: Vif
    plugged: bool

    async def perform(self, job: Job) -> None:
        store, id_ = job.world.store, self.vif.id
        record = store.get(id_.vm)
        # The file first: hot-plug scripts read it.
        record.vifs[id_.device] = self.vif
        store.save(record)
        if self.plugged:
            await job.world.backend.update_vif(id_.vm, self.vif)
        job.world.changed(ChangedVif(id=id_))
