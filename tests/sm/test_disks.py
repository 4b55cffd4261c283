"""Clone, revert, resize, copy and deletion through the daemon, with the content looked at."""

from __future__ import annotations

import asyncio
import os
import signal
import statistics
from typing import Any

import pytest

from common.idl.storage import (
    BackendError,
    DpId,
    NbdSocket,
    RawFile,
    SrHasOpenDisks,
    SrId,
    VdiDoesNotExist,
    VdiId,
    VdiInfo,
    VdiInUse,
)
from common.idl.task import State
from tests import speed
from tests.sm.conftest import MIB, Sm, qemu_io
from tests.sm.nbd import Nbd

pytestmark = pytest.mark.integration

LONG = 256 * MIB  # bytes; copying them takes a while


async def filled(sm: Sm, sr: SrId, value: int, **fields: Any) -> VdiId:
    vdi = (await sm.new_vdi(sr, **fields)).vdi
    await put(sm, sr, vdi, value)
    return vdi


async def put(sm: Sm, sr: SrId, vdi: VdiId, value: int) -> None:
    await qemu_io(await sm.opened(sr, vdi), f"write -P {value} 0 1M")
    await sm.closed(sr, vdi)


async def holds(sm: Sm, sr: SrId, vdi: VdiId, value: int) -> None:
    await qemu_io(await sm.opened(sr, vdi, read_only=True), f"read -P {value} 0 1M", read_only=True)
    await sm.closed(sr, vdi)


async def wait(sm: Sm, task: object) -> list[str]:
    while (now := await sm.task.wait("test", task)).state is State.PENDING:  # type: ignore[arg-type]
        pass
    return now.error


async def test_clone_and_original_go_their_own_ways(sm: Sm) -> None:
    sr = await sm.new_sr()
    vdi = await filled(sm, sr, 1)

    clone = (await sm.vdi.clone("test", sr, vdi, VdiInfo(name_label="clone"))).vdi
    await put(sm, sr, clone, 2)
    await put(sm, sr, vdi, 3)

    await holds(sm, sr, clone, 2)
    await holds(sm, sr, vdi, 3)


async def test_clones_of_a_snapshot_share_its_base(sm: Sm) -> None:
    sr = await sm.new_sr()
    snapshot = await sm.vdi.snapshot("test", sr, await filled(sm, sr, 1), VdiInfo(is_a_snapshot=True))

    clones = [await sm.vdi.clone("test", sr, snapshot.vdi, VdiInfo()) for _ in range(3)]

    assert {clone.sm_config["vhd-parent"] for clone in clones} == {snapshot.sm_config["vhd-parent"]}
    await holds(sm, sr, clones[2].vdi, 1)


async def test_a_snapshot_of_an_empty_disk_makes_no_base(sm: Sm) -> None:
    sr = await sm.new_sr()
    vdi = (await sm.new_vdi(sr)).vdi

    snapshot = await sm.vdi.snapshot("test", sr, vdi, VdiInfo(is_a_snapshot=True))

    assert "vhd-parent" not in snapshot.sm_config
    assert len((await sm.sr.scan("test", sr)).vdis) == 2


async def test_the_31st_image_of_a_chain_is_refused(sm: Sm) -> None:
    sr = await sm.new_sr()
    vdi = (await sm.new_vdi(sr)).vdi
    nbd = Nbd(await sm.vdi.attach("test", DpId("d"), sr, vdi, False))
    await sm.vdi.activate("test", DpId("d"), sr, vdi)

    for number in range(29):
        await nbd.write(number * 65536, bytes([number + 1]) * 4096)
        await sm.vdi.snapshot("test", sr, vdi, VdiInfo(is_a_snapshot=True))
    with pytest.raises(BackendError, match="109"):
        await sm.vdi.snapshot("test", sr, vdi, VdiInfo(is_a_snapshot=True))

    for number in range(29):
        assert await nbd.read(number * 65536, 4096) == bytes([number + 1]) * 4096
    await nbd.close()


@pytest.mark.parametrize("config", [{}, {"type": "raw"}], ids=["qcow2", "raw"])
async def test_revert_brings_content_back_and_keeps_names(sm: Sm, config: dict[str, str]) -> None:
    sr = await sm.new_sr()
    vdi = await filled(sm, sr, 1, name_label="root", sm_config=config)
    snapshot = (await sm.vdi.snapshot("test", sr, vdi, VdiInfo(is_a_snapshot=True, name_label="before"))).vdi
    await put(sm, sr, vdi, 2)

    reverted = await sm.vdi.revert("test", sr, snapshot, vdi)
    again = await sm.vdi.revert("test", sr, snapshot, vdi)

    assert (reverted.vdi, reverted.name_label) == (vdi, "root")
    assert again.sm_config["vhd-parent"] == reverted.sm_config["vhd-parent"]
    await holds(sm, sr, vdi, 1)
    await put(sm, sr, vdi, 4)
    await holds(sm, sr, snapshot, 1)
    assert len((await sm.sr.scan("test", sr)).vdis) == 3


