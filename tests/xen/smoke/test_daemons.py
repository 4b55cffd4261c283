"""Our daemons run under dom0's own Python, with the simulated hypervisor, and see dom0's network."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from common.idl import network
from common.rpc.client import Client
from common.xenapi import XenApi
from tests.bed.daemons import Daemons

pytestmark = pytest.mark.xen(deadline=240)


@pytest.fixture
async def daemons(tmp_path: Path) -> AsyncIterator[Daemons]:
    started = Daemons(tmp_path, "simulator")
    try:
        await started.start()
        yield started
    finally:
        started.stop()


async def test_all_daemons_start_and_xapi_knows_the_host(daemons: Daemons) -> None:
    networkd = Client(str(daemons.socket("networkd")))
    try:
        interfaces = {
            interface.name: interface for interface in await networkd.proxy(network.NETWORK).interfaces("test")
        }
    finally:
        await networkd.close()
    assert interfaces["eth0"].physical
    assert "10.0.2.15/24" in interfaces["eth0"].addresses
    assert interfaces["xenbr0"].bridge

    async with XenApi("test", str(daemons.socket("xapi"))) as api:
        [host] = (await api.call("host.get_all_records")).values()
        pifs = (await api.call("PIF.get_all_records")).values()
    assert host["enabled"]
    assert host["hostname"] == "bed1"
    assert "eth0" in {pif["device"] for pif in pifs}
