"""xenopsd itself, on its simulator, inside the test's process; only the sockets between it and xapi are left out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from common.idl import storage
from common.workers import Workers
from xapi.context import Context
from xapi.control import operations
from xapi.control.errors import translate
from xapi.control.storage import create_vdi
from xapi.datamodel.enums import (
    DomainType,
    OnCrashBehaviour,
    OnNormalExit,
    OnSoftrebootBehavior,
    VBDMode,
    VBDType,
    VMPowerState,
)
from xapi.datamodel.refs import NetworkRef, SRRef, VDIRef, VMRef
from xapi.datamodel.types import NULL
from xapi.db.database import Database
from xapi.dispatch.binding import load
from xapi.services import Services, Xen
from xenopsd.backend.simulator import Simulator
from xenopsd.executor import Executor
from xenopsd.hooks import Hooks
from xenopsd.server.host import Host
from xenopsd.server.updates import FollowedTasks, Updates
from xenopsd.server.vbd import Vbd
from xenopsd.server.vif import Vif
from xenopsd.server.vm import Vm
from xenopsd.steps import World
from xenopsd.storage import Storage
from xenopsd.store import Store
from xenopsd.watch import Watch

MIB = 1 << 20
FUNCTIONS = load()


class Datapaths(storage.DP):
    """Datapaths that need nothing."""

    async def all(self, dbg: str) -> list[storage.DatapathState]:
        return []

    async def destroy(self, dbg: str, dp: storage.DpId) -> None:
        return

    async def damaged(self, dbg: str) -> list[storage.DamagedDisk]:
        return []


class Files:
    """The storage daemon's disks, all of which can be opened."""

    def __init__(self, vdi: storage.VDI) -> None:
        self._vdi = vdi

    def __getattr__(self, name: str) -> Any:
        return getattr(self._vdi, name)

    async def attach(self, dbg: str, dp: str, sr: str, vdi: str, read_only: bool) -> storage.Attachment:
        return storage.Attachment(implementations=[storage.RawFile(path="/dev/null")])


class Hypervisor:
    """One xenopsd with its simulator; `restart` is a kill of the daemon, the domains live on."""

    def __init__(self, root: Path, services: Services) -> None:
        self._root, self._services = root, services
        self._parts: list[Any] = []

    async def start(self) -> None:
        """Serve, knowing what is on disk and which domains there are."""
        state = self._root / "xenopsd"
        store = Store(state)
        updates, workers = Updates(store), Workers(8)
        tasks = FollowedTasks(updates)
        backend = Simulator(state, self._root / "consoles")
        vdi: Any = Files(self._services.storage.vdi)
        world = World(
            backend=backend,
            storage=Storage(vdi, Datapaths(), 1.0),
            store=store,
            hooks=Hooks(self._root / "hooks"),
            changed=updates.changed,
            acknowledge_timeout=1.0,
        )
        executor = Executor(world, tasks, workers)
        self._services.xen = Xen(
            vm=Vm(world, executor, updates),
            vbd=Vbd(world, executor, updates),
            vif=Vif(world, executor, updates),
            host=Host(backend, workers),
            task=tasks,
            updates=updates,
        )
        watching = await self._watch(store, executor, updates, backend)
        self._parts = [tasks, workers, backend, watching]

    async def _watch(
        self, store: Store, executor: Executor, updates: Updates, backend: Simulator
    ) -> asyncio.Task[None]:
        watch = Watch(store, executor, updates.changed, interval=30.0)
        await backend.start(watch.notify)
        return asyncio.get_running_loop().create_task(watch.run(asyncio.Event()))

    async def stop(self) -> None:
        """End the daemon's work at once."""
        if not self._parts:
            return
        tasks, workers, backend, watching = self._parts
        self._parts = []
        await tasks.close()
        await workers.close()
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        await backend.stop()

    async def restart(self) -> None:
        """As after kill -9."""
        await self.stop()
        await self.start()


