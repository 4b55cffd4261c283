"""GET /audit_log: the lines of the audit log since a time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import islice

from xapi.http import pages, work
from xapi.http.exchange import Done, send
from xapi.http.request import Request

AT_ONCE = 2000  # lines read in one go


async def download(request: Request) -> Done:
    """All of it, oldest first; `since` is compared with the times as text."""
    trail = request.ctx.shared.audit
    if trail is None:
        raise pages.HttpError(503)
    async with work.in_task(request, "audit log"):
        await send(request.connection, pages.head(200, None, {"content-type": "text/plain"}))
        lines = trail.lines(request.query.get("since", ""))
        while piece := await asyncio.to_thread(_next, lines):
            await send(request.connection, piece)
    return Done(False)


def _next(lines: Iterator[bytes]) -> bytes:
    return b"".join(islice(lines, AT_ONCE))
