"""Archives are written once a day, whether rrdd is there or not."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from common.errors import DaemonUnreachable
from xapi.context import Context
from xapi.control import archives
from xapi.db.database import Database
from xapi.services import away


class Rrdd:
    """Fails the first time."""

    def __init__(self) -> None:
        self.calls = 0
        self.enough = asyncio.Event()

    async def backup(self, _dbg: str) -> None:
        self.calls += 1
        if self.calls == 1:
            raise DaemonUnreachable("rrdd", "away")
        if self.calls == 3:
            self.enough.set()


async def test_it_goes_on_when_one_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "BACKUP_FIRST", 0.0)
    monkeypatch.setattr(archives, "BACKUP_EVERY", 0.0)
    rrdd: Any = Rrdd()
    job = asyncio.ensure_future(archives.backup_daily(Context.for_test(Database(), replace(away(), rrd=rrdd))))

    async with asyncio.timeout(10):
        await rrdd.enough.wait()
    assert not job.done()
    job.cancel()
