"""Small parts of the libvirt backend."""

from __future__ import annotations

from pathlib import Path

import libvirt
import msgspec
import pytest

from common.idl.storage import RawFile
from common.idl.xen import (
    RemoteDisk,
    VmId,
)
from common.idl.xen_errors import Unimplemented
from tests.xenopsd.samples import vbd, vif
from xenopsd.backend.base import Ending, Status
from xenopsd.backend.libvirt import acceleration, daemon, image, observe, parts
from xenopsd.backend.libvirt.numbers import LARGEST, Numbers


def test_numbers_go_on_after_a_restart_and_round_the_end(tmp_path: Path) -> None:
    assert [Numbers(tmp_path / "n").take(()) for _ in range(3)] == [1, 2, 3]
    (tmp_path / "n").write_text(str(LARGEST))
    assert Numbers(tmp_path / "n").take({1, 2}) == 3


@pytest.mark.parametrize(
    ("state", "reason", "expected"),
    [
        (libvirt.VIR_DOMAIN_RUNNING, 1, (Status.RUNNING, None, False)),
        (libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_USER, (Status.PAUSED, None, False)),
        (libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_IOERROR, (Status.RUNNING, None, True)),
        (libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_CRASHED, (Status.ENDED, Ending.CRASH, False)),
        (libvirt.VIR_DOMAIN_CRASHED, 1, (Status.ENDED, Ending.CRASH, False)),
        (libvirt.VIR_DOMAIN_SHUTOFF, 1, (Status.ENDED, Ending.POWEROFF, False)),
        (libvirt.VIR_DOMAIN_SHUTDOWN, 1, (Status.RUNNING, None, False)),
    ],
)
def test_states(state: int, reason: int, expected: tuple[Status, Ending | None, bool]) -> None:
    assert observe.status(state, reason) == expected


def test_libvirts_user_is_added_once() -> None:
    passwd, group = daemon.accounts("root:x:0:0::/:/bin/sh\n", "root:x:0:\nkvm:x:5:\n")
    assert daemon.accounts(passwd, group) == (passwd, group)
    assert "libvirt-qemu:x:64055:" in passwd
    assert group.count("kvm:") == 1


@pytest.mark.parametrize("fails", [False, True])
async def test_a_disk_keeps_its_size_when_libvirt_truncates_or_removes_it(tmp_path: Path, fails: bool) -> None:
    disk = tmp_path / "disk"
    disk.write_bytes(b"\0" * 1000)
    try:
        async with image.written(RawFile(path=str(disk)), tmp_path / "scratch") as path:
            Path(path).unlink()
            if fails:
                raise OSError
            Path(path).write_bytes(b"memory")
    except OSError:
        assert fails
    assert disk.stat().st_size == 1000
    assert disk.read_bytes()[:6] == (b"\0" * 6 if fails else b"memory")


@pytest.mark.parametrize(("setting", "expected"), [("kvm", True), ("tcg", False)])
async def test_a_setting_is_believed(tmp_path: Path, setting: str, expected: bool) -> None:
    assert await acceleration.has_kvm(setting, tmp_path / "finding") is expected
    assert not (tmp_path / "finding").exists()


def test_devices_of_driver_domains_are_refused() -> None:
    parts.check_served_here(vif(0))
    parts.check_served_here(vbd("xvda", 0))
    with pytest.raises(Unimplemented):
        parts.check_served_here(vif(0, backend="a-vm"))
    remote = msgspec.structs.replace(vbd("xvda", 0), disk=RemoteDisk(backend=VmId("a-vm"), path="/dev/xvdb"))
    with pytest.raises(Unimplemented):
        parts.check_served_here(remote)
