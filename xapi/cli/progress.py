"""The bar that shows how far a task is, on the client's terminal."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from xapi.cli import protocol
from xapi.cli.talk import Talk, ticking
from xapi.db.store import Store

EVERY = 0.5  # seconds between drawings
NARROW = 20  # columns below which no bar is drawn


def bar(fraction: float, columns: int) -> str:
    """A bar of `columns` characters, without the last, which some terminals wrap after."""
    percent = f" {round(min(max(fraction, 0.0), 1.0) * 100):3d}%"
    width = columns - len(percent) - 3
    full = round(width * min(max(fraction, 0.0), 1.0))
    return f"[{'#' * full}{' ' * (width - full)}]{percent}"


@contextlib.asynccontextmanager
async def drawn(talk: Talk, db: Store, task: str) -> AsyncIterator[None]:
    """While in the block, draw the progress of `task`; the line is wiped at the end."""
    if talk.columns < NARROW:
        yield
        return
    drawn_once = False

    async def draw() -> None:
        nonlocal drawn_once
        row: Any = db.find(task)
        if row is not None:
            drawn_once = True
            talk.tell(protocol.PrintStderr(f"\r{bar(row.progress, talk.columns)}"))
            await talk.flush()

    async with ticking(EVERY, draw):
        try:
            yield
        finally:
            if drawn_once:
                talk.tell(protocol.PrintStderr("\r" + " " * (talk.columns - 1) + "\r"))
