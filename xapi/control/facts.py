"""Facts of the machine that xapi reads itself: kernel, clock, firmware; processors and memory until xenopsd answers.

They come from /proc and /sys, which are the machine's and not below the host's root. Parsers are pure.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path

from common.idl.xen import CpuInfo

BIOS = {
    "bios-vendor": "bios_vendor",
    "bios-version": "bios_version",
    "system-manufacturer": "sys_vendor",
    "system-product-name": "product_name",
    "system-version": "product_version",
    "system-serial-number": "product_serial",
    "baseboard-manufacturer": "board_vendor",
    "baseboard-product-name": "board_name",
    "baseboard-version": "board_version",
    "baseboard-serial-number": "board_serial",
}
"""Keys of `bios_strings` and the files of /sys/class/dmi/id that hold them."""

OEM_STRINGS = {
    "oem-1": "Xen",
    "oem-2": "MS_VM_CERT/SHA1/bdbeb6e0a816d43fa6d3fe8aaef04c2bad9d3e3d",
    "hp-rombios": "",
}
"""What guests expect to find beside the machine's own strings; Windows checks the second."""


def boot_time(stat: str) -> int:
    """Seconds since the epoch, from the text of /proc/stat."""
    for line in stat.splitlines():
        if line.startswith("btime "):
            return int(line.split()[1])
    return 0


def memory_total(meminfo: str) -> int:
    """Bytes, from the text of /proc/meminfo."""
    return _meminfo(meminfo, "MemTotal")


def memory_free(meminfo: str) -> int:
    """Bytes that programs could have, from the text of /proc/meminfo."""
    return _meminfo(meminfo, "MemAvailable")


def _meminfo(text: str, name: str) -> int:
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if key == name:
            return int(value.split()[0]) * 1024
    return 0


def cpu_info(cpuinfo: str) -> CpuInfo:
    """The processors, from the text of /proc/cpuinfo; without feature words, which only a hypervisor tells."""
    blocks = [_block(text) for text in cpuinfo.strip().split("\n\n")]
    blocks = [block for block in blocks if "processor" in block]
    first = blocks[0] if blocks else {}
    siblings, cores = int(first.get("siblings", 1)), int(first.get("cpu cores", 1))
    return CpuInfo(
        cpu_count=len(blocks),
        socket_count=len({block.get("physical id", "0") for block in blocks}) or 1,
        threads_per_core=max(1, siblings // max(1, cores)),
        vendor=first.get("vendor_id", ""),
        speed=float(first.get("cpu MHz", 0.0)),
        model_name=first.get("model name", ""),
        family=first.get("cpu family", ""),
        model=first.get("model", ""),
        stepping=first.get("stepping", ""),
        flags=first.get("flags", ""),
    )


def _block(text: str) -> dict[str, str]:
    pairs = (line.partition(":") for line in text.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}


def bios_strings(folder: Path = Path("/sys/class/dmi/id")) -> Mapping[str, str]:
    """The firmware's strings; empty where the machine or our rights don't give them."""
    return {key: _text(folder / name) for key, name in BIOS.items()} | OEM_STRINGS


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""


def kernel() -> str:
    """Release of the running kernel."""
    return os.uname().release


def read(path: str) -> str:
    """A file of /proc; empty when it can't be read."""
    return _text(Path(path))


def timezone(zones: str = "/usr/share/zoneinfo/", link: Path = Path("/etc/localtime")) -> str:
    """Name of the host's time zone, `Etc/UTC` when it has none."""
    target = str(link.resolve()) if link.is_symlink() else ""
    return target.removeprefix(zones) if target.startswith(zones) else "Etc/UTC"


def stamp(seconds: float) -> str:
    """Seconds since the epoch as clients parse them in `other_config`: `1700000000.`."""
    return f"{int(seconds)}."


def now() -> str:
    """The present as a stamp."""
    return stamp(time.time())
