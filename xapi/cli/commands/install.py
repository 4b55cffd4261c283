"""VMs from templates, and VMs with all that is theirs away again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from common.errors import WireError
from xapi.cli.failures import CommandError
from xapi.cli.invocation import Invocation
from xapi.cli.table import Select, command

DESCRIPTION = "Installed via xe CLI"
TEMPLATE_PARAMETERS = ("template-uuid", "template-name", "template-name-label", "template")
EMPTY_SR = re.compile(r'(\bsr=)(["\'])\2')
OWNER = "owner"
"""Key of a VBD's other_config: the disk goes with the VM."""


@command(
    "vm-install",
    "new-name-label",
    "sr-name-label sr-uuid template copy-bios-strings-from",
)
async def vm_install(call: Invocation) -> None:
    """Make a VM from a template (uuid or name), its disks on the SR given or the pool's default."""
    template = _template(call)
    sr = _sr(call)
    disks = template.other_config.get("disks", "")
    if sr is None and EMPTY_SR.search(disks):
        raise CommandError("No SR specified and Pool default SR is null")
    bios = call.ref("host", "copy-bios-strings-from") if call.has("copy-bios-strings-from") else None
    method, target = ("VM.copy", [sr.ref]) if _has_disks(call, template) and _asked_for_sr(call) else ("VM.clone", [])
    vm = await call.api.run(method, template.ref, call.need("new-name-label"), *target)
    try:
        await call.api.call("VM.set_name_description", vm, DESCRIPTION)
        if bios is not None:
            await call.api.call("VM.copy_bios_strings", vm, bios)
        if sr is not None and disks:
            await call.api.call("VM.remove_from_other_config", vm, "disks")
            await call.api.call(
                "VM.add_to_other_config", vm, "disks", EMPTY_SR.sub(rf"\g<1>\g<2>{sr.uuid}\g<2>", disks)
            )
        await call.api.run("VM.provision", vm)
    except (WireError, CommandError):
        await call.api.call("VM.destroy", vm)
        raise
    call.print(call.uuid(vm))


def _template(call: Invocation) -> Any:
    given = next((name for name in TEMPLATE_PARAMETERS if call.has(name)), None)
    if given is None:
        names = "', '".join(TEMPLATE_PARAMETERS[:3])
        raise CommandError(f"Template must be specified by parameter '{names}' or 'template'")
    wanted = call.get(given)
    fields = {"template-uuid": ("uuid",), "template": ("uuid", "name_label")}.get(given, ("name_label",))
    rows = [row for row in call.db.vm.rows() if row.is_a_template and not row.is_a_snapshot]
    found = [row for row in rows if wanted in [getattr(row, field) for field in fields]]
    # A snapshot may be installed from too, if it is named by its uuid.
    found = found or [row for row in call.db.vm.rows() if row.is_a_snapshot and row.uuid == wanted]
    if not found:
        raise CommandError("No templates matched")
    if len(found) > 1:
        raise CommandError("More than one matching template found: name it by its uuid")
    return found[0]


def _asked_for_sr(call: Invocation) -> bool:
    return call.has("sr-uuid") or call.has("sr-name-label")


def _sr(call: Invocation) -> Any:
    """The SR given, or the pool's default; None if there is none."""
    if call.has("sr-uuid"):
        return call.db.sr.by_uuid(call.get("sr-uuid"))
    if call.has("sr-name-label"):
        found = call.db.sr.by_name_label(call.get("sr-name-label"))
        if len(found) != 1:
            raise CommandError(f"{len(found)} SRs are called '{call.get('sr-name-label')}'")
        return found[0]
    return call.db.sr.get(call.pool.default_SR)


def _has_disks(call: Invocation, template: Any) -> bool:
    return any(vbd.type == "Disk" and vbd.VDI in call.db.vdi for vbd in _vbds(call, template))


def _vbds(call: Invocation, vm: Any) -> Iterator[Any]:
    return (vbd for ref in vm.VBDs if (vbd := call.db.vbd.get(ref)) is not None)


@command("vm-uninstall", optional="force", select=Select.VM)
async def vm_uninstall(call: Invocation) -> None:
    """Destroy the chosen VMs, their snapshots and their disks; asks first unless --force."""
    vm = call.selected[0]
    snapshots = [row for ref in vm.snapshots if (row := call.db.vm.get(ref)) is not None]
    await uninstall(call, [vm, *snapshots])


@command("snapshot-uninstall", optional="uuid snapshot-uuid force")
async def snapshot_uninstall(call: Invocation) -> None:
    """Destroy a snapshot and its disks; asks first unless --force."""
    await uninstall(call, [snapshot_of(call)])


@command("template-uninstall", "template-uuid", "force")
async def template_uninstall(call: Invocation) -> None:
    """Destroy a template and its disks; asks first unless --force."""
    await uninstall(call, [call.db.vm.by_uuid(call.need("template-uuid"))])


def snapshot_of(call: Invocation) -> Any:
    """The snapshot that uuid= or snapshot-uuid= names. Raises `CommandError`, UUID_INVALID."""
    uuid = call.get("uuid") or call.get("snapshot-uuid")
    if not uuid:
        raise CommandError("Required parameter not found: snapshot-uuid or uuid")
    return call.db.vm.by_uuid(uuid)


async def uninstall(call: Invocation, vms: list[Any]) -> None:
    """Destroy VMs with the disks they own."""
    disks = {vm.ref: list(_owned(call, vm)) for vm in vms}
    if not call.flag("force"):
        _announce(call, vms, disks)
        if await call.talk.ask() != "yes":
            raise CommandError("Nothing was destroyed")
    for vm in vms:
        if vm.power_state != "Halted":
            await call.api.run("VM.hard_shutdown", vm.ref)
        await call.api.run("VM.destroy", vm.ref)
    for vm in vms:
        for vdi in disks[vm.ref]:
            await call.api.run("VDI.destroy", vdi.ref)
    call.print("All objects destroyed")


def _announce(call: Invocation, vms: list[Any], disks: dict[str, list[Any]]) -> None:
    call.print("The following items are about to be destroyed")
    for vm in vms:
        call.print(f"VM : {vm.uuid} ({vm.name_label})")
        for vdi in disks[vm.ref]:
            call.print(f"VDI: {vdi.uuid} ({vdi.name_label}) ")
    call.print("Type 'yes' to continue")


def _owned(call: Invocation, vm: Any) -> Iterator[Any]:
    """Disks that go with a VM; its suspended memory goes with its shutdown."""
    for vbd in _vbds(call, vm):
        vdi = call.db.vdi.get(vbd.VDI)
        if vdi is not None and OWNER in vbd.other_config and not vdi.sharable:
            yield vdi
