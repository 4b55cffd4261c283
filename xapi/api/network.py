"""Implementation of network: what VMs are connected to; its bridge on a host is networkd's."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from common.errors import WireError
from xapi.context import Context
from xapi.control import network as bridges
from xapi.control import operations
from xapi.control.blobs import create_blob
from xapi.datamodel.enums import NetworkDefaultLockingMode, NetworkOperations, NetworkPurpose, VIFLockingMode
from xapi.datamodel.errors import (
    BridgeNameExists,
    BridgeNotAvailable,
    CannotDestroySystemNetwork,
    NetworkContainsPIF,
    NetworkContainsVIF,
    NetworkIncompatiblePurposes,
    VIFInUse,
)
from xapi.datamodel.refs import BlobRef, HostRef, NetworkRef, VMRef

log = logging.getLogger(__name__)

CONFLICTS = {
    NetworkPurpose.NBD: NetworkPurpose.INSECURE_NBD,
    NetworkPurpose.INSECURE_NBD: NetworkPurpose.NBD,
}


async def create(ctx: Context, record: Mapping[str, Any]) -> NetworkRef:
    """A network without a NIC, internal to each host until a PIF joins it. Its bridge is made when it is needed."""
    bridge = record.get("bridge", "")
    managed = record.get("managed", True)
    taken = [row.bridge for row in ctx.db.network.rows()]
    if bridge and bridge in taken:
        raise BridgeNameExists(bridge)
    if not bridge and not managed:
        raise BridgeNotAvailable(bridge)
    row = ctx.db.network.create(**{**record, "bridge": bridge or bridges.virtual_name(taken)})
    return row.ref


async def destroy(ctx: Context, self: NetworkRef) -> None:
    """Raises NETWORK_CONTAINS_PIF, NETWORK_CONTAINS_VIF, CANNOT_DESTROY_SYSTEM_NETWORK."""
    row = ctx.db.network[self]
    if row.PIFs:
        raise NetworkContainsPIF(",".join(row.PIFs))
    if row.VIFs:
        raise NetworkContainsVIF(",".join(row.VIFs))
    if row.other_config.get("is_host_internal_management_network") == "true":
        raise CannotDestroySystemNetwork(self)
    if row.managed:
        try:
            await bridges.remove_bridge(ctx, self)
        except (WireError, TimeoutError) as error:
            log.warning("network %s: its bridge %s stays: %r", row.uuid, row.bridge, error)
    ctx.db.network.delete(self)


async def attach(ctx: Context, network: NetworkRef, host: HostRef) -> None:
    """Have the network's bridge on the host."""
    ctx.db.host[host]
    async with operations.hold(ctx, "network", network, NetworkOperations.ATTACHING):
        await bridges.ensure_bridge(ctx, network)


async def attach_for_vm(ctx: Context, host: HostRef, vm: VMRef) -> None:
    """Have the bridges of all networks that the VM is connected to."""
    for network in dict.fromkeys(ctx.db.vif[vif].network for vif in ctx.db.vm[vm].VIFs):
        await attach(ctx, network, host)


async def detach_for_vm(ctx: Context, host: HostRef, vm: VMRef) -> None:
    """Nothing: a bridge without guests costs nothing and stays."""
    ctx.db.vm[vm]


async def pool_introduce(
    ctx: Context,
    name_label: str,
    name_description: str,
    MTU: int,
    other_config: Mapping[str, str],
    bridge: str,
    managed: bool,
    purpose: Sequence[NetworkPurpose],
) -> NetworkRef:
    """A row alone."""
    row = ctx.db.network.create(
        name_label=name_label,
        name_description=name_description,
        MTU=MTU,
        other_config=other_config,
        bridge=bridge,
        managed=managed,
        purpose=purpose,
    )
    return row.ref


async def create_new_blob(ctx: Context, network: NetworkRef, name: str, mime_type: str, public: bool) -> BlobRef:
    return create_blob(ctx.db, "network", network, name, mime_type, public)


async def set_default_locking_mode(ctx: Context, network: NetworkRef, value: NetworkDefaultLockingMode) -> None:
    """Raises VIF_IN_USE while a running VM's interface follows the default."""
    for vif in (ctx.db.vif[ref] for ref in ctx.db.network[network].VIFs):
        if vif.currently_attached and vif.locking_mode is VIFLockingMode.NETWORK_DEFAULT:
            raise VIFInUse(network, vif.ref)
    ctx.db.network.update(network, default_locking_mode=value)


async def add_purpose(ctx: Context, self: NetworkRef, value: NetworkPurpose) -> None:
    """Raises NETWORK_INCOMPATIBLE_PURPOSES: encrypted and clear access exclude each other."""
    conflicting = CONFLICTS[value]
    if conflicting in ctx.db.network[self].purpose:
        raise NetworkIncompatiblePurposes(value, conflicting)
    ctx.db.network.add(self, "purpose", value)


async def remove_purpose(ctx: Context, self: NetworkRef, value: NetworkPurpose) -> None:
    ctx.db.network.remove(self, "purpose", value)
