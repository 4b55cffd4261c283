"""What of a machine's PCI devices may be given away."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.xenopsd.pci_bus import BRIDGE, DISKS, NIC, STORAGE, Sysfs
from xenopsd.xen.pci import parts


def test_an_address_has_four_parts() -> None:
    assert parts("0001:a0:1f.6") == {"domain": 1, "bus": 0xA0, "dev": 0x1F, "func": 6}


@pytest.mark.parametrize("text", ["", "00:1f.6", "0000:00:20.0", "0000:00:1f.8", "0000:00:1f.6 ", "0000:00:1F.6"])
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="no address"):
        parts(text)


def test_a_card_may_be_given_away(tmp_path: Path) -> None:
    sysfs = Sysfs(tmp_path)
    sysfs.add(NIC, driver="e1000e")
    assert (sysfs.bus.obstacle(NIC), sysfs.bus.driver(NIC)) == ("", "e1000e")
    sysfs.drive(NIC, "")
    assert sysfs.bus.driver(NIC) == ""


def test_a_bridge_may_not(tmp_path: Path) -> None:
    sysfs = Sysfs(tmp_path)
    sysfs.add("0000:00:1c.0", BRIDGE)
    assert "bridge" in sysfs.bus.obstacle("0000:00:1c.0")


@pytest.mark.parametrize("address", ["0000:02:00.0", "../../etc"])
def test_nor_may_what_is_not_there(tmp_path: Path, address: str) -> None:
    assert "no such device" in Sysfs(tmp_path).bus.obstacle(address)


@pytest.mark.parametrize(
    ("number", "holder", "mounted"), [("254:0", "", True), ("254:16", "dm-0", True), ("254:16", "", False)]
)
def test_a_disk_that_the_host_uses_stays(tmp_path: Path, number: str, holder: str, mounted: bool) -> None:
    sysfs = Sysfs(tmp_path)
    sysfs.add(DISKS, STORAGE, driver="virtio-pci")
    sysfs.add_disk(DISKS, "vda", number, holder)
    assert ("vda" in sysfs.bus.obstacle(DISKS)) == mounted


def test_groups_are_the_kernels(tmp_path: Path) -> None:
    sysfs = Sysfs(tmp_path)
    sysfs.add(DISKS)
    before = sysfs.bus.has_groups
    sysfs.add(NIC, group="7")
    assert (before, sysfs.bus.has_groups) == (False, True)
    assert (sysfs.bus.is_isolated(NIC), sysfs.bus.is_isolated(DISKS)) == (True, False)
