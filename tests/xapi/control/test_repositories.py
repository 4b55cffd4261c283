"""SRs and their disks: rows say what sm answered, whatever overlaps or fails."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from common.idl.storage import BackendError
from xapi.api import pbd as pbd_api
from xapi.api import sr as sr_api
from xapi.api import vdi as vdi_api
from xapi.context import Context
from xapi.control import discard, operations, repositories, storage, unfinished
from xapi.datamodel.enums import OnBoot, VBDMode, VBDType, VDIType
from xapi.datamodel.errors import (
    OperationNotAllowed,
    PBDExists,
    SRHasMultiplePBDs,
    SRHasNoPBDs,
    SRHasPBD,
    SRIndestructible,
    SRNotSharable,
    SRUnknownDriver,
    SRUuidExists,
    UuidInvalid,
    VDIInUse,
    VDIReadonly,
    VDITooSmall,
)
from xapi.datamodel.refs import SRRef, VDIRef
from xapi.datamodel.types import NULL

GiB = 1024**3


async def make_sr(ctx: Context, **fields: Any) -> SRRef:
    given: dict[str, Any] = {
        "host": ctx.host,
        "device_config": {"location": "/d"},
        "physical_size": 0,
        "name_label": "local",
        "name_description": "",
        "type": "file",
        "content_type": "user",
        "shared": False,
        "sm_config": {},
    }
    return await sr_api.create(ctx, **given | fields)


@pytest.fixture
async def sr(started: Context) -> SRRef:
    return await make_sr(started)


async def make_vdi(ctx: Context, sr: SRRef, size: int = GiB, **fields: Any) -> VDIRef:
    return await storage.create_vdi(ctx, sr, name_label="d", virtual_size=size, **fields)


def attach(ctx: Context, vdi: VDIRef, mode: VBDMode = VBDMode.RW) -> Any:
    vm = ctx.db.vm.create(name_label="vm", resident_on=ctx.host)
    return ctx.db.vbd.create(VM=vm.ref, VDI=vdi, currently_attached=True, mode=mode, type=VBDType.DISK)


async def test_a_new_sr_is_plugged_and_allows_disks(started: Context, sr: SRRef, disks: Any) -> None:
    row = started.db.sr[sr]

    assert started.db.pbd[row.PBDs[0]].currently_attached
    assert {"vdi_create", "scan"} <= set(row.allowed_operations)
    assert not {"destroy", "forget"} & set(row.allowed_operations)
    assert disks.attached == {row.uuid}
    assert row.physical_size == 1 << 40


async def test_a_failed_creation_leaves_nothing(started: Context, disks: Any) -> None:
    before = set(started.db.sr)
    disks.fail["SR.attach"] = BackendError("73", "", "mount failed")

    with pytest.raises(BackendError):
        await make_sr(started)

    assert set(started.db.sr) == before
    assert len(started.db.pbd) == 1  # the tools SR's


async def test_an_unknown_type_is_refused_by_name(started: Context) -> None:
    with pytest.raises(SRUnknownDriver, match="nosuch"):
        await make_sr(started, type="nosuch")


async def test_secrets_reach_the_driver_and_not_the_row(started: Context, disks: Any) -> None:
    secret = started.db.secret.create(value="swordfish")

    ref = await make_sr(started, device_config={"location": "/d", "password_secret": secret.uuid})

    (pbd,) = (started.db.pbd[pbd] for pbd in started.db.sr[ref].PBDs)
    assert pbd.device_config == {"location": "/d", "password_secret": secret.uuid}
    assert repositories.with_secrets(started.db, pbd.device_config) == {"location": "/d", "password": "swordfish"}


async def test_a_secret_that_is_gone_is_named(started: Context) -> None:
    with pytest.raises(UuidInvalid):
        repositories.with_secrets(started.db, {"password_secret": "nothing"})


async def test_introducing_an_sr_twice(started: Context, sr: SRRef) -> None:
    uuid = started.db.sr[sr].uuid

    with pytest.raises(SRUuidExists):
        await sr_api.introduce(started, uuid, "again", "", "file", "", False, {})


async def test_destroying_needs_one_unplugged_pbd_and_no_mark(started: Context, sr: SRRef, disks: Any) -> None:
    row = started.db.sr[sr]
    error = operations.check(started.db, "SR", sr, "destroy")
    assert isinstance(error, SRHasPBD)
    await repositories.unplug(started, row.PBDs[0])
    started.db.sr.update(sr, other_config={"indestructible": "true"})
    with pytest.raises(SRIndestructible):
        await sr_api.destroy(started, sr)
    started.db.sr.update(sr, other_config={})

    await sr_api.destroy(started, sr)

    assert sr not in started.db.sr
    assert row.uuid not in disks.made


async def test_an_sr_with_disks_is_not_destroyed_and_stays_detached(started: Context, sr: SRRef, disks: Any) -> None:
    await make_vdi(started, sr)
    await repositories.unplug(started, started.db.sr[sr].PBDs[0])

    with pytest.raises(Exception, match="Sr_not_empty"):
        await sr_api.destroy(started, sr)

    assert sr in started.db.sr
    assert disks.attached == set()


async def test_destroying_without_pbds(started: Context) -> None:
    ref = await sr_api.introduce(started, "", "none", "", "file", "", False, {})

    with pytest.raises(SRHasNoPBDs):
        await sr_api.destroy(started, ref)


async def test_forgetting_leaves_the_disks_on_the_sr(started: Context, sr: SRRef, disks: Any) -> None:
    vdi = await make_vdi(started, sr)
    row = started.db.sr[sr]
    pool = started.db.pool.rows()[0]
    started.db.pool.update(pool.ref, default_SR=sr)
    await repositories.unplug(started, row.PBDs[0])

    await sr_api.forget(started, sr)

    assert vdi not in started.db.vdi
    assert pool.default_SR == NULL
    assert len(disks.made[row.uuid]) == 1


async def test_unplugging_is_refused_while_a_vm_has_a_disk(started: Context, sr: SRRef) -> None:
    vdi = await make_vdi(started, sr)
    attach(started, vdi)

    with pytest.raises(VDIInUse):
        await pbd_api.unplug(started, started.db.sr[sr].PBDs[0])


async def test_an_sr_forgotten_while_it_is_being_plugged_is_detached(
    started: Context, sr: SRRef, disks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pbd = started.db.sr[sr].PBDs[0]
    await repositories.unplug(started, pbd)
    attach = started.services.storage.sr.attach

    async def forgotten_meanwhile(*args: Any) -> None:
        await attach(*args)
        await sr_api.forget(started, sr)

    monkeypatch.setattr(started.services.storage.sr, "attach", forgotten_meanwhile)
    await repositories.plug(started, pbd)

    assert disks.attached == set()


async def test_a_pbd_is_one_for_a_host_and_an_sr(started: Context, sr: SRRef) -> None:
    record = {"host": started.host, "SR": sr, "device_config": {}, "other_config": {}}

    with pytest.raises(PBDExists):
        await pbd_api.create(started, record)


async def test_a_second_host_needs_a_shared_sr(started: Context, sr: SRRef) -> None:
    other = started.db.host.create(name_label="other").ref
    record = {"host": other, "SR": sr, "device_config": {}, "other_config": {}}

    with pytest.raises(SRNotSharable):
        await pbd_api.create(started, record)
    await sr_api.set_shared(started, sr, True)
    await pbd_api.create(started, record)
    with pytest.raises(SRHasMultiplePBDs):
        await sr_api.set_shared(started, sr, False)


async def test_a_plugged_pbd_is_not_destroyed(started: Context, sr: SRRef) -> None:
    pbd = started.db.sr[sr].PBDs[0]

    with pytest.raises(OperationNotAllowed):
        await pbd_api.destroy(started, pbd)
    await pbd_api.unplug(started, pbd)
    await pbd_api.destroy(started, pbd)

    assert pbd not in started.db.pbd


async def test_a_scan_introduces_and_forgets(started: Context, sr: SRRef, disks: Any) -> None:
    uuid = started.db.sr[sr].uuid
    gone = await make_vdi(started, sr)
    del disks.made[uuid][started.db.vdi[gone].location]
    found = disks.add(uuid, name_label="found", virtual_size=7)
    disks.add(uuid, name_label="snap", is_a_snapshot=True, snapshot_of=found.uuid)

    await repositories.scan_sr(started, sr)

    assert gone not in started.db.vdi
    rows = {started.db.vdi[vdi].name_label: started.db.vdi[vdi] for vdi in started.db.sr[sr].VDIs}
    assert set(rows) == {"found", "snap"}
    assert rows["snap"].snapshot_of == rows["found"].ref
    assert started.db.sr[sr].virtual_allocation == 7


async def test_a_scan_that_overlaps_a_creation_makes_no_second_row(
    started: Context, sr: SRRef, disks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repositories, "PAUSE", 0.01)
    scanned = asyncio.Event()
    images = started.services.storage.vdi
    create = images.create

    async def slow(*args: Any) -> Any:
        made = await create(*args)
        await scanned.wait()
        return made

    monkeypatch.setattr(images, "create", slow)
    creation = asyncio.get_running_loop().create_task(make_vdi(started, sr))
    await asyncio.sleep(0)
    scan = asyncio.get_running_loop().create_task(repositories.scan_sr(started, sr))
    await asyncio.sleep(0.02)
    scanned.set()
    await asyncio.gather(creation, scan)

    assert len(started.db.sr[sr].VDIs) == 1


async def test_a_disk_of_unfinished_work_that_a_scan_saw_before_its_end_gets_no_row(
    started: Context, sr: SRRef, disks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repositories, "PAUSE", 0.01)
    repository = started.services.storage.sr
    look, looked, gone = repository.scan, asyncio.Event(), asyncio.Event()
    work = unfinished.on_srs(started.db, [sr])
    disks.add(started.db.sr[sr].uuid, is_a_snapshot=True, sm_config=work.sm_config)

    async def slow(*args: Any) -> Any:
        found = await look(*args)
        looked.set()
        await gone.wait()
        return found

    monkeypatch.setattr(repository, "scan", slow)
    scan = asyncio.get_running_loop().create_task(repositories.scan_sr(started, sr))
    await looked.wait()
    monkeypatch.setattr(repository, "scan", look)
    assert await discard.made_for(started, work)
    gone.set()
    await scan

    assert not started.db.sr[sr].VDIs


async def test_a_scan_of_an_unplugged_sr_forgets_nothing(started: Context, sr: SRRef) -> None:
    vdi = await make_vdi(started, sr)
    await repositories.unplug(started, started.db.sr[sr].PBDs[0])

    with pytest.raises(SRHasNoPBDs):
        await repositories.scan_sr(started, sr)

    assert vdi in started.db.vdi


async def test_a_snapshot_knows_its_origin(started: Context, sr: SRRef) -> None:
    vdi = await make_vdi(started, sr, other_config={"a": "b"}, type=VDIType.SYSTEM)

    snapshot = started.db.vdi[await storage.snapshot_vdi(started, vdi)]

    assert (snapshot.snapshot_of, snapshot.is_a_snapshot) == (vdi, True)
    assert (snapshot.other_config, snapshot.type, snapshot.virtual_size) == ({"a": "b"}, VDIType.SYSTEM, GiB)
    assert started.db.vdi[vdi].snapshots == (snapshot.ref,)


async def test_destroying_an_origin_leaves_its_snapshot(started: Context, sr: SRRef) -> None:
    vdi = await make_vdi(started, sr)
    snapshot = await storage.snapshot_vdi(started, vdi)

    await storage.destroy_vdi(started, vdi)

    assert started.db.vdi[snapshot].snapshot_of == NULL


async def test_a_disk_that_was_gone_already_is_destroyed(started: Context, sr: SRRef, disks: Any) -> None:
    vdi = await make_vdi(started, sr)
    disks.made[started.db.sr[sr].uuid].clear()

    await storage.destroy_vdi(started, vdi)

    assert vdi not in started.db.vdi


async def test_destroying_empties_cd_drives_and_removes_disk_drives(started: Context, sr: SRRef) -> None:
    vdi = await make_vdi(started, sr)
    vm = started.db.vm.create().ref
    drive = started.db.vbd.create(VM=vm, VDI=vdi, type=VBDType.CD, empty=False)
    disk = started.db.vbd.create(VM=vm, VDI=vdi, type=VBDType.DISK)

    await storage.destroy_vdi(started, vdi)

    assert (drive.VDI, drive.empty) == (NULL, True)
    assert disk.ref not in started.db.vbd


async def test_a_failed_copy_leaves_no_disk(started: Context, sr: SRRef, tasks: Any, disks: Any) -> None:
    vdi = await make_vdi(started, sr)
    tasks.outcome = ["Out_of_space", "10", "5"]

    with pytest.raises(Exception, match="Out_of_space"):
        await storage.copy_vdi(started, vdi, sr)

    assert started.db.sr[sr].VDIs == (vdi,)
    assert len(disks.made[started.db.sr[sr].uuid]) == 1


async def test_a_copy_goes_into_a_disk_that_can_take_it(started: Context, sr: SRRef) -> None:
    vdi = await make_vdi(started, sr)
    small, fixed = await make_vdi(started, sr, GiB // 2), await make_vdi(started, sr, read_only=True)
    resetting = await make_vdi(started, sr)
    started.db.vdi.update(resetting, on_boot=OnBoot.RESET)
    fitting = await make_vdi(started, sr, 2 * GiB)

    with pytest.raises(VDITooSmall):
        await storage.copy_vdi(started, vdi, sr, small)
    for target in (fixed, resetting):
        with pytest.raises(VDIReadonly):
            await storage.copy_vdi(started, vdi, sr, target)

    assert await storage.copy_vdi(started, vdi, sr, fitting) == fitting


async def test_a_disk_grows_and_does_not_shrink(started: Context, sr: SRRef) -> None:
    vdi = await make_vdi(started, sr)

    await vdi_api.resize(started, vdi, 2 * GiB)
    with pytest.raises(VDITooSmall):
        await vdi_api.resize(started, vdi, GiB)

    assert started.db.vdi[vdi].virtual_size == 2 * GiB


async def test_names_are_written_to_the_sr(started: Context, sr: SRRef, disks: Any) -> None:
    vdi = await make_vdi(started, sr)

    await vdi_api.set_name_label(started, vdi, "new")

    assert started.db.vdi[vdi].name_label == "new"
    assert "VDI.update new" in disks.calls


async def test_a_probe_answers_records_and_xml(started: Context, sr: SRRef) -> None:
    uuid = started.db.sr[sr].uuid

    found = await sr_api.probe_ext(started, started.host, {"location": "/d"}, "file", {})
    text = await sr_api.probe(started, started.host, {"location": "/d"}, "file", {})

    assert [(result["complete"], result["sr"]["uuid"]) for result in found] == [(True, uuid)]
    assert f"<UUID>{uuid}</UUID>" in text
    assert text.startswith('<?xml version="1.0" ?>\n<SRlist>')
