"""Lives that go wrong: the database shows what is the case, and nothing is left held."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from common.errors import DaemonUnreachable, WireError
from common.idl import xen
from tests.xapi.hypervisor import Api, Hypervisor, until
from xapi.context import Running
from xapi.datamodel.enums import VMOperations, VMPowerState
from xapi.datamodel.refs import SRRef, TaskRef, VMRef
from xapi.datamodel.types import NULL


async def refused(api: Api, message: str, **params: Any) -> list[str]:
    with pytest.raises(WireError) as caught:
        await api(message, **params)
    return [caught.value.wire_code, *caught.value.params]


async def running(api: Api, **fields: Any) -> VMRef:
    vm = await api.vm(**{"HVM_boot_policy": "", **fields})
    await api("VM.start", vm=vm, start_paused=False, force=False)
    return vm


def at_rest(api: Api, vm: VMRef, state: VMPowerState) -> bool:
    row = api.db.vm[vm]
    return (row.power_state, row.current_operations, row.scheduled_to_be_resident_on) == (state, {}, NULL)


async def test_a_start_that_fails_leaves_the_vm_halted(api: Api, sr: SRRef) -> None:
    vm = await api.vm(platform={"simulator/create": "fail"})
    await api.disk(vm, sr)
    assert (await refused(api, "VM.start", vm=vm, start_paused=False, force=False))[0] == "FAILED_TO_START_EMULATOR"
    assert at_rest(api, vm, VMPowerState.HALTED)
    assert not any(api.db.vbd[ref].currently_attached for ref in api.db.vm[vm].VBDs)
    assert "start" in api.db.vm[vm].allowed_operations


async def test_a_suspend_that_fails_leaves_the_vm_running_and_no_image(api: Api, sr: SRRef) -> None:
    vm = await running(api, platform={"simulator/suspend": "fail"})
    assert (await refused(api, "VM.suspend", vm=vm))[0] == "VM_SUSPEND_TIMEOUT"
    assert at_rest(api, vm, VMPowerState.RUNNING)
    assert (api.db.vm[vm].suspend_VDI, len(api.db.vdi)) == (NULL, 0)


async def test_a_suspend_without_a_place_for_the_image_is_refused(api: Api) -> None:
    vm = await running(api)
    assert await refused(api, "VM.suspend", vm=vm) == ["VM_NO_SUSPEND_SR", vm]


async def test_a_guest_that_does_not_answer_is_not_shut_down_cleanly(api: Api) -> None:
    vm = await running(api, platform={"simulator/shutdown": "refuse"})
    assert await refused(api, "VM.clean_shutdown", vm=vm) == ["VM_FAILED_SHUTDOWN_ACKNOWLEDGMENT", vm]
    assert at_rest(api, vm, VMPowerState.RUNNING)
    await api("VM.shutdown", vm=vm)
    assert at_rest(api, vm, VMPowerState.HALTED)


async def test_a_hard_shutdown_cancels_a_clean_one(api: Api) -> None:
    vm = await running(api, platform={"simulator/shutdown": "ignore"})
    task, state = TaskRef("OpaqueRef:clean"), Running()
    api.ctx.shared.running[task] = state
    clean = replace(api.ctx, task=task, state=state)
    job = asyncio.ensure_future(api.ctx.shared.invoke(clean, "VM.clean_shutdown", {"vm": vm}))
    await until(lambda: VMOperations.CLEAN_SHUTDOWN in api.db.vm[vm].current_operations.values())
    await asyncio.sleep(0.1)

    await api("VM.hard_shutdown", vm=vm)

    with pytest.raises(WireError) as caught:
        await job
    assert (caught.value.wire_code, caught.value.params) == ("TASK_CANCELLED", [task])
    assert at_rest(api, vm, VMPowerState.HALTED)


async def test_memory_that_is_promised_is_not_promised_twice(api: Api) -> None:
    metrics = api.db.host[api.ctx.host].metrics
    used = api.db.host[api.ctx.host].memory_overhead
    used += sum(vm.memory_dynamic_max for vm in api.db.vm.where(resident_on=api.ctx.host))
    first, second = await api.vm(), await api.vm()
    need = api.db.vm[first].memory_dynamic_min + api.db.vm[first].memory_overhead
    api.db.host_metrics.update(metrics, memory_total=used + need)
    await api("VM.start", vm=first, start_paused=False, force=False)
    assert await refused(api, "VM.start", vm=second, start_paused=False, force=False) == [
        "HOST_NOT_ENOUGH_FREE_MEMORY",
        str(need),
        "0",
    ]
    await api("VM.hard_shutdown", vm=first)
    await api("VM.start", vm=second, start_paused=False, force=False)


async def test_a_disabled_host_starts_nothing(api: Api) -> None:
    vm = await api.vm()
    api.db.host.update(api.ctx.host, enabled=False)
    assert await refused(api, "VM.start", vm=vm, start_paused=False, force=False) == ["HOST_DISABLED", api.ctx.host]
    assert await api("VM.get_possible_hosts", vm=vm) == ()


async def test_xenopsd_killed_in_the_middle_of_a_shutdown(api: Api, hypervisor: Hypervisor) -> None:
    vm = await running(api, platform={"simulator/shutdown": "0.3"})
    job = asyncio.get_running_loop().create_task(api("VM.clean_shutdown", vm=vm))
    await until(lambda: VMOperations.CLEAN_SHUTDOWN in api.db.vm[vm].current_operations.values())
    await asyncio.sleep(0.1)

    await hypervisor.restart()

    await asyncio.gather(job, return_exceptions=True)
    status = await api.ctx.services.xen.vm.stat("test", xen.VmId(api.db.vm[vm].uuid))
    assert at_rest(api, vm, VMPowerState(status.state.power_state.value))


async def test_xenopsd_that_is_away_answers_nothing_for_good(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    vm = await running(api)
    calls = api.ctx.services.xen.vm

    async def away(*_args: Any, **_kwargs: Any) -> Any:
        raise DaemonUnreachable("xenopsd", "gone")

    monkeypatch.setattr(calls, "shutdown", away)
    assert (await refused(api, "VM.hard_shutdown", vm=vm))[0] == "INTERNAL_ERROR"
    assert at_rest(api, vm, VMPowerState.RUNNING)


async def test_power_state_reset_is_for_vms_without_a_domain(api: Api) -> None:
    vm = await running(api)
    assert (await refused(api, "VM.power_state_reset", vm=vm))[0] == "DOMAIN_EXISTS"
    halted = await api.vm()
    api.db.vm.update(halted, power_state=VMPowerState.RUNNING, resident_on=api.ctx.host)
    await api("VM.power_state_reset", vm=halted)
    assert at_rest(api, halted, VMPowerState.HALTED)


async def test_a_hard_shutdown_of_a_suspended_vm_deletes_its_memory(api: Api, sr: SRRef) -> None:
    vm = await running(api)
    await api("VM.suspend", vm=vm)
    await api("VM.hard_shutdown", vm=vm)
    assert at_rest(api, vm, VMPowerState.HALTED)
    assert len(api.db.vdi) == 0
    await api("VM.start", vm=vm, start_paused=False, force=False)


async def test_a_start_brings_up_what_the_settings_say_now(api: Api) -> None:
    vm = await api.vm()
    await api("VM.start", vm=vm, start_paused=False, force=False)
    await api("VM.hard_shutdown", vm=vm)
    await api("VM.set_VCPUs_at_startup", self=vm, value=2)
    await api("VM.set_memory", self=vm, value=512 << 20)
    await api("VM.start", vm=vm, start_paused=False, force=False)
    status = await api.ctx.services.xen.vm.stat("test", xen.VmId(api.db.vm[vm].uuid))
    assert (status.vm.vcpus, status.vm.memory_static_max) == (2, 512 << 20)
    assert api.db.vm_metrics[api.db.vm[vm].metrics].VCPUs_number == 2
