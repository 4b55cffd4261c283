"""Storage repositories as xapi sees them: drivers, plugging, scanning, figures.

sm owns what is attached and what is on an SR; these functions ask it and make the rows say so.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from common.errors import WireError
from common.idl.storage import Driver, ScanResult, SrHasOpenDisks, SrId, SrInfo
from xapi.context import Context
from xapi.control import messages, operations, scan, storage
from xapi.datamodel.enums import Cls
from xapi.datamodel.errors import SRUnknownDriver, UuidInvalid, VDIInUse
from xapi.datamodel.refs import PBDRef, SRRef, VDIRef
from xapi.datamodel.types import NULL
from xapi.db.database import Database
from xapi.db.records import PBD, SM

log = logging.getLogger(__name__)

TRIES = 5
"""Scans that are repeated because disks came or went meanwhile."""
PAUSE = 0.2  # seconds between them
TOOLS = "XCP-ng Tools"
TOOLS_LOCATION = "/opt/xensource/packages/iso"


def register_drivers(db: Database, drivers: list[Driver]) -> None:
    """Rows of SM for what sm can serve; a driver that is gone loses its row unless an SR needs it. Safe to repeat."""
    present = {row.type: row for row in db.sm.rows()}
    for driver in drivers:
        fields: dict[str, Any] = {
            "name_label": driver.name,
            "name_description": driver.description,
            "vendor": driver.vendor,
            "copyright": driver.copyright,
            "version": driver.version,
            "required_api_version": driver.required_api_version,
            "configuration": driver.configuration,
            "capabilities": tuple(sorted(driver.features)),
            "features": driver.features,
            "driver_filename": driver.filename,
            "supported_image_formats": tuple(driver.image_formats),
        }
        row = present.pop(driver.type, None)
        if row is None:
            db.sm.create(type=driver.type, **fields)
        else:
            db.sm.update(row.ref, **fields)
    for row in present.values():
        if not any(sr.type == row.type for sr in db.sr.rows()):
            db.sm.delete(row.ref)
    for ref in db.sr:
        operations.refresh(db, "SR", ref)
    for ref in db.vdi:
        operations.refresh(db, "VDI", ref)


def driver(db: Database, type: str) -> SM:
    """The row of the driver. Raises SR_UNKNOWN_DRIVER."""
    found = db.sm.where(type=type)
    if not found:
        raise SRUnknownDriver(type)
    return found[0]


def with_secrets(db: Database, device_config: Mapping[str, str]) -> dict[str, str]:
    """`device_config` with the values of the secrets it names: `password_secret` (a uuid) becomes `password`."""
    found = dict(device_config)
    for key, value in device_config.items():
        if key.endswith("_secret"):
            secrets = db.secret.where(uuid=value)
            if not secrets:
                raise UuidInvalid("secret", value)
            del found[key]
            found[key.removesuffix("_secret")] = secrets[0].value
    return found


async def plug(ctx: Context, pbd: PBDRef) -> None:
    """Attach the SR to this host, then scan it. Safe to repeat."""
    row = ctx.db.pbd[pbd]
    sr = ctx.db.sr[row.SR]
    driver(ctx.db, sr.type)
    config = with_secrets(ctx.db, row.device_config)
    await ctx.services.storage.sr.attach(ctx.dbg, SrId(sr.uuid), sr.type, config)
    if pbd not in ctx.db.pbd:
        # Forgotten while a slow server was being waited for.
        await ctx.services.storage.sr.detach(ctx.dbg, SrId(sr.uuid))
        return
    if not row.currently_attached:
        ctx.db.pbd.update(pbd, currently_attached=True)
        log.info("SR %s (%s): plugged", sr.uuid, sr.name_label)
    _refresh_all(ctx.db, row.SR)
    try:
        await scan_sr(ctx, row.SR)
    except WireError as error:
        log.warning("SR %s: plugged, but its first scan failed: %s", sr.uuid, error)
        messages.create(ctx.db, "POST_ATTACH_SCAN_FAILED", 2, Cls.SR, sr.uuid, str(error))


async def unplug(ctx: Context, pbd: PBDRef) -> None:
    """Detach the SR from this host. Raises VDI_IN_USE while VMs have its disks. Safe to repeat."""
    row = ctx.db.pbd[pbd]
    if not row.currently_attached:
        return
    if used := used_disks(ctx.db, row):
        raise VDIInUse(used[0], "unplug")
    sr = ctx.db.sr[row.SR]
    try:
        await ctx.services.storage.sr.detach(ctx.dbg, SrId(sr.uuid))
    except SrHasOpenDisks as error:
        raise VDIInUse(next(iter(sr.VDIs), NULL), "unplug") from error
    ctx.db.pbd.update(pbd, currently_attached=False)
    log.info("SR %s (%s): unplugged", sr.uuid, sr.name_label)
    _refresh_all(ctx.db, row.SR)


def used_disks(db: Database, pbd: PBD) -> list[VDIRef]:
    """Disks of the PBD's SR that VMs on its host have open."""
    found = []
    for vdi in db.sr[pbd.SR].VDIs:
        for vbd in (db.vbd[ref] for ref in db.vdi[vdi].VBDs):
            vm = db.vm.get(vbd.VM)
            if vbd.currently_attached and vm is not None and vm.resident_on in {pbd.host, NULL}:
                found.append(vdi)
                break
    return found


