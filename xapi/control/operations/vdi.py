"""Operations on disks: what the SR's driver can do, and what is safe while VMs use the disk."""

from __future__ import annotations

from xapi.control import foreign
from xapi.control.operations import storage
from xapi.control.operations.core import Guard, Object, register
from xapi.datamodel.enums import VBDMode, VDIOperations, VDIType
from xapi.datamodel.errors import (
    HAIsEnabled,
    SRHasNoPBDs,
    SROperationNotSupported,
    VDICbtEnabled,
    VDIHasRrds,
    VDIIncompatibleType,
    VDIInUse,
    VDIIsAPhysicalDevice,
    XenError,
)
from xapi.datamodel.refs import VDIRef
from xapi.db.database import Database
from xapi.db.records import VBD, VDI

Op = VDIOperations

LISTED = (
    Op.SNAPSHOT,
    Op.CLONE,
    Op.COPY,
    Op.RESIZE,
    Op.RESIZE_ONLINE,
    Op.DESTROY,
    Op.FORGET,
    Op.UPDATE,
    Op.GENERATE_CONFIG,
    Op.SET_ON_BOOT,
    Op.ENABLE_CBT,
    Op.DISABLE_CBT,
    Op.DATA_DESTROY,
    Op.LIST_CHANGED_BLOCKS,
)
"""Shown to clients; older ones stumble over operations that they don't know."""

FEATURE = {
    Op.SNAPSHOT: ("VDI_SNAPSHOT", 1),
    Op.CLONE: ("VDI_CLONE", 1),
    Op.RESIZE: ("VDI_RESIZE", 1),
    Op.RESIZE_ONLINE: ("VDI_RESIZE_ONLINE", 1),
    Op.DESTROY: ("VDI_DELETE", 1),
    Op.UPDATE: ("VDI_UPDATE", 1),
    Op.GENERATE_CONFIG: ("VDI_GENERATE_CONFIG", 1),
    Op.SET_ON_BOOT: ("VDI_RESET_ON_BOOT", 2),
    Op.MIRROR: ("VDI_MIRROR", 1),
    Op.ENABLE_CBT: ("VDI_CONFIG_CBT", 1),
    Op.DISABLE_CBT: ("VDI_CONFIG_CBT", 1),
    Op.DATA_DESTROY: ("VDI_CONFIG_CBT", 1),
    Op.LIST_CHANGED_BLOCKS: ("VDI_CONFIG_CBT", 1),
    Op.REVERT_TO: ("VDI_REVERT", 1),
    Op.REVERT_FROM: ("VDI_REVERT", 1),
}
"""The driver's feature that an operation needs, with its least version."""

LIVE = frozenset(
    {
        Op.SNAPSHOT,
        Op.RESIZE_ONLINE,
        Op.BLOCKED,
        Op.CLONE,
        Op.REVERT_FROM,
        Op.MIRROR,
        Op.ENABLE_CBT,
        Op.DISABLE_CBT,
        Op.DATA_DESTROY,
    }
)
"""Safe while a VM has the disk."""

OF_CBT_METADATA = frozenset(
    {
        Op.BLOCKED,
        Op.DATA_DESTROY,
        Op.DESTROY,
        Op.LIST_CHANGED_BLOCKS,
        Op.FORCE_UNLOCK,
        Op.FORGET,
        Op.GENERATE_CONFIG,
        Op.UPDATE,
    }
)
"""All that can be done with a disk of which only the changed-block map is left."""


def check(db: Database, ref: VDIRef, op: str, _strict: bool) -> XenError | None:
    """Why `op` may not begin now."""
    row = db.vdi[ref]
    return (
        _others(row, op)
        or _attached(db, row, op)
        or _foreign(db, row, op)
        or _driver(db, row, op)
        or _type(row, op)
        or (_destroy(db, row) if op == Op.DESTROY else None)
    )


