"""Which guests do not do what their balloon is told. Pure: the time is given."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from common.idl.xen import VmId
from xenopsd.memory.policy import PAGE, Guest

STUCK = 5.0  # seconds without progress after which a guest is not waited for in this round
UNCOOPERATIVE = 20.0  # seconds after which it is marked, and not counted on in later rounds either


@dataclass(slots=True)
class _Waiting:
    since: float
    actual: int


class Patience:
    """Remembers each balloon's last move."""

    def __init__(self) -> None:
        self._waiting: dict[VmId, _Waiting] = {}
        self._round = 0.0
        self.stuck: frozenset[VmId] = frozenset()
        self.uncooperative: frozenset[VmId] = frozenset()

    def begin(self, now: float) -> None:
        """A new round: everybody who is not marked has another chance."""
        self._round = now
        self.stuck = self.uncooperative

    def observe(self, now: float, guests: Collection[Guest]) -> None:
        """Look at all guests; those not among them are forgotten."""
        waiting: dict[VmId, _Waiting] = {}
        for guest in guests:
            if not guest.balloons or guest.at_rest:
                continue
            before = self._waiting.get(guest.vm)
            moved = before is None or _towards(before.actual, guest.actual, guest.target)
            # Another target is no excuse for a balloon that does not move.
            waiting[guest.vm] = _Waiting(now if before is None or moved else before.since, guest.actual)
        self._waiting = waiting
        self.uncooperative = frozenset(vm for vm, each in waiting.items() if now - each.since >= UNCOOPERATIVE)
        late = frozenset(vm for vm, each in waiting.items() if now - max(each.since, self._round) >= STUCK)
        self.stuck = self.uncooperative | late


def _towards(before: int, now: int, target: int) -> bool:
    return now - before >= PAGE if target > before else before - now >= PAGE
