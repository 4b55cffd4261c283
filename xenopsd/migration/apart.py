"""Work in a thread of its own, that is told when nobody wants it any more."""

from __future__ import annotations

import asyncio
import os
import select
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Stopped(Exception):
    """Nobody wants the work any more."""


class Stop:
    """How a thread is told."""

    def __init__(self) -> None:
        self._descriptor = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._polls: dict[tuple[int, int], select.poll] = {}

    def set(self) -> None:
        """Have the thread end. Safe to repeat."""
        os.eventfd_write(self._descriptor, 1)

    def wait(self, descriptor: int, event: int, seconds: float | None = None) -> bool:
        """Until `descriptor` is ready for `event` (of `select.poll`) or broken; False after `seconds`.

        Raises `Stopped`.
        """
        poll = self._polls.get((descriptor, event))
        if poll is None:
            poll = self._polls[descriptor, event] = select.poll()
            poll.register(descriptor, event)
            poll.register(self._descriptor, select.POLLIN)
        ready = poll.poll(None if seconds is None else seconds * 1000)
        if any(number == self._descriptor for number, _ in ready):
            raise Stopped
        return bool(ready)

    def close(self) -> None:
        """The thread has ended."""
        os.close(self._descriptor)


async def apart(work: Callable[[Stop], T]) -> T:
    """What `work` makes of it, in a thread. Cancelled, the thread is told, and its end awaited."""
    loop, stop = asyncio.get_running_loop(), Stop()
    ended: asyncio.Future[T] = loop.create_future()

    def run() -> None:
        try:
            result = work(stop)
        except BaseException as error:
            loop.call_soon_threadsafe(ended.set_exception, error)
        else:
            loop.call_soon_threadsafe(ended.set_result, result)

    threading.Thread(target=run, name="memory", daemon=True).start()
    cancelled = False
    while not ended.done():
        try:
            await asyncio.wait([ended])
        except asyncio.CancelledError:
            cancelled = True
            stop.set()
    stop.close()
    if cancelled:
        ended.exception()  # it has been looked at
        raise asyncio.CancelledError
    return ended.result()
