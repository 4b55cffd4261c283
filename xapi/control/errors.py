"""Errors of the daemons as errors of the XenAPI: the one table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from common.errors import DaemonUnreachable, InternalFailure, RemoteError, WireError
from common.idl import storage, xen_errors
from common.idl.task import UnknownTask
from xapi.control.verbatim import Verbatim
from xapi.datamodel import errors as api
from xapi.datamodel.errors import XenError
from xapi.datamodel.types import NULL
from xapi.db.database import Database

Translate = Callable[[Database, Any], WireError]


def translate(db: Database, error: WireError) -> WireError:
    """The XenAPI's error for a daemon's; one that is of the XenAPI already stays as it is."""
    if isinstance(error, XenError):
        return error
    how = _TABLE.get(type(error))
    if how is not None:
        return how(db, error)
    if isinstance(error, RemoteError):
        return error if _is_api_code(error.wire_code) else api.InternalError(str(error))
    return api.InternalError(str(error))


def _daemon(socket: str) -> str:
    """The daemon behind a socket; its path is nothing for clients, the log has it."""
    return socket.rpartition("/")[2]


def _is_api_code(code: str) -> bool:
    return code.isupper()


def _vm(db: Database, uuid: str) -> str:
    found = db.vm.where(uuid=uuid)
    return found[0].ref if found else NULL


def _sr(db: Database, uuid: str) -> str:
    found = db.sr.where(uuid=uuid)
    return found[0].ref if found else NULL


def _vdi(db: Database, sr: str, location: str) -> str:
    for vdi in db.vdi.where(SR=_sr(db, sr)):
        if vdi.location == location:
            return vdi.ref
    return NULL


def _device(db: Database, device: str) -> str:
    """`<vm uuid>.<device>` as a VBD or VIF; what can't be found stays as it is."""
    uuid, _, name = device.partition(".")
    vm = db.vm.get(_vm(db, uuid))
    if vm is None:
        return device
    vbds = [ref for ref in vm.VBDs if db.vbd[ref].device == name]
    vifs = [ref for ref in vm.VIFs if db.vif[ref].device == name]
    return (vbds + vifs + [device])[0]


def _backend(_db: Database, error: storage.BackendError) -> WireError:
    number = error.number.removeprefix("SR_BACKEND_FAILURE_")
    return Verbatim(f"SR_BACKEND_FAILURE_{number}", error.subcode, error.message, error.detail)


def _bad_power_state(db: Database, error: xen_errors.BadPowerState) -> WireError:
    return api.VMBadPowerState(_vm(db, error.vm), error.expected.lower(), error.actual.lower())


def _does_not_exist(db: Database, error: xen_errors.DoesNotExist) -> WireError:
    return api.InternalError(f"xenopsd: {error.kind} {error.id} does not exist")


def _vdi_missing(db: Database, error: storage.VdiDoesNotExist) -> WireError:
    return api.VDIMissing(_sr(db, error.sr), _vdi(db, error.sr, error.vdi))


def _host(db: Database, uuid: str) -> str:
    """Where the VM runs, or is to run."""
    vm = db.vm.get(_vm(db, uuid))
    if vm is None:
        return NULL
    return vm.resident_on if vm.resident_on != NULL else vm.scheduled_to_be_resident_on


def _no_pci(db: Database, error: xen_errors.PciDeviceUnavailable) -> WireError:
    return api.VMIncompatibleWithThisHost(
        _vm(db, error.vm), _host(db, error.vm), f"PCI device {error.device}: {error.reason}"
    )


def _migration_failed(db: Database, error: xen_errors.MigrationFailed) -> WireError:
    vm = _vm(db, error.vm)
    return api.VMMigrateFailed(vm, db.vm[vm].resident_on if vm in db.vm else NULL, error.destination, error.reason)


def _migration_in_doubt(db: Database, error: xen_errors.MigrationInDoubt) -> WireError:
    reason = "it may run there, and is stopped here: unpause or shut it down when you know"
    return _migration_failed(db, xen_errors.MigrationFailed(error.vm, error.destination, reason))


