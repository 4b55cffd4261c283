"""PIFs and networks follow the NICs; bridges follow networks."""

from __future__ import annotations

from typing import Any

import pytest

from common.idl.network import AddressMode, InterfaceState
from xapi.context import Context
from xapi.control import network
from xapi.datamodel.enums import IpConfigurationMode
from xapi.datamodel.errors import InvalidIpAddressSpecified


def state(name: str, **fields: Any) -> InterfaceState:
    known = {"mac": "02:00:00:00:00:01", "mtu": 1500, "up": True, "carrier": True, "physical": True}
    return InterfaceState(name=name, **{**known, **fields})


@pytest.mark.parametrize(
    ("device", "taken", "bridge"),
    [
        ("eth0", [], "xenbr0"),
        ("eth3", [], "xenbr3"),
        ("ens18", [], "xenbr0"),
        ("ens18", ["xenbr0", "xenbr1"], "xenbr2"),
        ("eth0", ["xenbr0"], "xenbr1"),
    ],
)
def test_bridge_of_a_nic(device: str, taken: list[str], bridge: str) -> None:
    assert network.bridge_name(device, taken) == bridge


def test_bridge_of_a_network_without_a_nic_is_the_lowest_free() -> None:
    assert network.virtual_name([]) == "xapi0"
    assert network.virtual_name(["xapi0", "xenbr0", "xapi2"]) == "xapi1"


def test_nics_are_in_the_order_of_their_numbers() -> None:
    states = [
        state("eth10"),
        state("eth2"),
        state("xenbr0", physical=False, bridge=True),
        state("vif1.0", physical=False),
    ]

    assert [nic.name for nic in network.physical(states)] == ["eth2", "eth10"]


def test_management_is_the_nic_with_a_gateway() -> None:
    nics = [state("eth0"), state("eth1", addresses=["10.0.0.2/8"]), state("eth2", master="br")]
    states = {nic.name: nic for nic in nics}
    bridged = states | {"br": state("br", bridge=True, addresses=["10.1.0.2/16"], gateway="10.1.0.1")}

    assert network.management_of(nics, bridged) is nics[2]
    assert network.management_of(nics, states) is nics[1]
    assert network.management_of(nics[:1], states) is nics[0]
    assert network.management_of([], {}) is None


def test_address_of_an_interface() -> None:
    found = network.ip_of(state("eth0", addresses=["10.0.0.2/24"], gateway="10.0.0.1", dns=["1.1.1.1", "9.9.9.9"]))

    assert found == network.Ip(IpConfigurationMode.STATIC, "10.0.0.2", "255.255.255.0", "10.0.0.1", "1.1.1.1,9.9.9.9")
    assert network.ip_of(state("eth0")) == network.Ip()


async def test_a_fresh_host_has_a_pif_a_network_and_an_address(started: Context) -> None:
    db = started.db
    (pif,) = db.pif.rows()

    assert (pif.device, pif.IP, pif.netmask, pif.gateway) == ("eth0", "10.0.0.2", "255.255.255.0", "10.0.0.1")
    assert pif.management
    assert db.network[pif.network].name_label == "Pool-wide network associated with eth0"
    assert db.network[pif.network].bridge == "xenbr0"
    assert db.host[started.host].address == "10.0.0.2"


async def test_bring_up_moves_the_address_to_the_bridge(started: Context, wires: Any) -> None:
    await network.bring_up(started)
    await network.observe(started)

    bridge = wires.wanted["xenbr0"]
    assert (bridge.interfaces, bridge.addressing.addresses, bridge.management) == (["eth0"], ["10.0.0.2/24"], True)
    assert wires.wanted["xenapi"].addressing.addresses == ["169.254.0.1/16"]
    (pif,) = started.db.pif.rows()
    assert pif.currently_attached
    assert pif.IP == "10.0.0.2"


async def test_a_second_look_changes_nothing(started: Context) -> None:
    await network.bring_up(started)
    await network.observe(started)
    before = started.db.generation

    await network.observe(started)

    assert started.db.generation == before


async def test_a_nic_that_appears_gets_a_pif_and_one_that_goes_keeps_it(started: Context, wires: Any) -> None:
    wires.plug_in("eth1")
    await network.observe(started)
    second = next(pif for pif in started.db.pif.rows() if pif.device == "eth1")
    assert started.db.pif_metrics[second.metrics].carrier

    del wires.states["eth1"]
    await network.observe(started)

    assert second.ref in started.db.pif
    assert not started.db.pif_metrics[second.metrics].carrier
    assert not second.management


async def test_an_address_that_changes_under_us_is_followed(started: Context, wires: Any) -> None:
    wires.plug_in("eth0", addresses=["10.0.0.9/16"], gateway="10.0.0.1")

    await network.observe(started)

    assert started.db.pif.rows()[0].IP == "10.0.0.9"
    assert started.db.host[started.host].address == "10.0.0.9"


async def test_a_nic_that_is_not_ours_leaves_guests_an_internal_bridge(started: Context, wires: Any) -> None:
    wires.touch_physical = False
    (pif,) = started.db.pif.rows()

    assert await network.ensure_bridge(started, pif.network) == "xenbr0"

    assert wires.wanted["xenbr0"].interfaces == []


async def test_an_internal_network_has_a_bridge_without_address(started: Context, wires: Any) -> None:
    ref = started.db.network.create(name_label="internal", bridge="xapi0", MTU=1400, managed=True).ref

    await network.ensure_bridge(started, ref)

    bridge = wires.wanted["xapi0"]
    assert (bridge.mtu, bridge.interfaces, bridge.addressing.mode) == (1400, [], AddressMode.NONE)


async def test_an_unmanaged_bridge_is_left_alone(started: Context, wires: Any) -> None:
    ref = started.db.network.create(bridge="mine", managed=False).ref

    assert await network.ensure_bridge(started, ref) == "mine"
    assert wires.wanted == {}


@pytest.mark.parametrize("text", ["10.0.0.256", "10.0.0", "", "fe80::1"])
def test_what_is_no_address_is_refused_by_the_parameters_name(text: str) -> None:
    with pytest.raises(InvalidIpAddressSpecified, match="gateway"):
        network.check_address("gateway", text)


def test_a_netmask_is_ones_then_zeros() -> None:
    network.check_netmask("netmask", "255.255.240.0")
    with pytest.raises(InvalidIpAddressSpecified):
        network.check_netmask("netmask", "255.0.255.0")
