"""Disks, CDs and interfaces of a VM."""

from __future__ import annotations

from typing import Any

from xapi.cli import generated, simple
from xapi.cli.failures import CommandError
from xapi.cli.invocation import Invocation
from xapi.cli.records import RECORDS
from xapi.cli.table import Select, command
from xapi.datamodel.types import NULL

VM = Select.VM
VBD_FIELDS = "uuid,vm-name-label,userdevice"
VDI_FIELDS = "uuid,name-label,sr-name-label,virtual-size"
CD_VBD_FIELDS = "uuid,vm-name-label,userdevice,empty"
CD_VDI_FIELDS = "uuid,name-label,sr-name-label"
VIF_FIELDS = "uuid,device,MAC,network-uuid,network-name-label,vm-name-label"

simple.enter("""
vbd-destroy     VBD.destroy uuid
vbd-insert      VBD.insert uuid vdi-uuid
vbd-eject       VBD.eject uuid
vbd-plug        VBD.plug uuid
[hidden] vbd-pause   VBD.pause uuid
[hidden] vbd-unpause VBD.unpause uuid token
""")


@command("vbd-create", "vm-uuid device", "vdi-uuid bootable type mode unpluggable")
async def vbd_create(call: Invocation) -> None:
    """Connect a disk to a VM; without vdi-uuid an empty CD drive."""
    vdi = call.optional_ref("VDI", "vdi-uuid")
    kind = call.get("type", "Disk")
    if vdi == NULL and kind.lower() != "cd":
        raise CommandError("Empty VBDs can only be made for type=CD")
    ref = await _create_vbd(
        call,
        call.ref("VM", "vm-uuid"),
        vdi,
        call.need("device"),
        type=kind,
        mode=call.get("mode", "RO" if kind.lower() == "cd" else "RW"),
        bootable=call.flag("bootable"),
        unpluggable=call.flag("unpluggable", True),
    )
    call.print(call.uuid(ref))


async def _create_vbd(call: Invocation, vm: str, vdi: str, device: str, **fields: Any) -> str:
    record = {
        "VM": vm,
        "VDI": vdi,
        "userdevice": device,
        "bootable": False,
        "mode": "RW",
        "type": "Disk",
        "unpluggable": True,
        "empty": vdi == NULL,
        "other_config": {},
        "qos_algorithm_type": "",
        "qos_algorithm_params": {},
        **fields,
    }
    return str(await call.api.run("VBD.create", record))


@command("vbd-unplug", "uuid", "timeout force")
async def vbd_unplug(call: Invocation) -> None:
    """Take a disk from a running VM; --force does not wait for the guest."""
    await call.api.run("VBD.unplug_force" if call.flag("force") else "VBD.unplug", call.ref("VBD", "uuid"))


@command("vif-create", "device network-uuid vm-uuid", "mac")
async def vif_create(call: Invocation) -> None:
    """Connect a VM to a network; mac=random or none makes an address."""
    mac = call.get("mac")
    record = {
        "device": call.need("device"),
        "network": call.ref("network", "network-uuid"),
        "VM": call.ref("VM", "vm-uuid"),
        "MAC": "" if mac == "random" else mac,
        "MTU": 0,
        "other_config": {},
        "qos_algorithm_type": "",
        "qos_algorithm_params": {},
    }
    call.print(call.uuid(await call.api.run("VIF.create", record)))


@command("vif-unplug", "uuid", "force")
async def vif_unplug(call: Invocation) -> None:
    """Take an interface from a running VM; --force does not wait for the guest."""
    await call.api.run("VIF.unplug_force" if call.flag("force") else "VIF.unplug", call.ref("VIF", "uuid"))


@command("vm-disk-list", optional="vbd-params vdi-params", select=VM)
async def vm_disk_list(call: Invocation) -> None:
    """Show the disks of the chosen VMs."""
    await show_drives(call, call.selected[0], "Disk", VBD_FIELDS, VDI_FIELDS)


@command("vm-cd-list", optional="vbd-params vdi-params", select=VM)
async def vm_cd_list(call: Invocation) -> None:
    """Show the CD drives of the chosen VMs."""
    await show_drives(call, call.selected[0], "CD", CD_VBD_FIELDS, CD_VDI_FIELDS)


async def show_drives(call: Invocation, vm: Any, kind: str, vbd_fields: str, vdi_fields: str) -> None:
    """Each drive and what is in it; with --minimal the uuids of both."""
    vbd_chosen = generated.chosen(RECORDS["vbd"], call.get("vbd-params", vbd_fields))
    vdi_chosen = generated.chosen(RECORDS["vdi"], call.get("vdi-params", vdi_fields))
    uuids = []
    for index, vbd in enumerate(_drives(call, vm, kind)):
        vdi = call.db.vdi.get(vbd.VDI)
        uuids += [row.uuid for row in (vbd, vdi) if row is not None]
        if call.minimal:
            continue
        call.print(f"{kind} {index} VBD:")
        await generated.show_rows(call, vbd_chosen, [vbd])
        if vdi is not None:
            call.print(f"{kind} {index} VDI:")
            await generated.show_rows(call, vdi_chosen, [vdi])
    if call.minimal:
        call.items(uuids)


def _drives(call: Invocation, vm: Any, kind: str) -> list[Any]:
    found = [vbd for ref in vm.VBDs if (vbd := call.db.vbd.get(ref)) is not None and vbd.type == kind]
    return sorted(found, key=lambda vbd: (len(vbd.userdevice), vbd.userdevice))