_TABLE: dict[type[WireError], Translate] = {
    DaemonUnreachable: lambda _db, e: api.InternalError(f"{_daemon(e.socket)} does not answer"),
    InternalFailure: lambda _db, e: api.InternalError(e.message),
    UnknownTask: lambda _db, e: api.InternalError(f"the daemon was restarted and no longer knows task {e.id}"),
    # xenopsd
    xen_errors.BadPowerState: _bad_power_state,
    xen_errors.DoesNotExist: _does_not_exist,
    xen_errors.FailedToShutdown: lambda db, e: api.VMShutdownTimeout(_vm(db, e.vm), e.timeout),
    xen_errors.FailedToAcknowledgeShutdown: lambda db, e: api.VMFailedShutdownAcknowledgment(_vm(db, e.vm)),
    xen_errors.FailedToSuspend: lambda db, e: api.VMSuspendTimeout(_vm(db, e.vm), e.timeout),
    xen_errors.DeviceIsConnected: lambda db, e: api.DeviceAlreadyAttached(_device(db, e.device)),
    xen_errors.DeviceNotConnected: lambda db, e: api.DeviceAlreadyDetached(_device(db, e.device)),
    xen_errors.DeviceDetachRejected: lambda db, e: api.DeviceDetachRejected(e.kind, _device(db, e.device), e.reason),
    xen_errors.MediaNotEjectable: lambda db, e: api.VBDNotRemovableMedia(_device(db, e.device)),
    xen_errors.MediaPresent: lambda db, e: api.VBDNotEmpty(_device(db, e.device)),
    xen_errors.MediaNotPresent: lambda db, e: api.VBDIsEmpty(_device(db, e.device)),
    xen_errors.CannotMigrate: lambda _db, e: api.OperationNotAllowed(e.reason),
    xen_errors.MigrationFailed: _migration_failed,
    xen_errors.MigrationInDoubt: _migration_in_doubt,
    xen_errors.NoBootableDevice: lambda _db, _e: Verbatim("NO_BOOTABLE_DEVICE"),
    xen_errors.BootloaderError: lambda db, e: api.BootloaderFailed(_vm(db, e.vm), e.message),
    xen_errors.NotEnoughMemory: lambda _db, e: api.HostNotEnoughFreeMemory(e.needed, e.free),
    xen_errors.FailedToStartEmulator: lambda db, e: api.FailedToStartEmulator(_vm(db, e.vm), e.name, e.message),
    xen_errors.InvalidVcpus: lambda _db, e: api.InvalidValue(
        "VCPU values must satisfy: 0 < VCPUs ≤ VCPUs_max", str(e.maximum)
    ),
    xen_errors.NoIommu: lambda db, e: api.VMRequiresIommu(_host(db, e.vm)),
    xen_errors.PciDeviceUnavailable: _no_pci,
    xen_errors.HasPciAttached: lambda db, e: api.VMHasPCIAttached(_vm(db, e.vm)),
    xen_errors.Unimplemented: lambda _db, e: api.NotImplemented(e.what),
    # sm
    storage.BackendError: _backend,
    storage.UnknownDriver: lambda _db, e: api.SRUnknownDriver(e.type),
    storage.SrNotAttached: lambda db, e: api.SRNotAttached(_sr(db, e.sr)),
    storage.SrNotEmpty: lambda _db, _e: api.SRNotEmpty(),
    storage.SrHasOpenDisks: lambda db, e: Verbatim(
        "SR_BACKEND_FAILURE_16", "", "The SR is still in use", _sr(db, e.sr)
    ),
    storage.SrUnhealthy: lambda db, e: api.SRUnhealthy(_sr(db, e.sr), e.reason, ""),
    storage.VdiDoesNotExist: _vdi_missing,
    storage.VdiInUse: lambda db, e: api.VDIInUse(_vdi(db, e.sr, e.vdi), "operation"),
    storage.OutOfSpace: lambda _db, e: api.SRFull(e.needed, e.free),
    storage.NotSupported: lambda _db, e: Verbatim("SR_OPERATION_NOT_SUPPORTED", e.operation),
}
