"""networkd on a real network namespace with a real NIC pair."""

from __future__ import annotations

import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from pyroute2 import netns

from common.idl.network import Addressing, AddressMode, Bridge, BridgeInUse, InterfaceDoesNotExist
from networkd.observe import observe
from networkd.server import Network

pytestmark = [pytest.mark.integration, pytest.mark.root]

KEEP = Addressing(mode=AddressMode.KEEP)


@pytest.fixture
def namespace() -> Iterator[str]:
    name, outside = f"xt-net-{os.getpid()}", f"xt-out-{os.getpid()}"
    for one in (name, outside):
        subprocess.run(["ip", "netns", "add", one], check=True)
    subprocess.run(
        ["ip", "-n", name, "link", "add", "eth0", "type", "veth", "peer", "name", "far", "netns", outside], check=True
    )
    subprocess.run(["ip", "-n", name, "link", "set", "eth0", "up"], check=True)
    subprocess.run(["ip", "-n", name, "addr", "add", "10.77.0.2/24", "dev", "eth0"], check=True)
    subprocess.run(["ip", "-n", outside, "link", "set", "far", "up"], check=True)
    subprocess.run(["ip", "-n", name, "route", "add", "default", "via", "10.77.0.1"], check=True)
    netns.pushns(name)
    yield name
    netns.popns()
    for one in (name, outside):
        subprocess.run(["ip", "netns", "del", one], check=True)


@pytest.fixture
async def network(namespace: str, tmp_path: Path) -> AsyncIterator[Network]:
    server = Network(tmp_path / "networkd.json", tmp_path / "resolv.conf", change=True)
    await server.start()
    yield server
    server.stop()


async def test_management_bridge_takes_over_address_and_route(network: Network) -> None:
    await network.ensure_bridge("t", Bridge(name="xenbr0", interfaces=["eth0"], addressing=KEEP, management=True))
    await network.ensure_bridge("t", Bridge(name="xenbr0", interfaces=["eth0"], addressing=KEEP, management=True))

    now = (await observe()).interfaces
    assert now["xenbr0"].addresses == ["10.77.0.2/24"]
    assert now["xenbr0"].gateway == "10.77.0.1"
    assert now["xenbr0"].mac == now["eth0"].mac
    assert now["eth0"].master == "xenbr0"
    assert now["eth0"].addresses == []
    assert now["eth0"].physical
    assert not now["xenbr0"].physical


async def test_removal_gives_the_address_back(network: Network) -> None:
    await network.ensure_bridge("t", Bridge(name="xenbr0", interfaces=["eth0"], addressing=KEEP))
    await network.remove_bridge("t", "xenbr0")

    now = (await observe()).interfaces
    assert "xenbr0" not in now
    assert now["eth0"].addresses == ["10.77.0.2/24"]
    assert now["eth0"].gateway == "10.77.0.1"


async def test_wanted_bridges_come_back_after_a_restart(network: Network, namespace: str, tmp_path: Path) -> None:
    await network.ensure_bridge("t", Bridge(name="xapi0"))
    subprocess.run(["ip", "link", "del", "xapi0"], check=True)  # as a reboot would

    again = Network(tmp_path / "networkd.json", tmp_path / "resolv.conf", change=True)
    await again.start()
    again.stop()

    assert (await observe()).interfaces["xapi0"].bridge


async def test_a_bridge_with_a_guest_is_not_removed(network: Network) -> None:
    await network.ensure_bridge("t", Bridge(name="xapi0"))
    subprocess.run(["ip", "tuntap", "add", "vif1.0", "mode", "tap"], check=True)
    subprocess.run(["ip", "link", "set", "vif1.0", "master", "xapi0"], check=True)

    with pytest.raises(BridgeInUse):
        await network.remove_bridge("t", "xapi0")

    await network.remove_bridge("t", "xapi0", force=True)
    assert "xapi0" not in (await observe()).interfaces


async def test_an_unknown_nic_changes_nothing(network: Network) -> None:
    with pytest.raises(InterfaceDoesNotExist):
        await network.ensure_bridge("t", Bridge(name="xenbr9", interfaces=["eth9"]))
    assert await network.bridges("t") == []


async def test_speed_and_duplex_are_the_drivers(namespace: str) -> None:
    nic = (await observe()).interfaces["eth0"]
    assert nic.speed == 10_000  # what veth says of itself
    assert nic.full_duplex


async def test_changes_wake_those_who_wait(network: Network) -> None:
    since = await network.changed("t", None, 0.1)
    await network.ensure_bridge("t", Bridge(name="xapi0"))
    assert await network.changed("t", since, 5.0) > since


async def test_a_network_that_is_not_ours_is_only_looked_at(namespace: str, tmp_path: Path) -> None:
    server = Network(tmp_path / "networkd.json", tmp_path / "resolv.conf", change=False)
    await server.start()
    before = await observe()

    with pytest.raises(InterfaceDoesNotExist):
        await server.ensure_bridge("t", Bridge(name="xenbr0", interfaces=["eth0"], addressing=KEEP))
    await server.ensure_bridge("t", Bridge(name="internal"))

    assert await observe() == before
    assert [bridge.name for bridge in await server.bridges("t")] == ["internal"]
    server.stop()
