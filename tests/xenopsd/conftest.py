"""A whole xenopsd on a socket, with the simulator and a storage daemon that only keeps count."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from common.config import under_root
from common.errors import WireError
from common.idl import storage, task, xen
from common.idl.storage import Attachment, DatapathState, DpId, RawFile, SrId, VdiId
from common.idl.task import State, Task, TaskId
from common.rpc.client import Client
from xenopsd.backend.base import Backend
from xenopsd.backend.choice import choose
from xenopsd.config import Config
from xenopsd.main import serve
from xenopsd.storage import Storage


class CountingStorage(storage.VDI, storage.DP):
    """Remembers which datapaths are open. `fail`: VDIs that can't be activated; `stuck`: that can't be closed."""

    def __init__(self) -> None:
        self.open: dict[DpId, DatapathState] = {}
        self.fail: set[str] = set()
        self.stuck: set[str] = set()
        self.log: list[tuple[str, str]] = []

    async def attach(self, dbg: str, dp: DpId, sr: SrId, vdi: VdiId, read_only: bool) -> Attachment:
        self.open[dp] = DatapathState(dp=dp, sr=sr, vdi=vdi, read_only=read_only, activated=False)
        self.log.append(("attach", dp))
        return Attachment(implementations=[RawFile(path=f"/nowhere/{vdi}")], read_only=read_only)

    async def activate(self, dbg: str, dp: DpId, sr: SrId, vdi: VdiId) -> None:
        if vdi in self.fail:
            raise storage.VdiInUse(sr, vdi)

    async def damaged(self, dbg: str) -> list[storage.DamagedDisk]:
        return []

    async def destroy(self, dbg: str, dp: DpId) -> None:  # type: ignore[override]
        if dp in self.open and self.open[dp].vdi in self.stuck:
            raise storage.SrUnhealthy(self.open[dp].sr, "stuck")
        self.open.pop(dp, None)
        self.log.append(("destroy", dp))


CountingStorage.__abstractmethods__ = frozenset()


@dataclass
class Host:
    """A running xenopsd as a client sees it."""

    client: Client
    disks: CountingStorage
    stopped: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.vm = self.client.proxy(xen.VM)
        self.vbd = self.client.proxy(xen.VBD)
        self.vif = self.client.proxy(xen.VIF)
        self.host = self.client.proxy(xen.HOST)
        self.updates = self.client.proxy(xen.UPDATES)
        self.task = self.client.proxy(task.TASK)

    async def done(self, id_: TaskId) -> Task:
        """The task when it ended, whatever came of it."""
        async with asyncio.timeout(60):
            while (found := await self.task.wait("test", id_, 30.0)).state is State.PENDING:
                pass
        await self.task.destroy("test", id_)
        return found

    async def ok(self, id_: TaskId) -> None:
        """Wait for a task that must succeed."""
        found = await self.done(id_)
        assert found.state is State.COMPLETED, found.error

    async def error(self, id_: TaskId) -> list[str]:
        """Wait for a task that must fail; its error."""
        found = await self.done(id_)
        assert found.state is State.FAILED
        return found.error

    async def power(self, vm: xen.VmId) -> xen.PowerState:
        """Its power state now."""
        return (await self.vm.stat("test", vm)).state.power_state

    async def until(self, vm: xen.VmId, state: xen.PowerState) -> None:
        """Wait for a power state."""
        async with asyncio.timeout(60):
            while await self.power(vm) is not state:
                await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def running(config: Config, backend: Backend, disks: CountingStorage) -> AsyncIterator[Host]:
    """xenopsd on its socket below XAPI_ROOT. Leaving the block stops it as hard as a kill: nothing is tidied."""
    stopped = asyncio.Event()
    served = asyncio.create_task(serve(config, backend, Storage(disks, disks, 0.0), stopped))
    async with Client(str(under_root(xen.SOCKET))) as client:
        try:
            yield Host(client, disks, stopped)
        finally:
            stopped.set()
            await client.close()
            with contextlib.suppress(WireError):
                await served


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This test's host."""
    monkeypatch.setenv("XAPI_ROOT", str(tmp_path))
    return tmp_path


@pytest.fixture
def config() -> Config:
    """The simulator, with short waits."""
    return Config(backend="simulator", check_interval=0.2, acknowledge_timeout=0.3)


@pytest.fixture
def disks() -> CountingStorage:
    """What sm would be."""
    return CountingStorage()  # type: ignore[abstract]


@pytest.fixture
async def host(root: Path, config: Config, disks: CountingStorage) -> AsyncIterator[Host]:
    """A running xenopsd."""
    async with running(config, choose(config), disks) as started:
        yield started
