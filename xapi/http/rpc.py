"""POST of XML-RPC and JSON-RPC: bytes in, the dispatcher's answer out, with the headers clients compare exactly."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import partial

from aiohttp import web
from aiohttp.http_parser import RawRequestMessage

from common.errors import WireError
from xapi.datamodel.errors import InternalError
from xapi.dispatch.call import Answer, Call, Origin
from xapi.dispatch.dispatcher import Dispatcher
from xapi.http import jsonrpc, pages, xmlrpc
from xapi.http.connection import Connection, Later, Response
from xapi.http.exchange import Done, body_of, respond

log = logging.getLogger(__name__)

JSON_PATH = "/jsonrpc"
CORS: Mapping[str, str] = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "X-Requested-With",
}
OTHER_CONFIG = "x-http-other-config-"

Parse = Callable[[bytes], Call]
Encode = Callable[[Call, Answer], list[bytes]]

MANY = 16
"""Pieces from which on joining an answer is not worth the copy: it is as long as a pool is large."""


def _xml(_call: Call, answer: Answer) -> list[bytes]:
    return xmlrpc.answer(answer)


def _head(content_type: str) -> bytes:
    headers = {"content-type": content_type, **CORS}
    return pages.head(200, 0, headers, keep_alive=True).replace(b"content-length: 0\r\n", b"content-length: %d\r\n")


class Protocol:
    """One of the two, as a path chooses it."""

    def __init__(self, content_type: str, parse: Parse, encode: Encode) -> None:
        self.content_type = content_type
        self.parse = parse
        self.encode = encode
        self.head = _head(content_type)

    def response(self, pieces: list[bytes]) -> Response:
        """A whole response on a connection that stays open."""
        if len(pieces) < MANY:
            body = b"".join(pieces)
            return [self.head % len(body) + body]
        return [self.head % sum(map(len, pieces)), *pieces]


XML = Protocol(xmlrpc.CONTENT_TYPE, xmlrpc.parse, _xml)
JSON = Protocol(jsonrpc.CONTENT_TYPE, jsonrpc.parse, jsonrpc.answer)


def protocol_of(path: str) -> Protocol:
    """JSON-RPC below /jsonrpc, XML-RPC on every other path."""
    return JSON if path.startswith(JSON_PATH) else XML


class Rpc:
    """Answers POST and OPTIONS."""

    def __init__(self, dispatcher: Dispatcher, max_body: int, is_rpc: Callable[[str], bool]) -> None:
        self._dispatcher = dispatcher
        self._max_body = max_body
        self._is_rpc = is_rpc
        """Whether a POST to a path is a call, not another handler's."""

    def quick(self, connection: Connection, message: RawRequestMessage, body: bytes) -> Response | Later | None:
        """The response to a call: at once if it only reads the database. None if it is no call."""
        if not self._is_rpc(message.path):
            return None
        protocol = protocol_of(message.path)
        try:
            call = protocol.parse(body)
        except xmlrpc.Malformed:
            return None
        given = "task-id" in message.headers
        if not given and (answer := self._dispatcher.quick(call)):
            return protocol.response(_encoded(protocol, call, answer))
        origin = origin_of(message.headers, connection)
        written = None if given else self._dispatcher.write(call, origin)
        if written is None:
            work = asyncio.get_running_loop().create_task(self._carried_out(protocol, call, origin))
            return Later(work, asyncio.Future.result)
        answer, disk = written
        response = protocol.response(_encoded(protocol, call, answer))
        return response if disk is None else Later(disk, partial(_kept, protocol, call, response))

    async def _carried_out(self, protocol: Protocol, call: Call, origin: Origin) -> Response:
        return protocol.response(_encoded(protocol, call, await self._dispatcher.run(call, origin)))

    async def post(self, request: web.BaseRequest, connection: Connection) -> Done:
        """One call."""
        protocol = protocol_of(request.rel_url.raw_path)
        try:
            call = protocol.parse(await body_of(request, connection, self._max_body))
        except xmlrpc.Malformed as error:
            raise pages.HttpError(500, str(error)) from None
        origin = origin_of(request.headers, connection)
        answer = None if origin.task else self._dispatcher.quick(call)
        answer = answer or await self._dispatcher.run(call, origin)
        content = _encoded(protocol, call, answer)
        return await respond(request, connection, 200, content, {"content-type": protocol.content_type, **CORS})

    async def options(self, request: web.BaseRequest, connection: Connection) -> Done:
        """What a browser asks before it posts."""
        wanted = request.headers.get("access-control-request-headers", "")
        allowed = ", ".join(filter(None, (wanted, "X-Requested-With")))
        headers = {
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Allow-Headers": allowed,
            "Access-Control-Allow-Methods": "PUT",
        }
        return await respond(request, connection, 200, [], headers)


def _kept(protocol: Protocol, call: Call, response: Response, disk: asyncio.Future[None]) -> Response:
    """The response, once the disk has what the call wrote; another if it refuses."""
    try:
        disk.result()
    except WireError as error:
        return protocol.response(protocol.encode(call, Answer(None, None, error)))
    return response


def _encoded(protocol: Protocol, call: Call, answer: Answer) -> list[bytes]:
    try:
        return protocol.encode(call, answer)
    except Exception as error:
        log.exception("%s: its result can't be encoded as %r", call.method, answer.type)
        return protocol.encode(call, Answer(None, None, InternalError(f"{type(error).__name__}: {error}")))


def origin_of(headers: Mapping[str, str], connection: Connection) -> Origin:
    """Where a request came from, and what its headers ask for; their names are compared in any case."""
    other = {
        name.lower().removeprefix(OTHER_CONFIG): value
        for name, value in headers.items()
        if name.lower().startswith(OTHER_CONFIG)
    }
    return Origin(
        address=connection.address,
        local_root=connection.side.local_root,
        user_agent=headers.get("User-Agent", ""),
        task=headers.get("task-id", ""),
        parent=headers.get("subtask-of", ""),
        other_config=other,
    )
