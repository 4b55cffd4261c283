"""What a guest's agent says."""

from __future__ import annotations

from xapi.control import guest_metrics


def test_what_the_guest_says() -> None:
    keys = {
        "attr/vif/0/ipv4/0": "192.168.77.10",
        "attr/vif/0/ipv6/0": "fe80::1",
        "attr/PVAddons/MajorVersion": "9",
        "attr/PVAddons/MinorVersion": "3",
        "data/os_name": "Debian GNU/Linux 12 (bookworm)",
        "data/os_majorver": "12",
        "data/host_name": "web",
        "data/service/web/port": "80",
        "control/feature-suspend": "1",
        "data/cant_suspend_reason": "",
    }
    facts = guest_metrics.facts(keys, False)
    assert facts.networks == {"0/ip": "192.168.77.10", "0/ipv4/0": "192.168.77.10", "0/ipv6/0": "fe80::1"}
    assert facts.os_version == {"name": "Debian GNU/Linux 12 (bookworm)", "major": "12"}
    assert facts.PV_drivers_version == {"major": "9", "minor": "3"}
    assert facts.PV_drivers_detected
    assert facts.other["feature-suspend"] == "1"
    assert facts.services == {"web/port": "80"}


def test_the_old_keys_of_addresses_are_read_too() -> None:
    keys = {"attr/eth1/ip": "10.0.0.1", "attr/eth1/ipv6/0/addr": "fe80::2"}
    assert guest_metrics.networks(keys) == {"1/ip": "10.0.0.1", "1/ipv4/0": "10.0.0.1", "1/ipv6/0": "fe80::2"}
