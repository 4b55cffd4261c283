"""Serves interfaces on a Unix socket: JSON-RPC 2.0 as HTTP POST (dispatched by jsonrpcserver), /health and /metrics.

A call's `dbg` parameter becomes the task of every log line it causes. A `WireError` becomes an error object with
code 1, its code as the message and `{"code", "params"}` as data; anything else is our bug: `Internal_error`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import jsonrpcserver
import msgspec
from aiohttp import web

from common import daemon, unix
from common import log as task_log
from common.errors import WireError
from common.rpc import codec
from common.rpc.interface import Call, Interface, calls

log = logging.getLogger(__name__)

OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
MAX_BODY = 64 * 1024 * 1024  # bytes
GRACE = 2.0  # seconds a call in flight gets when the daemon stops


@dataclass(frozen=True, slots=True)
class FileRequest:
    """A request to one of a daemon's own paths."""

    query: Mapping[str, str]
    """The first value of each key."""
    values: Callable[[str], list[str]]
    """All values of a key."""
    accept: str
    """The Accept header."""
    method: str = "GET"
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """What a daemon answers on one of its own paths."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain"
    headers: Mapping[str, str] = field(default_factory=dict)


FileHandler = Callable[[FileRequest], FileAnswer | Awaitable[FileAnswer]]

Gauges = Callable[[], Mapping[str, float]]
"""Numbers a daemon shows at /metrics and, as `queue_depth` and the like, at /health."""


class Server:
    """One socket with its interfaces and, by `file`, paths of the daemon's own."""

    def __init__(self, path: str, *implementations: Interface, name: str, version: str, gauges: Gauges = dict) -> None:
        self.path = path
        self._app = web.Application(client_max_size=MAX_BODY)
        self._methods = _bind(implementations)
        self._name, self._version, self._gauges = name, version, gauges
        self._started = time.monotonic()
        self._served = 0
        self._runner: web.AppRunner | None = None
        self._files: dict[tuple[str, str], Callable[[web.Request], Awaitable[web.StreamResponse]]] = {
            ("GET", "/health"): self._health,
            ("GET", "/metrics"): self._metrics,
        }

    def file(self, path: str, handler: FileHandler, *, method: str = "GET") -> None:
        """Answer `method path` by `handler`; only before `start`. A path of our own may be taken over so."""

        async def answer(request: web.Request) -> web.Response:
            query = request.query
            body = await request.read() if request.can_read_body else b""
            accept = request.headers.get("Accept", "")
            given = FileRequest(query, lambda key: query.getall(key, []), accept, request.method, body)
            found = handler(given)
            if not isinstance(found, FileAnswer):
                found = await found
            headers = {"Content-Type": found.content_type, **found.headers}
            return web.Response(status=found.status, body=found.body, headers=headers)

        self._files[method, path] = answer

    async def start(self) -> None:
        """Listen. A stale socket of a killed predecessor is replaced."""
        for (method, path), answer in self._files.items():
            self._app.router.add_route(method, path, answer)
        self._app.router.add_post("/{tail:.*}", self._post)
        # A client that goes away must not cancel the call it made half-way.
        self._runner = web.AppRunner(self._app, access_log=None, shutdown_timeout=GRACE, handler_cancellation=False)
        await self._runner.setup()
        await web.SockSite(self._runner, unix.listen(self.path, mode=0o600)).start()
        log.info("%s: listening on %s", self._name, self.path)

    async def stop(self) -> None:
        """Stop listening and let calls in flight end. Safe to repeat."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _post(self, request: web.Request) -> web.Response:
        body = await request.text()
        self._served += 1
        answer = await jsonrpcserver.async_dispatch(
            body, methods=self._methods, serializer=_dumps, deserializer=_loads, validator=_validate
        )
        return web.Response(body=answer, content_type="application/json")

    async def _health(self, _request: web.Request) -> web.Response:
        uptime = time.monotonic() - self._started
        gauges = dict(self._gauges())
        body = {"name": self._name, "version": self._version, "uptime": uptime, "queue_depth": 0} | gauges
        return web.json_response(body)

    async def _metrics(self, _request: web.Request) -> web.Response:
        return web.Response(body=f"{self.own_metrics()}# EOF\n", headers={"Content-Type": OPENMETRICS})

    def own_metrics(self) -> str:
        """The daemon's own numbers as OpenMetrics, without its end."""
        rows = {"uptime_seconds": time.monotonic() - self._started, "calls_served": float(self._served)}
        rows |= dict(self._gauges())
        prefix = self._name.replace("-", "_")
        return "".join(f"# TYPE {prefix}_{key} gauge\n{prefix}_{key} {value}\n" for key, value in rows.items())


def _bind(implementations: tuple[Interface, ...]) -> dict[str, Callable[..., Awaitable[Any]]]:
    return {
        name: _method(call, getattr(implementation, call.attribute))
        for implementation in implementations
        for name, call in calls(type(implementation)).items()
    }


def _method(call: Call, function: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def method(**kwargs: Any) -> Any:
        try:
            params = codec.decode(kwargs, call.params)
        except msgspec.ValidationError as error:
            return jsonrpcserver.InvalidParams(f"{call.name}: {error}")
        values = {name: getattr(params, name) for name in call.names}
        with task_log.task(str(values.get("dbg", call.name))):
            try:
                return jsonrpcserver.Success(codec.encode(await function(**values)))
            except WireError as error:
                if error.is_bug:
                    log.exception("%s failed", call.name)
                else:
                    log.info("%s: %s", call.name, error)
                return _failure(error.wire_code, error.params)
            except Exception as error:
                log.exception("%s failed", call.name)
                return _failure("Internal_error", [f"{type(error).__name__}: {error}"])

    return method


def _failure(code: str, params: list[str]) -> Any:
    return jsonrpcserver.Error(1, code, {"code": code, "params": params})


class _Request(msgspec.Struct):
    jsonrpc: str
    method: str
    params: dict[str, Any] | list[Any] = msgspec.field(default_factory=dict)
    id: Any = None


def _validate(request: Any) -> Any:
    # jsonrpcserver's own check is a JSON schema, ten times slower than this for the same rules.
    msgspec.convert(request, list[_Request] if isinstance(request, list) else _Request)
    return request


def _loads(text: str) -> Any:
    return msgspec.json.decode(text)


def _dumps(value: Any) -> str:
    return msgspec.json.encode(value).decode()


async def serve_until(stopped: asyncio.Event, *servers: Server) -> None:
    """Run `servers`, tell that the daemon is ready, and stop them when `stopped` is set."""
    async with contextlib.AsyncExitStack() as stack:
        for server in servers:
            await server.start()
            stack.push_async_callback(server.stop)
        daemon.ready()
        await stopped.wait()
