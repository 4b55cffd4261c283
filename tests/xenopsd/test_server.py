"""xenopsd over its real socket, with the simulator."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from common.idl.task import State
from common.idl.xen import (
    Action,
    ChangedTask,
    ChangedVm,
    DeviceId,
    PowerState,
    VdiDisk,
    VmId,
)
from common.idl.xen_errors import (
    BadPowerState,
    DeviceIsConnected,
    DoesNotExist,
)
from tests import speed
from tests.xenopsd.conftest import CountingStorage, Host, running
from tests.xenopsd.samples import VM, vbd, vif, vm
from xenopsd.backend.choice import choose
from xenopsd.config import Config

pytestmark = pytest.mark.integration
D = "test"
IMAGE = VdiDisk(sr="sr", vdi="image")


async def start(host: Host, **fields: object) -> None:
    """A running VM with two disks and an interface."""
    await host.vm.add(D, vm(**fields))
    await host.vbd.add(D, vbd("xvda", 0))
    await host.vbd.add(D, vbd("xvdd", 3, "iso", read_only=True))
    await host.vif.add(D, vif())
    await host.ok(await host.vm.start(D, VM))
    await host.ok(await host.vm.unpause(D, VM))


async def test_start_leaves_the_domain_paused_and_its_disks_open(host: Host) -> None:
    await host.vm.add(D, vm())
    await host.vbd.add(D, vbd("xvda", 0))

    await host.ok(await host.vm.start(D, VM))

    status = await host.vm.stat(D, VM)
    assert status.state.power_state is PowerState.PAUSED
    assert status.state.domids == [1]
    assert [*host.disks.open] == [f"vbd/{VM}/xvda"]
    assert (await host.vbd.stat(D, DeviceId(vm=VM, device="xvda"))).plugged


async def test_shutdown_leaves_nothing(host: Host) -> None:
    await start(host)

    await host.ok(await host.vm.shutdown(D, VM, 5.0))

    assert await host.power(VM) is PowerState.HALTED
    assert not host.disks.open
    assert (await host.vif.stat(D, DeviceId(vm=VM, device="0"))).active is False


async def test_start_of_a_running_vm_is_refused_and_changes_nothing(host: Host) -> None:
    await start(host)

    assert (await host.error(await host.vm.start(D, VM)))[0] == "Bad_power_state"

    assert await host.power(VM) is PowerState.RUNNING
    assert len(host.disks.open) == 2


async def test_a_disk_that_does_not_open_fails_the_start_and_closes_the_others(host: Host) -> None:
    host.disks.fail.add("iso")
    await host.vm.add(D, vm())
    await host.vbd.add(D, vbd("xvda", 0))
    await host.vbd.add(D, vbd("xvdd", 3, "iso", read_only=True))

    assert (await host.error(await host.vm.start(D, VM)))[0] == "Vdi_in_use"

    assert await host.power(VM) is PowerState.HALTED
    assert not host.disks.open


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        ("ignore", "Failed_to_shutdown"),
        ("refuse", "Failed_to_acknowledge_shutdown_request"),
    ],
)
async def test_a_guest_that_stays_keeps_running(host: Host, behaviour: str, code: str) -> None:
    await start(host, platform={"simulator/shutdown": behaviour})

    assert (await host.error(await host.vm.shutdown(D, VM, 0.1)))[0] == code

    assert await host.power(VM) is PowerState.RUNNING


async def test_cancelling_a_shutdown_ends_the_wait(host: Host) -> None:
    await start(host, platform={"simulator/shutdown": "ignore"})
    task = await host.vm.shutdown(D, VM, 60.0)
    await asyncio.sleep(0.05)

    await host.task.cancel(D, task)

    assert (await host.error(task))[0] == "Cancelled"
    assert await host.power(VM) is PowerState.RUNNING


async def test_a_cancelled_task_in_the_queue_never_begins(host: Host) -> None:
    await start(host, platform={"simulator/shutdown": "ignore"})
    first = await host.vm.shutdown(D, VM, 2.0)
    second = await host.vm.pause(D, VM)

    await host.task.cancel(D, second)

    assert (await host.error(second))[0] == "Cancelled"
    assert (await host.error(first))[0] == "Failed_to_shutdown"
    assert await host.power(VM) is PowerState.RUNNING


@pytest.mark.parametrize(
    ("guest", "action", "expected", "same_domain"),
    [
        ("poweroff", {}, PowerState.HALTED, False),
        ("poweroff", {"on_shutdown": Action.RESTART}, PowerState.RUNNING, False),
        ("reboot", {"on_reboot": Action.DESTROY}, PowerState.HALTED, False),
        ("crash", {"on_crash": Action.DESTROY}, PowerState.HALTED, False),
        ("crash", {"on_crash": Action.PRESERVE}, PowerState.PAUSED, True),
    ],
)
async def test_what_follows_when_the_guest_ends_by_itself(
    host: Host, guest: str, action: dict[str, Action], expected: PowerState, same_domain: bool
) -> None:
    await start(host, **action)
    before = (await host.vm.stat(D, VM)).state.domids

    await host.ok(await host.vm.set_xsdata(D, VM, {"vm-data/simulator/do": guest}))

    async with asyncio.timeout(60):
        while (state := (await host.vm.stat(D, VM)).state).power_state is not expected or (
            expected is PowerState.RUNNING and state.domids == before
        ):
            await asyncio.sleep(0.01)
    assert (state.domids == before) is same_domain


async def test_reboot_is_a_new_domain_and_never_seen_halted(host: Host) -> None:
    await start(host)
    seen: set[PowerState] = set()

    task = await host.vm.reboot(D, VM)
    while (await host.task.stat(D, task)).state is State.PENDING:
        seen.add(await host.power(VM))

    assert seen <= {PowerState.RUNNING}
    assert (await host.vm.stat(D, VM)).state.domids == [2]


async def test_suspend_and_resume(host: Host) -> None:
    await start(host)

    await host.ok(await host.vm.suspend(D, VM, IMAGE))
    assert await host.power(VM) is PowerState.SUSPENDED
    assert not host.disks.open
    await host.ok(await host.vm.resume(D, VM, IMAGE))

    assert await host.power(VM) is PowerState.PAUSED
    assert sorted(host.disks.open) == [f"vbd/{VM}/xvda", f"vbd/{VM}/xvdd"]


async def test_a_failed_suspend_leaves_the_guest_running(host: Host) -> None:
    await start(host, platform={"simulator/suspend": "fail"})

    assert (await host.error(await host.vm.suspend(D, VM, IMAGE)))[0] == "Failed_to_suspend"

    assert await host.power(VM) is PowerState.RUNNING
    assert f"vbd/{VM}/suspend" not in host.disks.open


async def test_a_cd_is_changed_while_the_guest_runs(host: Host) -> None:
    await start(host)
    await host.vbd.add(D, vbd("xvde", 4, None))
    drive = DeviceId(vm=VM, device="xvde")
    await host.ok(await host.vbd.plug(D, drive))

    await host.ok(await host.vbd.insert(D, drive, IMAGE))
    assert f"vbd/{VM}/xvde" in host.disks.open
    assert (await host.error(await host.vbd.insert(D, drive, VdiDisk(sr="sr", vdi="b"))))[0] == "Media_present"
    await host.ok(await host.vbd.eject(D, drive))

    assert f"vbd/{VM}/xvde" not in host.disks.open
    assert (await host.error(await host.vbd.eject(D, drive)))[0] == "Media_not_present"
    assert (await host.error(await host.vbd.eject(D, DeviceId(vm=VM, device="xvda"))))[0] == "Media_not_ejectable"


async def test_a_guest_may_keep_its_disk_unless_forced(host: Host) -> None:
    await start(host, platform={"simulator/unplug": "refuse"})
    xvda = DeviceId(vm=VM, device="xvda")

    assert (await host.error(await host.vbd.unplug(D, xvda)))[0] == "Device_detach_rejected"
    assert f"vbd/{VM}/xvda" in host.disks.open
    with pytest.raises(DeviceIsConnected):
        await host.vbd.remove(D, xvda)
    await host.ok(await host.vbd.unplug(D, xvda, force=True))

    assert f"vbd/{VM}/xvda" not in host.disks.open


async def test_an_interface_moves_while_plugged(host: Host) -> None:
    await start(host)
    nic = DeviceId(vm=VM, device="0")

    await host.ok(await host.vif.move(D, nic, "xenbr1"))
    await host.ok(await host.vif.set_carrier(D, nic, False))

    (found,) = await host.vif.all(D, VM)
    assert (found.bridge, found.carrier) == ("xenbr1", False)
    assert (await host.vif.stat(D, nic)).device == "vif1.0"


async def test_only_a_halted_vm_is_forgotten(host: Host) -> None:
    await start(host)
    with pytest.raises(BadPowerState):
        await host.vm.remove(D, VM)

    await host.ok(await host.vm.shutdown(D, VM))
    await host.vm.remove(D, VM)

    with pytest.raises(DoesNotExist):
        await host.vm.stat(D, VM)
    with pytest.raises(DoesNotExist):
        await host.vm.firmware(D, VM)


async def test_updates_tell_what_changed_after_an_id(host: Host) -> None:
    await host.vm.add(D, vm())
    since = (await host.updates.get(D)).last
    task = await host.vm.start(D, VM)
    await host.ok(task)

    changes = await host.updates.get(D, since)

    assert ChangedVm(id=VM) in changes.changed
    assert ChangedTask(id=task) not in changes.changed  # destroyed by `ok`


async def test_the_feed_wakes_a_sleeper(host: Host) -> None:
    since = (await host.updates.get(D, None, 0.0)).last
    waiting = asyncio.create_task(host.updates.get(D, since, 600.0))
    await asyncio.sleep(0.05)

    await host.vm.add(D, vm())

    assert (await asyncio.wait_for(waiting, 30.0)).changed == [ChangedVm(id=VM)]


async def test_running_vms_outlive_xenopsd(root: Path, config: Config, disks: CountingStorage) -> None:
    async with running(config, choose(config), disks) as host:
        await start(host)
        before = await host.vm.stat(D, VM)

    async with running(config, choose(config), disks) as host:
        after = await host.vm.stat(D, VM)
        changes = await host.updates.get(D, 10**6, 1.0)
        await host.ok(await host.vm.shutdown(D, VM, 5.0))

    assert after == before
    assert ChangedVm(id=VM) in changes.changed
    assert not disks.open


async def test_counters_only_grow(host: Host) -> None:
    await start(host)
    (first,) = await host.vm.counters(D)
    await asyncio.sleep(0.05)
    (second,) = await host.vm.counters(D)

    assert first.id == second.id == VM
    assert second.vcpu_seconds[0] > first.vcpu_seconds[0] > 0.0


async def test_more_than_a_hundred_starts_and_stops_a_second(host: Host) -> None:
    ids = [VmId(f"11111111-0000-4000-8000-{n:012d}") for n in range(4)]
    for id_ in ids:
        await host.vm.add(D, vm(id=id_))

    async def cycle(id_: VmId, count: int) -> None:
        for _ in range(count):
            await host.ok(await host.vm.start(D, id_))
            await host.ok(await host.vm.shutdown(D, id_))

    before = time.process_time()
    await asyncio.gather(*(cycle(id_, 25) for id_ in ids))

    # Client and server share this process.
    assert time.process_time() - before < speed.allowed(1.0)


async def test_counters_name_the_sr_of_each_disk_and_the_position_of_each_interface(host: Host) -> None:
    await start(host)

    (counters,) = await host.vm.counters(D)

    disks = {disk.device: disk.sr for disk in counters.disks}
    wanted = vbd("xvda", 0).disk
    assert isinstance(wanted, VdiDisk)
    assert disks["xvda"] == wanted.sr
    assert [nic.device for nic in counters.interfaces] == ["0"]
