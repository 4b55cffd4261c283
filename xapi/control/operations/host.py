"""Operations on hosts: what brings VMs to a host excludes what takes them away."""

from __future__ import annotations

from collections.abc import Mapping

from xapi.control.operations.core import Guard, register
from xapi.control.operations.storage import in_progress
from xapi.datamodel.enums import HostAllowedOperations
from xapi.datamodel.errors import HostIsLive, HostNotDisabled, HostPowerOnModeDisabled, XenError
from xapi.datamodel.refs import HostRef
from xapi.db.database import Database

Op = HostAllowedOperations

BRINGING = frozenset({Op.PROVISION, Op.VM_RESUME, Op.VM_MIGRATE})
TAKING = frozenset({Op.EVACUATE, Op.REBOOT, Op.SHUTDOWN})
EXCLUSIVE = frozenset({Op.REBOOT, Op.SHUTDOWN, Op.APPLY_UPDATES})
"""Not twice at once, and not with one another."""
OF_DISABLED = EXCLUSIVE

LISTED = (
    Op.PROVISION,
    Op.EVACUATE,
    Op.SHUTDOWN,
    Op.REBOOT,
    Op.POWER_ON,
    Op.VM_START,
    Op.VM_RESUME,
    Op.VM_MIGRATE,
    Op.APPLY_UPDATES,
    Op.ENABLE,
)

EXCLUDES: Mapping[str, frozenset[Op]] = {
    **dict.fromkeys(BRINGING, TAKING),
    **dict.fromkeys(TAKING, BRINGING),
    Op.PROVISION: TAKING | {Op.PROVISION},
    Op.REBOOT: BRINGING | EXCLUSIVE,
    Op.SHUTDOWN: BRINGING | EXCLUSIVE,
    Op.APPLY_UPDATES: EXCLUSIVE,
    Op.EVACUATE: BRINGING | {Op.EVACUATE},
}


def check(db: Database, ref: HostRef, op: str, _strict: bool) -> XenError | None:
    """Why `op` may not begin now."""
    row = db.host[ref]
    in_the_way = {task: other for task, other in row.current_operations.items() if other in EXCLUDES.get(op, ())}
    if in_the_way:
        return in_progress("host", ref, in_the_way)
    if op in OF_DISABLED and row.enabled:
        return HostNotDisabled()
    return _power_on(db, ref) if op == Op.POWER_ON else None


def _power_on(db: Database, ref: HostRef) -> XenError | None:
    row = db.host[ref]
    metrics = db.host_metrics.get(row.metrics)
    if metrics is not None and metrics.live:
        return HostIsLive(ref)
    return None if row.power_on_mode else HostPowerOnModeDisabled()


register(
    "host",
    check,
    listed=LISTED,
    guarded={
        "host.shutdown": Guard("host", Op.SHUTDOWN),
        "host.reboot": Guard("host", Op.REBOOT),
        "host.evacuate": Guard("host", Op.EVACUATE),
        "host.power_on": Guard("host", Op.POWER_ON),
    },
)
