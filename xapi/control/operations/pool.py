"""Operations on the pool: some refuse to begin beside another, some wait for it."""

from __future__ import annotations

from collections.abc import Mapping

from xapi.control.operations.core import register
from xapi.control.operations.storage import in_progress
from xapi.datamodel.enums import PoolAllowedOperations
from xapi.datamodel.errors import (
    ApplyUpdatesInProgress,
    ClusterCreateInProgress,
    ConfigureRepositoriesInProgress,
    DesignateNewMasterInProgress,
    HADisableInProgress,
    HAEnableInProgress,
    HAIsEnabled,
    HANotEnabled,
    SyncBundleInProgress,
    SyncUpdatesInProgress,
    TlsVerificationEnableInProgress,
    XenError,
)
from xapi.datamodel.refs import PoolRef
from xapi.db.database import Database

Op = PoolAllowedOperations

BLOCKING: Mapping[str, type[XenError]] = {
    Op.HA_ENABLE: HAEnableInProgress,
    Op.HA_DISABLE: HADisableInProgress,
    Op.CLUSTER_CREATE: ClusterCreateInProgress,
    Op.DESIGNATE_NEW_MASTER: DesignateNewMasterInProgress,
    Op.TLS_VERIFICATION_ENABLE: TlsVerificationEnableInProgress,
    Op.CONFIGURE_REPOSITORIES: ConfigureRepositoriesInProgress,
    Op.SYNC_UPDATES: SyncUpdatesInProgress,
    Op.SYNC_BUNDLE: SyncBundleInProgress,
    Op.APPLY_UPDATES: ApplyUpdatesInProgress,
}
"""The error while such an operation runs; others that run are waited for."""


def check(db: Database, ref: PoolRef, op: str, _strict: bool) -> XenError | None:
    """Why `op` may not begin now."""
    row = db.pool[ref]
    for running in row.current_operations.values():
        if running in BLOCKING:
            return BLOCKING[running]()
    if row.current_operations:
        return in_progress("pool", ref, row.current_operations)
    if op == Op.HA_ENABLE and row.ha_enabled:
        return HAIsEnabled()
    if op == Op.HA_DISABLE and not row.ha_enabled:
        return HANotEnabled()
    return None


register("pool", check, listed=tuple(Op))