def _refresh_all(db: Database, sr: SRRef) -> None:
    operations.refresh(db, "SR", sr)
    for vdi in db.sr[sr].VDIs:
        operations.refresh(db, "VDI", vdi)


async def scan_sr(ctx: Context, sr: SRRef) -> None:
    """Read all disks of an attached SR and make the rows true.

    A result that overlaps a change of disks may miss a new one or show a deleted one: it is dropped and the scan
    repeated; when changes never pause, only figures are taken.
    """
    sr_id = storage.require_attached(ctx, sr)
    for _ in range(TRIES):
        before = storage.activity(sr)
        quiet, generation = before.in_flight == 0, before.generation
        result = await ctx.services.storage.sr.scan(ctx.dbg, sr_id)
        if sr not in ctx.db.sr:
            return
        after = storage.activity(sr)
        if quiet and after.in_flight == 0 and after.generation == generation:
            apply(ctx.db, sr, result)
            return
        figures(ctx.db, sr, result.sr)
        await asyncio.sleep(PAUSE)


def apply(db: Database, sr: SRRef, result: ScanResult) -> None:
    """Make the rows of the SR say what a scan found."""
    row = db.sr[sr]
    rows = [db.vdi[vdi] for vdi in row.VDIs]
    found = scan.difference(rows, result.vdis, keep_missing=row.is_tools_sr)
    for vdi, fields in found.updated.items():
        db.vdi.update(vdi, **fields)
    for vdi in found.forgotten:
        log.info("VDI %s: gone from SR %s", db.vdi[vdi].uuid, row.uuid)
        storage.remove_row(db, vdi)
    made = {disk.uuid or disk.vdi: storage.add_row(db, sr, disk) for disk in found.introduced if _free(db, disk.uuid)}
    by_uuid = {db.vdi[vdi].uuid: vdi for vdi in db.sr[sr].VDIs}
    for disk in found.introduced:
        if disk.snapshot_of in by_uuid and (disk.uuid or disk.vdi) in made:
            db.vdi.update(made[disk.uuid or disk.vdi], snapshot_of=by_uuid[disk.snapshot_of])
    figures(db, sr, result.sr)


def _free(db: Database, uuid: str) -> bool:
    taken = bool(uuid) and bool(db.vdi.where(uuid=uuid))
    if taken:
        log.warning("VDI %s: on two SRs; the second is left out", uuid)
    return not taken


def figures(db: Database, sr: SRRef, info: SrInfo) -> None:
    """Write sizes of the SR."""
    db.sr.update(
        sr,
        physical_size=info.total_space,
        physical_utilisation=max(0, info.total_space - info.free_space),
        virtual_allocation=info.virtual_allocation,
        clustered=info.clustered,
    )


async def refresh_figures(ctx: Context, sr: SRRef) -> None:
    """Read the sizes of an attached SR."""
    info = await ctx.services.storage.sr.stat(ctx.dbg, storage.require_attached(ctx, sr))
    if sr in ctx.db.sr:
        figures(ctx.db, sr, info)


def forget_rows(db: Database, sr: SRRef) -> None:
    """Delete the rows of the SR with those of its disks and PBDs. Nothing on the SR is touched."""
    for vdi in db.sr[sr].VDIs:
        storage.remove_row(db, vdi)
    for pbd in db.sr[sr].PBDs:
        db.pbd.delete(pbd)
    for pool in db.pool.rows():
        gone = {name: NULL for name in ("default_SR", "suspend_image_SR", "crash_dump_SR") if getattr(pool, name) == sr}
        db.pool.update(pool.ref, **gone)
    for host in db.host.rows():
        names = ("suspend_image_sr", "crash_dump_sr", "local_cache_sr")
        db.host.update(host.ref, **{name: NULL for name in names if getattr(host, name) == sr})
    db.sr.delete(sr)


def tools_sr(ctx: Context) -> SRRef:
    """The SR with the guest tools' ISO, with a PBD for this host; made once. Safe to repeat."""
    db = ctx.db
    found = next((row.ref for row in db.sr.rows() if row.is_tools_sr), None)
    sr = found or _new_tools_sr(db)
    if not any(db.pbd[pbd].host == ctx.host for pbd in db.sr[sr].PBDs):
        config = {"location": TOOLS_LOCATION, "legacy_mode": "true"}
        db.pbd.create(host=ctx.host, SR=sr, device_config=config)
    return sr


def _new_tools_sr(db: Database) -> SRRef:
    return db.sr.create(
        name_label=TOOLS,
        name_description=f"{TOOLS} ISOs",
        type="iso",
        content_type="iso",
        shared=True,
        is_tools_sr=True,
        other_config={
            "xenserver_tools_sr": "true",
            "xensource_internal": "true",
            "i18n-key": "xenserver-tools",
            "i18n-original-value-name_label": TOOLS,
            "i18n-original-value-name_description": f"{TOOLS} ISOs",
        },
    ).ref
