"""Clones, copies, snapshots, checkpoints, reverts and provisioning."""

from __future__ import annotations

from typing import Any

import pytest

from common.errors import WireError
from common.idl.storage import OutOfSpace
from tests.xapi.hypervisor import MIB, VIF_RECORD, Api
from xapi.control import leftovers, unfinished
from xapi.datamodel.enums import OnCrashBehaviour, VBDMode, VBDType, VMPowerState
from xapi.datamodel.refs import SRRef, VDIRef, VMRef
from xapi.datamodel.types import NULL


async def make(api: Api, sr: SRRef, disks: int = 1) -> VMRef:
    """A paravirtual VM with disks, an empty CD drive and an interface."""
    vm = await api.vm(HVM_boot_policy="", generation_id="1:2", tags=("db",))
    for _ in range(disks):
        await api.disk(vm, sr)
    await api("VBD.create", record=cd(vm))
    await api("VIF.create", record={**VIF_RECORD, "VM": vm, "network": api.network()})
    return vm


def cd(vm: VMRef) -> dict[str, Any]:
    return {
        "VM": vm,
        "VDI": NULL,
        "device": "",
        "userdevice": "autodetect",
        "bootable": False,
        "mode": VBDMode.RO,
        "type": VBDType.CD,
        "unpluggable": True,
        "empty": True,
        "other_config": {},
        "currently_attached": False,
        "qos_algorithm_type": "",
        "qos_algorithm_params": {},
    }


def disks_of(api: Api, vm: VMRef) -> list[VDIRef]:
    return [VDIRef(api.db.vbd[ref].VDI) for ref in api.db.vm[vm].VBDs if api.db.vbd[ref].VDI != NULL]


def macs_of(api: Api, vm: VMRef) -> list[str]:
    return [api.db.vif[ref].MAC for ref in api.db.vm[vm].VIFs]


async def test_a_clone_has_disks_addresses_and_a_seed_of_its_own(api: Api, sr: SRRef) -> None:
    origin = await make(api, sr)

    clone = await api("VM.clone", vm=origin, new_name="copy of web")

    old, new = api.db.vm[origin], api.db.vm[clone]
    assert new.name_label == "copy of web"
    assert new.tags == ("db",)
    assert new.other_config["mac_seed"] != old.other_config["mac_seed"]
    assert new.generation_id not in ("", old.generation_id)
    assert len(disks_of(api, clone)) == 1
    assert set(disks_of(api, clone)).isdisjoint(disks_of(api, origin))
    assert macs_of(api, clone) != macs_of(api, origin)
    assert len(new.VBDs) == 2
    assert new.parent == NULL
    assert not [key for key in new.other_config if key in unfinished.MARKS]
    assert {"start", "clone", "destroy"} <= set(new.allowed_operations)
    assert new.current_operations == old.current_operations == {}


async def test_a_clone_of_a_default_template_names_it(api: Api) -> None:
    template = await api.vm(is_a_template=True, name_label="Debian", other_config={"default_template": "true"})
    await api("VM.set_is_default_template", vm=template, value=True)

    clone = api.db.vm[await api("VM.clone", vm=template, new_name="web")]

    assert clone.other_config["base_template_name"] == "Debian"
    assert "default_template" not in clone.other_config
    assert clone.is_a_template
    assert not clone.is_default_template
    assert "destroy" in clone.allowed_operations


async def test_a_snapshot_keeps_the_address_and_is_the_parent(api: Api, sr: SRRef) -> None:
    origin = await make(api, sr)
    await api("VM.start", vm=origin, start_paused=False, force=False)

    first = await api("VM.snapshot", vm=origin, new_name="one", ignore_vdis=())
    second = await api("VM.snapshot", vm=origin, new_name="two", ignore_vdis=())

    row, old = api.db.vm[second], api.db.vm[origin]
    assert row.is_a_snapshot
    assert row.is_a_template
    assert row.snapshot_of == origin
    assert row.snapshot_info["power-state-at-snapshot"] == "Running"
    assert "'name__label' 'web'" in row.snapshot_metadata
    assert macs_of(api, second) == macs_of(api, origin)
    assert row.other_config["mac_seed"] == old.other_config["mac_seed"]
    assert (old.parent, row.parent, api.db.vm[first].parent) == (second, first, NULL)
    assert set(old.snapshots) == {first, second}
    assert api.db.vdi[disks_of(api, second)[0]].snapshot_of == disks_of(api, origin)[0]
    assert set(row.allowed_operations) == {"destroy", "metadata_export", "export", "revert", "copy", "clone"}
    assert old.power_state is VMPowerState.RUNNING


async def test_a_snapshot_leaves_out_what_it_is_told_to(api: Api, sr: SRRef) -> None:
    origin = await make(api, sr, disks=2)
    first, second = disks_of(api, origin)

    snapshot = await api("VM.snapshot", vm=origin, new_name="one", ignore_vdis=(first,))

    assert [api.db.vdi[vdi].snapshot_of for vdi in disks_of(api, snapshot)] == [second]


async def test_a_snapshot_that_fails_leaves_nothing(api: Api, sr: SRRef, disks: Any) -> None:
    origin = await make(api, sr, disks=2)
    vdis, vms = len(api.db.vdi), len(api.db.vm)
    original = disks.note

    def second_fails(call: str) -> None:
        original(call)
        if call == "VDI.snapshot" and disks.calls.count(call) == 2:
            raise OutOfSpace(1, 0)

    disks.note = second_fails

    with pytest.raises(WireError):
        await api("VM.snapshot", vm=origin, new_name="one", ignore_vdis=())

    assert (len(api.db.vdi), len(api.db.vm)) == (vdis, vms)
    assert len(disks.made[api.db.sr[sr].uuid]) == vdis
    assert api.db.vm[origin].current_operations == {}
    assert api.db.vm[origin].parent == NULL


