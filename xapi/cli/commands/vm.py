"""Virtual machines: life, copies, memory, what runs in them."""

from __future__ import annotations

from typing import Any

from xapi.cli import simple, values
from xapi.cli.commands.files import loaded
from xapi.cli.commands.storage import show_sources
from xapi.cli.failures import CommandError
from xapi.cli.invocation import Invocation
from xapi.cli.table import Select, command

VM = Select.VM

simple.enter("""
[vm] vm-suspend                 VM.suspend *
[vm] vm-pause                   VM.pause *
[vm] vm-unpause                 VM.unpause *
[vm] vm-restart-device-models   VM.restart_device_models *
[vm] vm-compute-memory-overhead VM.compute_memory_overhead *
[vm] vm-compute-maximum-memory  VM.maximise_memory * total approximate?
[vm] vm-memory-dynamic-range-set VM.set_memory_dynamic_range * min max
[vm] vm-memory-static-range-set VM.set_memory_static_range * min max
[vm] vm-memory-limits-set       VM.set_memory_limits * static-min static-max dynamic-min dynamic-max
[vm] vm-memory-set              VM.set_memory * memory
[vm] vm-memory-target-set       VM.set_memory_target_live * target
[vm] [hidden] vm-memory-balloon VM.set_memory_target_live * target
[vm] [hidden] vm-memory-target-wait VM.wait_memory_target_live *
[vm] vm-memory-shadow-multiplier-set VM.set_shadow_multiplier_live * multiplier
[vm] vm-vcpu-hotplug            VM.set_VCPUs_number_live * new-vcpus
[vm] vm-data-source-record      VM.record_data_source * data-source
[vm] vm-data-source-query       VM.query_data_source * data-source
[vm] vm-data-source-forget      VM.forget_data_source_archives * data-source
[vm] vm-copy-bios-strings       VM.copy_bios_strings * host-uuid
[vm] [hidden] vm-query-services VM.query_services *
[vm] vm-retrieve-wlb-recommendations VM.retrieve_wlb_recommendations *
[vm] vm-update-secureboot-certificates-on-boot VM.update_secureboot_certificates_on_boot * mark
vm-get-secureboot-readiness     VM.get_secureboot_readiness uuid
vm-set-uefi-mode                VM.set_uefi_mode uuid mode
vm-destroy                      VM.destroy uuid
vm-call-plugin                  VM.call_plugin vm-uuid plugin fn args:?
vm-call-host-plugin             VM.call_host_plugin vm-uuid plugin fn args:?
""")  # fmt: skip


@command("vm-start", optional="force on paused", select=VM)
async def vm_start(call: Invocation) -> None:
    """Start the chosen VMs; on= names the host, paused=true stops them before their first instruction."""
    vm, paused, force = call.selected[0].ref, call.flag("paused"), call.flag("force")
    if call.has("on"):
        await call.api.run("VM.start_on", vm, call.host(call.get("on")), paused, force)
    else:
        await call.api.run("VM.start", vm, paused, force)


@command("vm-resume", optional="force on", select=VM)
async def vm_resume(call: Invocation) -> None:
    """Resume the chosen suspended VMs; on= names the host."""
    vm, force = call.selected[0].ref, call.flag("force")
    if call.has("on"):
        await call.api.run("VM.resume_on", vm, call.host(call.get("on")), False, force)
    else:
        await call.api.run("VM.resume", vm, False, force)


@command("vm-shutdown", optional="force", select=VM)
async def vm_shutdown(call: Invocation) -> None:
    """Shut the chosen VMs down; --force pulls the plug."""
    await call.api.run("VM.hard_shutdown" if call.flag("force") else "VM.clean_shutdown", call.selected[0].ref)


@command("vm-reboot", optional="force", select=VM)
async def vm_reboot(call: Invocation) -> None:
    """Reboot the chosen VMs; --force resets them."""
    await call.api.run("VM.hard_reboot" if call.flag("force") else "VM.clean_reboot", call.selected[0].ref)


@command("vm-reset-powerstate", optional="force", select=VM)
async def vm_reset_powerstate(call: Invocation) -> None:
    """Call the chosen VMs halted in the database: only if they certainly run nowhere."""
    await reset_powerstate(call, call.selected[0].ref)


async def reset_powerstate(call: Invocation, vm: str) -> None:
    """Raises `CommandError` without --force."""
    if not call.flag("force"):
        raise CommandError(
            "This loses data if the VM still runs somewhere: use --force once you are sure that it does not"
        )
    await call.api.call("VM.power_state_reset", vm)


@command("vm-clone", "new-name-label", "new-name-description", select=VM)
async def vm_clone(call: Invocation) -> None:
    """Clone the chosen VM; disks are shared until written where the SR can."""
    await copied(call, "VM.clone", call.selected[0].ref, call.need("new-name-label"))


@command("vm-copy", "new-name-label", "new-name-description sr-uuid", select=VM)
async def vm_copy(call: Invocation) -> None:
    """Copy the chosen VM and the content of its disks, to another SR if one is given."""
    sr = call.optional_ref("SR", "sr-uuid")
    await copied(call, "VM.copy", call.selected[0].ref, call.need("new-name-label"), sr)