async def test_an_open_disk_is_not_reverted(sm: Sm) -> None:
    sr = await sm.new_sr()
    vdi = await filled(sm, sr, 1)
    snapshot = (await sm.vdi.snapshot("test", sr, vdi, VdiInfo(is_a_snapshot=True))).vdi
    await sm.opened(sr, vdi)

    with pytest.raises(VdiInUse):
        await sm.vdi.revert("test", sr, snapshot, vdi)
    with pytest.raises(SrHasOpenDisks):
        await sm.sr.detach("test", sr)


async def test_bases_go_when_the_last_disk_above_them_is_destroyed(sm: Sm) -> None:
    sr = await sm.new_sr()
    vdi = await filled(sm, sr, 1)
    snapshot = (await sm.vdi.snapshot("test", sr, vdi, VdiInfo(is_a_snapshot=True))).vdi

    await sm.vdi.destroy("test", sr, vdi)
    await holds(sm, sr, snapshot, 1)
    await sm.vdi.destroy("test", sr, snapshot)

    assert [path.name for path in (sm.root / "disks").iterdir()] == ["sr.json"]
    with pytest.raises(VdiDoesNotExist):
        await sm.vdi.stat("test", sr, vdi)


@pytest.mark.parametrize("opened", [True, False], ids=["open", "closed"])
@pytest.mark.parametrize("config", [{}, {"type": "raw"}], ids=["qcow2", "raw"])
async def test_disks_grow_and_keep_their_content(sm: Sm, config: dict[str, str], opened: bool) -> None:
    sr = await sm.new_sr()
    vdi = await filled(sm, sr, 1, sm_config=config)
    if opened:
        await sm.opened(sr, vdi)

    assert (await sm.vdi.resize("test", sr, vdi, 128 * MIB)).virtual_size == 128 * MIB

    with pytest.raises(BackendError, match="79"):
        await sm.vdi.resize("test", sr, vdi, 64 * MIB)
    await qemu_io(await sm.opened(sr, vdi), "read -P 1 0 1M", "write -P 2 127M 1M", "read -P 2 127M 1M")
    assert (await sm.sr.scan("test", sr)).vdis[0].virtual_size == 128 * MIB


@pytest.mark.parametrize("source", [{}, {"type": "raw"}], ids=["from qcow2", "from raw"])
@pytest.mark.parametrize("target", [{}, {"type": "raw"}], ids=["to qcow2", "to raw"])
async def test_copy_between_srs_and_formats(sm: Sm, source: dict[str, str], target: dict[str, str]) -> None:
    one, other = await sm.new_sr(), await sm.new_sr(location=str(sm.root / "other"))
    vdi = await filled(sm, one, 1, sm_config=source)
    into = (await sm.new_vdi(other, size=80 * MIB, sm_config=target)).vdi

    task = await sm.vdi.copy("test", one, vdi, other, into)

    assert await wait(sm, task) == []
    await holds(sm, other, into, 1)
    assert await sm.dp.all("test") == []
    assert (await sm.vdi.stat("test", other, into)).physical_utilisation < 4 * MIB


async def test_copy_over_old_content_and_into_a_smaller_disk(sm: Sm) -> None:
    sr = await sm.new_sr()
    vdi, into = (await sm.new_vdi(sr)).vdi, await filled(sm, sr, 9)
    small = (await sm.new_vdi(sr, size=MIB)).vdi

    assert await wait(sm, await sm.vdi.copy("test", sr, vdi, sr, into)) == []
    await holds(sm, sr, into, 0)
    with pytest.raises(BackendError, match="79"):
        await sm.vdi.copy("test", sr, vdi, sr, small)


async def test_a_copy_whose_target_is_in_use_fails_and_leaves_nothing_open(sm: Sm) -> None:
    sr = await sm.new_sr()
    vdi, into = await filled(sm, sr, 1), await filled(sm, sr, 2)
    await sm.opened(sr, into)

    assert (await wait(sm, await sm.vdi.copy("test", sr, vdi, sr, into)))[0] == "Vdi_in_use"

    assert [state.dp for state in await sm.dp.all("test")] == ["vbd/test"]


async def test_a_cancelled_copy_leaves_nothing_open(sm: Sm) -> None:
    sr = await sm.new_sr()
    vdi, into = (await sm.new_vdi(sr, size=LONG)).vdi, (await sm.new_vdi(sr, size=LONG)).vdi
    await qemu_io(await sm.opened(sr, vdi), f"write -P 1 0 {LONG}")
    await sm.closed(sr, vdi)
    task = await sm.vdi.copy("test", sr, vdi, sr, into)
    async with asyncio.timeout(60):
        while not any(state.vdi == into and state.activated for state in await sm.dp.all("test")):
            await asyncio.sleep(0.005)
    os.kill(sm.storage_daemon(sr, into), signal.SIGSTOP)  # it can't end by itself
    await asyncio.sleep(0.2)

    await sm.task.cancel("test", task)
    os.kill(sm.storage_daemon(sr, into), signal.SIGCONT)

    assert (await wait(sm, task))[0] == "Cancelled"
    assert await sm.dp.all("test") == []


