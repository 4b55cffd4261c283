"""What calls of xenopsd (`common.idl.xen`) fail with."""

from __future__ import annotations

from dataclasses import dataclass

from common.errors import WireError


@dataclass(eq=False)
class DoesNotExist(WireError):
    """The object is not known to this daemon."""

    code = "Does_not_exist"

    kind: str
    id: str


@dataclass(eq=False)
class BadPowerState(WireError):
    """The VM is not in a power state from which this can be done."""

    code = "Bad_power_state"

    vm: str
    actual: str
    expected: str


@dataclass(eq=False)
class FailedToShutdown(WireError):
    """The guest did not shut down in time."""

    code = "Failed_to_shutdown"

    vm: str
    timeout: float


@dataclass(eq=False)
class FailedToAcknowledgeShutdown(WireError):
    """The guest did not even acknowledge the request to shut down."""

    code = "Failed_to_acknowledge_shutdown_request"

    vm: str


@dataclass(eq=False)
class FailedToSuspend(WireError):
    """The guest did not suspend in time."""

    code = "Failed_to_suspend"

    vm: str
    timeout: float


@dataclass(eq=False)
class CannotMigrate(WireError):
    """The VM can't be moved while it runs."""

    code = "Cannot_migrate"

    vm: str
    reason: str


@dataclass(eq=False)
class MigrationFailed(WireError):
    """Between the two hosts something went wrong; the guest runs on where it was."""

    code = "Migration_failed"

    vm: str
    destination: str
    reason: str


@dataclass(eq=False)
class MigrationInDoubt(WireError):
    """The destination was told to let the guest run, and can't be asked whether it does. It is stopped here."""

    code = "Migration_in_doubt"

    vm: str
    destination: str


@dataclass(eq=False)
class DeviceIsConnected(WireError):
    """The device is plugged."""

    code = "Device_is_connected"

    device: str


@dataclass(eq=False)
class DeviceNotConnected(WireError):
    """The device is not plugged."""

    code = "Device_not_connected"

    device: str


@dataclass(eq=False)
class DeviceDetachRejected(WireError):
    """The guest keeps the device."""

    code = "Device_detach_rejected"

    kind: str
    device: str
    reason: str


@dataclass(eq=False)
class MediaNotEjectable(WireError):
    """The drive is not for removable media."""

    code = "Media_not_ejectable"

    device: str


@dataclass(eq=False)
class MediaPresent(WireError):
    """The drive is not empty."""

    code = "Media_present"

    device: str


@dataclass(eq=False)
class MediaNotPresent(WireError):
    """The drive is empty."""

    code = "Media_not_present"

    device: str


@dataclass(eq=False)
class NoBootableDevice(WireError):
    """Nothing the VM could boot from."""

    code = "No_bootable_device"

    vm: str


@dataclass(eq=False)
class BootloaderError(WireError):
    """The bootloader, or the kernel it should load, failed."""

    code = "Bootloader_error"

    vm: str
    message: str


@dataclass(eq=False)
class NotEnoughMemory(WireError):
    """The host has not enough free memory. Both in bytes."""

    code = "Not_enough_memory"

    needed: int
    free: int


@dataclass(eq=False)
class FailedToStartEmulator(WireError):
    """The device model did not start."""

    code = "Failed_to_start_emulator"

    vm: str
    name: str
    message: str


@dataclass(eq=False)
class InvalidVcpus(WireError):
    """More VCPUs than the VM may have."""

    code = "Invalid_vcpus"

    maximum: int


@dataclass(eq=False)
class NoIommu(WireError):
    """The VM wants devices of the host, and nothing keeps them from reaching the memory of others."""

    code = "No_iommu"

    vm: str


@dataclass(eq=False)
class PciDeviceUnavailable(WireError):
    """The VM can't have a device of the host."""

    code = "Pci_device_unavailable"

    vm: str
    device: str
    reason: str


@dataclass(eq=False)
class HasPciAttached(WireError):
    """The VM has devices of the host, which can't be saved or moved with it."""

    code = "Has_pci_attached"

    vm: str


@dataclass(eq=False)
class Unimplemented(WireError):
    """This backend can't do that."""

    code = "Unimplemented"

    what: str
