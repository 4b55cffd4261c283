"""Has rrdd write or delete the archives of VMs, one after the other and without making anybody wait.

And, once a day, write all of them: what a power cut leaves of the databases in use may be no more than a part.
"""

from __future__ import annotations

import asyncio
import logging
from weakref import WeakKeyDictionary

from common.errors import WireError
from xapi.context import Context
from xapi.db.database import Database

log = logging.getLogger(__name__)

DEADLINE = 10.0  # seconds for one archive
BACKUP_FIRST, BACKUP_EVERY = 3600.0, 24 * 3600.0  # seconds
LIMIT = 10_000  # of archives to be done; metrics are not worth more memory

_waiting: WeakKeyDictionary[Database, dict[str, bool]] = WeakKeyDictionary()
"""By uuid: whether the archive is to be deleted, else written. There is one job while this is not empty."""


async def backup_daily(ctx: Context) -> None:
    """Until cancelled."""
    await asyncio.sleep(BACKUP_FIRST)
    while True:
        try:
            await ctx.services.rrd.backup(ctx.dbg)
        except WireError as error:
            log.warning("archives: not written: %s", error)
        await asyncio.sleep(BACKUP_EVERY)


def write(ctx: Context, uuid: str) -> None:
    """The VM stopped: its archive goes to disk."""
    _add(ctx, uuid, delete=False)


def delete(ctx: Context, uuid: str) -> None:
    """The VM is gone, and its archive with it."""
    _add(ctx, uuid, delete=True)


def _add(ctx: Context, uuid: str, *, delete: bool) -> None:
    waiting = _waiting.setdefault(ctx.db, {})
    idle = not waiting
    if len(waiting) < LIMIT:
        waiting[uuid] = delete or waiting.get(uuid, False)
    if idle:
        ctx.later(_work(ctx.internal("archives"), waiting))


async def _work(ctx: Context, waiting: dict[str, bool]) -> None:
    try:
        while waiting:
            uuid, delete = next(iter(waiting.items()))
            await _one(ctx, uuid, delete=delete)
            if waiting.get(uuid) is delete:
                del waiting[uuid]
    finally:
        waiting.clear()


async def _one(ctx: Context, uuid: str, *, delete: bool) -> None:
    call = ctx.services.rrd.remove if delete else ctx.services.rrd.archive
    try:
        await asyncio.wait_for(call(ctx.dbg, uuid), DEADLINE)
    except TimeoutError:
        log.info("archive of %s: no answer in time", uuid)
    except WireError as error:
        log.info("archive of %s: %s", uuid, error)
