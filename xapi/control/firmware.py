"""What firmware of VMs remembers, as the database keeps it: UEFI's variables in VM.NVRAM, a TPM's contents in a secret.

The content is the backend's own. While a VM is off the database's copy counts: clients read and change it, duplicates
get it, and xenopsd is given it at the next start. While it runs xenopsd's counts; it is fetched before the database
says that the VM is off or suspended, so what is in the database then is never older than what the guest left.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from common.errors import DaemonUnreachable, WireError
from common.idl import xen
from xapi.context import Context
from xapi.control import operations
from xapi.datamodel import errors
from xapi.datamodel.enums import PersistenceBackend, VMPowerState
from xapi.datamodel.refs import VMRef, VTPMRef
from xapi.db.database import Database
from xapi.db.records import VM, VTPM

log = logging.getLogger(__name__)

EFI_VARIABLES = "EFI-variables"
"""The key of VM.NVRAM."""
WANTED = "vtpm"
"""The key of a VM's platform that asks for a TPM at its start."""
LIVE = (VMPowerState.RUNNING, VMPowerState.PAUSED)
DOMAIN = (xen.PowerState.RUNNING, xen.PowerState.PAUSED)


def state(db: Database, row: VM) -> xen.FirmwareState:
    """What the database remembers of the VM."""
    return xen.FirmwareState(
        variables=row.NVRAM.get(EFI_VARIABLES, ""), tpm="".join(contents(db, db.vtpm[ref]) for ref in row.VTPMs[:1])
    )


def is_kept(row: VM) -> bool:
    """Whether firmware of the VM remembers anything."""
    return bool(row.VTPMs or row.NVRAM or row.HVM_boot_params.get("firmware") == "uefi")


def ran_unseen(db: Database, row: VM, observed: xen.VmState) -> bool:
    """Whether the VM was started since the database last saw it run: nobody of us was there to see it."""
    metrics = db.vm_metrics.get(row.metrics)
    return metrics is not None and metrics.start_time < _time(observed)


async def fetch_if_ended(ctx: Context, row: VM, observed: xen.VmState) -> None:
    """Take over what xenopsd has of a VM that ran since the database took it over last, and does not run now.

    A start that failed is no reason: xenopsd may not have got so far as to take what a client has set since.
    To be followed at once by writing what was observed. Raises `DaemonUnreachable`: then nothing may be written.
    """
    unseen = ran_unseen(ctx.db, row, observed)
    if observed.power_state in DOMAIN or not (unseen or row.power_state in LIVE):
        return
    await _fetch(ctx, row)
    if unseen and row.metrics in ctx.db.vm_metrics:
        ctx.db.vm_metrics.update(row.metrics, start_time=_time(observed))


async def fetch_if_live(ctx: Context, row: VM) -> None:
    """Take over what xenopsd has of a VM that runs, for a duplicate of it; if it is away the duplicate is older."""
    if row.power_state not in LIVE:
        return
    try:
        await _fetch(ctx, row)
    except DaemonUnreachable as error:
        log.warning("VM %s: what its firmware remembers is that of before: %s", row.uuid, error)


async def _fetch(ctx: Context, row: VM) -> None:
    if not is_kept(row) or row.is_control_domain:
        return
    try:
        found = await ctx.services.xen.vm.firmware(ctx.dbg, xen.VmId(row.uuid))
    except DaemonUnreachable:
        raise
    except WireError as error:
        log.warning("VM %s: what its firmware remembers can't be read: %s", row.uuid, error)
        return
    keep(ctx.db, VMRef(row.ref), found)


def _time(observed: xen.VmState) -> datetime:
    return datetime.fromtimestamp(int(observed.last_start_time), UTC)


def keep(db: Database, vm: VMRef, found: xen.FirmwareState) -> None:
    """Remember it for the VM, if there still is one; what is empty changes nothing. Safe to repeat."""
    row = db.vm.get(vm)
    if row is None:
        return
    if found.variables and row.NVRAM.get(EFI_VARIABLES) != found.variables:
        db.vm.update(vm, NVRAM={**row.NVRAM, EFI_VARIABLES: found.variables})
    for vtpm in row.VTPMs[:1]:
        if found.tpm:
            set_contents(db, db.vtpm[vtpm], found.tpm)


def contents(db: Database, row: VTPM) -> str:
    """What the TPM has stored, in base64; empty when it was never used."""
    secret = db.secret.get(row.contents)
    return "" if secret is None else secret.value


def set_contents(db: Database, row: VTPM, value: str) -> None:
    """Replace what the TPM has stored. Safe to repeat."""
    secret = db.secret.get(row.contents)
    if secret is None:
        db.vtpm.update(row.ref, contents=db.secret.create(value=value).ref)
    elif secret.value != value:
        db.secret.update(secret.ref, value=value)


def add_tpm(db: Database, vm: VMRef, *, is_unique: bool, stored: str = "") -> VTPMRef:
    """A TPM for the VM."""
    made = db.vtpm.create(
        VM=vm,
        persistence_backend=PersistenceBackend.XAPI,
        is_unique=is_unique,
        contents=db.secret.create(value=stored).ref,
    )
    operations.refresh(db, "VTPM", made.ref)
    operations.refresh(db, "VM", vm)
    return VTPMRef(made.ref)


def check_no_fencing(db: Database) -> None:
    """Raise NOT_IMPLEMENTED where a VM may be started again elsewhere without its host having been asked."""
    if any(pool.ha_enabled for pool in db.pool.rows()) or len(db.cluster):
        raise errors.NotImplemented("VTPM.create with HA or clustering enabled")


def add_wanted_tpm(db: Database, vm: VMRef) -> None:
    """A TPM for a VM about to start whose platform asks for one and that has none. Raises as `check_no_fencing`."""
    row = db.vm[vm]
    if not row.VTPMs and row.platform.get(WANTED, "").lower() in ("true", "1"):
        check_no_fencing(db)
        add_tpm(db, vm, is_unique=False)


def copy_tpms(db: Database, origin: VM, vm: VMRef) -> None:
    """TPMs as `origin` has for `vm`; what a unique one has stored stays with it."""
    for row in [db.vtpm[ref] for ref in origin.VTPMs]:
        made = add_tpm(db, vm, is_unique=row.is_unique, stored="" if row.is_unique else contents(db, row))
        db.vtpm.update(made, is_protected=row.is_protected)


def remove_tpms(db: Database, vm: VMRef) -> None:
    """Delete the VM's TPMs with all that they have stored. Safe to repeat."""
    for ref in db.vm[vm].VTPMs:
        remove_tpm(db, VTPMRef(ref))


def remove_tpm(db: Database, ref: VTPMRef) -> None:
    """Delete the TPM with all that it has stored."""
    row = db.vtpm[ref]
    if row.contents in db.secret:
        db.secret.delete(row.contents)
    db.vtpm.delete(ref)
