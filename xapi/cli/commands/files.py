"""Commands that move files: the client fetches from or sends to one of the host's HTTP handlers."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from xapi.cli.commands.install import snapshot_of
from xapi.cli.failures import CommandError
from xapi.cli.invocation import Invocation
from xapi.cli.table import Select, command
from xapi.datamodel.types import NULL

TRANSFER_FAILED = "The file could not be transferred"
EXPORT = "preserve-power-state compress metadata excluded-device-types"


async def fetch(call: Invocation, filename: str, path: str, **query: str | list[str]) -> str:
    """Have the client fetch a file; the result of the task that follows it. Raises `CommandError`, the API's errors."""
    return await _transfer(call, call.talk.fetch, filename, path, query)


async def send(call: Invocation, filename: str, path: str, **query: str) -> str:
    """Have the client send a file; the result of the task that follows it. Raises `CommandError`, the API's errors."""
    return await _transfer(call, call.talk.send, filename, path, query)


async def loaded(call: Invocation, name: str) -> str:
    """The text of a file on the client's side that the parameter `name` names. Raises `CommandError`."""
    data = await call.talk.load(call.need(name))
    if data is None:
        raise CommandError(f"The file '{call.need(name)}' could not be read")
    return data.decode(errors="replace")


async def _transfer(
    call: Invocation, action: object, filename: str, path: str, query: Mapping[str, str | list[str]]
) -> str:
    task = await call.api.call("task.create", f"xe {call.words.command}", filename)
    words = {"session_id": call.api.session, "task_id": task, **query}
    try:
        done = await action(filename, f"{path}?{urlencode(words, doseq=True, safe=':/')}")  # type: ignore[operator]
        row = call.db.task.get(task)
        if row is not None and row.error_info:
            code, *params = row.error_info
            raise CommandError(f"{TRANSFER_FAILED}: {code}({', '.join(params)})")
        if not done:
            raise CommandError(TRANSFER_FAILED)
        return "" if row is None else row.result
    finally:
        await call.api.call("task.destroy", task)


async def _export(call: Invocation, vm: str, snapshots: bool) -> None:
    metadata = call.flag("metadata")
    compress = call.get("compress", "false")
    query = {
        "ref": vm,
        "use_compression": compress,
        "preserve_power_state": str(call.flag("preserve-power-state")).lower(),
        "export_snapshots": str(snapshots).lower(),
        "excluded_device_types": call.get("excluded-device-types"),
    }
    await fetch(call, call.need("filename"), "/export_metadata" if metadata else "/export", **query)
    call.print("Export succeeded")


@command("vm-export", "filename", f"{EXPORT} include-snapshots", select=Select.VM)
async def vm_export(call: Invocation) -> None:
    """Export the chosen VM into a file; metadata=true leaves the disks out."""
    await _export(call, call.selected[0].ref, call.flag("include-snapshots"))


@command("snapshot-export-to-template", "filename snapshot-uuid", EXPORT)
async def snapshot_export_to_template(call: Invocation) -> None:
    """Export a snapshot into a file, as a template."""
    await _export(call, snapshot_of(call).ref, False)


@command("template-export", "filename template-uuid", "compress metadata excluded-device-types")
async def template_export(call: Invocation) -> None:
    """Export a template into a file."""
    await _export(call, call.ref("VM", "template-uuid"), False)


@command(
    "vm-import",
    optional="filename preserve sr-uuid force host-username host-password type remote-config dry-run metadata url vdi:",
)
async def vm_import(call: Invocation) -> None:
    """Import VMs from a file (filename=) or a URL (url=)."""
    sr = call.optional_ref("SR", "sr-uuid") if call.has("sr-uuid") else call.pool.default_SR
    if sr == NULL:
        raise CommandError("No SR specified and Pool default SR is null")
    restore, force = call.flag("preserve"), call.flag("force")
    if call.has("url"):
        call.answer(await call.api.run("VM.import", call.get("url"), sr, restore, force))
        return
    query = {"restore": str(restore).lower(), "force": str(force).lower(), "sr_id": sr}
    query |= {f"vdi:{uuid}": other for uuid, other in call.map("vdi").items()}
    if call.flag("metadata"):
        query["dry_run"] = str(call.flag("dry-run")).lower()
    path = "/import_metadata" if call.flag("metadata") else "/import"
    call.print(await send(call, call.need("filename"), path, **query))


