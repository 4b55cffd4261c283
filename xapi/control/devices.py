"""Names and positions of disks and interfaces."""

from __future__ import annotations

from collections.abc import Iterable

from xapi.datamodel.errors import InvalidDevice

MAXIMUM_DISKS = 255
MAXIMUM_INTERFACES = 16
AUTODETECT = "autodetect"
_PREFIXES = ("xvd", "hd", "sd")


def disk_name(position: int) -> str:
    """The guest's name of the disk at `position`: 0 is `xvda`, 26 `xvdaa`."""
    letters = ""
    number = position + 1
    while number:
        number, digit = divmod(number - 1, 26)
        letters = chr(ord("a") + digit) + letters
    return f"xvd{letters}"


def disk_position(userdevice: str) -> int:
    """The position that a client means: decimal (`3`), or a name (`xvdd`, `hdd`). Raises `InvalidDevice`."""
    decimal = userdevice.isascii() and userdevice.isdigit()
    position = int(userdevice) if decimal else _position_of_name(userdevice)
    if not 0 <= position < MAXIMUM_DISKS:
        raise InvalidDevice(userdevice)
    return position


def _position_of_name(name: str) -> int:
    letters = next((name.removeprefix(prefix) for prefix in _PREFIXES if name.startswith(prefix)), "")
    if not letters or not letters.isascii() or not letters.isalpha() or not letters.islower():
        raise InvalidDevice(name)
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("a") + 1
    return number - 1


def interface_position(device: str) -> int:
    """The position of an interface: decimal. Raises `InvalidDevice`."""
    if not device.isascii() or not device.isdigit():
        raise InvalidDevice(device)
    return int(device)


def unused(taken: Iterable[int], limit: int) -> list[int]:
    """The positions below `limit` that are free, lowest first."""
    occupied = set(taken)
    return [position for position in range(limit) if position not in occupied]