def _others(row: VDI, op: str) -> XenError | None:
    running: dict[str, str] = {task: other for task, other in row.current_operations.items() if other != Op.COPY}
    if op == Op.DESTROY:
        # A mirror may lose its source at the end, a copy may not.
        running = {task: other for task, other in row.current_operations.items() if other != Op.MIRROR}
    return storage.in_progress("VDI", row.ref, running) if running else None


def _attached(db: Database, row: VDI, op: str) -> XenError | None:
    if op == Op.RESIZE and not any(db.pbd[ref].currently_attached for ref in db.sr[row.SR].PBDs):
        return SRHasNoPBDs(row.SR)
    using = [vbd for vbd in (db.vbd[ref] for ref in row.VBDs) if vbd.currently_attached or vbd.reserved]
    if using and op not in LIVE and not _harmless(db, using, op):
        return VDIInUse(row.ref, op)
    if op != Op.DATA_DESTROY:
        for vbd in (db.vbd[ref] for ref in row.VBDs):
            if vbd.current_operations:
                return storage.in_progress("VBD", vbd.ref, vbd.current_operations)
    return None


def _foreign(db: Database, row: VDI, op: str) -> XenError | None:
    if Op(op) not in FEATURE or not any(foreign.is_foreign(db, db.vm[db.vbd[ref].VM]) for ref in row.VBDs):
        return None
    return VDIInUse(row.ref, op)


def _harmless(db: Database, using: list[VBD], op: str) -> bool:
    if op == Op.COPY:
        return all(vbd.mode is VBDMode.RO for vbd in using)
    if op == Op.LIST_CHANGED_BLOCKS:
        return all(db.vm[vbd.VM].is_a_snapshot for vbd in using)
    return False


def _driver(db: Database, row: VDI, op: str) -> XenError | None:
    needed = FEATURE.get(Op(op))
    if needed is None:
        return None
    name, version = needed
    return None if storage.features(db, row.SR).get(name, 0) >= version else SROperationNotSupported(row.SR)


def _type(row: VDI, op: str) -> XenError | None:
    if row.type is VDIType.CBT_METADATA and op not in OF_CBT_METADATA:
        return VDIIncompatibleType(row.ref, row.type)
    if row.cbt_enabled and op in {Op.MIRROR, Op.SET_ON_BOOT}:
        return VDICbtEnabled(row.ref)
    return None


def _destroy(db: Database, row: VDI) -> XenError | None:
    sr = db.sr[row.SR]
    if sr.type == "udev":
        return VDIIsAPhysicalDevice(row.ref)
    if sr.is_tools_sr:
        return SROperationNotSupported(sr.ref)
    if row.type is VDIType.RRD:
        return VDIHasRrds(row.ref)
    if row.type in {VDIType.HA_STATEFILE, VDIType.REDO_LOG} and any(pool.ha_enabled for pool in db.pool.rows()):
        return HAIsEnabled()
    return None


def _related(db: Database, ref: VDIRef, _op: str) -> list[Object]:
    row = db.vdi.get(ref)
    return [] if row is None else [("VBD", vbd) for vbd in row.VBDs]


WAIT = 60.0  # seconds a second snapshot or the like waits for the first

register(
    "VDI",
    check,
    listed=LISTED,
    related=_related,
    guarded={
        "VDI.snapshot": Guard("vdi", Op.SNAPSHOT, WAIT),
        "VDI.clone": Guard("vdi", Op.CLONE, WAIT),
        "VDI.copy": Guard("vdi", Op.COPY),
        "VDI.resize": Guard("vdi", Op.RESIZE),
        "VDI.resize_online": Guard("vdi", Op.RESIZE_ONLINE),
        "VDI.destroy": Guard("self", Op.DESTROY),
        "VDI.forget": Guard("vdi", Op.FORGET),
        "VDI.update": Guard("vdi", Op.UPDATE),
        "VDI.force_unlock": Guard("vdi", Op.FORCE_UNLOCK),
        "VDI.generate_config": Guard("vdi", Op.GENERATE_CONFIG),
        "VDI.set_on_boot": Guard("self", Op.SET_ON_BOOT),
        "VDI.revert": Guard("snapshot", Op.REVERT_FROM),
    },
)
