"""Events: which objects changed since a token, told at once and then at a measured pace."""

from __future__ import annotations

import asyncio
import math
import time

from xapi.context import Context
from xapi.datamodel.errors import EventsLost, HandleInvalid, SessionInvalid, SessionNotRegistered
from xapi.db import feed
from xapi.db.changes import EVERYTHING, Key
from xapi.db.feed import Registration, Subscription
from xapi.db.render import Rendered

LONGEST = 86400.0  # seconds a call waits at most, whatever it asks


async def from_(ctx: Context, classes: tuple[str, ...], token: str, timeout: float) -> Rendered:
    """Changes of the classes or objects since `token`, or none after `timeout` seconds; SessionInvalid."""
    wanted = feed.subscription(classes)
    generation = feed.since(token)
    session = ctx.session or ""
    deadline = time.monotonic() + (0.0 if math.isnan(timeout) else min(max(timeout, 0.0), LONGEST))
    # Measured when the call begins: an answer to another call that waits beside this one does not hold this one up.
    due = ctx.db.feed.due(session, wanted) if generation else 0.0
    while True:
        _check_session(ctx)
        batch, result = ctx.db.feed.answer(wanted, generation)
        now = time.monotonic()
        left = deadline - now
        if not batch:
            if left <= 0:
                return result
            await ctx.db.changes.wait(_waits_for(ctx, wanted), left)
            continue
        pause = min(due - now, left)
        if pause <= 0:
            ctx.db.feed.answered(session, wanted)
            return result
        await asyncio.sleep(pause)


async def next(ctx: Context) -> Rendered:
    """Changes since the last call, waiting for the first; EventsLost if some are forgotten, SessionNotRegistered."""
    while True:
        _check_session(ctx)
        registration = ctx.db.feed.registrations.get(ctx.session or "")
        if registration is None:
            raise SessionNotRegistered(ctx.session or "")
        wanted: Subscription = frozenset(registration.keys)
        if registration.position < ctx.db.changes.horizon:
            registration.position = ctx.db.changes.visible
            raise EventsLost
        batch = ctx.db.feed.batch(wanted, registration.position)
        if batch:
            registration.position = batch.upto
            return feed.listed(batch)
        await ctx.db.changes.wait(_waits_for(ctx, wanted), LONGEST)


async def register(ctx: Context, classes: tuple[str, ...]) -> None:
    """From now on `next` tells of these classes too."""
    keys = feed.subscription(classes)
    session = ctx.session or ""
    registrations = ctx.db.feed.registrations
    for gone in [ref for ref in registrations if ref not in ctx.db.session and ref != session]:
        del registrations[gone]
    registration = registrations.setdefault(session, Registration(position=max(ctx.db.changes.visible, 1)))
    registration.keys |= keys


async def unregister(ctx: Context, classes: tuple[str, ...]) -> None:
    """`next` tells of these classes no more."""
    keys = feed.subscription(classes)
    registration = ctx.db.feed.registrations.get(ctx.session or "")
    if registration is None:
        return
    registration.keys -= registration.keys if EVERYTHING in keys else keys
    if not registration.keys:
        del ctx.db.feed.registrations[ctx.session or ""]


async def get_current_id(ctx: Context) -> int:
    """The id of the newest event."""
    return ctx.db.changes.visible


async def inject(ctx: Context, class_: str, ref: str) -> str:
    """Let the object count as changed; a token before that change. HandleInvalid."""
    if not ctx.db.has_table(class_) or ref not in ctx.db.table(class_):
        raise HandleInvalid(class_, ref)
    before = feed.token(ctx.db.generation)
    ctx.db.table(class_).touch(ref)
    return before


def _check_session(ctx: Context) -> None:
    """Logged out while we waited?"""
    if ctx.session is not None and ctx.session not in ctx.db.session:
        raise SessionInvalid(ctx.session)


def _waits_for(ctx: Context, wanted: Subscription) -> tuple[Key, ...]:
    return (*wanted, ("session", ctx.session or ""))
