"""What the QEMU guest agent tells, in the words a Xen guest would use. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ALWAYS = {
    "control/feature-shutdown": "1",
    "control/feature-reboot": "1",
    "control/feature-suspend": "1",
    "control/feature-vcpu-hotplug": "1",
}
"""What QEMU can do to any guest, agent or not: ACPI asks it to end, and saving its memory needs no help."""

DISTRIBUTIONS = {"mswindows": "windows"}


def keys(info: Mapping[str, Any], positions: Mapping[str, str]) -> dict[str, str]:
    """`info` as libvirt's `guestInfo` gives it; `positions` maps MAC addresses to VIFs."""
    found = dict(ALWAYS) | {"data/updated": "1", "attr/PVAddons/Installed": "1", "feature/hotplug": "1"}
    found |= _system(info)
    if name := info.get("hostname"):
        found["data/host_name"] = str(name)
    return found | _addresses(info, positions)


def _system(info: Mapping[str, Any]) -> dict[str, str]:
    identity = str(info.get("os.id", ""))
    major, _, minor = str(info.get("os.version-id", "")).partition(".")
    named = {
        "data/os_name": str(info.get("os.pretty-name") or info.get("os.name", "")),
        "data/os_distro": DISTRIBUTIONS.get(identity, identity),
        "data/os_majorver": major,
        "data/os_minorver": minor,
        "data/os_uname": str(info.get("os.kernel-release", "")),
    }
    return {key: value for key, value in named.items() if value}


def _addresses(info: Mapping[str, Any], positions: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for number in range(int(info.get("if.count", 0))):
        position = positions.get(str(info.get(f"if.{number}.hwaddr", "")).lower())
        if position is None:
            continue
        counts = {"ipv4": 0, "ipv6": 0}
        for index in range(int(info.get(f"if.{number}.addr.count", 0))):
            kind = str(info.get(f"if.{number}.addr.{index}.type", ""))
            if kind in counts:
                found[f"attr/vif/{position}/{kind}/{counts[kind]}"] = str(info[f"if.{number}.addr.{index}.addr"])
                counts[kind] += 1
    return found