def _running(vm: Any) -> bool:
    return str(vm.power_state) == "Running"


@command("vm-disk-add", "disk-size device", "sr-uuid", select=VM)
async def vm_disk_add(call: Invocation) -> None:
    """Make a disk and connect it to the chosen VM, at once if that runs."""
    vm, size = call.selected[0], call.size("disk-size")
    sr = call.ref("SR", "sr-uuid") if call.has("sr-uuid") else call.default_sr()
    record = {
        "name_label": f"{vm.name_label} {call.need('device')}",
        "name_description": "Created by xe",
        "SR": sr,
        "virtual_size": size,
        "type": "user",
        "sharable": False,
        "read_only": False,
        "other_config": {},
        "xenstore_data": {},
        "sm_config": {},
        "tags": [],
    }
    vdi = await call.api.run("VDI.create", record)
    vbd = await _create_vbd(call, vm.ref, vdi, call.need("device"), other_config={"owner": ""})
    if _running(vm):
        await call.api.run("VBD.plug", vbd)


@command("vm-disk-remove", "device", select=VM)
async def vm_disk_remove(call: Invocation) -> None:
    """Take a disk from the chosen VM and destroy it."""
    vbd = _at(call, call.need("device"))
    if vbd.type != "Disk":
        raise CommandError("Device given does not contain a disk")
    await _disconnect(call, vbd)
    await call.api.run("VDI.destroy", vbd.VDI)


def _at(call: Invocation, device: str) -> Any:
    for ref in call.selected[0].VBDs:
        vbd = call.db.vbd.get(ref)
        if vbd is not None and device in (vbd.userdevice, vbd.device):
            return vbd
    raise CommandError(f"Disk {device} not found")


async def _disconnect(call: Invocation, vbd: Any) -> None:
    if vbd.currently_attached:
        await call.api.run("VBD.unplug", vbd.ref)
    await call.api.run("VBD.destroy", vbd.ref)


@command("vm-cd-add", "cd-name device", select=VM)
async def vm_cd_add(call: Invocation) -> None:
    """Give the chosen VM a drive with a CD in it, at once if it runs."""
    vm = call.selected[0]
    vbd = await _create_vbd(
        call, vm.ref, _cd(call, call.need("cd-name")).ref, call.need("device"), type="CD", mode="RO", bootable=True
    )
    if _running(vm):
        await call.api.run("VBD.plug", vbd)


@command("vm-cd-remove", "cd-name", select=VM)
async def vm_cd_remove(call: Invocation) -> None:
    """Take the drive with a CD from the chosen VM."""
    cd = _cd(call, call.need("cd-name"))
    found = [vbd for vbd in _drives(call, call.selected[0], "CD") if cd.ref == vbd.VDI]
    if not found:
        raise CommandError("No CDs with that name attached")
    for vbd in found:
        await _disconnect(call, vbd)


@command("vm-cd-insert", "cd-name", select=VM)
async def vm_cd_insert(call: Invocation) -> None:
    """Put a CD into the chosen VM's empty drive."""
    cd = _cd(call, call.need("cd-name"))
    vbd = _only(call, [vbd for vbd in _drives(call, call.selected[0], "CD") if vbd.empty], "empty CD")
    await call.api.run("VBD.insert", vbd.ref, cd.ref)


@command("vm-cd-eject", select=VM)
async def vm_cd_eject(call: Invocation) -> None:
    """Take the CD out of the chosen VM's drive."""
    vbd = _only(call, [vbd for vbd in _drives(call, call.selected[0], "CD") if not vbd.empty], "non-empty CD")
    await call.api.run("VBD.eject", vbd.ref)


def _only(_call: Invocation, drives: list[Any], what: str) -> Any:
    if not drives:
        raise CommandError(f"The VM has no {what} drive")
    if len(drives) > 1:
        raise CommandError(f"The VM has several {what} drives: use vbd-insert or vbd-eject")
    return drives[0]


def _cds(call: Invocation) -> list[Any]:
    srs = {sr.ref for sr in call.db.sr.rows() if sr.content_type == "iso"}
    return [vdi for vdi in call.db.vdi.rows() if vdi.SR in srs]


def _cd(call: Invocation, name: str) -> Any:
    found = [vdi for vdi in _cds(call) if name in (vdi.name_label, vdi.uuid)]
    if not found:
        raise CommandError(f"CD {name} not found!")
    if len(found) > 1:
        raise CommandError(f"Multiple CDs named {name}: name one by its uuid")
    return found[0]


@command("cd-list", optional="params")
async def cd_list(call: Invocation) -> None:
    """Show the CDs of all ISO SRs."""
    call.api.check("VDI.get_all_records")
    fields = generated.chosen(RECORDS["vdi"], call.get("params", "name-label,uuid"))
    await generated.show_rows(call, fields, _cds(call))


@command("vm-vif-list", select=VM)
async def vm_vif_list(call: Invocation) -> None:
    """Show the interfaces of the chosen VMs."""
    fields = generated.chosen(RECORDS["vif"], call.get("params", VIF_FIELDS))
    rows = [vif for ref in call.selected[0].VIFs if (vif := call.db.vif.get(ref)) is not None]
    await generated.show_rows(call, fields, rows)
