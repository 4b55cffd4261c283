"""Messages of VM against a real store and xenopsd's simulator."""

from __future__ import annotations

import pytest

from common.errors import WireError
from tests.xapi.hypervisor import VIF_RECORD, Api
from xapi.datamodel.enums import VMPowerState
from xapi.datamodel.refs import SRRef
from xapi.datamodel.types import NULL


async def test_a_created_vm_is_halted_and_has_a_seed_and_metrics(api: Api) -> None:
    vm = api.db.vm[await api.vm()]

    assert vm.power_state is VMPowerState.HALTED
    assert vm.other_config["mac_seed"]
    assert vm.metrics in api.db.vm_metrics
    assert "start" in vm.allowed_operations


async def test_start_shows_the_domain_its_consoles_and_its_devices(api: Api, sr: SRRef) -> None:
    vm = await api.vm()
    await api.disk(vm, sr)
    await api("VIF.create", record={**VIF_RECORD, "VM": vm, "network": api.network()})

    await api("VM.start", vm=vm, start_paused=False, force=False)

    row = api.db.vm[vm]
    assert row.power_state is VMPowerState.RUNNING
    assert row.resident_on == api.ctx.host
    assert row.scheduled_to_be_resident_on == NULL
    assert row.domid > 0
    assert sorted(api.db.console[ref].protocol for ref in row.consoles) == ["rfb", "vt100"]
    assert all(api.db.vbd[ref].currently_attached for ref in row.VBDs)
    assert all(api.db.vif[ref].currently_attached for ref in row.VIFs)
    assert api.db.vbd[row.VBDs[0]].device == "xvda"
    assert row.current_operations == {}


async def test_life(api: Api, sr: SRRef) -> None:
    vm = await api.vm(HVM_boot_policy="")
    row = api.db.vm[vm]

    def state() -> VMPowerState:
        return api.db.vm[vm].power_state

    await api("VM.start", vm=vm, start_paused=True, force=False)
    assert state() is VMPowerState.PAUSED
    await api("VM.unpause", vm=vm)
    assert state() is VMPowerState.RUNNING
    await api("VM.suspend", vm=vm)
    assert state() is VMPowerState.SUSPENDED
    assert row.suspend_VDI in api.db.vdi
    await api("VM.resume", vm=vm, start_paused=False, force=False)
    assert state() is VMPowerState.RUNNING
    assert row.suspend_VDI == NULL
    assert len(api.db.vdi) == 0
    await api("VM.clean_reboot", vm=vm)
    assert state() is VMPowerState.RUNNING
    await api("VM.clean_shutdown", vm=vm)
    assert state() is VMPowerState.HALTED
    assert row.consoles == ()
    assert row.resident_on == NULL


async def test_start_of_a_running_vm_is_refused(api: Api) -> None:
    vm = await api.vm()
    await api("VM.start", vm=vm, start_paused=False, force=False)

    with pytest.raises(WireError) as caught:
        await api("VM.start", vm=vm, start_paused=False, force=False)

    assert (caught.value.wire_code, caught.value.params) == ("VM_BAD_POWER_STATE", [vm, "halted", "running"])
