"""HTTP to a daemon's Unix socket, streaming: for what is passed on as it is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp
from yarl import URL

from common import unix
from common.errors import DaemonUnreachable

CONNECT_WITHIN = 5.0  # seconds
SILENT_FOR = 60.0  # seconds without a byte


class Response:
    """An answer whose body is still coming."""

    def __init__(self, response: aiohttp.ClientResponse, socket: str) -> None:
        self.status = response.status
        self.headers: Mapping[str, str] = response.headers
        self._response = response
        self._socket = socket

    @property
    def length(self) -> int | None:
        """Bytes of the body, if they were told."""
        return self._response.content_length

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body. Raises `DaemonUnreachable` when it breaks off."""
        try:
            async for piece in self._response.content.iter_any():
                yield piece
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            raise DaemonUnreachable(self._socket, f"{type(error).__name__}: {error}") from error


@asynccontextmanager
async def request(
    socket: str,
    method: str,
    target: str,
    body: AsyncIterator[bytes] | bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> AsyncIterator[Response]:
    """`method target` (path and query, as on the wire) at `socket`. Raises `DaemonUnreachable`."""
    timeout = aiohttp.ClientTimeout(total=None, connect=CONNECT_WITHIN, sock_read=SILENT_FOR)
    connector = aiohttp.UnixConnector(path=unix.short(socket))
    async with aiohttp.ClientSession(connector=connector, timeout=timeout, auto_decompress=False) as session:
        url = URL(f"http://localhost{target}", encoded=True)
        try:
            response = await session.request(method, url, data=body, headers=headers)
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            raise DaemonUnreachable(socket, f"{type(error).__name__}: {error}") from error
        async with response:
            yield Response(response, socket)
