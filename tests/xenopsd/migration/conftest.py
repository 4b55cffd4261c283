"""A guest that runs on one of two hosts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.xenopsd.migration.pair import SharedDisks, Side, Wire


class Pair:
    """Two hosts with a wire between them, and disks that both reach."""

    def __init__(self, directory: Path) -> None:
        self.wire = Wire()
        active: dict[str, SharedDisks] = {}
        disks = [SharedDisks(active), SharedDisks(active)]  # type: ignore[abstract]
        self.here, self.there = (
            Side(directory / name, self.wire, each) for name, each in zip(("here", "there"), disks, strict=True)
        )
        self.wire.to = self.there.arrivals


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    """The guest runs on `here`."""
    made = Pair(tmp_path)
    for side in (made.here, made.there):
        await side.backend.start(lambda _vm: None)
    await made.here.boot()
    yield made
    await made.wire.close()
    for side in (made.here, made.there):
        await side.tasks.close()
        await side.backend.stop()
