"""SRs and disks."""

from __future__ import annotations

from xapi.cli import simple
from xapi.cli.failures import CommandError
from xapi.cli.invocation import Invocation
from xapi.cli.table import Select, command
from xapi.datamodel.types import NULL

simple.enter("""
sr-introduce                SR.introduce uuid name-label name-description? type content-type? shared?
sr-scan                     SR.scan uuid
sr-destroy                  SR.destroy uuid
sr-forget                   SR.forget uuid
sr-update                   SR.update uuid
sr-enable-database-replication  SR.enable_database_replication uuid
sr-disable-database-replication SR.disable_database_replication uuid
[sr] sr-data-source-record  SR.record_data_source * data-source
[sr] sr-data-source-query   SR.query_data_source * data-source
[sr] sr-data-source-forget  SR.forget_data_source_archives * data-source
vdi-destroy                 VDI.destroy uuid
vdi-forget                  VDI.forget uuid
vdi-update                  VDI.update uuid
vdi-enable-cbt              VDI.enable_cbt uuid
vdi-disable-cbt             VDI.disable_cbt uuid
vdi-data-destroy            VDI.data_destroy uuid
vdi-list-changed-blocks     VDI.list_changed_blocks vdi-from-uuid vdi-to-uuid
[host] lvhd-enable-thin-provisioning LVHD.enable_thin_provisioning * sr-uuid initial-allocation allocation-quantum
[hidden] vdi-generate-config VDI.generate_config host-uuid uuid
""")  # fmt: skip


@command(
    "sr-create",
    "name-label type",
    "name-description host-uuid device-config: shared physical-size content-type sm-config:",
)
async def sr_create(call: Invocation) -> None:
    """Make an SR and connect it: device-config:key=value tells its driver where; shared=true for all hosts."""
    size = call.size("physical-size") if call.has("physical-size") else 0
    ref = await call.api.run(
        "SR.create",
        _host(call),
        call.map("device-config"),
        size,
        call.need("name-label"),
        call.get("name-description"),
        call.need("type"),
        call.get("content-type"),
        call.flag("shared"),
        call.map("sm-config"),
    )
    call.print(call.uuid(ref))


@command("sr-probe", "type", "host-uuid device-config: sm-config:")
async def sr_probe(call: Invocation) -> None:
    """Ask a driver what SRs there are at a place."""
    where = (_host(call), call.map("device-config"), call.need("type"), call.map("sm-config"))
    call.print(await call.api.run("SR.probe", *where))


@command("sr-probe-ext", "type", "host-uuid device-config: sm-config:")
async def sr_probe_ext(call: Invocation) -> None:
    """Ask a driver what SRs there are at a place, and what to ask next."""
    where = (_host(call), call.map("device-config"), call.need("type"), call.map("sm-config"))
    for result in await call.api.run("SR.probe_ext", *where):
        pairs = [("complete", str(result["complete"]).lower())]
        pairs += [(f"configuration {key}", value) for key, value in result["configuration"].items()]
        pairs += [(f"sr {key}", str(value)) for key, value in (result["sr"] or {}).items()]
        pairs += [(f"extra {key}", value) for key, value in result["extra_info"].items()]
        call.table(pairs)


def _host(call: Invocation) -> str:
    """The host that is to do it: the one given, or the coordinator."""
    return call.optional_ref("host", "host-uuid") if call.has("host-uuid") else str(call.api.ctx.host)


@command("sr-data-source-list", select=Select.SR)
async def sr_data_source_list(call: Invocation) -> None:
    """Show the data sources of the chosen SRs."""
    await show_sources(call, "SR")


async def show_sources(call: Invocation, cls: str) -> None:
    """The data sources of the chosen object."""
    for source in await call.api.call(f"{cls}.get_data_sources", call.selected[0].ref):
        pairs = [(name, _text(source[name])) for name in SOURCE]
        call.table(pairs)


SOURCE = ("name_label", "name_description", "enabled", "standard", "min", "max", "units")


def _text(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value).lower() if isinstance(value, bool) else str(value)


@command("vdi-create", "sr-uuid name-label virtual-size", "sm-config: sharable tags: type")
async def vdi_create(call: Invocation) -> None:
    """Make a disk; virtual-size takes KiB, MiB, GiB and TiB."""
    size = call.size("virtual-size")
    record = {
        "name_label": call.need("name-label"),
        "name_description": "",
        "SR": call.ref("SR", "sr-uuid"),
        "virtual_size": size,
        "type": call.get("type", "user").lower(),
        "sharable": call.flag("sharable"),
        "read_only": False,
        "other_config": {},
        "xenstore_data": {},
        "sm_config": call.map("sm-config"),
        "tags": list(call.map("tags").values()),
    }
    call.print(call.uuid(await call.api.run("VDI.create", record)))


