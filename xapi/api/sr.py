"""Implementation of SR: sm makes, attaches and scans repositories; rows follow its answers."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from common.idl.rrd import Owner
from common.idl.storage import ProbeResult, SrId
from common.undo import undo_on_failure
from xapi.context import Context
from xapi.control import archives, operations, probes, repositories, sources, storage
from xapi.control.blobs import create_blob
from xapi.datamodel.errors import (
    SRHasMultiplePBDs,
    SRHasNoPBDs,
    SRIndestructible,
    SROperationNotSupported,
    SRUuidExists,
)
from xapi.datamodel.refs import BlobRef, HostRef, PBDRef, SRRef

log = logging.getLogger(__name__)

INDESTRUCTIBLE = "indestructible"


async def create(
    ctx: Context,
    host: HostRef,
    device_config: Mapping[str, str],
    physical_size: int,
    name_label: str,
    name_description: str,
    type: str,
    content_type: str,
    shared: bool,
    sm_config: Mapping[str, str],
) -> SRRef:
    """Make an SR, attach it here, and scan it. When a step fails, nothing is left."""
    repositories.driver(ctx.db, type)
    ctx.db.host[host]
    uuid = str(uuid4())
    config = repositories.with_secrets(ctx.db, device_config)
    made = await ctx.services.storage.sr.create(
        ctx.dbg, SrId(uuid), type, config, physical_size, name_label, name_description
    )
    # Secrets stay references in the database; what the driver found out beside them is kept.
    found = {**made, **device_config}
    secret_names = {key.removesuffix("_secret") for key in device_config if key.endswith("_secret")}
    async with undo_on_failure() as undo:
        sr = ctx.db.sr.create(
            uuid=uuid,
            name_label=name_label,
            name_description=name_description,
            type=type,
            content_type=content_type,
            shared=shared,
            sm_config=sm_config,
        )
        undo.push(repositories.forget_rows, ctx.db, sr.ref)
        kept = {key: value for key, value in found.items() if key not in secret_names}
        pbd = ctx.db.pbd.create(host=host, SR=sr.ref, device_config=kept)
        undo.push_async(_remove_from_disk, ctx, sr.ref, pbd.ref)
        await repositories.plug(ctx, pbd.ref)
    log.info("SR %s (%s): created, type %s", uuid, name_label, type)
    return sr.ref


async def _remove_from_disk(ctx: Context, sr: SRRef, pbd: PBDRef) -> None:
    row = ctx.db.sr[sr]
    config = repositories.with_secrets(ctx.db, ctx.db.pbd[pbd].device_config)
    await ctx.services.storage.sr.attach(ctx.dbg, SrId(row.uuid), row.type, config)
    await ctx.services.storage.sr.destroy(ctx.dbg, SrId(row.uuid))


async def introduce(
    ctx: Context,
    uuid: str,
    name_label: str,
    name_description: str,
    type: str,
    content_type: str,
    shared: bool,
    sm_config: Mapping[str, str],
) -> SRRef:
    """Know an SR that exists on disk; PBDs are made next."""
    repositories.driver(ctx.db, type)
    if uuid and ctx.db.sr.where(uuid=uuid):
        raise SRUuidExists(uuid)
    row = ctx.db.sr.create(
        uuid=uuid or None,
        name_label=name_label,
        name_description=name_description,
        type=type,
        content_type=content_type,
        shared=shared,
        sm_config=sm_config,
    )
    operations.refresh(ctx.db, "SR", row.ref)
    return row.ref


async def destroy(ctx: Context, sr: SRRef) -> None:
    """Delete the SR from its disk, then its rows. It has exactly one PBD, unplugged; SR_NOT_EMPTY if it holds disks."""
    row = ctx.db.sr[sr]
    if row.other_config.get(INDESTRUCTIBLE) == "true":
        raise SRIndestructible(sr)
    if not row.PBDs:
        raise SRHasNoPBDs(sr)
    if len(row.PBDs) > 1:
        raise SRHasMultiplePBDs(row.PBDs[0])
    config = repositories.with_secrets(ctx.db, ctx.db.pbd[row.PBDs[0]].device_config)
    uuid = SrId(row.uuid)
    await ctx.services.storage.sr.attach(ctx.dbg, uuid, row.type, config)
    async with undo_on_failure() as undo:
        undo.push_async(ctx.services.storage.sr.detach, ctx.dbg, uuid)
        await ctx.services.storage.sr.destroy(ctx.dbg, uuid)
    repositories.forget_rows(ctx.db, sr)
    archives.delete(ctx, uuid)
    log.info("SR %s (%s): destroyed", uuid, row.name_label)


async def forget(ctx: Context, sr: SRRef) -> None:
    """Remove the rows; what is on the SR stays."""
    row = ctx.db.sr[sr]
    repositories.forget_rows(ctx.db, sr)
    archives.delete(ctx, row.uuid)
    log.info("SR %s (%s): forgotten", row.uuid, row.name_label)


async def update(ctx: Context, sr: SRRef) -> None:
    """Write the names to the SR and read its figures."""
    await _write_names(ctx, sr)
    await repositories.refresh_figures(ctx, sr)


async def _write_names(ctx: Context, sr: SRRef) -> None:
    row = ctx.db.sr[sr]
    if storage.attached_pbd(ctx.db, sr) is not None:
        await ctx.services.storage.sr.update(ctx.dbg, SrId(row.uuid), row.name_label, row.name_description)


async def get_supported_types(ctx: Context) -> list[str]:
    return [row.type for row in ctx.db.sm.rows()]


async def scan(ctx: Context, sr: SRRef) -> None:
    await repositories.scan_sr(ctx, sr)


async def probe(
    ctx: Context,
    host: HostRef,
    device_config: Mapping[str, str],
    type: str,
    sm_config: Mapping[str, str],
) -> str:
    """What was found with `device_config`, as XML; what is missing in it is told by the error's third parameter."""
    return probes.text(await _probe(ctx, device_config, type, sm_config))


