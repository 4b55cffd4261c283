"""A volume group of our own on a loop device."""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from common import command
from common.idl.storage import BackendError, SrId, SrNotEmpty, VdiInfo
from sm.drivers import ext
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
    name = loop_device(tmp_path)
    yield name
    subprocess.run(["losetup", "--detach", name], check=True)


def loop_device(directory: Path) -> str:
    backing = directory / "device"
    with backing.open("wb") as file:
        file.truncate(SIZE)
    done = subprocess.run(["losetup", "--find", "--show", str(backing)], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no loop device: {done.stderr}")
    return done.stdout.strip()


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


class WithoutLvm(ExtDriver):
    """On a plain loop device, for kernels without device mapper: everything but LVM itself is real."""

    @property
    def volume(self) -> str:
        return self.config["device"]


@pytest.mark.root
async def test_the_file_system_without_the_volume_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XAPI_ROOT", str(tmp_path))
    called: list[str] = []

    async def run(*argv: str, **options: Any) -> str:
        called.append(argv[0])
        return "" if argv[0].startswith(("vg", "lv")) else await command.run(*argv, **options)

    monkeypatch.setattr(ext, "run", run)
    driver = WithoutLvm(SrId(str(uuid.uuid4())), {"device": loop_device(tmp_path)})
    try:
        await driver.create(0, "disks", "")
        assert not driver.path.exists()
        await driver.attach()
        await driver.attach()
        assert driver.path.is_mount()
        made = await driver.vdi_create(VdiInfo(virtual_size=1 << 20))
        assert (await driver.stat()).total_space < SIZE
        with pytest.raises(SrNotEmpty):
            await driver.destroy()
        await driver.vdi_destroy(made.vdi)
        await driver.destroy()
        assert not driver.path.exists()
        assert called[-1] == "vgremove"
    finally:
        await driver.detach()
        subprocess.run(["losetup", "--detach", driver.volume], check=True)


@pytest.mark.root
async def test_what_was_made_before_a_failure_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XAPI_ROOT", str(tmp_path))
    called: list[str] = []

    async def run(*argv: str, **options: Any) -> str:
        called.append(argv[0])
        if argv[0] == "mkfs.ext4":
            raise command.CommandFailed("mkfs.ext4", 1, "no room")
        return ""

    monkeypatch.setattr(ext, "run", run)
    device = loop_device(tmp_path)
    try:
        with pytest.raises(BackendError, match="no room"):
            await ExtDriver(SrId("x"), {"device": device}).create(0, "", "")
    finally:
        subprocess.run(["losetup", "--detach", device], check=True)

    assert called == ["vgcreate", "lvcreate", "mkfs.ext4", "vgremove"]


@pytest.mark.parametrize(("device_", "number"), [("", "90"), ("/dev/null", "91"), ("/dev/absent", "91")])
async def test_only_block_devices_are_taken_over(device_: str, number: str) -> None:
    driver = ExtDriver(SrId(str(uuid.uuid4())), {"device": device_})

    with pytest.raises(BackendError) as caught:
        await driver.create(0, "", "")

    assert caught.value.number == number


def test_nothing_is_mounted_outside_of_the_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "XAPI_ROOT", str(tmp_path))

    assert ExtDriver(SrId("x"), {}).path.is_relative_to(tmp_path)
