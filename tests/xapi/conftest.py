"""A database in memory, a storage daemon in memory, and a context that has both, for tests of what stands on them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from common.idl.network import NETWORK, Bridge, BridgeDoesNotExist, InterfaceDoesNotExist, InterfaceState, Kind
from common.idl.storage import (
    SR,
    VDI,
    Attachment,
    BackendError,
    DpId,
    Driver,
    ProbeResult,
    ScanResult,
    SrId,
    SrInfo,
    SrNotAttached,
    SrNotEmpty,
    VdiDoesNotExist,
    VdiId,
    VdiInfo,
)
from common.idl.task import TASK, State, Task, TaskId
from xapi.context import Context
from xapi.db.database import Database
from xapi.services import Services, Storage, away

FEATURES = ("CREATE", "DELETE", "SNAPSHOT", "CLONE", "RESIZE", "UPDATE", "INTRODUCE")
SIZE = 1 << 40


class Disks:
    """What is on the SRs of this storage daemon: it outlives attach and detach."""

    def __init__(self) -> None:
        self.attached: set[str] = set()
        self.made: dict[str, dict[str, VdiInfo]] = {}
        self.calls: list[str] = []
        self.fail: dict[str, Exception] = {}

    def note(self, call: str) -> None:
        self.calls.append(call)
        if call in self.fail:
            raise self.fail[call]

    def of(self, sr: str) -> dict[str, VdiInfo]:
        if sr not in self.attached:
            raise SrNotAttached(sr)
        return self.made[sr]

    def find(self, sr: str, vdi: str) -> VdiInfo:
        found = self.of(sr).get(vdi)
        if found is None:
            raise VdiDoesNotExist(sr, vdi)
        return found

    def add(self, sr: str, **fields: Any) -> VdiInfo:
        uuid = str(uuid4())
        disk = VdiInfo(**{"vdi": VdiId(uuid), "uuid": uuid, "sr": SrId(sr)} | fields)
        self.of(sr)[disk.vdi] = disk
        return disk


class Repositories(SR):
    """SRs of type `file`, in memory."""

    def __init__(self, disks: Disks) -> None:
        self.disks = disks

    async def drivers(self, dbg: str) -> list[Driver]:
        features = {f"VDI_{name}": 1 for name in FEATURES} | {"SR_UPDATE": 1}
        return [
            Driver(type="file", name="File", description="Files", features=features),
            Driver(type="iso", name="ISO", description="Images", features={"VDI_CREATE": 1, "VDI_DELETE": 1}),
        ]

    async def probe(
        self, dbg: str, type: str, device_config: dict[str, str], sm_config: dict[str, str]
    ) -> list[ProbeResult]:
        if "location" not in device_config:
            raise BackendError("94", "", "no location", "<menu/>")
        return [
            ProbeResult(configuration=device_config, complete=True, sr=SrInfo(sr=SrId(sr), total_space=SIZE))
            for sr in self.disks.made
        ]

    async def create(
        self,
        dbg: str,
        sr: SrId,
        type: str,
        device_config: dict[str, str],
        size: int = 0,
        name_label: str = "",
        name_description: str = "",
    ) -> dict[str, str]:
        self.disks.note("SR.create")
        self.disks.made[sr] = {}
        return device_config

    async def attach(self, dbg: str, sr: SrId, type: str, device_config: dict[str, str]) -> None:
        self.disks.note("SR.attach")
        self.disks.made.setdefault(sr, {})
        self.disks.attached.add(sr)

    async def detach(self, dbg: str, sr: SrId) -> None:
        self.disks.note("SR.detach")
        self.disks.attached.discard(sr)

    async def destroy(self, dbg: str, sr: SrId) -> None:
        self.disks.note("SR.destroy")
        if self.disks.of(sr):
            raise SrNotEmpty(sr)
        del self.disks.made[sr]
        self.disks.attached.discard(sr)

    async def all(self, dbg: str) -> list[SrId]:
        return [SrId(sr) for sr in self.disks.attached]

    async def stat(self, dbg: str, sr: SrId) -> SrInfo:
        used = sum(disk.virtual_size for disk in self.disks.of(sr).values())
        return SrInfo(sr=sr, total_space=SIZE, free_space=SIZE - used, virtual_allocation=used)

    async def scan(self, dbg: str, sr: SrId) -> ScanResult:
        self.disks.note("SR.scan")
        return ScanResult(vdis=list(self.disks.of(sr).values()), sr=await self.stat(dbg, sr))

    async def update(self, dbg: str, sr: SrId, name_label: str, name_description: str) -> None:
        self.disks.note("SR.update")


class Images(VDI):
    """Disks of such SRs."""

    def __init__(self, disks: Disks) -> None:
        self.disks = disks

    async def create(self, dbg: str, sr: SrId, vdi: VdiInfo) -> VdiInfo:
        self.disks.note("VDI.create")
        return self._make(sr, vdi)

    def _make(self, sr: str, like: VdiInfo, **fields: Any) -> VdiInfo:
        given = msgspec.structs.asdict(like) | fields
        for name in ("vdi", "uuid", "sr"):
            given.pop(name)
        return self.disks.add(sr, **given)

    async def destroy(self, dbg: str, sr: SrId, vdi: VdiId) -> None:
        self.disks.note("VDI.destroy")
        self.disks.find(sr, vdi)
        del self.disks.of(sr)[vdi]

    async def snapshot(self, dbg: str, sr: SrId, vdi: VdiId, info: VdiInfo) -> VdiInfo:
        self.disks.note("VDI.snapshot")
        return self._make(sr, info, virtual_size=self.disks.find(sr, vdi).virtual_size)

    async def clone(self, dbg: str, sr: SrId, vdi: VdiId, info: VdiInfo) -> VdiInfo:
        self.disks.note("VDI.clone")
        return self._make(sr, info, virtual_size=self.disks.find(sr, vdi).virtual_size)

    async def revert(self, dbg: str, sr: SrId, snapshot: VdiId, vdi: VdiId) -> VdiInfo:
        self.disks.note("VDI.revert")
        return self.disks.find(sr, vdi)

    async def resize(self, dbg: str, sr: SrId, vdi: VdiId, size: int) -> VdiInfo:
        self.disks.note("VDI.resize")
        disk = msgspec.structs.replace(self.disks.find(sr, vdi), virtual_size=size)
        self.disks.of(sr)[vdi] = disk
        return disk

    async def stat(self, dbg: str, sr: SrId, vdi: VdiId) -> VdiInfo:
        return self.disks.find(sr, vdi)

    async def introduce(self, dbg: str, sr: SrId, uuid: str, sm_config: dict[str, str], location: str) -> VdiInfo:
        return self.disks.find(sr, location)

    async def update(self, dbg: str, sr: SrId, vdi: VdiId, name_label: str, name_description: str) -> None:
        self.disks.note(f"VDI.update {name_label}")

    async def copy(self, dbg: str, sr: SrId, vdi: VdiId, dest_sr: SrId, dest_vdi: VdiId) -> TaskId:
        self.disks.note("VDI.copy")
        return TaskId("copy")

    async def attach(self, dbg: str, dp: DpId, sr: SrId, vdi: VdiId, read_only: bool) -> Attachment:
        return Attachment(implementations=[])

    async def activate(self, dbg: str, dp: DpId, sr: SrId, vdi: VdiId) -> None:
        return

    async def deactivate(self, dbg: str, dp: DpId, sr: SrId, vdi: VdiId) -> None:
        return

    async def detach(self, dbg: str, dp: DpId, sr: SrId, vdi: VdiId) -> None:
        return


class Tasks(TASK):
    """One task that ended as `outcome` says: no error, or its code and parameters."""

    def __init__(self) -> None:
        self.outcome: list[str] = []

    async def stat(self, dbg: str, id: TaskId) -> Task:
        state = State.FAILED if self.outcome else State.COMPLETED
        return Task(id=id, dbg=dbg, state=state, created=0.0, error=self.outcome)

    async def wait(self, dbg: str, id: TaskId, timeout: float = 30.0) -> Task:
        return await self.stat(dbg, id)

    async def all(self, dbg: str) -> list[Task]:
        return []

    async def cancel(self, dbg: str, id: TaskId) -> None:
        return

    async def destroy(self, dbg: str, id: TaskId) -> None:
        return


class Wires(NETWORK):
    """A network daemon that remembers what was wanted."""

    def __init__(self) -> None:
        self.states: dict[str, InterfaceState] = {}
        self.wanted: dict[str, Bridge] = {}
        self.touch_physical = True
        self.dns: list[str] = []

    def plug_in(self, name: str, **fields: Any) -> None:
        known = {"mac": f"02:00:00:00:00:{len(self.states):02x}", "mtu": 1500, "up": True, "carrier": True}
        self.states[name] = InterfaceState(name=name, **{**known, "physical": True, **fields})

    async def kind(self, dbg: str) -> Kind:
        return Kind.BRIDGE

    async def interfaces(self, dbg: str) -> list[InterfaceState]:
        return list(self.states.values())

    async def bridges(self, dbg: str) -> list[Bridge]:
        return list(self.wanted.values())

    async def ensure_bridge(self, dbg: str, bridge: Bridge) -> None:
        for name in bridge.interfaces:
            if name not in self.states or not self.touch_physical:
                raise InterfaceDoesNotExist(name)
        self.wanted[bridge.name] = bridge
        ports = [self.states[name] for name in bridge.interfaces]
        self.plug_in(
            bridge.name,
            physical=False,
            bridge=True,
            addresses=bridge.addressing.addresses,
            gateway=bridge.addressing.gateway,
        )
        for port in ports:
            self.states[port.name] = msgspec.structs.replace(port, master=bridge.name, addresses=[], gateway="")

    async def remove_bridge(self, dbg: str, name: str, force: bool = False) -> None:
        if self.wanted.pop(name, None) is None:
            raise BridgeDoesNotExist(name)
        self.states.pop(name, None)

    async def set_dns(self, dbg: str, servers: list[str], domains: list[str]) -> None:
        self.dns = servers

    async def changed(self, dbg: str, since: int | None = None, timeout: float = 30.0) -> int:
        if since is not None:
            await asyncio.sleep(timeout)
        return 1


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The host's root: nothing of the machine's own is read or written."""
    monkeypatch.setenv("XAPI_ROOT", str(tmp_path))
    return tmp_path


@pytest.fixture
def disks() -> Disks:
    """What the storage daemon has."""
    return Disks()


@pytest.fixture
def tasks() -> Tasks:
    """The storage daemon's one task."""
    return Tasks()


@pytest.fixture
def wires() -> Wires:
    """The network daemon, with one NIC that has the host's address."""
    found = Wires()
    found.plug_in("eth0", addresses=["10.0.0.2/24"], gateway="10.0.0.1")
    return found


@pytest.fixture
def services(disks: Disks, tasks: Tasks, wires: Wires) -> Services:
    """Storage and network in memory; the other daemons are away."""
    found = away()
    found.storage = Storage(sr=Repositories(disks), vdi=Images(disks), dp=found.storage.dp, task=tasks)
    found.network = wires
    return found


@pytest.fixture
def host_ctx(services: Services) -> Context:
    """A context on an empty database."""
    return Context.for_test(Database(), services)


@pytest.fixture
async def started(host_ctx: Context) -> Context:
    """A context after start-up."""
    from xapi.control import startup

    await startup.start(host_ctx)
    return host_ctx
