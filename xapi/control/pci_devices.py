"""The machine's PCI devices, from sysfs, with the names that the database of PCI ids (`pci.ids`) has for them.

Debian's packages pci.ids and hwdata bring that file; without it numbers stand for names.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

DEVICES = Path("/sys/bus/pci/devices")
NAMES = (Path("/usr/share/misc/pci.ids"), Path("/usr/share/hwdata/pci.ids"))
BRIDGE = "06"
"""Class of what is part of the machine and of no use to a guest."""
FUNCTION = re.compile(r"(?P<card>[0-9a-f]{4}:[0-9a-f]{2}:[01][0-9a-f])\.[0-7]")
LINE = re.compile(r"(?P<depth>\t{0,2})(?P<ids>[0-9a-f]{2,4}(?: [0-9a-f]{4})?)  (?P<name>.*)")


@dataclass(frozen=True, slots=True)
class Device:
    """One function of a card. Ids are hexadecimal, of four digits."""

    address: str
    class_id: str
    """Class and subclass."""
    vendor: str
    model: str
    board_vendor: str = ""
    board: str = ""
    driver: str = ""
    physical: str = ""
    """Address of the device that this is a virtual function of."""
    virtual: int = 0
    """How many virtual functions it has."""

    @property
    def card(self) -> str:
        """The address without the function."""
        return self.address.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Names:
    """What a database of ids says of them."""

    classes: dict[str, str] = field(default_factory=dict)
    vendors: dict[str, str] = field(default_factory=dict)
    models: dict[str, str] = field(default_factory=dict)
    """By vendor and model; with those of the board behind, by all four."""

    def of_class(self, id_: str) -> str:
        """Of a class with its subclass, or of the class alone."""
        return self.classes.get(id_) or self.classes.get(id_[:2]) or f"Class {id_}"

    def of_vendor(self, id_: str) -> str:
        """Empty for no vendor."""
        return self.vendors.get(id_, id_ and f"Vendor {id_}")

    def of_model(self, *ids: str) -> str:
        """Of a vendor's model, or of a board that has it; empty for none."""
        return self.models.get(" ".join(ids), ids[-1] and f"Device {ids[-1]}")


def devices(folder: Path = DEVICES) -> list[Device]:
    """All but bridges, by address."""
    if not folder.is_dir():
        return []
    found = (_device(entry) for entry in sorted(folder.iterdir()) if FUNCTION.fullmatch(entry.name))
    return [device for device in found if not device.class_id.startswith(BRIDGE)]


def driver(address: str, folder: Path = DEVICES) -> str:
    """Who drives the device now; empty where nobody does."""
    link = folder / address / "driver"
    return link.resolve().name if link.is_symlink() else ""


def related(device: Device, others: Iterable[Device]) -> list[Device]:
    """The other functions of its card: they can't be told apart by an IOMMU that sees the card only."""
    return [other for other in others if other.card == device.card and other.address != device.address]


def names(wanted: Collection[str], files: Iterable[Path] = NAMES) -> Names:
    """Names of all classes, and of what the `wanted` vendors make, from the first of `files` that is there."""
    for path in files:
        if path.is_file():
            with path.open(encoding="utf-8", errors="replace") as lines:
                return read_names(lines, wanted)
    return Names()


def read_names(lines: Iterable[str], wanted: Collection[str]) -> Names:
    """From the lines of the database: vendors, their models, the boards; then classes and subclasses."""
    found = Names()
    path: list[str] = []
    for line in lines:
        if line.startswith("C "):
            number, _, name = line[2:].strip().partition("  ")
            path = ["C", number]
            found.classes[number] = name
            continue
        match = LINE.fullmatch(line.rstrip("\n"))
        if match is None:
            continue
        depth, ids, name = len(match["depth"]), match["ids"], match["name"]
        if path[:1] == ["C"] and depth:
            if depth == 1:
                found.classes[path[1] + ids] = name
            continue
        path = [*path[:depth], ids]
        if depth == 0:
            found.vendors[ids] = name
        elif path[0] in wanted:
            found.models[" ".join(path)] = name
    return found


def _device(folder: Path) -> Device:
    physical = folder / "physfn"
    return Device(
        address=folder.name,
        class_id=_id(folder / "class", 6)[:4],
        vendor=_id(folder / "vendor"),
        model=_id(folder / "device"),
        board_vendor=_id(folder / "subsystem_vendor"),
        board=_id(folder / "subsystem_device"),
        driver=driver(folder.name, folder.parent),
        physical=physical.resolve().name if physical.is_symlink() else "",
        virtual=sum(1 for _ in folder.glob("virtfn*")),
    )


def _id(path: Path, digits: int = 4) -> str:
    """`0x8086` without what says that it is hexadecimal; empty where there is none, or where it is 0."""
    try:
        number = int(path.read_text(), 16)
    except (OSError, ValueError):
        return ""
    return f"{number:0{digits}x}" if number else ""
