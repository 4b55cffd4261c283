"""One HTTP request from route to response, on any listener."""

from __future__ import annotations

import logging
import urllib.parse
from collections.abc import Callable, Mapping
from uuid import uuid4

from aiohttp import web
from aiohttp.http_parser import RawRequestMessage

from common import log as task_log
from common.errors import WireError
from xapi.context import Context
from xapi.datamodel.http_actions import HttpAction
from xapi.dispatch.dispatcher import Dispatcher
from xapi.http import handlers, pages, work
from xapi.http.authorize import authorized
from xapi.http.connection import Connection, ConnectRequest, Later, Response
from xapi.http.exchange import Done, refuse, respond
from xapi.http.raw import RawStream
from xapi.http.request import Request, query_of
from xapi.http.rpc import Rpc

log = logging.getLogger(__name__)

Local = Callable[[], tuple[str, bytes]]
"""Content type and body of one of our own pages, for the local socket."""


class Application:
    """Routes requests. `local` are pages that only the local socket shows (`/health`)."""

    def __init__(self, dispatcher: Dispatcher, max_body: int, local: Mapping[str, Local]) -> None:
        self._shared = dispatcher.shared
        self._rpc = Rpc(dispatcher, max_body, handlers.is_rpc)
        self._local = local

    def quick(self, connection: Connection, message: RawRequestMessage, body: bytes) -> Response | Later | None:
        """The response to a short call, or None."""
        return self._rpc.quick(connection, message, body)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Any request but CONNECT. Never raises but for a client that went away."""
        connection = request.protocol
        if not isinstance(connection, Connection):
            raise TypeError("not one of our connections")
        connection.arrived()
        try:
            return await self._route(request, connection)
        except pages.HttpError as error:
            return await _refuse(request, connection, error)
        except ConnectionError:
            connection.force_close()
            return Done(False)
        except Exception:
            log.exception("%s %s failed", request.method, request.path)
            if connection.bare:
                return Done(False)
            return await _refuse(request, connection, pages.HttpError(500))
        finally:
            connection.departed()

    async def connect(self, connection: Connection, wanted: ConnectRequest, raw: RawStream) -> None:
        """A CONNECT request."""
        action = handlers.find("CONNECT", wanted.path)
        handler = handlers.CONNECT_HANDLERS.get(action.name) if action is not None else None
        try:
            if action is None:
                raise pages.HttpError(403)
            request = Request(
                action, wanted.path, wanted.query, wanted.headers, connection, None, self._context(connection, action)
            )
            with task_log.task(request.ctx.dbg):
                await _connected(request, handler, raw)
        except pages.HttpError as error:
            await raw.write(pages.error(error.status, error.detail, error.headers))

    async def _route(self, request: web.BaseRequest, connection: Connection) -> web.StreamResponse:
        url = request.rel_url
        path = urllib.parse.unquote(url.raw_path)
        if not handlers.known(request.method):
            raise pages.HttpError(501, f"{request.method[:20]} is not supported")
        if request.method == "GET" and connection.side.local_root and path in self._local:
            content_type, body = self._local[path]()
            return await respond(request, connection, 200, [body], {"content-type": content_type})
        action = handlers.find(request.method, path)
        if action is None:
            raise pages.HttpError(403)
        if action.name in handlers.RPC:
            return await self._rpc.post(request, connection)
        if action.name in handlers.OPTIONS:
            return await self._rpc.options(request, connection)
        headers = {name.lower(): value for name, value in request.headers.items()}
        query = query_of(url.raw_query_string)
        ctx = self._context(connection, action, headers.get("user-agent", ""))
        wrapped = Request(action, path, query, headers, connection, request, ctx)
        with task_log.task(ctx.dbg):
            return await self._handler(wrapped)

    async def _handler(self, request: Request) -> web.StreamResponse:
        handler = handlers.HANDLERS.get(request.action.name)
        try:
            async with authorized(request):
                if handler is None:
                    raise pages.HttpError(501, f"{request.action.name} is not implemented")
                with work.noted(request):
                    return await handler(request)
        except pages.HttpError as error:
            work.fail(request, error)
            raise
        except WireError as error:
            log.info("%s: %s", request.action.name, error)
            work.fail(request, error)
            raise pages.HttpError(500, str(error)) from error

    def _context(self, connection: Connection, action: HttpAction, user_agent: str = "") -> Context:
        return Context(
            self._shared,
            dbg=f"{action.name} R:{uuid4().hex[:12]}",
            address=connection.address,
            local_root=connection.side.local_root,
            user_agent=user_agent,
        )


async def _connected(request: Request, handler: handlers.ConnectHandler | None, raw: RawStream) -> None:
    try:
        async with authorized(request):
            if handler is None:
                raise pages.HttpError(501)
            with work.noted(request):
                await handler(request, raw)
    except pages.HttpError as error:
        work.fail(request, error)
        raise


async def _refuse(request: web.BaseRequest, connection: Connection, error: pages.HttpError) -> Done:
    if request.writer.output_size or connection.bare:
        connection.force_close()
        return Done(False)
    try:
        return await refuse(connection, error)
    except ConnectionError:
        return Done(False)
