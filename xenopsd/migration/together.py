"""Things done at the same time, of which none outlives another's failure."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


async def together(*work: Coroutine[Any, Any, None], unless: Coroutine[Any, Any, None] | None = None) -> None:
    """All of `work`. The first failure, also that of `unless`, ends the others, and is raised when they have ended."""
    loop = asyncio.get_running_loop()
    tasks = [loop.create_task(each) for each in work]
    alarms = [] if unless is None else [loop.create_task(unless)]
    try:
        pending = set(tasks)
        while pending:
            done, _ = await asyncio.wait({*pending, *alarms}, return_when=asyncio.FIRST_COMPLETED)
            pending -= done
            # Where one failure brings another at once, the first that was named is the one to tell.
            for task in (*tasks, *alarms):
                if task in done:
                    task.result()
    finally:
        await end(*tasks, *alarms)


async def end(*tasks: asyncio.Task[Any]) -> None:
    """Cancel what runs and wait until it has ended, whatever happens meanwhile."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
