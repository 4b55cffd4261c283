"""How much memory each guest should have. Pure; all sizes in bytes.

What is free beyond the host's reserve is shared out so that every guest gets the same part of its dynamic range. Guests
give first; what they have given, and no more, is handed to those that may grow. What is set aside for a domain
that is being built counts until the domain has taken it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from common.idl.xen import VmId

PAGE = 4096
HOST_RESERVE = 72 << 20
"""Kept free: 64 MiB for allocations that must lie low in memory, and 8 MiB for Xen's own."""
TOLERANCE = 512 << 10
"""A balloon this near to its target has arrived."""


@dataclass(frozen=True, slots=True)
class Guest:
    """A domain's memory: `actual` is in the terms of `target`, whatever the hypervisor counts beside it."""

    vm: VmId
    minimum: int
    maximum: int
    target: int
    actual: int
    limit: int
    """The most that Xen lets it have, in the same terms."""
    balloons: bool
    """Whether its driver follows the target; until then it has what it was built with."""
    overhead: int = 0
    """What it takes of the host beside `actual`, as paging pools."""

    @property
    def at_rest(self) -> bool:
        """Whether the balloon is where it should be."""
        return abs(self.actual - self.target) <= TOLERANCE


@dataclass(frozen=True, slots=True)
class Order:
    """What a guest is told: where its balloon should be, and how much Xen lets it take at most."""

    target: int
    limit: int


@dataclass(frozen=True, slots=True)
class Room:
    """A request for memory: at least `minimum`, and as much of the way to `maximum` as the others leave."""

    minimum: int
    maximum: int


@dataclass(frozen=True, slots=True)
class View:
    """The host as it is now. `stuck`: guests that do not do what they are told; `reservations`: bytes by domain that
    is being built, its overhead included.
    """

    free: int
    guests: Collection[Guest]
    stuck: frozenset[VmId] = frozenset()
    reservations: Mapping[VmId, int] = field(default_factory=dict)

    def moving(self) -> list[Guest]:
        """The guests whose balloons can be counted on."""
        return [guest for guest in self._balloons() if guest.vm not in self.stuck]

    def motionless(self) -> list[Guest]:
        """The guests that have a balloon and do not move it."""
        return [guest for guest in self._balloons() if guest.vm in self.stuck]

    def unclaimed(self) -> int:
        """What of `free` is nobody's: without the host's reserve and what domains are entitled to but have not taken.

        A reservation counts less the more of it its own domain already has, so nothing is set aside twice.
        """
        taken = {guest.vm: guest.actual + guest.overhead for guest in self.guests}
        building = sum(max(0, size - taken.get(vm, 0)) for vm, size in self.reservations.items())
        booting = (guest for guest in self.guests if not guest.balloons and guest.vm not in self.reservations)
        entitled = sum(max(0, guest.target - guest.actual) for guest in booting)
        entitled += sum(max(0, guest.minimum - guest.actual) for guest in self.motionless())
        return self.free - HOST_RESERVE - building - entitled

    def available(self) -> int:
        """`unclaimed` without what guests have leave to take at this moment."""
        return self.unclaimed() - sum(max(0, guest.limit - guest.actual) for guest in self.moving())

    def attainable(self) -> int:
        """The most that could be unclaimed if every guest that moves went down to its minimum."""
        return max(0, self.unclaimed() + sum(guest.actual - guest.minimum for guest in self.moving()))

    def _balloons(self) -> list[Guest]:
        return [guest for guest in self.guests if guest.balloons and guest.vm not in self.reservations]


def share(view: View, room: Room | None = None) -> tuple[dict[VmId, int], int]:
    """The fair target of each guest that has a balloon, and the fair part of `room` (0 without one)."""
    moving = view.moving()
    surplus = view.attainable() - (0 if room is None else room.minimum)
    spread = sum(guest.maximum - guest.minimum for guest in moving)
    spread += 0 if room is None else room.maximum - room.minimum
    enough = surplus >= 0
    surplus = max(0, min(surplus, spread))

    def fair(minimum: int, maximum: int) -> int:
        # Down to whole pages: rounded up, all of them together could be more than there is.
        extra = (maximum - minimum) * surplus // spread if spread else (maximum - minimum) * enough
        return minimum + extra // PAGE * PAGE

    targets = {guest.vm: fair(guest.minimum, guest.maximum) for guest in moving}
    for guest in view.motionless():
        # It is asked for no more than its part, and told to stay where it is should that be less.
        targets[guest.vm] = max(guest.minimum, min(fair(guest.minimum, guest.maximum), guest.actual))
    return targets, 0 if room is None else fair(room.minimum, room.maximum)


def orders(view: View, room: Room | None = None) -> dict[VmId, Order]:
    """What to tell whom now. Those that shrink are told all of it; those that grow, only what is there already."""
    fair, granted = share(view, room)
    moving = view.moving()
    wants = {guest.vm: fair[guest.vm] - guest.actual for guest in moving if fair[guest.vm] > guest.actual}
    wanted = sum(wants.values())
    budget = min(wanted, max(0, view.unclaimed() - granted))
    found = {vm: Order(target, target) for vm, target in fair.items()}
    for guest in moving:
        if guest.vm in wants:
            limit = guest.actual + wants[guest.vm] * budget // wanted // PAGE * PAGE
            # One below its minimum keeps its aim, but Xen gives it no more than there is.
            found[guest.vm] = Order(max(limit, guest.minimum), limit)
    return found
