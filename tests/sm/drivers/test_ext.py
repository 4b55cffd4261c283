"""A volume group of our own on a loop device."""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.idl.storage import BackendError, SrId, VdiInfo
from sm.drivers.ext import ExtDriver
from tests.sm.conftest import Sm, qemu_io

SIZE = 256 << 20


@pytest.fixture
def device(tmp_path: Path) -> Iterator[str]:
    for program in ("vgcreate", "losetup", "mkfs.ext4"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    if not Path("/dev/mapper/control").exists():
        pytest.skip("this kernel has no device mapper")
    backing = tmp_path / "device"
    with backing.open("wb") as file:
        file.truncate(SIZE)
    done = subprocess.run(["losetup", "--find", "--show", str(backing)], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no loop device: {done.stderr}")
    name = done.stdout.strip()
    yield name
    subprocess.run(["losetup", "--detach", name], check=True)


@pytest.mark.root
@pytest.mark.integration
async def test_the_life_of_an_ext_sr(sm: Sm, device: str) -> None:
    sr = await sm.new_sr("ext", device=device)
    mount = sm.root / f"var/run/sr-mount/{sr}"
    assert mount.is_mount()

    vdi = (await sm.vdi.create("test", sr, VdiInfo(virtual_size=16 << 20))).vdi
    await qemu_io(await sm.opened(sr, vdi), "write -P 1 0 1M")
    await sm.closed(sr, vdi)
    await sm.sr.detach("test", sr)
    assert not mount.exists()

    await sm.sr.attach("test", sr, "ext", {"device": device})
    await qemu_io(await sm.opened(sr, vdi), "read -P 1 0 1M")
    await sm.closed(sr, vdi)
    assert (await sm.sr.stat("test", sr)).name_label == "disks"
    (found,) = await sm.sr.probe("test", "ext", {"device": device}, {})
    assert found.sr is not None
    assert found.sr.sr == sr
    await sm.vdi.destroy("test", sr, vdi)
    await sm.sr.destroy("test", sr)
    assert await sm.sr.probe("test", "ext", {"device": device}, {}) == []


@pytest.mark.parametrize(("device_", "number"), [("", "90"), ("/dev/null", "91"), ("/dev/absent", "91")])
async def test_only_block_devices_are_taken_over(device_: str, number: str) -> None:
    driver = ExtDriver(SrId(str(uuid.uuid4())), {"device": device_})

    with pytest.raises(BackendError) as caught:
        await driver.create(0, "", "")

    assert caught.value.number == number


def test_nothing_is_mounted_outside_of_the_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "XAPI_ROOT", str(tmp_path))

    assert ExtDriver(SrId("x"), {}).path.is_relative_to(tmp_path)