async def probe_ext(
    ctx: Context,
    host: HostRef,
    device_config: Mapping[str, str],
    type: str,
    sm_config: Mapping[str, str],
) -> list[dict[str, Any]]:
    """What was found with `device_config`, as records."""
    return [probes.record(result) for result in await _probe(ctx, device_config, type, sm_config)]


async def _probe(
    ctx: Context, device_config: Mapping[str, str], type: str, sm_config: Mapping[str, str]
) -> list[ProbeResult]:
    repositories.driver(ctx.db, type)
    config = repositories.with_secrets(ctx.db, device_config)
    return await ctx.services.storage.sr.probe(ctx.dbg, type, config, dict(sm_config))


async def set_shared(ctx: Context, sr: SRRef, value: bool) -> None:
    """An SR that several hosts have a PBD of can't stop being shared."""
    row = ctx.db.sr[sr]
    if not value and len(row.PBDs) > 1:
        raise SRHasMultiplePBDs(row.PBDs[0])
    ctx.db.sr.update(sr, shared=value)


async def set_name_label(ctx: Context, sr: SRRef, value: str) -> None:
    ctx.db.sr.update(sr, name_label=value)
    await _write_names(ctx, sr)


async def set_name_description(ctx: Context, sr: SRRef, value: str) -> None:
    ctx.db.sr.update(sr, name_description=value)
    await _write_names(ctx, sr)


async def set_physical_size(ctx: Context, self: SRRef, value: int) -> None:
    ctx.db.sr.update(self, physical_size=value)


async def set_virtual_allocation(ctx: Context, self: SRRef, value: int) -> None:
    ctx.db.sr.update(self, virtual_allocation=value)


async def set_physical_utilisation(ctx: Context, self: SRRef, value: int) -> None:
    ctx.db.sr.update(self, physical_utilisation=value)


async def create_new_blob(ctx: Context, sr: SRRef, name: str, mime_type: str, public: bool) -> BlobRef:
    return create_blob(ctx.db, "SR", sr, name, mime_type, public)


async def assert_can_host_ha_statefile(ctx: Context, sr: SRRef) -> None:
    """Raises SR_OPERATION_NOT_SUPPORTED: no driver of ours can be attached before xapi runs."""
    ctx.db.sr[sr]
    raise SROperationNotSupported(sr)


async def assert_supports_database_replication(ctx: Context, sr: SRRef) -> None:
    """Raises SR_HAS_NO_PBDS, SR_OPERATION_NOT_SUPPORTED."""
    if storage.attached_pbd(ctx.db, sr) is None:
        raise SRHasNoPBDs(sr)
    raise SROperationNotSupported(sr)


async def get_data_sources(ctx: Context, sr: SRRef) -> list[dict[str, Any]]:
    return await sources.records(ctx, Owner.SR, ctx.db.sr[sr].uuid)


async def record_data_source(ctx: Context, sr: SRRef, data_source: str) -> None:
    await ctx.services.rrd.record(ctx.dbg, Owner.SR, ctx.db.sr[sr].uuid, data_source)


async def query_data_source(ctx: Context, sr: SRRef, data_source: str) -> float:
    return await ctx.services.rrd.query(ctx.dbg, Owner.SR, ctx.db.sr[sr].uuid, data_source)


async def forget_data_source_archives(ctx: Context, sr: SRRef, data_source: str) -> None:
    await ctx.services.rrd.forget(ctx.dbg, Owner.SR, ctx.db.sr[sr].uuid, data_source)


async def get_live_hosts(ctx: Context, sr: SRRef) -> list[HostRef]:
    """The hosts that have the SR plugged, live and are enabled."""
    found = []
    for pbd in (ctx.db.pbd[ref] for ref in ctx.db.sr[sr].PBDs):
        host = ctx.db.host.get(pbd.host)
        metrics = ctx.db.host_metrics.get(host.metrics) if host is not None else None
        if pbd.currently_attached and host is not None and host.enabled and metrics is not None and metrics.live:
            found.append(pbd.host)
    return found
