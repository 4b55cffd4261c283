"""Wanted and observed to steps."""

from __future__ import annotations

from common.idl.network import Addressing, AddressMode, Bridge, InterfaceState
from networkd.diff import (
    AddAddress,
    AddPort,
    CreateBridge,
    DeleteBridge,
    RemoveAddress,
    RemovePort,
    SetGateway,
    SetMtu,
    removal,
    steps,
)
from networkd.model import Observed, Wanted


def nic(name: str = "eth0", **fields: object) -> InterfaceState:
    base = {"name": name, "mac": "02:00:00:00:00:01", "mtu": 1500, "up": True, "carrier": True, "physical": True}
    return InterfaceState(**(base | fields))  # type: ignore[arg-type]


def seen(*interfaces: InterfaceState) -> Observed:
    return Observed(interfaces={interface.name: interface for interface in interfaces})


MANAGEMENT = Bridge(name="xenbr0", interfaces=["eth0"], addressing=Addressing(mode=AddressMode.KEEP), management=True)


def test_management_bridge_takes_mac_addresses_and_gateway_of_its_nic() -> None:
    found = steps(Wanted().with_bridge(MANAGEMENT), seen(nic(addresses=["10.0.0.2/24"], gateway="10.0.0.1")))

    assert found == [
        CreateBridge("xenbr0", "02:00:00:00:00:01", 1500),
        AddPort("xenbr0", "eth0"),
        RemoveAddress("eth0", "10.0.0.2/24"),
        AddAddress("xenbr0", "10.0.0.2/24"),
        SetGateway("xenbr0", "10.0.0.1"),
    ]


def test_nothing_is_done_when_all_is_as_wanted() -> None:
    bridge = nic("xenbr0", physical=False, bridge=True, addresses=["10.0.0.2/24"])
    assert steps(Wanted().with_bridge(MANAGEMENT), seen(nic(master="xenbr0"), bridge)) == []


def test_a_change_interrupted_before_the_addresses_moved_is_finished() -> None:
    bridge = nic("xenbr0", physical=False, bridge=True)
    found = steps(Wanted().with_bridge(MANAGEMENT), seen(nic(master="xenbr0", addresses=["10.0.0.2/24"]), bridge))
    assert found == [RemoveAddress("eth0", "10.0.0.2/24"), AddAddress("xenbr0", "10.0.0.2/24")]


def test_unwanted_bridges_are_left_alone() -> None:
    assert steps(Wanted(), seen(nic("docker0", physical=False, bridge=True))) == []


def test_static_addresses_replace_what_is_there() -> None:
    wanted = Bridge(name="xapi", mtu=9000, addressing=Addressing(mode=AddressMode.STATIC, addresses=["169.254.0.1/16"]))
    now = nic("xapi", physical=False, bridge=True, addresses=["10.1.1.1/24"])
    assert steps(Wanted().with_bridge(wanted), seen(now)) == [
        SetMtu("xapi", 9000),
        RemoveAddress("xapi", "10.1.1.1/24"),
        AddAddress("xapi", "169.254.0.1/16"),
    ]


def test_removal_gives_the_nic_its_addresses_back() -> None:
    bridge = nic("xenbr0", physical=False, bridge=True, addresses=["10.0.0.2/24"], gateway="10.0.0.1")
    assert removal("xenbr0", seen(nic(master="xenbr0"), bridge)) == [
        RemovePort("eth0"),
        RemoveAddress("xenbr0", "10.0.0.2/24"),
        AddAddress("eth0", "10.0.0.2/24"),
        SetGateway("eth0", "10.0.0.1"),
        DeleteBridge("xenbr0"),
    ]
