"""Guests on a host of two NUMA nodes: on one of them where that is wanted and possible, else anywhere."""

from __future__ import annotations

import re
import subprocess
from typing import Any

import pytest

from common.idl.xen import (
    DomainType,
    NumaPolicy,
    VmId,
)
from tests.xen.guests.xenopsd_host import Daemon, guest, terminal
from tests.xenopsd.conftest import Host

pytestmark = pytest.mark.xen(nodes=2, deadline=300, baseline="pvh")

ONE = {"vcpus_max": 1, "numa": NumaPolicy.BEST_EFFORT}
"""A VM that one node holds: each has one CPU here."""


def affinity(domid: int) -> list[tuple[str, str]]:
    """CPUs on which each VCPU may run and would best run, in the words of xl."""
    told = subprocess.run(["xl", "vcpu-list", str(domid)], capture_output=True, text=True, timeout=30.0, check=True)
    rows = [line.split() for line in told.stdout.splitlines()[1:]]
    return [(row[-3], row[-1]) for row in rows]


def pages(domid: int) -> dict[str, int]:
    """How much of its memory each node has, as Xen's debug key tells."""
    subprocess.run(["xl", "debug-keys", "u"], timeout=30.0, check=True)
    told = subprocess.run(["xl", "dmesg"], capture_output=True, text=True, timeout=30.0, check=True).stdout
    [*_, domain] = re.findall(rf"Domain {domid} \(total: \d+\):\n((?:.* Node \d+: \d+\n)+)", told)
    return {node: int(count) for node, count in re.findall(r"Node (\d+): (\d+)", domain)}


async def _started(host: Host, **fields: Any) -> tuple[VmId, int]:
    """A VM that waits for `unpause`, and its domain."""
    vm = guest(DomainType.PVH, **{"affinity": []} | fields)
    await host.vm.add("test", vm)
    await host.ok(await host.vm.start("test", vm.id))
    [domid] = (await host.vm.stat("test", vm.id)).state.domids
    return vm.id, domid


async def _nodes(host: Host, vm: VmId) -> int:
    return (await host.vm.stat("test", vm)).state.numa_nodes


async def test_on_one_node_where_one_holds_it(running: tuple[Daemon, Host]) -> None:
    started, host = running
    assert (await host.host.stat("test")).cpu.nodes == 2
    vm, domid = await _started(host, **ONE)
    assert await _nodes(host, vm) == 1
    [(hard, soft)] = affinity(domid)
    assert hard == "all"
    assert soft in {"0", "1"}
    assert {node for node, count in pages(domid).items() if count} == {soft}  # each node's CPU has its number

    await host.ok(await host.vm.unpause("test", vm))
    async with terminal(host, vm) as console:
        await console.expect("GUEST-UP", 180.0)

    # It is what Xen says, not what was remembered.
    await host.client.close()
    started.kill()
    host.__init__(await started.start(), host.disks)  # type: ignore[misc]
    assert await _nodes(host, vm) == 1


@pytest.mark.parametrize(
    ("fields", "hard"),
    [
        pytest.param({**ONE, "numa": NumaPolicy.ANY}, "all", id="not-wanted"),
        pytest.param({**ONE, "vcpus_max": 2}, "all", id="too-large-for-one"),
        pytest.param({**ONE, "affinity": [[1]]}, "1", id="its-owner-named-the-cpus"),
    ],
)
async def test_anywhere(running: tuple[Daemon, Host], fields: dict[str, Any], hard: str) -> None:
    _, host = running
    vm, domid = await _started(host, **fields)
    assert await _nodes(host, vm) == 0
    assert affinity(domid) == [(hard, "all")] * fields["vcpus_max"]
