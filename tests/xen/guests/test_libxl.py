"""xenopsd's interface on real Xen: PV and PVH guests through their lives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from common.idl.xen import DomainType, PowerState, Vm
from common.xen.xenstore import Xenstore
from tests.xen.guests.xenopsd_host import MIB, Daemon, daemon, disk, domids, guest, interface, terminal
from tests.xenopsd.conftest import Host

pytestmark = pytest.mark.xen(deadline=300)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XAPI_ROOT", str(tmp_path))
    return tmp_path


@pytest.fixture
async def running(root: Path) -> AsyncIterator[tuple[Daemon, Host]]:
    async with daemon(root) as started:
        yield started


def _file(root: Path, name: str, size: int = 32 * MIB, content: bytes = b"") -> Path:
    path = root / name
    path.write_bytes(content)
    with path.open("r+b") as stream:
        stream.truncate(size)
    return path


async def _up(host: Host, vm: Vm) -> None:
    await host.ok(await host.vm.start("test", vm.id))
    await host.ok(await host.vm.unpause("test", vm.id))
    async with terminal(host, vm.id) as console:
        await console.expect("GUEST-UP", 90.0)


@pytest.mark.parametrize("kind", [DomainType.PV, DomainType.PVH])
async def test_life(running: tuple[Daemon, Host], root: Path, kind: DomainType) -> None:
    _, host = running
    vm = guest(kind)
    await host.vm.add("test", vm)
    await host.vbd.add("test", disk(vm, 0, _file(root, "a", content=b"first disk\n")))
    await host.vif.add("test", interface(vm))
    await host.ok(await host.vm.start("test", vm.id))
    assert await host.power(vm.id) is PowerState.PAUSED
    await host.ok(await host.vm.unpause("test", vm.id))
    async with terminal(host, vm.id) as console, terminal(host, vm.id) as second:
        await console.expect("GUEST-UP", 90.0)
        await second.expect("GUEST-UP", 10.0)
        assert await console.command("cat /sys/hypervisor/guest_type") == kind.upper()
        assert await console.command("head -n 1 /dev/xvda") == "first disk"
        assert "192.0.2.1" in await console.command("ping -c 1 -w 20 192.0.2.1")

    state = (await host.vm.stat("test", vm.id)).state
    assert state.power_state is PowerState.RUNNING
    assert state.pv_drivers_detected
    assert state.guest_agent["control/feature-poweroff"] == "1"
    assert (await host.vbd.stat("test", disk(vm, 0, root).id)).plugged
    assert (await host.vif.stat("test", interface(vm).id)).device == f"vif{state.domids[0]}.0"
    [counters] = await host.vm.counters("test")
    assert counters.vcpu_seconds[0] > 0.1
    assert counters.memory >= 120 * MIB
    assert counters.disks[0].read_bytes >= 4096
    assert counters.interfaces[0].rx_bytes > 0

    store = Xenstore()
    home = f"/local/domain/{state.domids[0]}"
    assert await store.read(f"{home}/name") == vm.name
    assert await store.read(f"{home}/vm-data/greeting") == "hello"
    await host.ok(await host.vm.set_xsdata("test", vm.id, {"vm-data/other": "x"}))
    assert await store.directory(f"{home}/vm-data") == ["other"]
    await store.write(f"{home}/data/os_name", "Tiny 1")
    async with asyncio.timeout(10):
        while (await host.vm.stat("test", vm.id)).state.guest_agent.get("data/os_name") != "Tiny 1":
            await asyncio.sleep(0.1)
    await store.close()

    await host.ok(await host.vm.pause("test", vm.id))
    assert await host.power(vm.id) is PowerState.PAUSED
    await host.ok(await host.vm.unpause("test", vm.id))
    await host.ok(await host.vm.shutdown("test", vm.id, 60.0))
    assert await host.power(vm.id) is PowerState.HALTED
    assert domids() == []
