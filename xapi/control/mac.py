"""MAC addresses of VIFs: derived from the VM's seed, so that a VM keeps its addresses wherever it is restored."""

from __future__ import annotations

import hashlib
import re

from xapi.datamodel.errors import MacInvalid

_VALID = re.compile(r"[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}")


def derive(seed: str, device: int) -> str:
    """The address of interface `device` of a VM with `seed`: unicast, locally administered.

    A chain of MD5 over the seed, two links for each interface; other toolstacks derive the same addresses.
    """
    link = seed.encode()
    for _ in range(2 * device + 1):
        link = _md5(link)
    tail = _md5(link)
    first = (link[0] | 0b10) & 0b1111_1110
    return ":".join(f"{byte:02x}" for byte in (first, link[1], link[2], link[3], tail[1], tail[2]))


def parse(mac: str) -> str:
    """`mac` as we store it: six bytes in lower case. Raises `MacInvalid`, also for a multicast address."""
    if not _VALID.fullmatch(mac) or int(mac[:2], 16) & 1:
        raise MacInvalid(mac)
    return mac.lower()


def _md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()
