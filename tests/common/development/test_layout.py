from __future__ import annotations

from ipaddress import IPv4Network
from pathlib import Path

from common.development import layout
from common.development.layout import Host

FOLDER = Path("/srv/checkout/var")


def test_names_of_interfaces_fit_the_kernel() -> None:
    assert len(Host(FOLDER, 64).link) <= 15
    assert len(layout.bridge(FOLDER)) <= 15


def test_two_checkouts_share_no_name() -> None:
    mine, other = Host(FOLDER, 1), Host(Path("/srv/other/var"), 1)
    assert {mine.netns, mine.link, mine.mac}.isdisjoint({other.netns, other.link, other.mac})
    assert layout.bridge(mine.folder) != layout.bridge(other.folder)


def test_a_subnet_is_the_same_each_time_and_avoids_what_the_machine_routes() -> None:
    first = layout.subnet(FOLDER, [])
    assert layout.subnet(FOLDER, []) == first
    assert not layout.subnet(FOLDER, [first.supernet(new_prefix=20)]).overlaps(first)


def test_subnets_stay_in_the_private_range() -> None:
    subnets = [layout.subnet(Path(f"/{number}"), []) for number in range(200)]
    assert all(subnet.subnet_of(IPv4Network("10.192.0.0/10")) for subnet in subnets)
    assert len(set(subnets)) > 190


def test_hosts_are_found_in_order(tmp_path: Path) -> None:
    for name in ("host2", "host10", "host1", "hostess"):
        (tmp_path / "hosts" / name).mkdir(parents=True)
    assert [host.number for host in layout.hosts(tmp_path)] == [1, 2, 10]
    assert layout.hosts(tmp_path / "none") == []


def test_the_nic_has_a_locally_administered_unicast_address() -> None:
    assert int(Host(FOLDER, 1).mac[:2], 16) & 3 == 2