@command("vdi-import", "uuid filename", "format progress")
async def vdi_import(call: Invocation) -> None:
    """Write a file into a disk; format= raw, vhd or qcow2."""
    vdi, kind = call.ref("VDI", "uuid"), call.get("format", "raw")
    await send(call, call.need("filename"), "/import_raw_vdi", vdi=vdi, format=kind)


@command("vdi-export", "uuid filename", "format base progress")
async def vdi_export(call: Invocation) -> None:
    """Write a disk into a file; format= raw, vhd or qcow2, base= a disk of which only the differences count."""
    query = {"vdi": call.ref("VDI", "uuid"), "format": call.get("format", "raw")}
    if call.has("base"):
        query["base"] = call.ref("VDI", "base")
    await fetch(call, call.need("filename"), "/export_raw_vdi", **query)


@command("pool-dump-database", "file-name")
async def pool_dump_database(call: Invocation) -> None:
    """Save the pool's database in a file."""
    await fetch(call, call.need("file-name"), "/pool/xmldbdump")


@command("pool-restore-database", "file-name", "dry-run")
async def pool_restore_database(call: Invocation) -> None:
    """Replace the pool's database by one from a file; the host restarts. dry-run=true only looks."""
    await send(call, call.need("file-name"), "/pool/xmldbdump", dry_run=str(call.flag("dry-run")).lower())


@command("host-backup", "file-name", select=Select.HOST)
async def host_backup(call: Invocation) -> None:
    """Save the chosen host's control domain in a file."""
    await fetch(call, call.need("file-name"), "/host_backup")


@command("host-restore", "file-name", select=Select.HOST)
async def host_restore(call: Invocation) -> None:
    """Put the chosen host's control domain back from a file."""
    await send(call, call.need("file-name"), "/host_restore")


@command("host-logs-download", optional="file-name", select=Select.HOST)
async def host_logs_download(call: Invocation) -> None:
    """Save the chosen host's logs in a file."""
    await fetch(call, call.get("file-name", "logs.tgz"), "/host_logs_download")


@command("host-get-system-status", "filename", "entries output", select=Select.HOST)
async def host_get_system_status(call: Invocation) -> None:
    """Save a status report of the chosen host in a file."""
    query = {name: call.get(name) for name in ("entries", "output") if call.has(name)}
    await fetch(call, call.need("filename"), "/system-status", **query)


@command("audit-log-get", "filename", "since")
async def audit_log_get(call: Invocation) -> None:
    """Save the audit log in a file."""
    query = {"since": call.get("since")} if call.has("since") else {}
    await fetch(call, call.need("filename"), "/audit_log", **query)
    call.print(f"audit-log-get into file {call.need('filename')} succeeded")


@command("patch-upload", "file-name")
async def patch_upload(call: Invocation) -> None:
    """Upload a hotfix."""
    call.print(call.uuid(await send(call, call.need("file-name"), "/pool_patch_upload")))


@command("pool-sync-bundle", "filename")
async def pool_sync_bundle(call: Invocation) -> None:
    """Upload a bundle of updates."""
    call.print(await send(call, call.need("filename"), "/bundle"))


@command("blob-get", "uuid filename", hidden=True)
async def blob_get(call: Invocation) -> None:
    """Save a blob in a file."""
    await fetch(call, call.need("filename"), "/blob", ref=call.ref("blob", "uuid"))


@command("blob-put", "uuid filename", hidden=True)
async def blob_put(call: Invocation) -> None:
    """Fill a blob from a file."""
    await send(call, call.need("filename"), "/blob", ref=call.ref("blob", "uuid"))


@command("pool-retrieve-wlb-report", "report", "filename")
async def pool_retrieve_wlb_report(call: Invocation) -> None:
    """Save a report of workload balancing; further name=value are the report's parameters."""
    query = {name: value for name, value in call.words.params.items() if name != "filename"}
    await fetch(call, call.get("filename"), "/wlb_report", **query)


@command("pool-retrieve-wlb-diagnostics", optional="filename")
async def pool_retrieve_wlb_diagnostics(call: Invocation) -> None:
    """Save what workload balancing tells about itself."""
    await fetch(call, call.get("filename"), "/wlb_diagnostics")


@command("repository-introduce-remote-pool", "name-label binary-url certificate-file", "name-description")
async def repository_introduce_remote_pool(call: Invocation) -> None:
    """Enter the updates that another pool offers."""
    name, text, url = call.need("name-label"), call.get("name-description"), call.need("binary-url")
    certificate = await loaded(call, "certificate-file")
    call.print(call.uuid(await call.api.run("Repository.introduce_remote_pool", name, text, url, certificate)))
