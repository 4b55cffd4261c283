"""Snapshots of VMs."""

from __future__ import annotations

from xapi.cli.commands.disks import VBD_FIELDS, VDI_FIELDS, show_drives
from xapi.cli.commands.install import snapshot_of
from xapi.cli.commands.vm import copied, reset_powerstate
from xapi.cli.invocation import Invocation
from xapi.cli.table import Select, command


@command("snapshot-revert", optional="uuid snapshot-uuid")
async def snapshot_revert(call: Invocation) -> None:
    """Take a VM back to a snapshot."""
    await call.api.run("VM.revert", snapshot_of(call).ref)


@command("snapshot-clone", "new-name-label", "uuid new-name-description")
async def snapshot_clone(call: Invocation) -> None:
    """Make a template of a snapshot; disks are shared until written where the SR can."""
    await copied(call, "VM.clone", snapshot_of(call).ref, call.need("new-name-label"))


@command("snapshot-copy", "new-name-label", "uuid new-name-description sr-uuid")
async def snapshot_copy(call: Invocation) -> None:
    """Make a template of a snapshot with disks of its own, on another SR if one is given."""
    sr = call.optional_ref("SR", "sr-uuid")
    await copied(call, "VM.copy", snapshot_of(call).ref, call.need("new-name-label"), sr)


@command("snapshot-destroy", optional="uuid snapshot-uuid")
async def snapshot_destroy(call: Invocation) -> None:
    """Destroy a snapshot; its disks stay."""
    await call.api.run("VM.destroy", snapshot_of(call).ref)


@command("snapshot-disk-list", optional="uuid snapshot-uuid vbd-params vdi-params", select=Select.VM)
async def snapshot_disk_list(call: Invocation) -> None:
    """Show the disks of a snapshot."""
    await show_drives(call, call.selected[0], "Disk", VBD_FIELDS, VDI_FIELDS)


@command("snapshot-reset-powerstate", optional="uuid snapshot-uuid force", select=Select.VM)
async def snapshot_reset_powerstate(call: Invocation) -> None:
    """Call a snapshot halted in the database."""
    await reset_powerstate(call, call.selected[0].ref)
