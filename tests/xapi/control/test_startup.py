"""Start-up: a fresh database becomes true to its host; a second start changes nothing that lasts."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import pytest

from common.idl.storage import BackendError
from xapi.context import Context
from xapi.control import inventory, localdb, repositories, startup
from xapi.datamodel.enums import Cls
from xapi.db.database import Database
from xapi.services import away


async def test_with_all_daemons_away_the_host_has_its_rows_at_once() -> None:
    ctx = Context.for_test(Database())

    await asyncio.wait_for(startup.start(ctx), 5.0)

    db = ctx.db
    host = db.host[ctx.host]
    (pool,) = db.pool.rows()
    assert pool.master == ctx.host
    assert host.enabled
    assert host.host_CPUs
    assert db.vm[host.control_domain].is_control_domain
    assert db.host_metrics[host.metrics].live
    assert host.software_version["product_brand"] == "XCP-ng"
    assert (host.API_version_major, host.API_version_minor) == (2, 23)


async def test_the_host_is_who_the_inventory_says(started: Context) -> None:
    found = inventory.load()

    host = started.db.host[started.host]
    assert host.uuid == found.host
    assert started.db.vm[host.control_domain].uuid == found.control_domain


async def test_a_second_start_changes_nothing_that_lasts(tmp_path: Path, services: Any) -> None:
    path = tmp_path / "xapi.db"
    first = Context.for_test(Database(path), services)
    await startup.start(first)
    before = _lasting(first.db)
    first.db.close()

    second = Context.for_test(Database(path), services)
    await startup.start(second)

    assert _lasting(second.db) == before
    assert second.host == first.host
    second.db.close()


async def test_what_daemons_told_is_remembered_while_they_are_away(tmp_path: Path, services: Any) -> None:
    path = tmp_path / "xapi.db"
    first = Context.for_test(Database(path), services)
    await startup.start(first)
    before = _lasting(first.db)
    first.db.close()

    second = Context.for_test(Database(path), away())
    await startup.start(second)

    assert _lasting(second.db) == before
    second.db.close()


VOLATILE = {"agent_start_time"}


def _lasting(db: Database) -> dict[str, Any]:
    """What is on disk, without the time of the start."""
    found: dict[str, Any] = {}
    for table in db.tables():
        names = [column.name for column in table.shape.columns.values() if column.journalled]
        for row in table.rows():
            values = {name: getattr(row, name) for name in names}
            if table.name == "host":
                values["other_config"] = {key: value for key, value in row.other_config.items() if key not in VOLATILE}
            found[row.ref] = values
    return found


async def test_sm_rows_are_the_drivers(started: Context) -> None:
    by_type = {row.type: row for row in started.db.sm.rows()}

    assert set(by_type) == {"file", "iso"}
    assert by_type["file"].features["VDI_SNAPSHOT"] == 1
    assert "VDI_SNAPSHOT" in by_type["file"].capabilities


async def test_a_host_disabled_by_its_administrator_stays_disabled(started: Context) -> None:
    from xapi.api import host

    await host.disable(started, started.host, False)
    await startup.start(started)
    assert not started.db.host[started.host].enabled

    await host.enable(started, started.host)
    await startup.start(started)
    assert started.db.host[started.host].enabled


async def test_a_host_disabled_in_an_earlier_boot_is_enabled(started: Context) -> None:
    localdb.put(localdb.DISABLED, "1")

    await startup.start(started)

    assert started.db.host[started.host].enabled


async def _until(condition: Any) -> None:
    async with asyncio.timeout(5.0):
        while not condition():
            await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def _watching(ctx: Context) -> Any:
    job = asyncio.get_running_loop().create_task(startup.watch(ctx))
    try:
        yield
    finally:
        job.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await job


async def test_the_tools_sr_is_plugged_when_sm_answers(started: Context, disks: Any) -> None:
    (sr,) = [row for row in started.db.sr.rows() if row.is_tools_sr]
    pbd = started.db.pbd[sr.PBDs[0]]
    assert not pbd.currently_attached

    async with _watching(started):
        await _until(lambda: pbd.currently_attached)

    assert disks.attached == {sr.uuid}


async def test_an_sr_that_sm_lost_is_plugged_again(started: Context, disks: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(startup, "FIGURES_EVERY", 0.05)
    (pbd,) = started.db.pbd.rows()

    async with _watching(started):
        await _until(lambda: pbd.currently_attached)
        disks.attached.clear()
        await _until(lambda: disks.attached)
        await _until(lambda: pbd.currently_attached)


async def test_an_sr_that_an_administrator_unplugged_stays_so(started: Context, disks: Any, monkeypatch: Any) -> None:
    from xapi.control import repositories

    monkeypatch.setattr(startup, "FIGURES_EVERY", 0.05)
    (pbd,) = started.db.pbd.rows()

    async with _watching(started):
        await _until(lambda: pbd.currently_attached)
        await repositories.unplug(started, pbd.ref)
        await asyncio.sleep(0.3)

    assert not pbd.currently_attached
    assert disks.attached == set()


@pytest.mark.parametrize("wanted", [True, False])
async def test_an_sr_is_scanned_again_if_it_asks_for_it(
    started: Context, disks: Any, monkeypatch: Any, wanted: bool
) -> None:
    monkeypatch.setattr(startup, "FIGURES_EVERY", 0.02)
    (pbd,) = started.db.pbd.rows()
    started.db.sr.update(pbd.SR, other_config={"auto-scan": str(wanted).lower()})

    async with _watching(started):
        await _until(lambda: pbd.currently_attached)
        await asyncio.sleep(0.2)

    assert (disks.calls.count("SR.scan") > 2) is wanted


async def test_an_unplugged_sr_stays_so_when_sm_was_away(started: Context, disks: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(startup, "FIGURES_EVERY", 0.05)
    monkeypatch.setattr(startup, "RETRY", 0.05)
    (pbd,) = started.db.pbd.rows()
    reachable = started.services.storage.sr

    async with _watching(started):
        await _until(lambda: pbd.currently_attached)
        await repositories.unplug(started, pbd.ref)
        started.services.storage.sr = away().storage.sr
        await asyncio.sleep(0.2)
        started.services.storage.sr = reachable
        await asyncio.sleep(0.2)

    assert not pbd.currently_attached


async def test_what_sm_kept_attached_stays_plugged_over_a_restart(started: Context, disks: Any) -> None:
    (pbd,) = started.db.pbd.rows()
    await repositories.plug(started, pbd.ref)

    await startup.start(started)
    assert pbd.currently_attached

    disks.attached.clear()
    await startup.start(started)
    assert not pbd.currently_attached


async def test_an_sr_that_can_not_be_plugged_becomes_one_alert_and_is_tried_on(
    started: Context, disks: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(startup, "RETRY", 0.01)
    monkeypatch.setattr(startup, "PLUG_FOR", 0.0)
    disks.fail["SR.attach"] = BackendError("73", "", "mount failed")
    (pbd,) = started.db.pbd.rows()

    async with _watching(started):
        await _until(lambda: len(started.db.message))
        await asyncio.sleep(0.1)
        assert len(started.db.message) == 1
        del disks.fail["SR.attach"]
        await _until(lambda: pbd.currently_attached)

    (alert,) = started.db.message.rows()
    assert (alert.name, alert.cls) == ("PBD_PLUG_FAILED_ON_SERVER_START", Cls.HOST)
