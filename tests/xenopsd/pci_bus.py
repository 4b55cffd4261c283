"""A machine's PCI devices as files: what sysfs and the kernel's list of mounts would say."""

from __future__ import annotations

from pathlib import Path

from xenopsd.xen.pci import Bus

NIC = "0000:01:00.0"
DISKS = "0000:00:05.0"
ETHERNET, STORAGE, BRIDGE = "0x020000", "0x010000", "0x060400"


class Sysfs:
    """Below `folder`."""

    def __init__(self, folder: Path) -> None:
        self.root, self._mounts = folder / "sys", folder / "mountinfo"
        self._mounts.write_text("22 1 254:0 / / rw - ext4 /dev/vda rw\n")
        for part in ("bus/pci/devices", "class/block", "bus/pci/drivers/pciback"):
            (self.root / part).mkdir(parents=True)

    @property
    def bus(self) -> Bus:
        return Bus(self.root, self._mounts)

    def add(self, address: str, kind: str = ETHERNET, driver: str = "", group: str = "") -> None:
        """A device; with an IOMMU of the kernel's, in its `group`."""
        place = self.root / "devices/pci0000:00" / address
        place.mkdir(parents=True)
        (place / "class").write_text(kind + "\n")
        (self.root / "bus/pci/devices" / address).symlink_to(place)
        if group:
            (self.root / "kernel/iommu_groups" / group).mkdir(parents=True)
            (place / "iommu_group").symlink_to(self.root / "kernel/iommu_groups" / group)
        self.drive(address, driver)

    def drive(self, address: str, driver: str) -> None:
        """Have another driver, or none."""
        link = self.root / "devices/pci0000:00" / address / "driver"
        link.unlink(missing_ok=True)
        if driver:
            (self.root / "bus/pci/drivers" / driver).mkdir(exist_ok=True)
            link.symlink_to(self.root / "bus/pci/drivers" / driver)

    def add_disk(self, address: str, name: str, number: str, holder: str = "") -> None:
        """A block device of the device."""
        place = self.root / "devices/pci0000:00" / address / "virtio0/block" / name
        (place / "holders").mkdir(parents=True)
        (place / "dev").write_text(number + "\n")
        if holder:
            (place / "holders" / holder).mkdir()
        (self.root / "class/block" / name).symlink_to(place)