@command("vm-snapshot", "new-name-label", "new-name-description ignore-vdi-uuids", select=VM)
async def vm_snapshot(call: Invocation) -> None:
    """Take a snapshot of the chosen VM's disks, but those of ignore-vdi-uuids."""
    ignored = [call.by_uuid("VDI", uuid) for uuid in call.get("ignore-vdi-uuids").split(",") if uuid]
    await copied(call, "VM.snapshot", call.selected[0].ref, call.need("new-name-label"), ignored)


@command("vm-checkpoint", "new-name-label", "new-name-description", select=VM)
async def vm_checkpoint(call: Invocation) -> None:
    """Take a snapshot of the chosen VM's disks and memory."""
    await copied(call, "VM.checkpoint", call.selected[0].ref, call.need("new-name-label"))


@command("vm-snapshot-with-quiesce", "new-name-label", "new-name-description", select=VM)
async def vm_snapshot_with_quiesce(_call: Invocation) -> None:
    """Take a snapshot for which the guest writes everything down; no guest agent can any more."""
    raise CommandError("Quiesced snapshots are not supported any more: take a snapshot or a checkpoint")


async def copied(call: Invocation, method: str, *params: Any) -> None:
    """Make a VM of another, describe it, print its uuid."""
    ref = await call.api.run(method, *params)
    if call.has("new-name-description"):
        await call.api.call("VM.set_name_description", ref, call.get("new-name-description"))
    call.print(call.uuid(ref))


@command(
    "vm-migrate",
    optional="live host host-uuid remote-master remote-username remote-password remote-network force copy compress "
    "vif: vdi: image-format:",
    select=VM,
)
async def vm_migrate(call: Invocation) -> None:
    """Move the chosen VMs to another host of the pool (host= or host-uuid=)."""
    if call.has("remote-master"):
        raise CommandError("Migration to another pool is not supported")
    if not (call.has("host") or call.has("host-uuid")):
        raise CommandError("One of the parameters 'host' and 'host-uuid' must be given")
    host = call.host(call.get("host")) if call.has("host") else call.ref("host", "host-uuid")
    options = {name: call.get(name) for name in ("live", "force", "copy", "compress") if call.has(name)}
    await call.api.run("VM.pool_migrate", call.selected[0].ref, host, options)


@command("vm-data-source-list", select=VM)
async def vm_data_source_list(call: Invocation) -> None:
    """Show the data sources of the chosen VMs."""
    await show_sources(call, "VM")


@command("vm-is-bios-customized", select=VM)
async def vm_is_bios_customized(call: Invocation) -> None:
    """Whether the chosen VMs have BIOS strings of their own, or those of a host."""
    strings = call.selected[0].bios_strings
    if not strings:
        call.print("The BIOS strings of this VM have not yet been set.")
    elif strings.get("bios-vendor") == "Xen":
        call.print("This VM is BIOS-generic.")
    else:
        call.print("This VM is BIOS-customized.")


@command("vm-crashdump-list", select=VM)
async def vm_crashdump_list(call: Invocation) -> None:
    """Show the crash dumps of the chosen VMs."""
    for ref in call.selected[0].crash_dumps:
        row = call.db.crashdump.get(ref)
        if row is not None:
            call.table([("uuid", row.uuid), ("vm", call.uuid(row.VM)), ("vdi", call.uuid(row.VDI))])


@command("vm-create", "name-label", "name-description", hidden=True)
async def vm_create(call: Invocation) -> None:
    """Make a VM without template: for tests."""
    memory = 256 << 20
    record = {
        "name_label": call.need("name-label"),
        "name_description": call.get("name-description"),
        "user_version": 1,
        "is_a_template": False,
        "affinity": "OpaqueRef:NULL",
        "memory_static_max": memory,
        "memory_dynamic_max": memory,
        "memory_dynamic_min": memory,
        "memory_static_min": memory // 2,
        "memory_target": 0,
        "VCPUs_params": {},
        "VCPUs_max": 1,
        "VCPUs_at_startup": 1,
        "actions_after_shutdown": "destroy",
        "actions_after_reboot": "restart",
        "actions_after_crash": "restart",
        "PV_bootloader": "",
        "PV_kernel": "",
        "PV_ramdisk": "",
        "PV_args": "",
        "PV_bootloader_args": "",
        "PV_legacy_args": "",
        "HVM_boot_policy": "BIOS order",
        "HVM_boot_params": {"order": "cd"},
        "HVM_shadow_multiplier": 1.0,
        "platform": {},
        "PCI_bus": "",
        "other_config": {},
        "recommendations": "",
    }
    call.print(call.uuid(await call.api.run("VM.create", record)))


@command("vm-sysprep", "filename", "timeout", select=VM)
async def vm_sysprep(call: Invocation) -> None:
    """Generalise the chosen Windows VM with an answer file, so that it can be cloned."""
    timeout = values.read_float("timeout", call.get("timeout", "180"))
    await call.api.run("VM.sysprep", call.selected[0].ref, await loaded(call, "filename"), timeout)
