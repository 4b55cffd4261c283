"""What a guest's agent tells, under its own keys, as the fields of VM_guest_metrics: pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from xapi.control.guests import CANNOT_SUSPEND

Keys = Mapping[str, str]

_OS = {
    "data/os_name": "name",
    "data/os_uname": "uname",
    "data/os_distro": "distro",
    "data/os_majorver": "major",
    "data/os_minorver": "minor",
    "data/os_build_number": "build",
    "attr/os/spmajor": "spmajor",
    "attr/os/spminor": "spminor",
}
_DRIVERS = {
    "attr/PVAddons/MajorVersion": "major",
    "attr/PVAddons/MinorVersion": "minor",
    "attr/PVAddons/MicroVersion": "micro",
    "attr/PVAddons/BuildVersion": "build",
    "attr/PVAddons/Application": "application",
}
_NETBIOS = {"data/host_name": "host_name", "data/host_name_dns": "host_name", "data/domain": "domain"}
_MEMORY = {"data/meminfo_free": "free", "data/meminfo_total": "total"}
_OTHER = {"data/cant_suspend_reason": CANNOT_SUSPEND}
_ADDRESS = re.compile(r"attr/(?P<kind>vif|net-sriov-vf)/(?P<device>\d+)/(?P<family>ipv[46])/(?P<number>\d+)")
_OLD_ADDRESS = re.compile(r"attr/eth(?P<device>\d+)/(?:ip|ipv6/(?P<number>\d+)/addr)")
_OLD_KIND = re.compile(r"attr/(?P<device>\d+)/(?:ip|ipv6/(?P<number>\d+)/addr)")
_SERVICE = re.compile(r"data/service/(?P<service>[^/]+)/(?P<key>.+)")


class Facts(NamedTuple):
    """Fields of VM_guest_metrics."""

    os_version: Keys
    netbios_name: Keys
    PV_drivers_version: Keys
    PV_drivers_up_to_date: bool
    PV_drivers_detected: bool
    memory: Keys
    networks: Keys
    other: Keys
    services: Keys


def facts(keys: Keys, pv_drivers_detected: bool) -> Facts:
    """What `keys` say; `pv_drivers_detected` is what the hypervisor saw."""
    version = _renamed(keys, _DRIVERS)
    detected = pv_drivers_detected or bool(version)
    return Facts(
        os_version=_renamed(keys, _OS),
        netbios_name=_renamed(keys, _NETBIOS),
        PV_drivers_version=version,
        PV_drivers_up_to_date=detected,
        PV_drivers_detected=detected,
        memory=_renamed(keys, _MEMORY),
        networks=networks(keys),
        other=_other(keys),
        services=_services(keys),
    )


def networks(keys: Keys) -> dict[str, str]:
    """`0/ipv4/0` for each address of interface 0, and `0/ip` for its first IPv4 one."""
    found: dict[str, str] = {}
    for key, value in sorted(keys.items()):
        if value and (name := _address_key(key)):
            found.setdefault(name, value)
            device, family, number = name.rsplit("/", 2)
            if family == "ipv4" and number == "0":
                found[f"{device}/ip"] = found[name]
    return found


def _address_key(key: str) -> str | None:
    if match := _ADDRESS.fullmatch(key):
        prefix = "" if match["kind"] == "vif" else "net-sriov-vf/"
        return f"{prefix}{match['device']}/{match['family']}/{match['number']}"
    if match := _OLD_ADDRESS.fullmatch(key) or _OLD_KIND.fullmatch(key):
        number = match["number"]
        return f"{match['device']}/ipv4/0" if number is None else f"{match['device']}/ipv6/{number}"
    return None


def _renamed(keys: Keys, names: Keys) -> dict[str, str]:
    return {name: keys[key] for key, name in names.items() if key in keys}


def _other(keys: Keys) -> dict[str, str]:
    """Features the guest announces, as `feature-suspend`."""
    features = {key.removeprefix("control/"): value for key, value in keys.items() if key.startswith("control/")}
    return {**features, **_renamed(keys, _OTHER)}


def _services(keys: Keys) -> dict[str, str]:
    matches = {key: _SERVICE.fullmatch(key) for key in keys}
    return {f"{match['service']}/{match['key']}": keys[key] for key, match in matches.items() if match}
