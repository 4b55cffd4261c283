"""Implementation of VDI: disks are made and changed by sm; rows follow its answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from xmlrpc.client import dumps

from xapi.context import Context
from xapi.control import operations, repositories, storage
from xapi.datamodel.enums import OnBoot, StorageOperations, VDIOperations, VDIType
from xapi.datamodel.errors import (
    LocationNotUnique,
    UuidInvalid,
    ValueNotSupported,
    VDIContentIdMissing,
    VDIIncompatibleType,
    VDITooSmall,
)
from xapi.datamodel.refs import HostRef, PoolRef, SRRef, VDIRef
from xapi.datamodel.types import NULL


async def create(ctx: Context, record: Mapping[str, Any]) -> VDIRef:
    """A new empty disk on an SR."""
    sr = record["SR"]
    ctx.db.sr[sr]
    size = record["virtual_size"]
    if size < 0:
        raise ValueNotSupported("virtual_size", size, "a disk has no negative size")
    async with operations.hold(ctx, "SR", sr, StorageOperations.VDI_CREATE):
        return await storage.create_vdi(
            ctx,
            sr,
            name_label=record["name_label"],
            name_description=record["name_description"],
            virtual_size=size,
            type=record["type"],
            sharable=record["sharable"],
            read_only=record["read_only"],
            other_config=record["other_config"],
            xenstore_data=record["xenstore_data"],
            sm_config=record["sm_config"],
            tags=record["tags"],
        )


async def destroy(ctx: Context, self: VDIRef) -> None:
    await storage.destroy_vdi(ctx, self)


async def snapshot(ctx: Context, vdi: VDIRef, driver_params: Mapping[str, str]) -> VDIRef:
    return await storage.snapshot_vdi(ctx, vdi, driver_params)


async def clone(ctx: Context, vdi: VDIRef, driver_params: Mapping[str, str]) -> VDIRef:
    """A writable disk that shares blocks with `vdi`."""
    return await storage.clone_vdi(ctx, vdi, driver_params)


async def copy(ctx: Context, vdi: VDIRef, sr: SRRef, base_vdi: VDIRef, into_vdi: VDIRef) -> VDIRef:
    """A full copy on `sr`, or into the disk `into_vdi`; exactly one of them is given.

    `base_vdi` may be given to save work; the whole content is copied all the same.
    """
    if (sr == NULL) == (into_vdi == NULL):
        raise ValueNotSupported("sr", sr, "give either an SR or a VDI to copy into")
    if sr != NULL:
        ctx.db.sr[sr]
        return await storage.copy_vdi(ctx, vdi, sr)
    ctx.db.vdi[into_vdi]
    async with operations.hold(ctx, "VDI", into_vdi, VDIOperations.BLOCKED):
        return await storage.copy_vdi(ctx, vdi, ctx.db.vdi[into_vdi].SR, into_vdi)


async def resize(ctx: Context, vdi: VDIRef, size: int) -> None:
    await _resize(ctx, vdi, size)


async def resize_online(ctx: Context, vdi: VDIRef, size: int) -> None:
    await _resize(ctx, vdi, size)


async def _resize(ctx: Context, vdi: VDIRef, size: int) -> None:
    row = ctx.db.vdi[vdi]
    if row.type is VDIType.CBT_METADATA:
        raise VDIIncompatibleType(vdi, row.type)
    if size < row.virtual_size:
        raise VDITooSmall(vdi, row.virtual_size)
    await storage.resize_vdi(ctx, vdi, size)


async def revert(ctx: Context, snapshot: VDIRef) -> None:
    """Give the disk that `snapshot` was taken of the content it had then."""
    origin = ctx.db.vdi[snapshot].snapshot_of
    if origin not in ctx.db.vdi:
        raise VDIContentIdMissing
    async with operations.hold(ctx, "VDI", origin, VDIOperations.REVERT_TO):
        await storage.revert_vdi(ctx, snapshot, origin)


async def introduce(
    ctx: Context,
    uuid: str,
    name_label: str,
    name_description: str,
    SR: SRRef,
    type: VDIType,
    sharable: bool,
    read_only: bool,
    other_config: Mapping[str, str],
    location: str,
    xenstore_data: Mapping[str, str],
    sm_config: Mapping[str, str],
    managed: bool,
    virtual_size: int,
    physical_utilisation: int,
    metadata_of_pool: PoolRef,
    is_a_snapshot: bool,
    snapshot_time: datetime,
    snapshot_of: VDIRef,
) -> VDIRef:
    """Know a disk that is on the SR already; the driver finds it by its location."""
    sr_id = storage.require_attached(ctx, SR)
    async with operations.hold(ctx, "SR", SR, StorageOperations.VDI_INTRODUCE):
        with storage.changing(SR):
            disk = await ctx.services.storage.vdi.introduce(ctx.dbg, sr_id, uuid, dict(sm_config), location)
            return storage.add_row(
                ctx.db,
                SR,
                disk,
                name_label=name_label,
                name_description=name_description,
                type=type,
                sharable=sharable,
                read_only=read_only,
                other_config=other_config,
                xenstore_data=xenstore_data,
            )


async def pool_introduce(
    ctx: Context,
    uuid: str,
    name_label: str,
    name_description: str,
    SR: SRRef,
    type: VDIType,
    sharable: bool,
    read_only: bool,
    other_config: Mapping[str, str],
    location: str,
    xenstore_data: Mapping[str, str],
    sm_config: Mapping[str, str],
    managed: bool,
    virtual_size: int,
    physical_utilisation: int,
    metadata_of_pool: PoolRef,
    is_a_snapshot: bool,
    snapshot_time: datetime,
    snapshot_of: VDIRef,
    cbt_enabled: bool,
) -> VDIRef:
    """A row alone: the SR is not asked."""
    fields = {
        "name_label": name_label,
        "name_description": name_description,
        "type": type,
        "sharable": sharable,
        "read_only": read_only,
        "other_config": other_config,
        "location": location,
        "xenstore_data": xenstore_data,
        "sm_config": sm_config,
        "managed": managed,
        "virtual_size": virtual_size,
        "physical_utilisation": physical_utilisation,
        "metadata_of_pool": metadata_of_pool,
        "is_a_snapshot": is_a_snapshot,
        "snapshot_time": snapshot_time,
        "snapshot_of": snapshot_of,
        "cbt_enabled": cbt_enabled,
    }
    return _introduce_row(ctx, uuid, SR, fields)


async def db_introduce(
    ctx: Context,
    uuid: str,
    name_label: str,
    name_description: str,
    SR: SRRef,
    type: VDIType,
    sharable: bool,
    read_only: bool,
    other_config: Mapping[str, str],
    location: str,
    xenstore_data: Mapping[str, str],
    sm_config: Mapping[str, str],
    managed: bool,
    virtual_size: int,
    physical_utilisation: int,
    metadata_of_pool: PoolRef,
    is_a_snapshot: bool,
    snapshot_time: datetime,
    snapshot_of: VDIRef,
    cbt_enabled: bool,
) -> VDIRef:
    """What drivers call when they found a disk: the same as `pool_introduce`."""
    return await pool_introduce(
        ctx,
        uuid,
        name_label,
        name_description,
        SR,
        type,
        sharable,
        read_only,
        other_config,
        location,
        xenstore_data,
        sm_config,
        managed,
        virtual_size,
        physical_utilisation,
        metadata_of_pool,
        is_a_snapshot,
        snapshot_time,
        snapshot_of,
        cbt_enabled,
    )


def _introduce_row(ctx: Context, uuid: str, sr: SRRef, fields: Mapping[str, Any]) -> VDIRef:
    ctx.db.sr[sr]
    if ctx.db.vdi.where(SR=sr, location=fields["location"]):
        raise LocationNotUnique(sr, fields["location"])
    if uuid and ctx.db.vdi.where(uuid=uuid):
        raise UuidInvalid("VDI", uuid)
    row = ctx.db.vdi.create(uuid=uuid or None, SR=sr, **fields)
    operations.refresh(ctx.db, "VDI", row.ref)
    return row.ref


async def db_forget(ctx: Context, vdi: VDIRef) -> None:
    storage.remove_row(ctx.db, vdi)


async def forget(ctx: Context, vdi: VDIRef) -> None:
    """Remove the row; the disk stays on the SR, and a scan finds it again."""
    storage.remove_row(ctx.db, vdi)


async def update(ctx: Context, vdi: VDIRef) -> None:
    """Write the names to the SR and read the rest from it."""
    await storage.write_names(ctx, vdi)
    await storage.refresh_vdi(ctx, vdi)


async def set_managed(ctx: Context, self: VDIRef, value: bool) -> None:
    ctx.db.vdi.update(self, managed=value)


async def set_sharable(ctx: Context, self: VDIRef, value: bool) -> None:
    ctx.db.vdi.update(self, sharable=value)


async def set_read_only(ctx: Context, self: VDIRef, value: bool) -> None:
    ctx.db.vdi.update(self, read_only=value)


async def set_missing(ctx: Context, self: VDIRef, value: bool) -> None:
    ctx.db.vdi.update(self, missing=value)


async def set_virtual_size(ctx: Context, self: VDIRef, value: int) -> None:
    ctx.db.vdi.update(self, virtual_size=value)


async def set_physical_utilisation(ctx: Context, self: VDIRef, value: int) -> None:
    ctx.db.vdi.update(self, physical_utilisation=value)


async def set_is_a_snapshot(ctx: Context, self: VDIRef, value: bool) -> None:
    ctx.db.vdi.update(self, is_a_snapshot=value)


async def set_snapshot_of(ctx: Context, self: VDIRef, value: VDIRef) -> None:
    ctx.db.vdi.update(self, snapshot_of=value)


async def set_snapshot_time(ctx: Context, self: VDIRef, value: datetime) -> None:
    ctx.db.vdi.update(self, snapshot_time=value)


async def set_metadata_of_pool(ctx: Context, self: VDIRef, value: PoolRef) -> None:
    ctx.db.vdi.update(self, metadata_of_pool=value)


async def set_cbt_enabled(ctx: Context, self: VDIRef, value: bool) -> None:
    ctx.db.vdi.update(self, cbt_enabled=value)


async def set_name_label(ctx: Context, self: VDIRef, value: str) -> None:
    ctx.db.vdi.update(self, name_label=value)
    await storage.write_names(ctx, self)


async def set_name_description(ctx: Context, self: VDIRef, value: str) -> None:
    ctx.db.vdi.update(self, name_description=value)
    await storage.write_names(ctx, self)


async def set_on_boot(ctx: Context, self: VDIRef, value: OnBoot) -> None:
    """Keep or drop at each boot what the VM wrote before."""
    ctx.db.vdi.update(self, on_boot=value)


async def set_allow_caching(ctx: Context, self: VDIRef, value: bool) -> None:
    ctx.db.vdi.update(self, allow_caching=value)


async def generate_config(ctx: Context, host: HostRef, vdi: VDIRef) -> str:
    """A call, as XML, by which a program attaches the disk without xapi: what high availability keeps for a boot."""
    row = ctx.db.vdi[vdi]
    sr = ctx.db.sr[row.SR]
    pbd = next((ctx.db.pbd[ref] for ref in sr.PBDs if ctx.db.pbd[ref].host == host), None)
    config = repositories.with_secrets(ctx.db, pbd.device_config) if pbd is not None else {}
    call = {
        "device_config": config,
        "sr_uuid": sr.uuid,
        "vdi_uuid": row.uuid,
        "command": "vdi_attach_from_config",
        "sr_sm_config": dict(sr.sm_config),
    }
    return dumps((call,), "vdi_attach_from_config", allow_none=True)


async def get_nbd_info(ctx: Context, self: VDIRef) -> list[dict[str, Any]]:
    """Where the disk can be read over the network: nowhere, since no network of ours has that purpose."""
    ctx.db.vdi[self]
    return []


async def read_database_pool_uuid(ctx: Context, self: VDIRef) -> str:
    """uuid of the pool whose database is on the disk, as far as it was ever seen; empty otherwise."""
    pool = ctx.db.pool.get(ctx.db.vdi[self].metadata_of_pool)
    return pool.uuid if pool is not None else ""
