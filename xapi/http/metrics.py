"""The paths of metrics: the session is checked here, bytes are rrdd's."""

from __future__ import annotations

from collections.abc import AsyncIterator

from common import http
from common.config import under_root
from common.errors import DaemonUnreachable
from common.idl import rrd
from xapi.http import pages
from xapi.http.exchange import Done, send
from xapi.http.request import Request

HIDDEN = ("session_id", "pool_secret", "task_id", "subtask_of")
"""Parameters that are ours, not rrdd's."""
PASSED = ("content-type", "content-disposition", "last-modified")


async def pass_on(request: Request) -> Done:
    """Send the request to rrdd and its answer back, unchanged."""
    aio = request.aio
    if aio is None:
        raise pages.HttpError(501)
    body = aio.content.iter_any() if request.action.method == "PUT" else None
    try:
        async with http.request(
            str(under_root(rrd.SOCKET)), aio.method, _target(request), _body(body) if body is not None else None
        ) as response:
            headers = {name: value for name in PASSED if (value := response.headers.get(name)) is not None}
            status = response.status if response.status in pages.REASONS else 500
            headers["Access-Control-Allow-Origin"] = "*"
            await send(request.connection, pages.head(status, response.length, headers))
            async for piece in response.pieces():
                await send(request.connection, piece)
    except DaemonUnreachable as error:
        if aio.writer.output_size:
            raise ConnectionResetError("rrdd went away") from error
        raise pages.HttpError(503, "the metrics daemon is away") from error
    return Done(False)


async def _body(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    async for piece in pieces:
        yield piece


def _target(request: Request) -> str:
    aio = request.aio
    query = aio.rel_url.raw_query_string if aio is not None else ""
    kept = [piece for piece in query.split("&") if piece and piece.partition("=")[0] not in HIDDEN]
    return f"{request.path}?{'&'.join(kept)}" if kept else request.path
