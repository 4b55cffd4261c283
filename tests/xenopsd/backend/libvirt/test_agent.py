"""What a guest agent tells, in a Xen guest's words."""

from __future__ import annotations

from xenopsd.backend.libvirt import agent

INFO = {
    "os.id": "debian",
    "os.pretty-name": "Debian GNU/Linux 12 (bookworm)",
    "os.version-id": "12.5",
    "os.kernel-release": "6.1.0",
    "hostname": "web1",
    "if.count": 2,
    "if.0.name": "lo",
    "if.0.hwaddr": "00:00:00:00:00:00",
    "if.0.addr.count": 1,
    "if.0.addr.0.type": "ipv4",
    "if.0.addr.0.addr": "127.0.0.1",
    "if.1.name": "eth0",
    "if.1.hwaddr": "00:16:3E:00:00:02",
    "if.1.addr.count": 3,
    "if.1.addr.0.type": "ipv4",
    "if.1.addr.0.addr": "10.0.0.2",
    "if.1.addr.1.type": "ipv6",
    "if.1.addr.1.addr": "fe80::1",
    "if.1.addr.2.type": "ipv4",
    "if.1.addr.2.addr": "10.0.0.3",
}


def test_addresses_belong_to_the_vif_with_that_mac() -> None:
    found = agent.keys(INFO, {"00:16:3e:00:00:02": "2"})
    assert {key: value for key, value in found.items() if key.startswith("attr/vif")} == {
        "attr/vif/2/ipv4/0": "10.0.0.2",
        "attr/vif/2/ipv4/1": "10.0.0.3",
        "attr/vif/2/ipv6/0": "fe80::1",
    }


def test_the_system_is_named() -> None:
    found = agent.keys(INFO, {})
    assert found["data/os_name"] == "Debian GNU/Linux 12 (bookworm)"
    assert (found["data/os_distro"], found["data/os_majorver"], found["data/os_minorver"]) == ("debian", "12", "5")
    assert found["data/os_uname"] == "6.1.0"
    assert found["data/host_name"] == "web1"


def test_what_is_not_told_is_not_made_up() -> None:
    assert not any(key.startswith("data/os") for key in agent.keys({}, {}))


def test_what_needs_no_agent_is_always_there() -> None:
    assert agent.ALWAYS.items() <= agent.keys({}, {}).items()
