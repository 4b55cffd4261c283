"""One client's connection: aiohttp's, and around it what aiohttp has no place for.

A PROXY line first where stunnel is the peer; `CONNECT /path`, which is no HTTP proxy's; takeover of the bare
connection; a deadline for requests that never end; and short calls, which are answered past aiohttp's own task.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import urllib.parse
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from aiohttp import StreamReader, web
from aiohttp.http_exceptions import LineTooLong
from aiohttp.http_parser import RawRequestMessage
from aiohttp.web_protocol import RequestHandler

from xapi.http import pages, proxy_line
from xapi.http.raw import RawStream

log = logging.getLogger(__name__)

QUICK_BODY = 64 * 1024
"""Largest request that is answered past aiohttp's task."""
HEAD_LIMIT = 16 * 1024  # bytes of a CONNECT request

Response = list[bytes]
"""Whole, in pieces."""


class Later(NamedTuple):
    """A response that is not ready: what it waits for, and what makes it of that."""

    future: asyncio.Future[Any]
    response: Callable[[asyncio.Future[Any]], Response]


Quick = Callable[["Connection", RawRequestMessage, bytes], Response | Later | None]
"""The response to a request; None for the long way."""


@dataclass(frozen=True, slots=True)
class ConnectRequest:
    """A request by the method CONNECT: path, query and headers (lower case)."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Side:
    """How a listener's connections are treated."""

    name: str
    proxied: bool = False
    """They begin with a PROXY line."""
    local_root: bool = False
    """Only root can connect."""
    https: bool = False
    pool: bool = False
    """The peer showed a certificate of the pool."""


class Server(web.Server):
    """aiohttp's low-level server, making `Connection`s for one listener."""

    def __init__(
        self,
        handler: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]],
        *,
        side: Side,
        quick: Quick,
        connect: Callable[[Connection, ConnectRequest, RawStream], Awaitable[None]],
        limit: int,
        request_within: float,
        **kwargs: Any,
    ) -> None:
        super().__init__(handler, **kwargs)
        self.side = side
        self.quick = quick
        self.connect = connect
        self.limit = limit
        self.request_within = request_within

    def __call__(self) -> RequestHandler:
        return Connection(self, loop=asyncio.get_running_loop(), **self._kwargs)

    def sweep(self) -> None:
        """Answer 408 to clients whose request did not arrive in time."""
        now = asyncio.get_running_loop().time()
        for connection in self.connections:
            if isinstance(connection, Connection):
                connection.sweep(now)


