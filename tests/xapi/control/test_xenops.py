"""What guests and daemons do by themselves reaches the database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from common.errors import DaemonUnreachable
from common.idl import xen
from tests.xapi.hypervisor import Api, Hypervisor, until
from xapi.control import discard
from xapi.control.storage import create_vdi
from xapi.control.xenops import Xenops
from xapi.datamodel.enums import HostNumaAffinityPolicy, VMPowerState
from xapi.datamodel.refs import SRRef, VMRef
from xapi.datamodel.types import NULL


@asynccontextmanager
async def following(api: Api) -> AsyncIterator[Xenops]:
    """The event loop, running, after its first reading."""
    found = Xenops(api.ctx.internal("xenops"))
    task = asyncio.get_running_loop().create_task(found.watch())
    await asyncio.wait_for(found.synchronised.wait(), 5.0)
    yield found
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def loop(api: Api) -> AsyncIterator[Xenops]:
    """The event loop for the whole test."""
    async with following(api) as found:
        yield found


async def running(api: Api, **fields: object) -> VMRef:
    vm = await api.vm(**fields)
    await api("VM.start", vm=vm, start_paused=False, force=False)
    return vm


def messages_about(api: Api, vm: VMRef) -> list[str]:
    return [row.name for row in api.db.message.rows() if row.obj_uuid == api.db.vm[vm].uuid]


async def test_a_vm_is_placed_as_its_host_says_from_its_next_start_on(api: Api) -> None:
    told = api.ctx.services.xen.vm
    vm = await running(api)
    found = [(await told.stat("test", xen.VmId(api.db.vm[vm].uuid))).vm.numa]
    for policy in HostNumaAffinityPolicy:
        await api("host.set_numa_affinity_policy", self=api.ctx.host, value=policy)
        await api("VM.hard_shutdown", vm=vm)
        await api("VM.start", vm=vm, start_paused=False, force=False)
        found.append((await told.stat("test", xen.VmId(api.db.vm[vm].uuid))).vm.numa)
    default, any_, best = xen.NumaPolicy.DEFAULT, xen.NumaPolicy.ANY, xen.NumaPolicy.BEST_EFFORT
    assert found == [default, any_, best, default]


async def test_a_guest_that_powers_off_is_shown_halted_with_a_message(api: Api, loop: Xenops) -> None:
    vm = await running(api, xenstore_data={"vm-data/simulator/do": "poweroff", "vm-data/simulator/after": "0.1"})

    await until(lambda: api.db.vm[vm].power_state is VMPowerState.HALTED)

    assert messages_about(api, vm) == ["VM_STARTED", "VM_SHUTDOWN"]
    assert "start" in api.db.vm[vm].allowed_operations
    assert api.db.vm[vm].consoles == ()


async def test_a_guest_that_reboots_stays_running_and_is_reported(api: Api, loop: Xenops) -> None:
    vm = await running(api, xenstore_data={"vm-data/simulator/do": "reboot", "vm-data/simulator/after": "1.1"})
    domid = api.db.vm[vm].domid

    await until(lambda: api.db.vm[vm].domid != domid)

    assert api.db.vm[vm].power_state is VMPowerState.RUNNING
    await until(lambda: "VM_REBOOTED" in messages_about(api, vm))


async def test_what_we_do_ourselves_is_told_once(api: Api, loop: Xenops) -> None:
    vm = await running(api)
    await api("VM.hard_shutdown", vm=vm)
    await asyncio.sleep(0.2)

    assert messages_about(api, vm) == ["VM_STARTED", "VM_SHUTDOWN"]


async def test_a_restarted_xenopsd_is_read_anew(
    api: Api, hypervisor: Hypervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xapi.control.xenops.POLL", 0.1)  # no socket breaks here
    async with following(api):
        vm = await running(api)
        await hypervisor.restart()
        await api.ctx.services.xen.vm.shutdown("behind our back", xen.VmId(api.db.vm[vm].uuid))

        await until(lambda: api.db.vm[vm].power_state is VMPowerState.HALTED)


async def test_a_start_finds_out_what_happened_while_we_were_away(api: Api) -> None:
    stopped, started = await running(api), await api.vm()
    await api("VM.hard_shutdown", vm=stopped)
    await running(api)
    # The database as an older xapi left it: one VM ran that does not any more, one started meanwhile.
    api.db.vm.update(stopped, power_state=VMPowerState.RUNNING, resident_on=api.ctx.host, domid=9)
    await api("VM.start", vm=started, start_paused=False, force=False)
    api.db.vm.update(started, power_state=VMPowerState.HALTED, resident_on=NULL, domid=-1)

    async with following(api):
        pass

    assert api.db.vm[stopped].power_state is VMPowerState.HALTED
    assert api.db.vm[stopped].domid == -1
    assert api.db.vm[started].power_state is VMPowerState.RUNNING
    assert "clean_shutdown" in api.db.vm[started].allowed_operations or api.db.vm[started].domid > 0


async def test_an_image_is_kept_while_its_vm_is_suspended(api: Api, sr: SRRef) -> None:
    vm = await running(api, HVM_boot_policy="")
    await api("VM.suspend", vm=vm)
    image = api.db.vm[vm].suspend_VDI

    async with following(api):
        pass

    assert api.db.vm[vm].power_state is VMPowerState.SUSPENDED
    assert image in api.db.vdi


async def test_a_disk_that_could_not_be_deleted_goes_when_its_storage_is_back(
    api: Api, sr: SRRef, disks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xapi.control.xenops.POLL", 0.02)
    monkeypatch.setattr("xapi.control.xenops.CLEAN_AGAIN", 0.02)
    disk = await create_vdi(api.ctx, sr, name_label="disk", virtual_size=1 << 20)
    async with following(api):
        disks.fail["VDI.destroy"] = DaemonUnreachable("sm", "killed")
        assert not await discard.disk(api.ctx, disk)
        await until(lambda: disks.calls.count("VDI.destroy") >= 2)
        assert disk in api.db.vdi
        disks.fail.clear()

        await until(lambda: disk not in api.db.vdi)

    assert api.ctx.db not in discard.waiting
