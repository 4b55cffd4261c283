"""xenopsd's interface on real Xen, where the API shows less: counters, xenstore, VCPUs, ends of all sorts."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import msgspec
import pytest

from common.idl.xen import (
    Action,
    DirectBoot,
    DomainType,
    LocalDisk,
    PowerState,
    Vm,
)
from common.xen.xenstore import Xenstore
from tests.xen.guests.xenopsd_host import MIB, Daemon, disk, domids, guest, interface, terminal
from tests.xenopsd.conftest import Host

pytestmark = pytest.mark.xen(deadline=500)


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
        await console.expect("GUEST-UP", 180.0)


async def test_life(running: tuple[Daemon, Host], root: Path) -> None:
    _, host = running
    vm = guest(DomainType.PVH)
    await host.vm.add("test", vm)
    await host.vbd.add("test", disk(vm, 0, _file(root, "a", content=b"first disk\n")))
    await host.vif.add("test", interface(vm))
    await host.ok(await host.vm.start("test", vm.id))
    assert await host.power(vm.id) is PowerState.PAUSED
    await host.ok(await host.vm.unpause("test", vm.id))
    async with terminal(host, vm.id) as console, terminal(host, vm.id) as second:
        await console.expect("GUEST-UP", 180.0)
        await second.expect("GUEST-UP", 10.0)
        assert await console.command("cat /sys/hypervisor/guest_type") == "PVH"
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


async def test_suspend_kill_and_plug(running: tuple[Daemon, Host], root: Path) -> None:
    started, host = running
    vm = guest(DomainType.PV)
    image = LocalDisk(path=str(_file(root, "image", 400 * MIB)))
    await host.vm.add("test", vm)
    await host.vbd.add("test", disk(vm, 0, _file(root, "a", content=b"first disk\n")))
    await _up(host, vm)
    async with terminal(host, vm.id) as console:
        before = int(await console.command("cat /tmp/count"))

    await host.ok(await host.vm.suspend("test", vm.id, image))
    assert await host.power(vm.id) is PowerState.SUSPENDED
    assert domids() == []
    await host.ok(await host.vm.resume("test", vm.id, image))
    await host.ok(await host.vm.unpause("test", vm.id))
    async with terminal(host, vm.id) as console:
        assert int(await console.command("cat /tmp/count")) >= before
        assert await console.command("head -n 1 /dev/xvda") == "first disk"

    await host.client.close()
    started.kill()
    host.__init__(await started.start(), host.disks)  # type: ignore[misc]
    assert await host.power(vm.id) is PowerState.RUNNING

    second, nic = disk(vm, 1, _file(root, "b", content=b"second disk\n")), interface(vm)
    await host.vbd.add("test", second)
    await host.vif.add("test", nic)
    await host.ok(await host.vbd.plug("test", second.id))
    await host.ok(await host.vif.plug("test", nic.id))
    async with terminal(host, vm.id) as console:
        await console.command("while ! [ -b /dev/xvdb ]; do sleep 0.2; done")
        assert await console.command("head -n 1 /dev/xvdb") == "second disk"
        await console.command("while ! [ -e /sys/class/net/eth0 ]; do sleep 0.2; done")
    await host.ok(await host.vbd.unplug("test", second.id))
    await host.ok(await host.vif.unplug("test", nic.id))
    assert not (await host.vbd.stat("test", second.id)).plugged
    assert not (await host.vif.stat("test", nic.id)).plugged

    await host.ok(await host.vm.set_vcpus("test", vm.id, 2))
    assert (await host.vm.stat("test", vm.id)).state.vcpu_target == 2
    await host.ok(await host.vm.set_memory_dynamic_range("test", vm.id, 112 * MIB, 112 * MIB))
    assert (await host.vm.stat("test", vm.id)).state.memory_target == 112 * MIB
    await host.ok(await host.vm.shutdown("test", vm.id))
    assert domids() == []


async def test_guests_end_by_themselves(running: tuple[Daemon, Host]) -> None:
    _, host = running
    vm = guest(DomainType.PVH, on_crash=Action.DESTROY)
    await host.vm.add("test", vm)
    await _up(host, vm)
    async with terminal(host, vm.id) as console:
        console.type("poweroff -f\r")
        await _until(host, vm, PowerState.HALTED)
    await _up(host, vm)
    subprocess.run(["xl", "destroy", str(domids()[0])], timeout=60.0, check=True)
    await _until(host, vm, PowerState.HALTED)
    await _up(host, vm)
    async with terminal(host, vm.id) as console:
        console.type("echo c >/proc/sysrq-trigger\r")
        await _until(host, vm, PowerState.HALTED)
    assert domids() == []


async def test_bad_input(running: tuple[Daemon, Host], root: Path) -> None:
    _, host = running
    vm = guest(DomainType.PVH, boot=DirectBoot(kernel="/nowhere"))
    await host.vm.add("test", vm)
    assert (await host.error(await host.vm.start("test", vm.id)))[0] == "No_bootable_device"
    vm = guest(DomainType.PVH, memory_static_max=1 << 40, memory_dynamic_max=1 << 40, memory_dynamic_min=1 << 40)
    await host.vm.add("test", vm)
    assert (await host.error(await host.vm.start("test", vm.id)))[0] == "Not_enough_memory"
    vm = guest(DomainType.PVH)
    await host.vm.add("test", vm)
    await host.vif.add("test", interface(vm, bridge="nowhere"))
    assert (await host.error(await host.vm.start("test", vm.id)))[0] == "Failed_to_start_emulator"
    image = LocalDisk(path=str(_file(root, "image")))
    await host.vif.remove("test", interface(vm).id)
    await host.vm.add("test", msgspec.structs.replace(vm, suspended=True))
    assert (await host.error(await host.vm.resume("test", vm.id, image)))[0] == "Failed_to_start_emulator"
    assert await host.power(vm.id) is PowerState.SUSPENDED
    assert domids() == []


async def test_killed_while_it_builds(running: tuple[Daemon, Host]) -> None:
    started, host = running
    vm = guest(DomainType.PVH)
    await host.vm.add("test", vm)
    await host.vif.add("test", interface(vm))
    await host.vm.start("test", vm.id)
    async with asyncio.timeout(60):
        while not domids():
            await asyncio.sleep(0.05)
    await host.client.close()
    started.kill()
    host.__init__(await started.start(), host.disks)  # type: ignore[misc]
    await _until(host, vm, PowerState.HALTED)
    await _up(host, vm)
    await host.ok(await host.vm.shutdown("test", vm.id))
    assert domids() == []


async def test_host(running: tuple[Daemon, Host]) -> None:
    _, host = running
    state = await host.host.stat("test")
    assert state.backend == "libxl"
    assert state.hypervisor.startswith("Xen 4.")
    assert state.capabilities == ["hvm", "pv", "pvh"]
    assert state.cpu.features_hvm
    assert 0 < state.memory_free < state.memory_total
    await host.host.send_debug_keys("test", "h")
    assert "installed handlers" in await host.host.dmesg("test")


async def _until(host: Host, vm: Vm, state: PowerState) -> None:
    async with asyncio.timeout(90):
        while await host.power(vm.id) is not state:
            await asyncio.sleep(0.1)