async def test_suspend_images_are_plain_files(sm: Sm) -> None:
    sr = await sm.new_sr()
    vdi = (await sm.new_vdi(sr, type="suspend")).vdi
    dp = DpId("suspend")

    attachment = await sm.vdi.attach("test", dp, sr, vdi, False)
    await sm.vdi.activate("test", dp, sr, vdi)

    assert attachment.implementations == [RawFile(path=str(sm.root / f"disks/{vdi}.raw"))]
    clone = await sm.vdi.clone("test", sr, vdi, VdiInfo())
    assert clone.sm_config["image-format"] == "raw"


async def test_raw_disks_offer_both_ways_and_are_not_snapshotted_while_open(sm: Sm) -> None:
    sr = await sm.new_sr()
    vdi = (await sm.new_vdi(sr, sm_config={"image-format": "raw"})).vdi
    attachment = await sm.vdi.attach("test", DpId("d"), sr, vdi, False)
    await sm.vdi.activate("test", DpId("d"), sr, vdi)

    assert [type(way) for way in attachment.implementations] == [NbdSocket, RawFile]
    with pytest.raises(VdiInUse):
        await sm.vdi.snapshot("test", sr, vdi, VdiInfo())


async def test_calls_on_datapaths_may_be_repeated(sm: Sm) -> None:
    sr = await sm.new_sr()
    vdi = (await sm.new_vdi(sr)).vdi

    first = await sm.opened(sr, vdi)
    assert await sm.opened(sr, vdi) == first
    for _ in range(2):
        await sm.closed(sr, vdi)
        await sm.dp.destroy("test", DpId("vbd/test"))
        await sm.sr.detach("test", sr)
    await sm.sr.attach("test", sr, "file", {"location": str(sm.root / "disks")})
    await sm.sr.attach("test", sr, "file", {"location": str(sm.root / "disks")})

    with pytest.raises(BackendError, match="46"):
        await sm.vdi.activate("test", DpId("unknown"), sr, vdi)


async def test_a_disk_somebody_copied_here_is_introduced(sm: Sm) -> None:
    sr = await sm.new_sr()
    uuid = "11111111-2222-3333-4444-555555555555"
    (sm.root / f"disks/{uuid}.raw").write_bytes(b"\1" * MIB)

    introduced = await sm.vdi.introduce("test", sr, uuid, {}, uuid)
    await sm.vdi.update("test", sr, introduced.vdi, "found", "by chance")

    assert [(info.vdi, info.name_label) for info in (await sm.sr.scan("test", sr)).vdis] == [(uuid, "found")]
    await holds(sm, sr, introduced.vdi, 1)


async def test_damage_is_shown_and_nothing_is_collected_meanwhile(sm: Sm) -> None:
    sr = await sm.new_sr()
    vdi = await filled(sm, sr, 1)
    snapshot = (await sm.vdi.snapshot("test", sr, vdi, VdiInfo(is_a_snapshot=True))).vdi
    for broken in (vdi, snapshot):
        (sm.root / f"disks/{broken}.qcow2").write_bytes(b"rubbish")
    other = (await sm.new_vdi(sr)).vdi

    await sm.vdi.destroy("test", sr, other)

    shown = {info.vdi: info for info in (await sm.sr.scan("test", sr)).vdis}
    assert shown[vdi].missing
    assert len(shown) == 3
    with pytest.raises(BackendError, match="46"):
        await sm.opened(sr, vdi)


async def test_scan_of_10000_unchanged_disks_takes_half_a_second(sm: Sm) -> None:
    sr = await sm.new_sr()
    vdi = (await sm.new_vdi(sr, size=MIB, name_label="d" * 30)).vdi
    disks = sm.root / "disks"
    image, about = (disks / f"{vdi}.qcow2").read_bytes()[:4096], (disks / f"{vdi}.json").read_bytes()
    for number in range(10_000):
        name = f"00000000-0000-4000-8000-{number:012x}"
        (disks / f"{name}.qcow2").write_bytes(image)
        (disks / f"{name}.json").write_bytes(about)
    await sm.sr.scan("test", sr)

    def cpu() -> float:
        return speed.used(os.getpid()) + speed.used(sm.process.pid) + speed.used(sm.worker(sr))  # type: ignore[union-attr]

    took = []
    for _ in range(5):
        before = cpu()
        answer = await sm.client.send("SR.scan", {"dbg": "test", "sr": sr})
        took.append(cpu() - before)
        assert len(answer["vdis"]) == 10_001

    assert statistics.median(took) < speed.allowed(0.5), took
