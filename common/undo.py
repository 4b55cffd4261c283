"""Clean-up steps, performed in reverse when the block fails and forgotten when it succeeds."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

log = logging.getLogger(__name__)


class Undo:
    """The steps to take back. A step that fails is logged and does not hide the first error."""

    def __init__(self) -> None:
        self._steps: list[tuple[Callable[..., Any], tuple[Any, ...]]] = []

    def push(self, step: Callable[..., Any], *args: Any) -> None:
        """Remember a plain call."""
        self._steps.append((step, args))

    def push_async(self, step: Callable[..., Awaitable[Any]], *args: Any) -> None:
        """Remember a coroutine function's call."""
        self._steps.append((step, args))

    async def perform(self) -> None:
        """Take all steps, newest first."""
        while self._steps:
            step, args = self._steps.pop()
            try:
                result = step(*args)
                if isinstance(result, Awaitable):
                    await result
            except Exception:
                log.exception("undo: %r failed", step)


@asynccontextmanager
async def undo_on_failure() -> AsyncIterator[Undo]:
    """Collect steps in the block; they are performed if it raises, cancellation included."""
    undo = Undo()
    try:
        yield undo
    except BaseException:
        await undo.perform()
        raise
