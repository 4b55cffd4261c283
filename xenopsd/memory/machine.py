"""What the balancer wants of a hypervisor; a backend that has it can share out memory."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from common.idl.xen import (
    Vm,
    VmId,
)


@dataclass(frozen=True, slots=True)
class Balloon:
    """A domain's memory as the hypervisor tells it, in bytes."""

    vm: VmId
    actual: int
    """All pages the domain has."""
    target: int
    """As its driver reads it."""
    limit: int
    """The most pages Xen lets it have."""
    balloons: bool
    """Whether a driver in the guest follows the target (`control/feature-balloon`)."""
    offset: int | None = None
    """What `set_memory_offset` was told last for this domain; kept where the domain is, so a restart finds it."""
    overhead: int = 0
    """Taken from the host beside `actual`, as paging pools."""


@runtime_checkable
class BalloonMachine(Protocol):
    """A hypervisor whose guests' memory can be changed while they run. Domain zero is not among them."""

    async def memory(self) -> tuple[int, Collection[Balloon]]:
        """Free bytes of the host (those still being scrubbed too), and every domain that was made for a VM."""

    def memory_overhead(self, vm: Vm) -> int:
        """Bytes that a domain for `vm` takes of the host besides what its guest sees."""

    async def set_memory_target(self, vm: VmId, target: int, limit: int) -> None:
        """Tell the balloon `target` and let Xen give the domain no more than `limit` bytes of pages. Safe to repeat;
        nothing happens where the domain is gone.
        """

    async def set_memory_offset(self, vm: VmId, offset: int) -> None:
        """Remember with the domain how much more than its target it has when its balloon is at rest."""

    async def set_uncooperative(self, vm: VmId, uncooperative: bool) -> None:
        """Mark the domain (`memory/uncooperative`), or take the mark away."""
