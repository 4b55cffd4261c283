"""Operations on storage repositories: what the driver can do, and what needs the SR plugged or unplugged."""

from __future__ import annotations

from xapi.control.operations import storage
from xapi.control.operations.core import Guard, register
from xapi.datamodel.enums import StorageOperations
from xapi.datamodel.errors import SRHasNoPBDs, SRHasPBD, SROperationNotSupported, XenError
from xapi.datamodel.refs import SRRef
from xapi.db.database import Database

Op = StorageOperations

LISTED = (
    Op.SCAN,
    Op.DESTROY,
    Op.FORGET,
    Op.PLUG,
    Op.UNPLUG,
    Op.UPDATE,
    Op.VDI_CREATE,
    Op.VDI_INTRODUCE,
    Op.VDI_DESTROY,
    Op.VDI_RESIZE,
    Op.VDI_CLONE,
    Op.VDI_SNAPSHOT,
    Op.VDI_MIRROR,
    Op.VDI_ENABLE_CBT,
    Op.VDI_DISABLE_CBT,
    Op.VDI_DATA_DESTROY,
    Op.VDI_LIST_CHANGED_BLOCKS,
    Op.VDI_SET_ON_BOOT,
    Op.PBD_CREATE,
    Op.PBD_DESTROY,
)
FEATURE = {
    Op.UPDATE: ("SR_UPDATE", 1),
    Op.VDI_CREATE: ("VDI_CREATE", 1),
    Op.VDI_DESTROY: ("VDI_DELETE", 1),
    Op.VDI_RESIZE: ("VDI_RESIZE", 1),
    Op.VDI_INTRODUCE: ("VDI_INTRODUCE", 1),
    Op.VDI_MIRROR: ("VDI_MIRROR", 1),
    Op.VDI_SNAPSHOT: ("VDI_SNAPSHOT", 1),
    Op.VDI_ENABLE_CBT: ("VDI_CONFIG_CBT", 1),
    Op.VDI_DISABLE_CBT: ("VDI_CONFIG_CBT", 1),
    Op.VDI_DATA_DESTROY: ("VDI_CONFIG_CBT", 1),
    Op.VDI_LIST_CHANGED_BLOCKS: ("VDI_CONFIG_CBT", 1),
    Op.VDI_SET_ON_BOOT: ("VDI_RESET_ON_BOOT", 2),
    Op.VDI_REVERT: ("VDI_REVERT", 1),
}
EXCLUSIVE = frozenset({Op.DESTROY, Op.FORGET})
"""Nothing else may run on the SR, nor on its disks."""

ALONE = frozenset({Op.SCAN, Op.UPDATE})
"""Not twice at once."""

NOT_OF_TOOLS = frozenset({Op.VDI_CREATE, Op.VDI_DESTROY})


def check(db: Database, ref: SRRef, op: str, _strict: bool) -> XenError | None:
    """Why `op` may not begin now."""
    return _others(db, ref, op) or _driver(db, ref, op) or _plugged(db, ref, op)


def _others(db: Database, ref: SRRef, op: str) -> XenError | None:
    row = db.sr[ref]
    in_the_way = {
        task: other
        for task, other in row.current_operations.items()
        if op in EXCLUSIVE or other in EXCLUSIVE or (op in ALONE and other == op)
    }
    if in_the_way:
        return storage.in_progress("SR", ref, in_the_way)
    if op in EXCLUSIVE:
        for vdi in (db.vdi[vdi] for vdi in row.VDIs):
            if vdi.current_operations:
                return storage.in_progress("VDI", vdi.ref, vdi.current_operations)
    return None


def _driver(db: Database, ref: SRRef, op: str) -> XenError | None:
    needed = FEATURE.get(Op(op))
    if needed is not None and storage.features(db, ref).get(needed[0], 0) < needed[1]:
        return SROperationNotSupported(ref)
    if op in NOT_OF_TOOLS and db.sr[ref].is_tools_sr:
        return SROperationNotSupported(ref)
    return None


def _plugged(db: Database, ref: SRRef, op: str) -> XenError | None:
    plugged = any(db.pbd[pbd].currently_attached for pbd in db.sr[ref].PBDs)
    if op in EXCLUSIVE and plugged:
        return SRHasPBD(ref)
    if op in {Op.SCAN, Op.UPDATE} and not plugged:
        return SRHasNoPBDs(ref)
    return None


WAIT = 30.0  # seconds a scan waits for the one that runs

register(
    "SR",
    check,
    listed=LISTED,
    guarded={
        "SR.scan": Guard("sr", Op.SCAN, WAIT),
        "SR.destroy": Guard("sr", Op.DESTROY),
        "SR.forget": Guard("sr", Op.FORGET),
        "SR.update": Guard("sr", Op.UPDATE, WAIT),
    },
)
