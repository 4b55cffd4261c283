"""One request and its response, written as bytes: exact headers, no library's additions."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from xapi.db.render import chunks
from xapi.http import pages
from xapi.http.connection import Connection

BODY_WITHIN = 300.0  # seconds in which a body that is read whole must arrive


class Done(web.StreamResponse):
    """Tells aiohttp that the response went out already, and whether the connection stays."""

    def __init__(self, keep_alive: bool) -> None:
        super().__init__()
        self._stays = keep_alive

    @property
    def keep_alive(self) -> bool:
        return self._stays

    async def prepare(self, request: web.BaseRequest) -> Any:
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        return None


async def respond(
    request: web.BaseRequest,
    connection: Connection,
    status: int,
    pieces: Sequence[bytes],
    headers: Mapping[str, str],
) -> Done:
    """A whole response; the connection stays if the client wants it."""
    keep_alive = request.keep_alive
    length = sum(map(len, pieces))
    head = pages.head(status, length, headers, keep_alive=keep_alive, version=version_of(request))
    for chunk in chunks((head, *pieces)):
        await send(connection, chunk)
    return Done(keep_alive)


async def refuse(connection: Connection, error: pages.HttpError) -> Done:
    """An error page, after which the connection closes."""
    await send(connection, pages.error(error.status, error.detail, error.headers))
    return Done(False)


async def send(connection: Connection, data: bytes) -> None:
    """Write to the client, waiting while it is slow. Raises `ConnectionError`."""
    if connection.transport is None:
        raise ConnectionResetError("the client went away")
    connection.transport.write(data)
    await connection._drain_helper()


def version_of(request: web.BaseRequest) -> str:
    """HTTP version to answer with."""
    return f"{request.version.major}.{min(request.version.minor, 1)}"


async def body_of(request: web.BaseRequest, connection: Connection, limit: int) -> bytes:
    """The whole body. Raises `HttpError` 413 beyond `limit` bytes, 408 when it does not arrive."""
    body, connection.body = connection.body, None
    if body is not None:
        return body
    if (request.content_length or 0) > limit:
        raise pages.HttpError(413)
    if request.headers.get("Expect", "").lower() == "100-continue":
        await send(connection, b"HTTP/1.1 100 Continue\r\n\r\n")
    pieces: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(min(BODY_WITHIN, connection.server.request_within)):
            while piece := await request.content.readany():
                pieces.append(piece)
                size += len(piece)
                if size > limit:
                    raise pages.HttpError(413)
    except TimeoutError:
        raise pages.HttpError(408) from None
    except web.RequestPayloadError as error:
        raise pages.HttpError(400, str(error)) from None
    return b"".join(pieces)