async def test_what_a_death_in_the_middle_leaves_is_removed_at_the_next_start(api: Api, sr: SRRef, disks: Any) -> None:
    origin = await make(api, sr)
    work = unfinished.beside(api.db, disks_of(api, origin))
    half = VMRef(api.db.vm.create(name_label="half", snapshot_of=origin, metrics=api.db.vm_metrics.create().ref).ref)
    unfinished.mark(api.db, half, unfinished.INCOMPLETE, work)
    lost = disks.add(api.db.sr[sr].uuid, sm_config=work.sm_config)
    kept = len(api.db.vdi)

    await leftovers.clean(api.ctx)

    assert half not in api.db.vm
    assert lost.vdi not in disks.made[api.db.sr[sr].uuid]
    assert len(api.db.vdi) == kept


async def test_revert_brings_back_disks_settings_and_devices(api: Api, sr: SRRef) -> None:
    vm = await make(api, sr)
    await api("VM.start", vm=vm, start_paused=False, force=False)
    snapshot = await api("VM.snapshot", vm=vm, new_name="before", ignore_vdis=())
    changed = disks_of(api, vm)
    await api("VM.set_actions_after_crash", self=vm, value=OnCrashBehaviour.PRESERVE)
    api.db.vm.update(vm, name_label="renamed", VCPUs_at_startup=2)

    await api("VM.revert", snapshot=snapshot)

    row = api.db.vm[vm]
    assert row.power_state is VMPowerState.HALTED
    assert (row.name_label, row.VCPUs_at_startup, row.actions_after_crash) == ("web", 1, "restart")
    assert not row.is_a_template
    assert row.parent == snapshot
    assert set(disks_of(api, vm)).isdisjoint({*changed, *disks_of(api, snapshot)})
    assert changed[0] not in api.db.vdi
    assert api.db.vdi[disks_of(api, snapshot)[0]].snapshot_of == disks_of(api, vm)[0]
    assert len(row.VBDs) == 2
    assert macs_of(api, vm) == macs_of(api, snapshot)
    assert not [key for key in row.other_config if key in unfinished.MARKS]
    await api("VM.start", vm=vm, start_paused=False, force=False)


async def test_a_checkpoint_has_the_memory_and_the_vm_runs_on(api: Api, sr: SRRef) -> None:
    vm = await make(api, sr)
    await api("VM.start", vm=vm, start_paused=False, force=False)

    checkpoint = await api("VM.checkpoint", vm=vm, new_name="with memory")

    assert api.db.vm[vm].power_state is VMPowerState.RUNNING
    assert api.db.vm[vm].suspend_VDI == NULL
    row = api.db.vm[checkpoint]
    assert row.power_state is VMPowerState.SUSPENDED
    assert row.suspend_VDI in api.db.vdi
    assert row.snapshot_info["power-state-at-snapshot"] == "Running"
    await api("VM.revert", snapshot=checkpoint)
    assert api.db.vm[vm].power_state is VMPowerState.SUSPENDED
    await api("VM.resume", vm=vm, start_paused=False, force=False)


async def test_a_copy_is_made_disk_by_disk(api: Api, sr: SRRef, disks: Any) -> None:
    origin = await make(api, sr, disks=2)

    copy = await api("VM.copy", vm=origin, new_name="full", sr="")

    assert disks.calls.count("VDI.copy") == 2
    assert len(disks_of(api, copy)) == 2


async def test_provision_makes_the_disks_of_the_template(api: Api, sr: SRRef) -> None:
    uuid = api.db.sr[sr].uuid
    wanted = f'<provision><disk device="0" size="{MIB}" sr="{uuid}" bootable="true" type="system"/></provision>'
    vm = await api.vm(is_a_template=True, other_config={"disks": wanted})

    await api("VM.provision", vm=vm)

    row = api.db.vm[vm]
    (vbd,) = [api.db.vbd[ref] for ref in row.VBDs]
    assert not row.is_a_template
    assert "disks" not in row.other_config
    assert (vbd.userdevice, vbd.bootable, vbd.unpluggable, vbd.other_config) == ("0", True, False, {"owner": ""})
    assert api.db.vdi[vbd.VDI].name_description == "Created by template provisioner"


async def test_provision_refuses_an_sr_that_is_none(api: Api) -> None:
    wanted = '<provision><disk device="0" size="1" sr="" bootable="true" type="system"/></provision>'
    vm = await api.vm(is_a_template=True, other_config={"disks": wanted})

    with pytest.raises(WireError) as caught:
        await api("VM.provision", vm=vm)

    assert caught.value.wire_code == "UUID_INVALID"
    assert api.db.vm[vm].is_a_template


async def test_destroy_removes_the_rows_and_leaves_the_disks(api: Api, sr: SRRef) -> None:
    vm = await make(api, sr)
    (vdi,) = disks_of(api, vm)

    await api("VM.destroy", self=vm)

    assert vm not in api.db.vm
    assert vdi in api.db.vdi
    assert [len(table) for table in (api.db.vbd, api.db.vif, api.db.vbd_metrics, api.db.vif_metrics)] == [0, 0, 0, 0]
