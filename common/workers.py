"""One queue per key: jobs of the same key in order, of different keys in parallel, never more than `limit` at once."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
Job = Callable[[], Awaitable[None]]


class Workers:
    """Runs jobs by key. A job must not raise: `run` wraps those whose result is awaited."""

    def __init__(self, limit: int) -> None:
        self._slots = asyncio.Semaphore(limit)
        self._queues: dict[str, deque[Job]] = {}
        self._running: dict[str, asyncio.Task[None]] = {}

    @property
    def depth(self) -> int:
        """Jobs queued or running."""
        return sum(map(len, self._queues.values())) + len(self._running)

    def resize(self, limit: int) -> None:
        """Let at most `limit` of the jobs that begin from now on run at once."""
        self._slots = asyncio.Semaphore(limit)

    def busy(self, key: str) -> bool:
        """Whether a job of `key` is queued or running."""
        return key in self._running

    def push(self, key: str, job: Job) -> None:
        """Queue `job` behind the others of `key`."""
        self._queues.setdefault(key, deque()).append(job)
        if key not in self._running:
            self._running[key] = asyncio.get_running_loop().create_task(self._drain(key))

    async def run(self, key: str, job: Callable[[], Awaitable[T]]) -> T:
        """Queue `job` and await its result or error. Cancelling the wait does not cancel the job."""
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()

        async def wrapped() -> None:
            try:
                result = await job()
            except BaseException as error:
                if not done.done():
                    done.set_exception(error)
                if not isinstance(error, Exception):
                    raise
            else:
                if not done.done():
                    done.set_result(result)

        self.push(key, wrapped)
        return await done

    async def close(self) -> None:
        """Drop what is queued, cancel what runs, and wait for it."""
        self._queues.clear()
        running = list(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _drain(self, key: str) -> None:
        try:
            while queue := self._queues.get(key):
                async with self._slots:
                    await queue.popleft()()
        finally:
            self._queues.pop(key, None)
            self._running.pop(key, None)
