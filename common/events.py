"""A feed of changes: `get(since)` waits, then tells *what* changed, never how; the receiver reads the present."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class Feed(Generic[T]):
    """Remembers the last change of each object, so that a slow receiver misses nothing and gets each object once.

    Ids grow by one for each change. They start with the clock, above those of a predecessor: a receiver that presents
    an id of another process gets everything, and `first` tells it that the process is another one.
    """

    def __init__(self) -> None:
        self._last: dict[T, int] = {}
        self.first = time.time_ns() // 1000
        """Id before the first change of this process."""
        self._next = self.first + 1
        self._changed = asyncio.Event()

    @property
    def last(self) -> int:
        """Id of the newest change."""
        return self._next - 1

    def add(self, item: T) -> None:
        """Tell that `item` changed."""
        self._last.pop(item, None)
        self._last[item] = self._next
        self._next += 1
        self._changed.set()

    def forget(self, item: T) -> None:
        """Forget `item`; receivers that have not heard of its last change never will."""
        self._last.pop(item, None)

    async def get(self, since: int | None, timeout: float) -> tuple[Sequence[T], int]:
        """What changed after `since` (None: everything known), oldest change first; empty after `timeout` seconds."""
        known = -1 if since is None or not self.first <= since <= self.last else since
        deadline = asyncio.get_running_loop().time() + timeout
        while True:
            if found := self._after(known):
                return found, self.last
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                return (), self.last
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), left)
            except TimeoutError:
                return (), self.last

    def _after(self, known: int) -> list[T]:
        found = []
        for item, stamp in reversed(self._last.items()):
            if stamp <= known:
                break
            found.append(item)
        found.reverse()
        return found
