"""VMs that come from other hosts: their connections are xenopsd's."""

from __future__ import annotations

import asyncio

from common import unix
from common.config import under_root
from common.idl import xen
from xapi.http import pages
from xapi.http.exchange import Done
from xapi.http.raw import relay
from xapi.http.request import Request

CONNECT_WITHIN = 5.0  # seconds
GREETING = b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nCache-Control: no-cache, no-store\r\n\r\n"


async def pass_on(request: Request) -> Done:
    """`PUT /services/xenops/migrate`: after the headers, both ways, what the two xenopsds say to each other."""
    if not request.path.startswith(xen.MIGRATION_PATH):
        raise pages.HttpError(404)
    if not request.connection.side.https:
        raise pages.HttpError(403, "a guest's memory comes by TLS only")
    try:
        async with asyncio.timeout(CONNECT_WITHIN):
            reader, writer = await asyncio.open_unix_connection(unix.short(str(under_root(xen.MIGRATION_SOCKET))))
    except (OSError, TimeoutError) as error:
        raise pages.HttpError(503, f"xenopsd does not answer: {error}") from error
    raw = request.connection.take_over()
    await raw.write(GREETING)
    await relay(raw, reader, writer)
    return Done(False)
