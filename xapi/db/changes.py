"""What changed since a generation, when it may be seen, and who waits for it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from xapi.db.row import Row, set_generation
from xapi.db.shape import Shape

DELETED_KEPT = 8192
"""Deletions that are remembered for those who ask from an older generation."""

Key = str | tuple[str, str]
"""What a waiter waits for: a class by its wire name, one object `(class, ref)`, or EVERYTHING."""

EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class Deleted:
    """An object that is gone: when it was made and when it went."""

    generation: int
    created: int
    shape: Shape
    ref: str


class Changes:
    """The order of all changes.

    Each change takes the next generation. It becomes visible with `publish`, in whole transactions, once it is on disk.
    """

    def __init__(self) -> None:
        self.generation = 0
        self.visible = 0
        """Generation of the newest change that may be seen."""
        self.horizon = 0
        """Deletions up to this generation may be forgotten."""
        self.population = 0
        """Counts creations and deletions."""
        self._rows: dict[str, Row] = {}  # in the order of their last changes
        self._deleted: deque[Deleted] = deque()
        self._unseen: deque[tuple[int, Shape, str]] = deque()
        self._waiters: dict[Key, set[asyncio.Future[None]]] = {}

    # Writing -------------------------------------------------------------------------------------------------------

    def restart(self, generation: int, rows: Iterable[Row], deleted: Iterable[Deleted]) -> None:
        """Begin with what was on disk; everything up to `generation` is visible."""
        self._rows = {row.ref: row for row in sorted(rows, key=lambda row: row._generation)}
        self.generation = self.visible = generation
        for gone in deleted:
            self._forget(gone)
        self.population += 1

    def row(self, ref: str) -> Row | None:
        """The object with this reference, whatever its class."""
        return self._rows.get(ref)

    def bump(self, row: Row) -> int:
        """The row changed: it gets the next generation, and is the newest."""
        ref = row.ref
        self.generation = generation = self.generation + 1
        set_generation(row, generation)
        self._rows.pop(ref, None)
        self._rows[ref] = row
        self._unseen.append((generation, row.shape, ref))
        return generation

    def created(self, row: Row) -> int:
        self.population += 1
        return self.bump(row)

    def deleted(self, row: Row) -> int:
        self.population += 1
        self.generation = generation = self.generation + 1
        del self._rows[row.ref]
        self._forget(Deleted(generation, row._created, row.shape, row.ref))
        self._unseen.append((generation, row.shape, row.ref))
        if not row.shape.emits:  # a session: its waiters are to learn at once that it is gone
            self.wake((row.shape.wire_name, row.ref))
        return generation

    def _forget(self, gone: Deleted) -> None:
        self._deleted.append(gone)
        if len(self._deleted) > DELETED_KEPT:
            self.horizon = self._deleted.popleft().generation

    # Seeing --------------------------------------------------------------------------------------------------------

    def changed_since(self, generation: int) -> list[Row]:
        """Rows changed after `generation`, oldest change first.

        A row whose last change is not visible yet comes later, unless the client has yet to learn that it exists.
        """
        found = []
        for row in reversed(self._rows.values()):
            if row._generation <= generation:
                break
            if row._generation <= self.visible or generation < row._created <= self.visible:
                found.append(row)
        found.reverse()
        return found

    def deleted_since(self, generation: int) -> list[Deleted]:
        """Visible deletions after `generation`, oldest first, as far back as `horizon`."""
        found = []
        for gone in reversed(self._deleted):
            if gone.generation <= generation:
                break
            if gone.generation <= self.visible:
                found.append(gone)
        found.reverse()
        return found

    def publish(self, generation: int) -> None:
        """Changes up to `generation` may be seen: those who wait for them wake."""
        if generation <= self.visible:
            return
        self.visible = generation
        if not self._waiters:
            while self._unseen and self._unseen[0][0] <= generation:
                self._unseen.popleft()
            return
        for key in self._published(generation):
            self.wake(key)

    def _published(self, generation: int) -> set[Key]:
        keys: set[Key] = set()
        while self._unseen and self._unseen[0][0] <= generation:
            _, shape, ref = self._unseen.popleft()
            if shape.emits:
                keys.add(shape.wire_name)
                keys.add((shape.wire_name, ref))
        return keys | {EVERYTHING} if keys else keys

    def wake(self, key: Key) -> None:
        """Wake all who wait for `key`."""
        for waiter in self._waiters.get(key, ()):
            if not waiter.done():
                waiter.set_result(None)

    async def wait(self, keys: Iterable[Key], timeout: float) -> None:
        """Return at the next publication of a change to one of `keys`, or after `timeout` seconds."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = loop.create_future()
        with _Registered(self._waiters, tuple(keys), waiter):
            timer = loop.call_later(timeout, _settle, waiter)
            try:
                await waiter
            finally:
                timer.cancel()

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows.values())


def _settle(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)


class _Registered:
    """Holds a waiter under its keys."""

    __slots__ = ("_keys", "_waiter", "_waiters")

    def __init__(
        self, waiters: dict[Key, set[asyncio.Future[None]]], keys: tuple[Key, ...], waiter: asyncio.Future[None]
    ) -> None:
        self._waiters, self._keys, self._waiter = waiters, keys, waiter

    def __enter__(self) -> None:
        for key in self._keys:
            self._waiters.setdefault(key, set()).add(self._waiter)

    def __exit__(self, *_: object) -> None:
        for key in self._keys:
            held = self._waiters.get(key)
            if held is not None:
                held.discard(self._waiter)
                if not held:
                    del self._waiters[key]
