"""The whole daemon on its socket: file SR, disks, datapaths."""

from __future__ import annotations

import pytest

from common.idl.storage import BackendError, SrNotAttached, SrNotEmpty, VdiDoesNotExist, VdiId, VdiInfo, VdiInUse
from tests.sm.conftest import MIB, Sm, qemu_io

pytestmark = pytest.mark.integration


async def test_a_new_disk_is_found_by_scan_with_its_names(sm: Sm) -> None:
    sr = await sm.new_sr()

    made = await sm.new_vdi(sr, 10 * MIB + 1, name_label="root", name_description="of a VM")

    scanned = await sm.sr.scan("test", sr)
    assert scanned.vdis == [made]
    assert made.virtual_size == 10 * MIB + 64 * 1024
    assert made.sm_config["image-format"] == "qcow2"
    assert scanned.sr.name_label == "disks"
    assert scanned.sr.virtual_allocation == made.virtual_size
    assert scanned.sr.total_space > scanned.sr.free_space > 0


async def test_what_is_written_through_a_datapath_is_there_the_next_time(sm: Sm) -> None:
    sr = await sm.new_sr()
    vdi = (await sm.new_vdi(sr)).vdi

    await qemu_io(await sm.opened(sr, vdi), "write -P 7 1M 64k")
    await sm.closed(sr, vdi)

    assert await sm.dp.all("test") == []
    await qemu_io(await sm.opened(sr, vdi, read_only=True), "read -P 7 1M 64k", read_only=True)


async def test_a_second_writer_is_refused_a_reader_is_not(sm: Sm) -> None:
    sr = await sm.new_sr()
    vdi = (await sm.new_vdi(sr)).vdi
    await sm.opened(sr, vdi, dp="a")

    with pytest.raises(VdiInUse):
        await sm.opened(sr, vdi, dp="b")
    await qemu_io(await sm.opened(sr, vdi, dp="c", read_only=True), "read -P 0 0 64k", read_only=True)

    with pytest.raises(VdiInUse):
        await sm.vdi.destroy("test", sr, vdi)


async def test_a_snapshot_of_an_open_disk_keeps_what_was_there(sm: Sm) -> None:
    sr = await sm.new_sr()
    vdi = (await sm.new_vdi(sr, name_label="root")).vdi
    disk = await sm.opened(sr, vdi)
    await qemu_io(disk, "write -P 1 0 1M")

    snapshot = await sm.vdi.snapshot("test", sr, vdi, VdiInfo(is_a_snapshot=True, snapshot_of=vdi))
    await qemu_io(disk, "write -P 2 0 1M", "read -P 2 0 1M")

    assert snapshot.name_label == "root"
    kept = await sm.opened(sr, snapshot.vdi, dp="look", read_only=True)
    await qemu_io(kept, "read -P 1 0 1M", read_only=True)
    await sm.closed(sr, vdi)
    await qemu_io(await sm.opened(sr, vdi), "read -P 2 0 1M")
    bases = [info for info in (await sm.sr.scan("test", sr)).vdis if not info.managed]
    assert [base.vdi for base in bases] == [snapshot.sm_config["vhd-parent"]]


async def test_an_sr_with_disks_is_not_destroyed(sm: Sm) -> None:
    sr = await sm.new_sr()
    vdi = (await sm.new_vdi(sr)).vdi
    with pytest.raises(SrNotEmpty):
        await sm.sr.destroy("test", sr)

    await sm.vdi.destroy("test", sr, vdi)
    await sm.sr.destroy("test", sr)

    assert await sm.sr.all("test") == []
    with pytest.raises(SrNotAttached):
        await sm.sr.scan("test", sr)


async def test_locations_that_lead_elsewhere_are_no_disks(sm: Sm) -> None:
    sr = await sm.new_sr()

    for location in ("../sr", "sr.json", "", "00000000-0000-0000-0000-000000000000"):
        with pytest.raises(VdiDoesNotExist):
            await sm.vdi.stat("test", sr, VdiId(location))


async def test_two_srs_do_not_share_a_directory(sm: Sm) -> None:
    await sm.new_sr()

    with pytest.raises(BackendError, match="42"):
        await sm.new_sr()
