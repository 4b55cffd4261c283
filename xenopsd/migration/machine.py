"""What moving a running VM wants of a hypervisor; a backend that has it can."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from common.idl.xen import CannotMigrate, Unimplemented, Vm, VmId
from xenopsd.backend.base import Backend, Drive, Spec

INCOMING = "000000000001"
"""Ends the id of a domain that is made beside the VM's own."""


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
        """Let a guest run on that `send` stopped. Safe to repeat."""

    async def receive(self, spec: Spec, told: dict[str, str], descriptor: int, *, beside: bool) -> None:
        """Make a paused domain from what `send` writes and an end of file, or leave nothing.

        A drive that has a disk but no source is given it by `supply` before the last byte comes.
        `told` is what the guest had told where it was. `beside`: the VM's own is here too; the new one is
        found under `incoming` until it replaces that.
        """

    async def supply(self, vm: VmId, drives: list[Drive]) -> None:
        """The sources of a domain that is being received."""

    async def replace(self, vm: VmId) -> None:
        """The domain that was received beside takes the place of the VM's own, which is destroyed. Safe to repeat."""


def machine(backend: Backend) -> MigrationMachine:
    """The backend. Raises `Unimplemented` if it can't."""
    if not isinstance(backend, MigrationMachine):
        raise Unimplemented(f"live migration with {backend.name}")
    return backend


def incoming(vm: VmId) -> VmId:
    """The id of the domain that is made beside the VM's own."""
    return VmId(vm[: -len(INCOMING)] + INCOMING)


def is_incoming(vm: VmId) -> bool:
    """Whether it is such an id."""
    return vm.endswith(INCOMING)


async def check(backend: Backend, vm: Vm) -> None:
    """Raises `CannotMigrate` if the VM's domain can't be moved, `Unimplemented` if none can."""
    if vm.nomigrate or vm.nested_virt:
        raise CannotMigrate(vm.id, "its platform says so" if vm.nomigrate else "it may run guests of its own")
    await machine(backend).check_migration(vm)