@command(
    "vdi-introduce",
    "uuid sr-uuid type location",
    "name-description sharable read-only managed other-config: xenstore-data: sm-config: name-label",
)
async def vdi_introduce(call: Invocation) -> None:
    """Enter a disk that is on an SR already."""
    ref = await call.api.run(
        "VDI.introduce",
        call.need("uuid"),
        call.get("name-label"),
        call.get("name-description"),
        call.ref("SR", "sr-uuid"),
        call.need("type").lower(),
        call.flag("sharable"),
        call.flag("read-only"),
        call.map("other-config"),
        call.need("location"),
        call.map("xenstore-data"),
        call.map("sm-config"),
        call.flag("managed", True),
        0,
        0,
        NULL,
        False,
        "19700101T00:00:00Z",
        NULL,
    )
    call.print(call.uuid(ref))


@command("vdi-resize", "uuid disk-size", "online")
async def vdi_resize(call: Invocation) -> None:
    """Make a disk larger; online=true while a running VM has it."""
    vdi = call.ref("VDI", "uuid")
    await call.api.run("VDI.resize_online" if call.flag("online") else "VDI.resize", vdi, call.size("disk-size"))


@command("vdi-copy", "uuid", "sr-uuid base-vdi-uuid into-vdi-uuid")
async def vdi_copy(call: Invocation) -> None:
    """Copy a disk to an SR, or into a disk that exists; with a base only what differs from it."""
    if call.has("sr-uuid") == call.has("into-vdi-uuid"):
        raise CommandError("Please specify either a destination SR with 'sr-uuid' or a VDI with 'into-vdi-uuid'")
    sr, base = call.optional_ref("SR", "sr-uuid"), call.optional_ref("VDI", "base-vdi-uuid")
    into = call.optional_ref("VDI", "into-vdi-uuid")
    call.print(call.uuid(await call.api.run("VDI.copy", call.ref("VDI", "uuid"), sr, base, into)))


@command("vdi-pool-migrate", "uuid sr-uuid", "dest-img-format")
async def vdi_pool_migrate(call: Invocation) -> None:
    """Move a disk to another SR of the pool, whether or not its VM runs."""
    options = {"dest-img-format": call.get("dest-img-format")} if call.has("dest-img-format") else {}
    ref = await call.api.run("VDI.pool_migrate", call.ref("VDI", "uuid"), call.ref("SR", "sr-uuid"), options)
    call.print(call.uuid(ref))


@command("vdi-clone", "uuid", "driver-params- new-name-label new-name-description")
async def vdi_clone(call: Invocation) -> None:
    """Clone a disk; the SR's driver shares what both have in common."""
    ref = await call.api.run("VDI.clone", call.ref("VDI", "uuid"), driver_params(call))
    if call.has("new-name-label"):
        await call.api.call("VDI.set_name_label", ref, call.get("new-name-label"))
    if call.has("new-name-description"):
        await call.api.call("VDI.set_name_description", ref, call.get("new-name-description"))
    call.print(call.uuid(ref))


@command("vdi-snapshot", "uuid", "driver-params-")
async def vdi_snapshot(call: Invocation) -> None:
    """Take a snapshot of a disk."""
    call.print(call.uuid(await call.api.run("VDI.snapshot", call.ref("VDI", "uuid"), driver_params(call))))


def driver_params(call: Invocation) -> dict[str, str]:
    """Parameters `driver-params-key=value` for the SR's driver."""
    prefix = "driver-params-"
    return {key.removeprefix(prefix): value for key, value in call.words.params.items() if key.startswith(prefix)}


@command("vdi-unlock", "uuid", "force")
async def vdi_unlock(call: Invocation) -> None:
    """Take a disk's lock away by force: only when nothing uses it."""
    if not call.flag("force"):
        raise CommandError("--force must be supplied: breaking the lock of a disk that is in use destroys its content")
    await call.api.call("VDI.force_unlock", call.ref("VDI", "uuid"))


@command("diagnostic-vdi-status", "uuid")
async def diagnostic_vdi_status(call: Invocation) -> None:
    """Show a disk and which VMs have it."""
    call.api.check("VDI.get_all_records")
    vdi = call.db.vdi[call.ref("VDI", "uuid")]
    call.table([("uuid", vdi.uuid), ("name-label", vdi.name_label), ("in-use", str(_used(call, vdi.ref)).lower())])
    for vbd in call.db.vbd.where(VDI=vdi.ref):
        vm = call.db.vm.get(vbd.VM)
        attached = str(vbd.currently_attached).lower()
        call.table([("vbd", vbd.uuid), ("vm", vm.uuid if vm else ""), ("currently-attached", attached)])


def _used(call: Invocation, vdi: str) -> bool:
    return any(vbd.currently_attached for vbd in call.db.vbd.where(VDI=vdi))
