"""Memory and VCPUs of running guests: balloons, a newcomer that needs room, one that doesn't cooperate."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from common.idl.xen import (
    DirectBoot,
    DomainType,
    VmId,
    VmState,
)
from common.xen.xenstore import Xenstore
from tests.xen.guests import extras
from tests.xen.guests.xenopsd_host import MIB, Daemon, Terminal, disk, guest, terminal
from tests.xenopsd.conftest import Host
from xenopsd.memory.policy import HOST_RESERVE

pytestmark = pytest.mark.xen(deadline=500)

NEAR = 3 * MIB
PATIENCE = 60.0  # seconds for a balloon, or VCPUs, of an emulated guest


def xen_free() -> int:
    """Bytes free, in the words of xl."""
    told = subprocess.run(["xl", "info", "free_memory"], capture_output=True, text=True, timeout=30.0, check=True)
    return int(told.stdout) * MIB


async def _state(host: Host, vm: VmId) -> VmState:
    return (await host.vm.stat("test", vm)).state


async def _until(host: Host, vm: VmId, holds: Callable[[VmState], bool], patience: float = PATIENCE) -> VmState:
    """The first state in which it holds."""
    give_up = asyncio.get_running_loop().time() + patience
    while not holds(state := await _state(host, vm)):
        assert asyncio.get_running_loop().time() < give_up, state
        await asyncio.sleep(0.3)
    return state


def _is_near(size: int) -> Callable[[VmState], bool]:
    return lambda state: state.memory_target == size and abs(state.memory_actual - size) <= NEAR


async def _seen_by_guest(console: Terminal) -> int:
    """Bytes that the driver in the guest counts."""
    return int(await console.command("cat /sys/devices/system/xen_memory/xen_memory0/info/current_kb")) << 10


async def test_balloon_and_vcpus(running: tuple[Daemon, Host], tmp_path: Path) -> None:
    started, host = running
    vm = guest(DomainType.PVH, memory_static_max=640 * MIB, memory_dynamic_max=512 * MIB, memory_dynamic_min=160 * MIB,
               vcpus_max=3)  # fmt: skip
    await host.vm.add("test", vm)
    await host.vbd.add("test", disk(vm, 0, extras.make(tmp_path / "extras")))
    await host.ok(await host.vm.start("test", vm.id))
    assert (await _state(host, vm.id)).memory_target == 512 * MIB
    await host.ok(await host.vm.unpause("test", vm.id))
    async with terminal(host, vm.id) as console:
        await console.expect("GUEST-UP", 180.0)
        await extras.mount(console)
        await extras.start_agent(console)
        await _until(host, vm.id, lambda state: state.guest_agent.get("control/feature-balloon") == "1")

        await host.ok(await host.vm.set_memory_dynamic_range("test", vm.id, 192 * MIB, 256 * MIB))
        await _until(host, vm.id, _is_near(256 * MIB))
        less = await _seen_by_guest(console)

    # Whatever was moved is where it is, also for the next xenopsd.
    await host.client.close()
    started.kill()
    host.__init__(await started.start(), host.disks)  # type: ignore[misc]
    await host.ok(await host.vm.set_memory_dynamic_range("test", vm.id, 160 * MIB, 448 * MIB))
    await _until(host, vm.id, _is_near(448 * MIB))
    async with terminal(host, vm.id) as console:
        assert abs(await _seen_by_guest(console) - less - 192 * MIB) <= NEAR
        await _vcpus(host, console, vm.id)

    newcomer = await _one_that_needs(host, 200 * MIB, running_beside=448 * MIB)
    state = await _state(host, vm.id)
    assert 220 * MIB <= state.memory_target <= 280 * MIB
    assert xen_free() >= HOST_RESERVE - 8 * MIB
    await host.ok(await host.vm.shutdown("test", newcomer))
    await _until(host, vm.id, _is_near(448 * MIB))


async def _vcpus(host: Host, console: Terminal, vm: VmId) -> None:
    for count, online in ((3, "0-2"), (1, "0")):
        await host.ok(await host.vm.set_vcpus("test", vm, count))
        await console.command(f'while [ "$(cat /sys/devices/system/cpu/online)" != {online} ]; do sleep 0.2; done')
        assert (await _state(host, vm)).vcpu_target == count


async def _one_that_needs(host: Host, more: int, *, running_beside: int) -> VmId:
    """A new VM, started, for which the one beside has to shrink by `more`."""
    size = (xen_free() - HOST_RESERVE + more - 24 * MIB) // MIB * MIB  # what a domain costs beside its memory
    vm = guest(DomainType.PVH, memory_static_max=size, memory_dynamic_max=size, memory_dynamic_min=size)
    await host.vm.add("test", vm)
    await host.ok(await host.vm.start("test", vm.id))
    assert (await _state(host, vm.id)).memory_target == size

    greedy = guest(DomainType.PVH, memory_static_max=size, memory_dynamic_max=size, memory_dynamic_min=running_beside)
    await host.vm.add("test", greedy)
    code, needed, free = await host.error(await host.vm.start("test", greedy.id))
    assert code == "Not_enough_memory"
    assert int(needed) > running_beside > int(free)
    return vm.id


async def test_uncooperative(running: tuple[Daemon, Host]) -> None:
    _, host = running
    without_driver = DirectBoot(
        kernel="/guests/vmlinux", ramdisk="/guests/initrd", cmdline="console=hvc0 quiet initcall_blacklist=balloon_init"
    )
    vm = guest(DomainType.PVH, memory_dynamic_min=96 * MIB, boot=without_driver)
    await host.vm.add("test", vm)
    await host.ok(await host.vm.start("test", vm.id))
    await host.ok(await host.vm.unpause("test", vm.id))
    store = Xenstore()
    [domid] = (await _state(host, vm.id)).domids
    await store.write(f"/local/domain/{domid}/control/feature-balloon", "1")
    await host.ok(await host.vm.set_memory_dynamic_range("test", vm.id, 96 * MIB, 100 * MIB))
    state = await _until(host, vm.id, lambda state: state.uncooperative)
    assert state.memory_target == 100 * MIB
    assert await store.read(f"/local/domain/{domid}/memory/uncooperative") == ""
    await host.ok(await host.vm.set_memory_dynamic_range("test", vm.id, 128 * MIB, 128 * MIB))
    await _until(host, vm.id, lambda state: not state.uncooperative)
    await store.close()
