"""All archives to disk while everything goes on."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from common.idl.rrd import Owner
from rrdd import server
from rrdd.collect import Collector
from rrdd.plugins.directory import Directory
from rrdd.rrd.layout import STEP
from rrdd.server import Archives
from rrdd.source import Batch, Source
from rrdd.store import Store

START = 1_800_000_000.0
SOURCES = (Source("level", "", "B"),)
UUIDS = [f"00000000-0000-0000-0000-{number:012x}" for number in range(5)]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    found = Store(tmp_path / "live", tmp_path / "archives")
    for tick in range(3):
        found.tick(START + tick * STEP, [Batch(Owner.VM, uuid, SOURCES, [1.0]) for uuid in UUIDS])
    return found


def archives(store: Store, tmp_path: Path) -> Archives:
    plugins = Directory(tmp_path / "plugins")
    return Archives(store, plugins, Collector(store, plugins))


async def test_all_are_written_and_stay_in_use(store: Store, tmp_path: Path) -> None:
    await archives(store, tmp_path).backup("test")

    assert {path.stem for path in (tmp_path / "archives").iterdir()} == set(UUIDS)
    assert len(store) == len(UUIDS)


async def test_one_that_leaves_meanwhile_is_left_out(store: Store, tmp_path: Path) -> None:
    job = asyncio.ensure_future(archives(store, tmp_path).backup("test"))
    await asyncio.sleep(0)
    store.remove(UUIDS[-1])
    await job

    assert {path.stem for path in (tmp_path / "archives").iterdir()} == set(UUIDS[:-1])


async def test_one_that_takes_long_is_not_waited_for_nor_begun_twice(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved: list[str] = []
    monkeypatch.setattr(server, "PATIENCE", 0.0)
    monkeypatch.setattr(store, "save", saved.append)
    subject = archives(store, tmp_path)

    await subject.backup("test")
    await subject.backup("test")
    async with asyncio.timeout(10):
        while len(saved) < len(UUIDS):
            await asyncio.sleep(0)

    assert saved == UUIDS
