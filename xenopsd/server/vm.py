"""Domain life cycle: checks at the border, then the VM's queue."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from msgspec.structs import replace

from common.idl import xen
from common.idl.task import TaskId
from common.idl.xen import (
    Destination,
    Disk,
    FirmwareState,
    PowerState,
    VdiDisk,
    VmCounters,
    VmId,
    VmState,
    VmStatus,
)
from common.idl.xen_errors import (
    BadPowerState,
    HasPciAttached,
    InvalidVcpus,
)
from xenopsd import plans
from xenopsd.atomics.vm import VmPause, VmSetMemory, VmSetVcpus, VmSetXsdata, VmUnpause
from xenopsd.backend.base import Domain
from xenopsd.executor import Executor
from xenopsd.migration.departure import Departure
from xenopsd.migration.machine import check
from xenopsd.server.updates import Updates
from xenopsd.settle import power_state
from xenopsd.steps import Step, World
from xenopsd.store import Phase, Record

ALIVE = (PowerState.RUNNING, PowerState.PAUSED)


class Vm(xen.VM):
    """Implements `common.idl.xen.VM`."""

    def __init__(self, world: World, executor: Executor, updates: Updates) -> None:
        self._world, self._executor, self._updates = world, executor, updates

    async def add(self, dbg: str, vm: xen.Vm) -> None:
        known = vm.id in self._world.store
        self._world.store.add(vm)
        self._updates.changed(xen.ChangedVm(id=vm.id))
        if not known:
            # It may have a domain that another toolstack made: then it runs, and is ours from now on.
            self._executor.check(vm.id)

    async def remove(self, dbg: str, id: VmId) -> None:
        async def job() -> None:
            record, domain = self._world.store.get(id), await self._world.backend.domain(id)
            _expect(record, domain, PowerState.HALTED, PowerState.SUSPENDED)
            await self._world.backend.set_firmware(id, FirmwareState())
            self._world.store.forget(id)
            self._updates.gone(record)

        await self._executor.run(id, job)

    async def stat(self, dbg: str, id: VmId) -> VmStatus:
        record = self._world.store.get(id)
        return self._status(record, await self._world.backend.domain(id))

    async def all(self, dbg: str) -> list[VmStatus]:
        domains = await self._world.backend.domains()
        return [self._status(record, domains.get(record.vm.id)) for record in self._world.store]

    async def start(self, dbg: str, id: VmId, force: bool = False) -> TaskId:
        def prepare(record: Record, domain: Domain | None) -> Step:
            _expect(record, domain, PowerState.HALTED)
            return plans.power_on(id, record.vbds.values())

        return self._executor.submit(dbg, id, prepare)

    async def unpause(self, dbg: str, id: VmId) -> TaskId:
        def step(record: Record) -> Step:
            if record.phase is Phase.LEAVING:
                return plans.stay(id, record.open)
            return VmUnpause(id)

        return self._alive(dbg, id, step)

    async def pause(self, dbg: str, id: VmId) -> TaskId:
        return self._alive(dbg, id, lambda _record: VmPause(id))

    async def shutdown(self, dbg: str, id: VmId, timeout: float | None = None) -> TaskId:
        def prepare(record: Record, domain: Domain | None) -> Step:
            if timeout is not None:
                _expect(record, domain, PowerState.RUNNING)
            return plans.poweroff(id, record.open, timeout)

        return self._executor.submit(dbg, id, prepare)

    async def reboot(self, dbg: str, id: VmId, timeout: float | None = None) -> TaskId:
        def prepare(record: Record, domain: Domain | None) -> Step:
            _expect(record, domain, *ALIVE)
            return plans.reboot(id, record.vbds.values(), record.open, timeout)

        return self._executor.submit(dbg, id, prepare, reboot=True)

    async def suspend(self, dbg: str, id: VmId, disk: Disk) -> TaskId:
        def prepare(record: Record, domain: Domain | None) -> Step:
            _expect(record, domain, *ALIVE)
            if domain is not None and domain.pci:
                raise HasPciAttached(id)
            return plans.suspend(id, record.open, disk)

        return self._executor.submit(dbg, id, prepare)

    async def resume(self, dbg: str, id: VmId, disk: Disk) -> TaskId:
        def prepare(record: Record, domain: Domain | None) -> Step:
            _expect(record, domain, PowerState.SUSPENDED, PowerState.HALTED)
            return plans.resume(id, record.vbds.values(), disk)

        return self._executor.submit(dbg, id, prepare)

    async def assert_can_migrate(self, dbg: str, id: VmId) -> None:
        await self._now(id)
        await check(self._world.backend, self._world.store.get(id))

    async def migrate(
        self,
        dbg: str,
        id: VmId,
        destination: Destination | None,
        disks: dict[str, Disk],
        bridges: dict[str, str],
        compress: bool = False,
    ) -> TaskId:
        await self.assert_can_migrate(dbg, id)

        def prepare(record: Record, domain: Domain | None) -> Step:
            _expect(record, domain, PowerState.RUNNING)
            if destination is None:
                return plans.migrate_here(id)
            vbds = [replace(vbd, disk=disks.get(device, vbd.disk)) for device, vbd in record.vbds.items()]
            vifs = [replace(vif, bridge=bridges.get(device, vif.bridge)) for device, vif in record.vifs.items()]
            departure = Departure(id, destination, self._world.connect, compress=compress)
            return plans.migrate(id, vbds, vifs, record.open, departure)

        return self._executor.submit(dbg, id, prepare)

    async def set_vcpus(self, dbg: str, id: VmId, vcpus: int) -> TaskId:
        def step(record: Record) -> Step:
            if not 0 < vcpus <= record.vm.vcpus_max:
                raise InvalidVcpus(record.vm.vcpus_max)
            return VmSetVcpus(id, vcpus)

        return self._alive(dbg, id, step)

    async def set_memory_dynamic_range(self, dbg: str, id: VmId, minimum: int, maximum: int) -> TaskId:
        return self._alive(dbg, id, lambda _record: VmSetMemory(id, minimum, maximum))

    async def set_xsdata(self, dbg: str, id: VmId, xsdata: dict[str, str]) -> TaskId:
        return self._alive(dbg, id, lambda _record: VmSetXsdata(id, tuple(sorted(xsdata.items()))))

    async def send_sysrq(self, dbg: str, id: VmId, key: str) -> None:
        await self._now(id)
        await self._world.backend.send_sysrq(id, key)

    async def freeze(self, dbg: str, id: VmId) -> bool:
        await self._now(id)
        return await self._world.backend.freeze(id)

    async def thaw(self, dbg: str, id: VmId) -> None:
        self._world.store.get(id)
        await self._world.backend.thaw(id)

    async def firmware(self, dbg: str, id: VmId) -> FirmwareState:
        self._world.store.get(id)
        return await self._world.backend.firmware(id)

    async def counters(self, dbg: str) -> list[VmCounters]:
        known = {record.vm.id: record for record in self._world.store}
        return [_described(counters, known.get(counters.id)) for counters in await self._world.backend.counters()]

    def _alive(self, dbg: str, id_: VmId, step: Callable[[Record], Step]) -> TaskId:
        def prepare(record: Record, domain: Domain | None) -> Step:
            _expect(record, domain, *ALIVE)
            return step(record)

        return self._executor.submit(dbg, id_, prepare)

    async def _now(self, id_: VmId) -> None:
        _expect(self._world.store.get(id_), await self._world.backend.domain(id_), PowerState.RUNNING)

    def _status(self, record: Record, domain: Domain | None) -> VmStatus:
        vm = record.vm
        power = PowerState.RUNNING if vm.id in self._executor.rebooting else power_state(record, domain)
        if domain is None:
            return VmStatus(
                vm=vm,
                state=VmState(
                    power_state=power,
                    last_start_time=record.last_start_time,
                    last_crash_time=record.last_crash_time,
                    rtc_timeoffset=vm.timeoffset,
                    type=vm.type,
                    nomigrate=vm.nomigrate,
                    nested_virt=vm.nested_virt,
                ),
            )
        return VmStatus(
            vm=vm,
            state=VmState(
                power_state=power,
                domids=[domain.domid],
                consoles=domain.consoles,
                memory_target=domain.memory_target,
                memory_actual=domain.memory_actual,
                memory_limit=domain.memory_limit,
                vcpu_target=domain.vcpus,
                rtc_timeoffset=vm.timeoffset,
                guest_agent=domain.guest_agent,
                pv_drivers_detected=domain.pv_drivers_detected,
                last_start_time=max(domain.started, record.last_start_time),
                last_crash_time=record.last_crash_time,
                type=vm.type,
                nomigrate=vm.nomigrate,
                nested_virt=vm.nested_virt,
                uncooperative=domain.uncooperative,
                xsdata=domain.xsdata,
                numa_nodes=domain.numa_nodes,
                pci=domain.pci,
            ),
        )


def _described(counters: VmCounters, record: Record | None) -> VmCounters:
    """The counters, each disk with the SR that holds it, and the range of the VM's memory."""
    if record is None:
        return counters
    srs = {device: vbd.disk.sr for device, vbd in record.vbds.items() if isinstance(vbd.disk, VdiDisk)}
    disks = [msgspec.structs.replace(disk, sr=srs.get(disk.device, "")) for disk in counters.disks]
    vm = record.vm
    return msgspec.structs.replace(
        counters, disks=disks, memory_dynamic_min=vm.memory_dynamic_min, memory_dynamic_max=vm.memory_dynamic_max
    )


def _expect(record: Record, domain: Domain | None, *states: PowerState) -> None:
    actual = power_state(record, domain)
    if actual not in states:
        raise BadPowerState(record.vm.id, actual, states[0])