class Api:
    """Calls messages as the dispatcher does: guard, function, errors of the XenAPI."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.db: Database = ctx.db
        ctx.shared.invoke = self._invoke
        ctx.shared.translate = translate

    async def _invoke(self, ctx: Context, message: str, params: Any) -> Any:
        guard = operations.GUARDED.get(message)
        function = FUNCTIONS[message]
        if guard is None:
            return await function(ctx, **params)
        cls = message.partition(".")[0]
        async with operations.hold(ctx, cls, params[guard.param], guard.op):
            return await function(ctx, **params)

    async def __call__(self, message: str, /, **params: Any) -> Any:
        return await self._invoke(self.ctx, message, params)

    async def vm(self, **fields: Any) -> VMRef:
        """A new VM of 256 MiB; on emulated hardware unless `fields` say otherwise."""
        return VMRef(await self("VM.create", record={**VM_RECORD, **fields}))

    async def disk(self, vm: VMRef, sr: SRRef, **fields: Any) -> VDIRef:
        """A disk of 1 MiB in the VM, at its first free position."""
        vdi = await create_vdi(self.ctx, sr, name_label="disk", virtual_size=MIB)
        await self("VBD.create", record={**VBD_RECORD, "VM": vm, "VDI": vdi, **fields})
        return vdi

    def network(self, bridge: str = "xenbr7") -> NetworkRef:
        """A network internal to the host."""
        return NetworkRef(self.db.network.create(name_label=bridge, bridge=bridge, MTU=1500, managed=False).ref)


VM_RECORD: dict[str, Any] = {
    "name_label": "web",
    "name_description": "",
    "power_state": VMPowerState.HALTED,
    "user_version": 1,
    "is_a_template": False,
    "suspend_VDI": NULL,
    "affinity": NULL,
    "memory_target": 0,
    "memory_static_max": 256 * MIB,
    "memory_dynamic_max": 256 * MIB,
    "memory_dynamic_min": 256 * MIB,
    "memory_static_min": 128 * MIB,
    "VCPUs_params": {},
    "VCPUs_max": 2,
    "VCPUs_at_startup": 1,
    "actions_after_softreboot": OnSoftrebootBehavior.SOFT_REBOOT,
    "actions_after_shutdown": OnNormalExit.DESTROY,
    "actions_after_reboot": OnNormalExit.RESTART,
    "actions_after_crash": OnCrashBehaviour.RESTART,
    "PV_bootloader": "",
    "PV_kernel": "",
    "PV_ramdisk": "",
    "PV_args": "",
    "PV_bootloader_args": "",
    "PV_legacy_args": "",
    "HVM_boot_policy": "BIOS order",
    "HVM_boot_params": {"order": "cd"},
    "HVM_shadow_multiplier": 1.0,
    "platform": {},
    "PCI_bus": "",
    "other_config": {},
    "recommendations": "",
    "generation_id": "",
    "domain_type": DomainType.UNSPECIFIED,
    "xenstore_data": {},
}
VBD_RECORD: dict[str, Any] = {
    "VDI": NULL,
    "device": "",
    "userdevice": "autodetect",
    "bootable": True,
    "mode": VBDMode.RW,
    "type": VBDType.DISK,
    "unpluggable": True,
    "empty": False,
    "other_config": {},
    "currently_attached": False,
    "qos_algorithm_type": "",
    "qos_algorithm_params": {},
}
VIF_RECORD: dict[str, Any] = {
    "device": "0",
    "MAC": "",
    "MTU": 1500,
    "other_config": {},
    "currently_attached": False,
    "qos_algorithm_type": "",
    "qos_algorithm_params": {},
}


async def until(true: Callable[[], Any], seconds: float = 5.0) -> None:
    """Wait for something that another task does."""
    for _ in range(int(seconds / 0.02)):
        if true():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("never happened")


@pytest.fixture
async def hypervisor(root: Path, services: Services) -> AsyncIterator[Hypervisor]:
    """xenopsd on its simulator, reached by `services.xen`."""
    found = Hypervisor(root, services)
    await found.start()
    yield found
    await found.stop()


@pytest.fixture
async def api(started: Context, hypervisor: Hypervisor) -> AsyncIterator[Api]:
    """A started host whose messages can be called."""
    yield Api(started)
    for job in list(started.shared.jobs):
        job.cancel()
    await asyncio.gather(*started.shared.jobs, return_exceptions=True)


@pytest.fixture
async def sr(api: Api) -> SRRef:
    """An SR attached to the host; the pool's default, so memory images go there too."""
    uuid = str(uuid4())
    row = api.db.sr.create(uuid=uuid, name_label="disks", type="file")
    config = {"location": "/"}
    await api.ctx.services.storage.sr.attach("test", storage.SrId(uuid), "file", config)
    api.db.pbd.create(host=api.ctx.host, SR=row.ref, device_config=config, currently_attached=True)
    for pool in api.db.pool.rows():
        api.db.pool.update(pool.ref, default_SR=row.ref)
    return SRRef(row.ref)
