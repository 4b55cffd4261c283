"""What of xl's guests can be adopted, and how; the rest is seen on real Xen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from common.config import under_root
from xapi.control import adoption, xl
from xapi.control.adopt import Adopted, Disk, NotAdoptable
from xapi.control.xl import Running

LISTED = """\
Name                                        ID   Mem VCPUs\tState\tTime(s)
Domain-0                                     0  1024     2     r-----      31.4
a guest with spaces                          4   128     1     --p---       0.0
web                                         12   256     2     -b----       7.5
"""


def guest(*disks: Disk, type_: str = "pvh") -> Adopted:
    return Adopted(
        name="web", uuid="", type=type_, memory=1 << 28, memory_max=1 << 28, vcpus=1, vcpus_max=1, disks=disks
    )


def disk(path: str = "/srv/web.img", device: str = "xvda", *, cdrom: bool = False) -> Disk:
    return Disk(device, 0, path, "raw", read_only=cdrom, cdrom=cdrom)


def test_states_are_read_from_the_right_of_each_row() -> None:
    assert xl.parse(LISTED) == {0: "r-----", 4: "--p---", 12: "-b----"}


def test_only_a_running_paravirtual_guest_with_our_names_is_taken_over() -> None:
    running = Running(guest(disk()), 3, paused=False)
    assert adoption.why_not(running) is None
    assert "paused" in (adoption.why_not(replace(running, paused=True)) or "")
    assert "emulated" in (adoption.why_not(replace(running, guest=guest(type_="hvm"))) or "")
    assert "sda" in (adoption.why_not(replace(running, guest=guest(disk(device="sda")))) or "")


def test_disks_must_be_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XAPI_ROOT", str(tmp_path))
    image = tmp_path / "srv/web.img"
    image.parent.mkdir()
    image.write_bytes(bytes(512))
    adoption.check_disks(guest(disk()))
    adoption.check_disks(guest(disk("", "hdd", cdrom=True)))
    with pytest.raises(NotAdoptable, match=r"/srv/none\.img: No such file"):
        adoption.check_disks(guest(disk("/srv/none.img")))
    with pytest.raises(NotAdoptable, match="block device or no file"):
        adoption.check_disks(guest(disk("/srv")))


def test_a_configuration_file_that_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XAPI_ROOT", str(tmp_path))
    with pytest.raises(NotAdoptable, match=r"/etc/xen/web\.cfg: No such file"):
        xl.configured("/etc/xen/web.cfg")
    path = under_root("/etc/xen/web.cfg")
    path.parent.mkdir(parents=True)
    path.write_text('name = "web"\n')
    with pytest.raises(NotAdoptable, match="has no memory"):
        xl.configured("/etc/xen/web.cfg")