class Connection(RequestHandler):
    """One connection."""

    def __init__(self, server: Server, **kwargs: Any) -> None:
        super().__init__(server, **kwargs)
        self.server = server
        self.side = server.side
        self.address = ""
        """The client's address; empty for a local one."""
        self.body: bytes | None = None
        """What `quick` has read already of the request that now goes the long way."""
        self._preamble: bytes | None = b"" if server.side.proxied else None
        self._head: bytes | None = b""
        self._raw: RawStream | None = None
        self._since: float | None = None
        self._job: asyncio.Task[None] | None = None
        self._call: asyncio.Future[Any] | None = None
        """A response is awaited; what arrives meanwhile is parsed and stays where it is."""
        self._idle: asyncio.Future[None] | None = None
        """aiohttp's `_waiter` during that call: without it aiohttp takes the connection for busy."""

    @property
    def bare(self) -> bool:
        """Whether the connection was taken over: HTTP has nothing to say on it any more."""
        return self._raw is not None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._since = self._loop.time()
        peer = transport.get_extra_info("peername")
        if isinstance(peer, tuple):
            self.address = str(peer[0])
        if len(self.server._connections) > self.server.limit:
            log.warning("%s: more than %d connections, one refused", self.side.name, self.server.limit)
            transport.close()

    def connection_lost(self, exc: BaseException | None) -> None:
        if self._raw is not None:
            self._raw.reader.feed_eof()
        super().connection_lost(exc)

    def eof_received(self) -> bool | None:  # type: ignore[override]
        """A bare connection stays open for what we still send."""
        if self._raw is None:
            return None
        self._raw.reader.feed_eof()
        return True

    def data_received(self, data: bytes) -> None:
        if self._raw is not None:
            self._raw.reader.feed_data(data)
            return
        if self._preamble is not None:
            rest = self._without_proxy_line(data)
            if rest is None:
                return
            data = rest
        if self._head is not None and self._is_connect(data):
            return
        if self._head:
            data, self._head = self._head, None
        waiter = self._waiter
        if waiter is None or waiter.done() or self._force_close or self._close:
            super().data_received(data)
            return
        # The parser's messages are looked at before aiohttp's own task is woken for them.
        self._waiter = None
        try:
            super().data_received(data)
        finally:
            self._waiter = waiter
        self._proceed()

    def _proceed(self) -> None:
        """Answer what has arrived; aiohttp's task is woken for what goes the long way."""
        if self._upgraded or not self._answered():
            self._since = None
            if self._waiter is not None and not self._waiter.done():
                self._waiter.set_result(None)

    def arrived(self) -> None:
        """A handler begins: from here on the deadline is its own."""
        self._since = None

    def departed(self) -> None:
        """A handler has ended: what was read ahead for it is not the next one's."""
        self.body = None

    async def shutdown(self, timeout: float | None = 15.0) -> None:
        """A call gets `timeout` seconds to end, and as many to be cancelled; then all is as with aiohttp."""
        if self._call is not None:
            await asyncio.wait((self._call,), timeout=timeout)
        if self._call is not None:
            self._call.cancel()
            await asyncio.wait((self._call,), timeout=timeout)
        await super().shutdown(timeout)

    def take_over(self) -> RawStream:
        """From here on the connection is bare; aiohttp hears nothing more of it."""
        if self.transport is None:
            raise ConnectionResetError("the client went away")
        self._raw = RawStream(self.transport, self._drain_helper)
        self.keep_alive(False)
        return self._raw

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The page for what aiohttp could not read, or failed at; it is logged as what it is."""
        if status < 500:
            log.info("%s: not HTTP from %s: %s", self.side.name, self.address or "this host", message)
        else:
            log.error("%s: request from %s failed", self.side.name, self.address or "this host", exc_info=exc)
        if isinstance(exc, LineTooLong):
            status = 431
        if request.writer.output_size > 0:
            raise ConnectionResetError("the response has begun")
        response = web.Response(
            status=status, reason=pages.REASONS.get(status), body=pages.page(status), content_type="text/html"
        )
        response.force_close()
        return response

    def sweep(self, now: float) -> None:
        """Close if a request began too long ago and has not arrived."""
        if self._since is None or self._raw is not None or now - self._since < self.server.request_within:
            return
        self._since = None
        if self.transport is not None:
            self.transport.write(pages.error(408))
        self.force_close()

    def _without_proxy_line(self, data: bytes) -> bytes | None:
        try:
            split = proxy_line.split((self._preamble or b"") + data)
        except proxy_line.BadProxyLine as error:
            log.warning("%s: connection refused, its PROXY line is bad: %s", self.side.name, error)
            self.force_close()
            return None
        if split is None:
            self._preamble = (self._preamble or b"") + data
            return None
        self._preamble = None
        self.address, rest = split
        return rest or None

    def _is_connect(self, data: bytes) -> bool:
        """Whether the connection begins with CONNECT, which is collected and handled here."""
        head = (self._head or b"") + data
        if not b"CONNECT ".startswith(head[:8]):
            if self._head:
                self._head = head
            else:
                self._head = None
            return False
        self._head = head
        end = head.find(b"\r\n\r\n")
        if end < 0:
            if len(head) > HEAD_LIMIT:
                self._refuse(431)
            return True
        request = _parse_connect(head[:end])
        if request is None or self.transport is None:
            self._refuse(400)
            return True
        self._head = None
        self._since = None
        self._raw = raw = RawStream(self.transport, self._drain_helper, head[end + 4 :])
        self.keep_alive(False)
        self._job = self._loop.create_task(self._connected(request, raw))
        return True

    async def _connected(self, request: ConnectRequest, raw: RawStream) -> None:
        try:
            await self.server.connect(self, request, raw)
        except ConnectionError:
            log.debug("CONNECT %s: the client went away", request.path)
        except Exception:
            log.exception("CONNECT %s failed", request.path)
        finally:
            raw.close()

    def _refuse(self, status: int) -> None:
        self._head = None
        if self.transport is not None:
            self.transport.write(pages.error(status))
        self.force_close()

    def _answered(self) -> bool:
        """Whether nothing is left to do for aiohttp's task: the request is incomplete, or answered already."""
        if not self._messages:
            self._note_begun()
            return True
        while self._messages:
            message, payload = self._messages[0]
            if self._paused or not isinstance(message, RawRequestMessage) or not _may_be_quick(message):
                return False
            if not payload.is_eof():
                self._note_begun()
                return True
            self.body = _peek(payload)
            response = self.server.quick(self, message, self.body)
            if response is None:
                return False
            self.body = None
            self._messages.popleft()
            if self._parser is not None:
                self._parser.message_consumed()
            if isinstance(response, Later):
                self._since = None
                self._idle, self._waiter = self._waiter, None
                self._call = response.future
                self._call.add_done_callback(partial(self._respond, response.response))
                return True
            if self.transport is None:
                return True
            self.transport.writelines(response)
        self._since = None
        self._next_keepalive_close_time = self._loop.time() + self._keepalive_timeout
        return True

    def _respond(self, response: Callable[[asyncio.Future[Any]], Response], done: asyncio.Future[Any]) -> None:
        self._call = None
        self._waiter, self._idle = self._idle, None
        try:
            if done.cancelled():
                self.force_close()
                return
            pieces = response(done)
            if self.transport is not None:
                self.transport.writelines(pieces)
        except BaseException:
            self.force_close()
            raise
        finally:
            self._answer_next()

    def _answer_next(self) -> None:
        """The call has ended: what arrived meanwhile has its turn, unless the connection is to close."""
        if self._close or self._force_close:
            self.close()
            return
        self._next_keepalive_close_time = self._loop.time() + self._keepalive_timeout
        if self._keepalive_handle is None:
            self._keepalive_handle = self._loop.call_at(self._next_keepalive_close_time, self._process_keepalive)
        if self._messages:
            self._proceed()

    def _note_begun(self) -> None:
        if self._since is None:
            self._since = self._loop.time()


def _may_be_quick(message: RawRequestMessage) -> bool:
    """A small RPC request on a connection that stays: it is waited for before anybody is woken."""
    if message.method != "POST" or message.should_close or message.chunked or message.compression:
        return False
    headers = message.headers
    length = headers.get("Content-Length", "")
    return length.isdigit() and int(length) <= QUICK_BODY and "Expect" not in headers


def _peek(payload: StreamReader) -> bytes:
    """The body that has arrived, left in its place: reading it would have aiohttp parse on in the middle of this."""
    pieces: Sequence[bytes] = getattr(payload, "_buffer", ())
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _parse_connect(head: bytes) -> ConnectRequest | None:
    lines = head.decode("latin-1").split("\r\n")
    words = lines[0].split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        return None
    headers = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon:
            return None
        headers[name.strip().lower()] = value.strip()
    path, _, query = words[1].partition("?")
    with contextlib.suppress(ValueError):
        return ConnectRequest(urllib.parse.unquote(path), dict(urllib.parse.parse_qsl(query)), headers)
    return None
