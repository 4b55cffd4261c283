"""VMs that come from other hosts: their connections are given to xenopsd, and xapi has no more to do with them."""

from __future__ import annotations

import asyncio
import socket

from common import unix
from common.config import under_root
from common.idl import xen
from xapi.http import pages
from xapi.http.exchange import Done
from xapi.http.request import Request

GIVE_WITHIN = 5.0  # seconds
GREETING = b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nCache-Control: no-cache, no-store\r\n\r\n"


async def pass_on(request: Request) -> Done:
    """`PUT /services/xenops/migrate`: what follows the headers, both ways, is between the two xenopsds.

    Ours gets the descriptor: a guest's memory takes no way through this process, and survives its end.
    """
    if not request.path.startswith(xen.MIGRATION_PATH):
        raise pages.HttpError(404)
    if not request.connection.side.https:
        raise pages.HttpError(403, "a guest's memory comes by TLS only")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as xenopsd:
        xenopsd.setblocking(False)
        try:
            async with asyncio.timeout(GIVE_WITHIN):
                path = unix.short(str(under_root(xen.MIGRATION_SOCKET)))
                await asyncio.get_running_loop().sock_connect(xenopsd, path)
        except (OSError, TimeoutError) as error:
            raise pages.HttpError(503, f"xenopsd does not answer: {error}") from error
        with request.connection.take_over().part() as connection:
            # There is room: this is the first that is written, or what was before it has been read.
            connection.send(GREETING)
            socket.send_fds(xenopsd, [b"\0"], [connection.fileno()])
    return Done(False)
