"""What is not there any more is archived, but only where that is certain."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.idl.storage import SrInfo
from common.idl.xen import (
    VmCounters,
    VmId,
)
from rrdd.collect import GONE_AFTER, Collector
from rrdd.plugins.directory import Directory
from rrdd.rrd.layout import STEP
from rrdd.sources.sr import Reader
from rrdd.store import Store

VM = "00000000-0000-0000-0000-0000000000aa"
SR = "00000000-0000-0000-0000-0000000000bb"
START = 1_800_000_000.0


class Storage(Reader):
    """SRs as they are set."""

    def __init__(self) -> None:
        self._found = []
        self.known = True

    def have(self, *uuids: str) -> None:
        self._found = [SrInfo(sr=uuid, total_space=100, free_space=40) for uuid in uuids]  # type: ignore[arg-type]


class Host(Collector):
    """A collector whose other daemons say what they are told to."""

    def __init__(self, store: Store, plugins: Directory) -> None:
        super().__init__(store, plugins)
        self.guests: list[VmCounters] | None = []
        self.storage = self._srs = Storage()
        self._now = START

    async def _counters(self) -> list[VmCounters] | None:
        return self.guests

    async def _memory(self) -> tuple[int, int]:
        return 1 << 30, 1 << 29

    async def _look_at_nics(self) -> None:
        return

    async def ticks(self, count: int) -> None:
        for _ in range(count):
            self._now += STEP
            await self.tick(self._now)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "live", tmp_path / "archives")


@pytest.fixture
def host(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    monkeypatch.setenv("XAPI_ROOT", str(tmp_path))
    return Host(store, Directory(tmp_path / "plugins"))


async def test_a_vm_that_left(host: Host, store: Store) -> None:
    host.guests = [VmCounters(id=VmId(VM), domid=1, memory=5)]
    await host.ticks(3)
    host.guests = None  # xenopsd is away
    await host.ticks(GONE_AFTER + 1)
    assert store.get(VM) is not None

    host.guests = []
    await host.ticks(GONE_AFTER)

    assert store.get(VM) is None
    assert store.path(VM).exists()


async def test_an_sr_that_was_unplugged_and_is_plugged_again(host: Host, store: Store) -> None:
    host.storage.have(SR)
    await host.ticks(3)
    host.storage.have()
    host.storage.known = False  # storage is away
    await host.ticks(GONE_AFTER + 1)
    assert store.get(SR) is not None

    host.storage.known = True
    await host.ticks(GONE_AFTER)
    assert store.get(SR) is None
    assert store.path(SR).exists()
    host.storage.have(SR)
    await host.ticks(2)

    owned = store.get(SR)
    assert owned is not None
    rows = [float(value) for value in owned.database().archives[0].rows[:, list(owned.positions).index("size")]]
    assert rows.count(100.0) == 3 + 2


async def test_an_sr_that_was_destroyed_does_not_come_back(host: Host, store: Store) -> None:
    host.storage.have(SR)
    await host.ticks(3)

    host.forget(SR)
    store.remove(SR)
    await host.ticks(GONE_AFTER + 1)

    assert store.get(SR) is None
    assert not store.path(SR).exists()
