"""Performs the policy: looks at the host, gives orders, waits, looks again; sets memory aside for domains being built.

Reservations live in memory only: what a killed xenopsd was building is destroyed by the next one.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

from common.errors import WireError
from common.idl.xen import (
    Vm,
    VmId,
)
from common.idl.xen_errors import NotEnoughMemory
from xenopsd.memory.machine import Balloon, BalloonMachine
from xenopsd.memory.patience import Patience
from xenopsd.memory.policy import PAGE, TOLERANCE, Guest, Order, Room, View, orders

log = logging.getLogger(__name__)

INTERVAL = 10.0  # seconds between looks when nobody asks
PAUSE = 1.0  # seconds between looks while balloons move
DEADLINE = 300.0  # seconds for one round, however slowly guests move

Range = Callable[[VmId], tuple[int, int] | None]
"""The dynamic range of a VM in bytes; None for one that is not known."""


class Balancer:
    """All memory changes of a host go one after another through it."""

    def __init__(
        self,
        machine: BalloonMachine,
        range_of: Range,
        *,
        pause: float = PAUSE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._machine, self._range_of = machine, range_of
        self._pause, self._clock = pause, clock
        self._reservations: dict[VmId, int] = {}
        self._patience = Patience()
        self._marked: frozenset[VmId] = frozenset()
        self._offsets: dict[VmId, int] = {}
        self._turn = asyncio.Lock()
        self._wake = asyncio.Event()

    @contextlib.asynccontextmanager
    async def reserved(self, vm: Vm, room: Room) -> AsyncIterator[int]:
        """While in the block, memory for `vm` is set aside: yields the bytes its guest may have.

        Raises `NotEnoughMemory` when the others can't or won't make `room.minimum` for it.
        """
        granted = await self._reserve(vm.id, room, self._machine.memory_overhead(vm))
        try:
            yield granted
        finally:
            del self._reservations[vm.id]
            self.wake()

    def wake(self) -> None:
        """A range changed, or a domain came or went."""
        self._wake.set()

    async def run(self) -> None:
        """Balance for ever."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), INTERVAL)
            self._wake.clear()
            try:
                await self.balance()
            except WireError as error:
                log.warning("memory is not balanced: %s", error)
            except Exception:
                log.exception("memory is not balanced")

    async def balance(self) -> None:
        """Bring every guest to its fair part, as far as they follow."""
        async with self._turn:
            give_up = self._begin()
            while self._clock() < give_up:
                view = await self._look()
                await self._tell(view, orders(view))
                if not self._waits_for_somebody(view, orders(view)):
                    return
                await asyncio.sleep(self._pause)

    async def _reserve(self, vm: VmId, room: Room, overhead: int) -> int:
        whole = Room(room.minimum + overhead, room.maximum + overhead)
        async with self._turn:
            give_up = self._begin()
            while True:
                view = await self._look()
                if view.attainable() < whole.minimum:
                    raise NotEnoughMemory(whole.minimum, max(0, view.unclaimed()))
                wanted = orders(view, whole)
                await self._tell(view, wanted)
                view = await self._look()
                waits = self._waits_for_somebody(view, wanted)
                late = self._clock() >= give_up
                available = view.available()
                # Every balloon may rest a little beside its target: the host's reserve makes up for that.
                missing = whole.minimum - available - TOLERANCE * len(view.guests)
                if available >= whole.maximum or (missing <= 0 and (late or not waits)):
                    size = max(whole.minimum, min(available, whole.maximum) // PAGE * PAGE)
                    self._reservations[vm] = size
                    return size - overhead
                if late:
                    raise NotEnoughMemory(whole.minimum, max(0, available))
                await asyncio.sleep(self._pause)

    def _begin(self) -> float:
        now = self._clock()
        self._patience.begin(now)
        return now + DEADLINE

    async def _look(self) -> View:
        free, balloons = await self._machine.memory()
        guests = []
        self._offsets = {}
        for each in balloons:
            guests.append(await self._guest(each))
        self._patience.observe(self._clock(), guests)
        await self._mark()
        return View(free, guests, self._patience.stuck, dict(self._reservations))

    async def _guest(self, balloon: Balloon) -> Guest:
        range_ = self._range_of(balloon.vm)
        offset = balloon.offset
        if offset is None and balloon.balloons:
            # Seen for the first time with a driver, which was at rest until now: nobody has told it anything yet.
            offset = balloon.actual - balloon.target
            await self._machine.set_memory_offset(balloon.vm, offset)
        offset = offset or 0
        self._offsets[balloon.vm] = offset
        minimum, maximum = range_ or (balloon.target, balloon.target)
        return Guest(
            vm=balloon.vm,
            minimum=minimum,
            maximum=maximum,
            target=balloon.target,
            actual=balloon.actual - offset,
            limit=balloon.limit - offset,
            balloons=balloon.balloons,
            overhead=balloon.overhead + offset,
        )

    async def _tell(self, view: View, wanted: dict[VmId, Order]) -> None:
        for guest in view.guests:
            order = wanted.get(guest.vm)
            if order is None or (guest.target, guest.limit) == (order.target, order.limit):
                continue
            log.debug("VM %s: %d of %d MiB", guest.vm, order.target >> 20, guest.actual >> 20)
            await self._machine.set_memory_target(guest.vm, order.target, order.limit + self._offsets[guest.vm])

    async def _mark(self) -> None:
        uncooperative = self._patience.uncooperative
        for vm in uncooperative ^ self._marked:
            log.info("VM %s: %s", vm, "keeps its memory" if vm in uncooperative else "moves its balloon again")
            await self._machine.set_uncooperative(vm, vm in uncooperative)
        self._marked = uncooperative

    def _waits_for_somebody(self, view: View, wanted: dict[VmId, Order]) -> bool:
        return any(
            not replace(guest, target=wanted[guest.vm].target).at_rest for guest in view.moving() if guest.vm in wanted
        )
