"""`POST /cli`: the connection goes over to the protocol of `xe`, which begins without a status line."""

from __future__ import annotations

import importlib
from collections.abc import Awaitable, Callable

from xapi.context import Context
from xapi.http import pages
from xapi.http.exchange import Done, body_of
from xapi.http.raw import RawStream
from xapi.http.request import Request

MAX_BODY = 200 * 1024

TERMINAL = "x-xe-terminal"
"""How many columns the client's terminal has."""

Serve = Callable[[Context, bytes, RawStream, int], Awaitable[None]]
"""`xapi.cli.server.handle(ctx, body, stream, columns)`: `body` is the argument lines; it logs in by itself, and returns
when the protocol has ended."""


async def serve(request: Request) -> Done:
    """Read the arguments, then leave the connection to `xapi.cli.server`."""
    if request.aio is None:
        raise pages.HttpError(501)
    body = await body_of(request.aio, request.connection, MAX_BODY)
    handle: Serve = importlib.import_module("xapi.cli.server").handle
    columns = request.headers.get(TERMINAL, "")
    stream = request.connection.take_over()
    try:
        await handle(request.ctx, body, stream, int(columns) if columns.isdecimal() else 0)
    finally:
        stream.close()
    return Done(False)
