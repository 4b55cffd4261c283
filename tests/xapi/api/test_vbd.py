"""Disk drives: positions, plugging, CDs."""

from __future__ import annotations

from typing import Any

import pytest

from common.errors import WireError
from tests.xapi.hypervisor import VBD_RECORD, Api
from xapi.datamodel.enums import VBDMode, VBDType
from xapi.datamodel.refs import SRRef, VBDRef, VMRef
from xapi.datamodel.types import NULL

CD = {"type": VBDType.CD, "mode": VBDMode.RO, "empty": True}


async def refused(api: Api, message: str, **params: Any) -> list[str]:
    with pytest.raises(WireError) as caught:
        await api(message, **params)
    return [caught.value.wire_code, *caught.value.params]


async def running(api: Api, **fields: Any) -> VMRef:
    vm = await api.vm(**fields)
    await api("VM.start", vm=vm, start_paused=False, force=False)
    return vm


def drive(api: Api, vm: VMRef) -> VBDRef:
    return VBDRef(api.db.vm[vm].VBDs[0])


async def test_autodetect_takes_the_first_free_position(api: Api, sr: SRRef) -> None:
    vm = await api.vm()
    await api.disk(vm, sr, userdevice="1")
    await api.disk(vm, sr)
    await api.disk(vm, sr)
    assert sorted(api.db.vbd[ref].userdevice for ref in api.db.vm[vm].VBDs) == ["0", "1", "2"]
    assert "1" not in await api("VM.get_allowed_VBD_devices", vm=vm)
    assert len(await api("VM.get_allowed_VBD_devices", vm=vm)) == 252


async def test_a_taken_position_is_refused(api: Api, sr: SRRef) -> None:
    vm = await api.vm()
    await api.disk(vm, sr, userdevice="0")
    record = {**VBD_RECORD, **CD, "VM": vm, "userdevice": "0"}
    assert await refused(api, "VBD.create", record=record) == ["DEVICE_ALREADY_EXISTS", "0"]


async def test_a_cd_is_read_only(api: Api) -> None:
    record = {**VBD_RECORD, **CD, "mode": VBDMode.RW, "VM": await api.vm()}
    assert await refused(api, "VBD.create", record=record) == ["VBD_CDS_MUST_BE_READONLY"]


async def test_a_new_drive_looks_as_in_the_original(api: Api, sr: SRRef) -> None:
    vm = await api.vm()
    await api.disk(vm, sr)
    row = api.db.vbd[drive(api, vm)]
    assert (row.device, row.currently_attached, row.storage_lock, row.status_code) == ("", False, False, 0)
    assert row.allowed_operations == ("attach",)
    assert row.metrics in api.db.vbd_metrics


async def test_hot_plug(api: Api, sr: SRRef) -> None:
    vm = await running(api, HVM_boot_policy="")
    vdi = await api.disk(vm, sr, userdevice="7")
    vbd = drive(api, vm)

    await api("VBD.plug", self=vbd)

    row = api.db.vbd[vbd]
    assert (row.device, row.currently_attached) == ("xvdh", True)
    assert list(row.allowed_operations) == ["attach", "unpause", "unplug", "unplug_force", "pause"]
    assert "destroy" not in api.db.vdi[vdi].allowed_operations
    assert await refused(api, "VBD.plug", self=vbd) == ["DEVICE_ALREADY_ATTACHED", vbd]
    uuids = (row.uuid, api.db.vm[vm].uuid)
    message = "VBD '{}' still attached to '{}'".format(*uuids)
    assert await refused(api, "VBD.destroy", self=vbd) == ["OPERATION_NOT_ALLOWED", message]
    await api("VBD.unplug", self=vbd)
    assert not row.currently_attached
    assert "destroy" in api.db.vdi[vdi].allowed_operations
    await api("VBD.destroy", self=vbd)
    assert vbd not in api.db.vbd


async def test_emulated_hardware_needs_drivers_for_hot_plug(api: Api, sr: SRRef) -> None:
    vm = await running(api)
    api.db.vm_guest_metrics.update(api.db.vm[vm].guest_metrics, PV_drivers_detected=False, PV_drivers_version={})
    await api.disk(vm, sr)
    assert await refused(api, "VBD.plug", self=drive(api, vm)) == ["VM_MISSING_PV_DRIVERS", vm]


async def test_a_halted_vm_is_not_hot_plugged(api: Api, sr: SRRef) -> None:
    vm = await api.vm()
    await api.disk(vm, sr)
    assert await refused(api, "VBD.plug", self=drive(api, vm)) == ["VM_BAD_POWER_STATE", vm, "running", "halted"]


async def test_a_guest_that_keeps_its_disk_is_told_of(api: Api, sr: SRRef) -> None:
    vm = await running(api, HVM_boot_policy="", platform={"simulator/unplug": "refuse"})
    await api.disk(vm, sr)
    vbd = drive(api, vm)
    await api("VBD.plug", self=vbd)
    assert (await refused(api, "VBD.unplug", self=vbd))[0] == "DEVICE_DETACH_REJECTED"
    assert api.db.vbd[vbd].currently_attached
    assert api.db.vbd[vbd].current_operations == {}
    await api("VBD.unplug_force", self=vbd)
    assert not api.db.vbd[vbd].currently_attached


async def test_a_disk_is_written_by_one_vm(api: Api, sr: SRRef) -> None:
    first, second = await api.vm(), await api.vm()
    vdi = await api.disk(first, sr)
    await api("VBD.create", record={**VBD_RECORD, "VM": second, "VDI": vdi})
    await api("VM.start", vm=first, start_paused=False, force=False)
    assert (await refused(api, "VM.start", vm=second, start_paused=False, force=False))[:2] == ["VDI_IN_USE", vdi]


async def test_a_cd_is_changed_while_the_vm_runs_and_while_it_does_not(api: Api, sr: SRRef) -> None:
    vm = await api.vm()
    await api("VBD.create", record={**VBD_RECORD, **CD, "VM": vm})
    vbd = drive(api, vm)
    row = api.db.vbd[vbd]
    assert set(row.allowed_operations) == {"attach", "insert"}
    other = await api.vm()
    vdi = await api.disk(other, sr)
    for start in (False, True):
        if start:
            await api("VM.start", vm=vm, start_paused=False, force=False)
        await api("VBD.insert", vbd=vbd, vdi=vdi)
        assert (row.VDI, row.empty) == (vdi, False)
        assert await refused(api, "VBD.insert", vbd=vbd, vdi=vdi) == ["VBD_NOT_EMPTY", vbd]
        await api("VBD.eject", vbd=vbd)
        assert (row.VDI, row.empty) == (NULL, True)
        assert await refused(api, "VBD.eject", vbd=vbd) == ["VBD_IS_EMPTY", vbd]
    await api("VM.hard_reboot", vm=vm)


async def test_a_disk_is_no_removable_medium(api: Api, sr: SRRef) -> None:
    vm = await api.vm()
    await api.disk(vm, sr)
    assert await refused(api, "VBD.eject", vbd=drive(api, vm)) == ["VBD_NOT_REMOVABLE_MEDIA", drive(api, vm)]
