"""The library of CD images."""

from __future__ import annotations

import shutil
import subprocess
import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest

from common.idl.storage import BackendError, RawFile, SrId, VdiDoesNotExist, VdiId, VdiInfo
from sm import iso9660, tools_iso
from sm.drivers.iso import IsoDriver

SR = SrId(str(uuid.uuid4()))


@pytest.fixture
def driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> IsoDriver:
    monkeypatch.setenv("XAPI_ROOT", str(tmp_path))
    (tmp_path / "isos").mkdir()
    return IsoDriver(SR, {"location": "/isos", "legacy_mode": "true"})


async def test_images_are_found_by_their_ending(driver: IsoDriver) -> None:
    for name in ("debian.iso", "OLD.ISO", "floppy.img", "notes.txt", "iso"):
        (driver.path / name).write_bytes(b"x" * 2048)

    found = {info.vdi: info for info in await driver.scan()}

    assert found.keys() == {"debian.iso", "OLD.ISO", "floppy.img"}
    assert found[VdiId("debian.iso")].read_only
    assert found[VdiId("debian.iso")].virtual_size == 2048
    assert found == {info.vdi: info for info in await driver.scan()}


async def test_the_tools_are_marked_as_such(driver: IsoDriver) -> None:
    tools_iso.provide(driver.path)

    (info,) = await driver.scan()

    assert (info.vdi, info.name_label, info.sm_config["xs-tools"]) == ("guest-tools.iso", "guest-tools.iso", "true")


async def test_names_that_lead_out_of_the_directory_are_no_disks(driver: IsoDriver) -> None:
    (driver.path.parent / "secret.iso").write_bytes(b"x")

    for name in ("../secret.iso", "/etc/passwd", "absent.iso"):
        with pytest.raises(VdiDoesNotExist):
            await driver.vdi(VdiId(name))


async def test_an_image_can_be_made_filled_and_deleted(driver: IsoDriver) -> None:
    made = await driver.vdi_create(VdiInfo(virtual_size=4096))
    named = await driver.vdi_create(VdiInfo(virtual_size=4096, sm_config={"path": "mine.iso"}))

    assert made.vdi == f"{made.uuid}.img"
    assert not made.read_only
    assert not (await driver.open(made.vdi)).read_only
    assert named.vdi == "mine.iso"
    with pytest.raises(BackendError, match="43"):
        await driver.vdi_create(VdiInfo(virtual_size=4096, sm_config={"path": "mine.iso"}))
    with pytest.raises(BackendError, match="221"):
        await driver.vdi_create(VdiInfo(virtual_size=4096, sm_config={"path": "../mine.iso"}))
    await driver.vdi_destroy(made.vdi)
    assert [info.vdi for info in await driver.scan()] == ["mine.iso"]


async def test_the_reader_opens_the_file_itself(driver: IsoDriver) -> None:
    (driver.path / "debian.iso").write_bytes(b"x")

    disk = await driver.open(VdiId("debian.iso"))

    assert disk.direct
    assert RawFile(path=str(disk.layers[0].path)) == RawFile(path=str(driver.path / "debian.iso"))


@pytest.mark.parametrize("location", ["", "server:/export", "//server/share", "/absent"])
async def test_locations_that_are_no_directory_are_refused(driver: IsoDriver, location: str) -> None:
    with pytest.raises(BackendError, match=r"94|225"):
        await IsoDriver(SR, {"location": location}).attach()


def test_a_cd_image_holds_its_files(tmp_path: Path) -> None:
    files = {"README.TXT": b"read me", "EMPTY.TXT": b"", "BIG.BIN": bytes(range(256)) * 40}
    path = tmp_path / "cd.iso"

    path.write_bytes(iso9660.image("LABEL", files, datetime(2026, 1, 2, tzinfo=UTC)))

    content = path.read_bytes()
    assert len(content) % iso9660.SECTOR == 0
    for body in files.values():
        assert body in content
    assert "LABEL" in subprocess.run(["blkid", "-p", str(path)], check=True, capture_output=True, text=True).stdout


def test_another_reader_agrees(tmp_path: Path) -> None:
    if shutil.which("bsdtar") is None:
        pytest.skip("bsdtar is not installed")
    tools_iso.provide(tmp_path)

    command = ["bsdtar", "-xf", str(tmp_path / tools_iso.NAME), "-C", str(tmp_path)]
    subprocess.run(command, check=True, timeout=30)

    assert (tmp_path / "README.TXT").read_bytes() == tools_iso.README
    assert (tmp_path / "INSTALL.SH").read_bytes() == tools_iso.INSTALL


@pytest.mark.root
def test_linux_mounts_our_cd_images(tmp_path: Path) -> None:
    tools_iso.provide(tmp_path)
    mount = tmp_path / "mnt"
    mount.mkdir()
    done = subprocess.run(
        ["mount", "-o", "loop,ro", "-t", "iso9660", str(tmp_path / tools_iso.NAME), str(mount)],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        pytest.skip(f"this kernel mounts no CD images: {done.stderr}")
    try:
        assert {path.name: path.read_bytes() for path in mount.iterdir()} == {
            "readme.txt": tools_iso.README,
            "install.sh": tools_iso.INSTALL,
        }
    finally:
        subprocess.run(["umount", str(mount)], check=True)


def test_the_install_script_is_one(tmp_path: Path) -> None:
    (tmp_path / "install.sh").write_bytes(tools_iso.INSTALL)

    subprocess.run(["sh", "-n", str(tmp_path / "install.sh")], check=True)
