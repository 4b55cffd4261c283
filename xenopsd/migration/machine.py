"""What moving a running VM wants of a hypervisor; a backend that has it can."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from common.idl.xen import (
    RemoteDisk,
    Vm,
    VmId,
)
from common.idl.xen_errors import (
    CannotMigrate,
    HasPciAttached,
    Unimplemented,
)
from xenopsd.backend.base import Backend, Spec
from xenopsd.store import Record

BESIDE = "-beside"
"""Ends what stands for the VM's id where two domains of it are told apart."""


@runtime_checkable
class MigrationMachine(Protocol):
    """A hypervisor that passes on domains while they run."""

    async def check_migration(self, vm: Vm) -> None:
        """Raises `CannotMigrate` if the VM's domain can't be moved for a reason of the hypervisor's."""

    async def send(self, vm: VmId, descriptor: int, progress: Callable[[float], None]) -> None:
        """Write the running domain to `descriptor`. Afterwards its guest is stopped, what it wrote is on its disks,
        and everything else is as before.

        On failure, or cancelled, the guest runs on. Raises `FailedToSuspend`.
        """

    async def run_on(self, vm: VmId) -> None:
        """Let a guest run on that was stopped to be saved or sent; a domain beside its own is destroyed.

        Safe to repeat.
        """

    async def receive(self, spec: Spec, told: dict[str, str], descriptor: int) -> None:
        """Make a paused domain from what `send` writes and an end of file, or leave nothing.

        A drive that has a disk but no source is given it by `supply` before the last byte comes.
        `told` is what the guest had told where it was.
        """

    async def supply(self, spec: Spec) -> None:
        """The sources of a domain that is being received."""

    async def double(self, spec: Spec, descriptor: int) -> None:
        """As `receive`, beside the VM's own domain, which is the VM's until `replace`."""

    async def replace(self, spec: Spec, told: dict[str, str]) -> None:
        """The domain that `double` made takes the place of the VM's own, which is destroyed."""


def machine(backend: Backend) -> MigrationMachine:
    """The backend. Raises `Unimplemented` if it can't."""
    if not isinstance(backend, MigrationMachine):
        raise Unimplemented(f"live migration with {backend.name}")
    return backend


def beside(vm: VmId) -> VmId:
    """What stands for the VM's id where its second domain is meant."""
    return VmId(vm + BESIDE)


def is_beside(vm: VmId) -> bool:
    """Whether it stands for a second domain."""
    return vm.endswith(BESIDE)


async def check(backend: Backend, record: Record) -> None:
    """Raises `CannotMigrate`, `HasPciAttached` if the VM's domain can't be moved, `Unimplemented` if none can."""
    domain = await backend.domain(record.vm.id)
    if domain is not None and domain.pci:
        raise HasPciAttached(record.vm.id)
    if reason := _tied(record):
        raise CannotMigrate(record.vm.id, reason)
    await machine(backend).check_migration(record.vm)


def _tied(record: Record) -> str:
    if record.vm.nomigrate:
        return "its platform says so"
    if record.vm.nested_virt:
        return "it may run guests of its own"
    if any(isinstance(vbd.disk, RemoteDisk) for vbd in record.vbds.values()):
        return "a driver domain of this host serves a disk of it"
    if any(vif.backend for vif in record.vifs.values()):
        return "a driver domain of this host serves an interface of it"
    return ""
