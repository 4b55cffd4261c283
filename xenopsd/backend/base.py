"""What a hypervisor must do for xenopsd, in words of no particular one.

A backend keeps no list of VMs: it is told everything with each call and asked for what it sees. Calls that make
something raise a `WireError` and leave nothing half-made where they can; calls that remove are safe to repeat.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import msgspec

from common.errors import WireError
from common.idl.storage import Attachment, Implementation
from common.idl.xen import (
    Console,
    FirmwareState,
    HostState,
    Vbd,
    Vif,
    Vm,
    VmCounters,
    VmId,
)


class Status(StrEnum):
    """How a domain is. `ENDED` domains wait for us to act and be destroyed."""

    RUNNING = "running"
    PAUSED = "paused"
    ENDED = "ended"


class Ending(StrEnum):
    """Why a domain ended, or is asked to end."""

    POWEROFF = "poweroff"
    REBOOT = "reboot"
    CRASH = "crash"


class Domain(msgspec.Struct, frozen=True, kw_only=True):
    """A domain as it is now."""

    domid: int
    status: Status
    ending: Ending | None = None
    stalled: bool = False
    """It waits for its storage; it counts as running."""
    started: float = 0.0
    """Seconds since the epoch; changes when the guest reboots in place."""
    consoles: list[Console] = []
    memory_actual: int = 0
    """Bytes, as the two below."""
    memory_target: int = 0
    memory_limit: int = 0
    vcpus: int = 0
    disks: dict[str, bool] = {}
    """Drives by device name; False for one without medium."""
    interfaces: dict[str, str] = {}
    """Position to the name of the interface on this host."""
    pci: list[str] = []
    """The host's devices that it has, by address."""
    guest_agent: dict[str, str] = {}
    pv_drivers_detected: bool = False
    uncooperative: bool = False
    """Its balloon does not move."""
    xsdata: dict[str, str] | None = None
    """As `Vm.xsdata`; None where guests can't read it."""
    numa_nodes: int = 0
    """As `VmState.numa_nodes`."""


class Drive(msgspec.Struct, frozen=True, kw_only=True):
    """A disk drive with how its medium is reached; None for an empty one."""

    vbd: Vbd
    source: Implementation | None


class Spec(msgspec.Struct, frozen=True, kw_only=True):
    """All that a domain is built from."""

    vm: Vm
    drives: list[Drive]
    vifs: list[Vif]
    memory: int | None = None
    """Bytes set aside for the guest to begin with, within its dynamic range; None: its dynamic maximum."""


def device_name(vm: VmId, device: str) -> str:
    """A VM's device as errors name it."""
    return f"{vm}.{device}"


@dataclass(eq=False)
class HypervisorError(WireError):
    """The hypervisor refused or failed, or is not there."""

    code = "Hypervisor_error"

    message: str


Notify = Callable[[VmId], None]
"""Told of every VM that changed by itself; called in the event loop."""


class Backend(Protocol):
    """One hypervisor of this host."""

    name: str
    minimum_run: float
    """Seconds a domain must have run before its guest's reboot is followed at once; a crash before means destroy."""

    async def start(self, notify: Notify) -> None:
        """Connect, and follow domains. Must not fail because the hypervisor is away for a moment."""

    async def stop(self) -> None:
        """Let go of the hypervisor; domains run on."""

    async def host(self) -> HostState:
        """The hypervisor now."""

    async def dmesg(self) -> str:
        """The hypervisor's messages."""

    async def send_debug_keys(self, keys: str) -> None:
        """Raises `Unimplemented` where there is no debug console."""

    def choose(self, attachment: Attachment) -> Implementation:
        """The way to a disk that this hypervisor takes. Raises `Unimplemented`."""

    async def domains(self) -> Mapping[VmId, Domain]:
        """Every domain that was made for a VM."""

    async def domain(self, vm: VmId) -> Domain | None:
        """The VM's domain, if there is one."""

    async def firmware(self, vm: VmId) -> FirmwareState:
        """What firmware remembers of the VM now; empty where this hypervisor keeps nothing."""

    async def set_firmware(self, vm: VmId, state: FirmwareState) -> None:
        """Have firmware remember `state` of a VM without a domain; empty parts are removed. Safe to repeat."""

    async def create(self, spec: Spec) -> None:
        """Make the paused domain with all its devices.

        Where firmware remembers nothing of the VM it is given what `Vm.firmware` says. Raises `Unimplemented` for a
        TPM where there can be none.
        """

    async def restore(self, spec: Spec, image: Implementation) -> None:
        """Make the paused domain from what `save` wrote; firmware as in `create`."""

    async def save(self, vm: VmId, image: Implementation) -> None:
        """Write the domain to `image`; on success it is gone, on failure it runs on. Raises `FailedToSuspend`."""

    async def destroy(self, vm: VmId) -> None:
        """End the domain at once. Safe to repeat."""

    async def unpause(self, vm: VmId) -> None:
        """Let the VCPUs run."""

    async def pause(self, vm: VmId) -> None:
        """Stop the VCPUs."""

    async def request_shutdown(self, vm: VmId, ending: Ending, timeout: float) -> None:
        """Ask the guest to end. Raises `FailedToAcknowledgeShutdown` after at most `timeout` seconds."""

    async def wait_ended(self, vm: VmId, timeout: float) -> bool:
        """Whether the domain ended (or is gone) within `timeout` seconds."""

    async def set_vcpus(self, vm: VmId, vcpus: int) -> None:
        """Plug or unplug VCPUs."""

    async def set_memory(self, vm: VmId, minimum: int, maximum: int) -> None:
        """Change the range (bytes) the balloon may take."""

    async def set_xsdata(self, vm: VmId, xsdata: Mapping[str, str]) -> None:
        """Replace what the guest reads under `vm-data/`."""

    async def send_sysrq(self, vm: VmId, key: str) -> None:
        """Press a SysRq key."""

    async def freeze(self, vm: VmId) -> bool:
        """Freeze the guest's filesystems; False when nobody in the guest can."""

    async def thaw(self, vm: VmId) -> None:
        """Safe to repeat."""

    async def counters(self) -> list[VmCounters]:
        """Of every running domain."""

    async def plug_disk(self, vm: VmId, drive: Drive) -> None:
        """Connect a drive to the running domain."""

    async def unplug_disk(self, vm: VmId, device: str, force: bool) -> None:
        """Raises `DeviceDetachRejected` when the guest keeps it. Safe to repeat."""

    async def change_medium(self, vm: VmId, drive: Drive) -> None:
        """Replace the medium of a removable drive by the drive's source."""

    async def plug_vif(self, vm: VmId, vif: Vif) -> None:
        """Connect an interface to the running domain."""

    async def unplug_vif(self, vm: VmId, device: str, force: bool) -> None:
        """Raises `DeviceDetachRejected` when the guest keeps it. Safe to repeat."""

    async def update_vif(self, vm: VmId, vif: Vif) -> None:
        """Make bridge, carrier and filter of a plugged interface as `vif` says. Safe to repeat."""
