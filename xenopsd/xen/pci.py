"""PCI devices of this host as dom0's kernel shows them: who drives one, and what speaks against giving it away."""

from __future__ import annotations

import re
from pathlib import Path

ADDRESS = re.compile(r"([0-9a-f]{4}):([0-9a-f]{2}):([01][0-9a-f])\.([0-7])")
BRIDGE = 0x06
"""Class of what leads to other devices, or is the machine itself: none of a guest's."""
PCIBACK = "pciback"
"""The driver that holds what is for guests; its module is xen-pciback."""


def parts(address: str) -> dict[str, int]:
    """`0000:00:1f.6` as libxl wants it. Raises `ValueError`."""
    match = ADDRESS.fullmatch(address)
    if match is None:
        raise ValueError(f"{address!r} is no address of a PCI device")
    names = ("domain", "bus", "dev", "func")
    return {name: int(text, 16) for name, text in zip(names, match.groups(), strict=True)}


class Bus:
    """The buses of this host, as they are now. `root` is where sysfs is, `mounts` the kernel's list of mounts."""

    def __init__(self, root: Path = Path("/sys"), mounts: Path = Path("/proc/self/mountinfo")) -> None:
        self._root, self._mounts = root, mounts

    @property
    def has_pciback(self) -> bool:
        """Whether the module is loaded."""
        return (self._root / "bus/pci/drivers" / PCIBACK).is_dir()

    def driver(self, address: str) -> str:
        """Who drives the device; empty where nobody does."""
        link = self._device(address) / "driver"
        return link.resolve().name if link.is_symlink() else ""

    @property
    def has_groups(self) -> bool:
        """Whether an IOMMU of this kernel's tells devices apart; in a dom0 it is Xen's, and not seen here."""
        groups = self._root / "kernel/iommu_groups"
        return groups.is_dir() and any(groups.iterdir())

    def is_isolated(self, address: str) -> bool:
        """Whether this kernel's IOMMU keeps the device from others' memory."""
        return (self._device(address) / "iommu_group").exists()

    def obstacle(self, address: str) -> str:
        """Why no guest can have the device; empty if one can."""
        if ADDRESS.fullmatch(address) is None or not self._device(address).exists():
            return "this host has no such device"
        if int((self._device(address) / "class").read_text(), 16) >> 16 == BRIDGE:
            return "it is a bridge"
        if disk := self._mounted(address):
            return f"this host has {disk}, a disk of it, mounted"
        return ""

    def _mounted(self, address: str) -> str:
        """A block device behind `address` that is mounted, or has another above it."""
        lines = self._mounts.read_text().splitlines()
        mounted = {fields[2] for line in lines if len(fields := line.split()) > 2}
        for entry in sorted((self._root / "class/block").glob("*")):
            place = entry.resolve()
            if address in place.parts and ((place / "dev").read_text().strip() in mounted or _held(place)):
                return entry.name
        return ""

    def _device(self, address: str) -> Path:
        return self._root / "bus/pci/devices" / address


def _held(block: Path) -> bool:
    holders = block / "holders"
    return holders.is_dir() and any(holders.iterdir())
