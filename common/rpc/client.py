"""Calls another daemon over its Unix socket, with a deadline, turning error objects into `WireError`."""

from __future__ import annotations

import asyncio
import itertools
from types import TracebackType
from typing import Any, Self, TypeVar

import aiohttp
import msgspec

from common import unix
from common.errors import DaemonUnreachable, InternalFailure, WireError, from_wire
from common.rpc.interface import Interface, proxy

T = TypeVar("T", bound=Interface)

DEADLINE = 60.0  # seconds
RETRY_FOR = 10.0  # seconds a call that was never delivered is tried again while the daemon restarts
RETRY_EVERY = 0.1


class Client:
    """A connection pool to one daemon. Connects when first used; a restart of the daemon is not noticed.

    A call that could not be delivered (socket absent or refusing) is repeated for `retry_for` seconds, since a daemon
    is away for about a second when it restarts. A call that was sent and not answered is never repeated:
    it raises `DaemonUnreachable`.
    """

    def __init__(self, path: str, *, deadline: float = DEADLINE, retry_for: float = RETRY_FOR) -> None:
        self.path = path
        self._deadline = deadline
        self._retry_for = retry_for
        self._session: aiohttp.ClientSession | None = None
        self._ids = itertools.count(1)

    def proxy(self, interface: type[T]) -> T:
        """An object whose calls go to the daemon."""
        return proxy(interface, self.send)

    async def send(self, method: str, params: dict[str, Any]) -> Any:
        """One call. A parameter `timeout` (a long poll's) adds to the deadline."""
        deadline = self._deadline + float(params.get("timeout") or 0.0)
        request = {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": params}
        body = msgspec.json.encode(request)
        try:
            answer = await asyncio.wait_for(self._post(body), deadline)
        except TimeoutError as error:
            raise DaemonUnreachable(self.path, f"{method}: no answer in {deadline:.0f} s") from error
        return _result(method, answer)

    async def get(self, path: str) -> bytes:
        """`GET path`, as for /health; raises `DaemonUnreachable` for any status but 200."""
        try:
            async with self._http().get(f"http://localhost{path}") as response:
                body = await response.read()
        except (aiohttp.ClientError, ConnectionError) as error:
            raise DaemonUnreachable(self.path, f"GET {path}: {type(error).__name__}: {error}") from error
        if response.status != 200:
            raise DaemonUnreachable(self.path, f"GET {path}: {response.status}")
        return body

    async def close(self) -> None:
        """Drop the connections. Safe to repeat."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _t: type[BaseException] | None, _e: BaseException | None, _b: TracebackType | None
    ) -> None:
        await self.close()

    async def _post(self, body: bytes) -> Any:
        give_up = asyncio.get_running_loop().time() + self._retry_for
        while True:
            try:
                async with self._http().post("http://localhost/", data=body) as response:
                    return msgspec.json.decode(await response.read())
            except aiohttp.ClientConnectorError as error:
                if asyncio.get_running_loop().time() > give_up:
                    raise DaemonUnreachable(self.path, str(error)) from error
                await asyncio.sleep(RETRY_EVERY)
            except (aiohttp.ClientError, msgspec.DecodeError, ConnectionError) as error:
                raise DaemonUnreachable(self.path, f"{type(error).__name__}: {error}") from error

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            connector = aiohttp.UnixConnector(path=unix.short(self.path), limit=0)
            timeout = aiohttp.ClientTimeout(total=None)
            self._session = aiohttp.ClientSession(connector=connector, timeout=timeout)
        return self._session


def _result(method: str, answer: Any) -> Any:
    if not isinstance(answer, dict):
        raise InternalFailure(f"{method}: not a JSON-RPC answer")
    error = answer.get("error")
    if error is None:
        return answer.get("result")
    data = error.get("data")
    if isinstance(data, dict) and "code" in data:
        raise from_wire(str(data["code"]), [str(param) for param in data.get("params", [])])
    failure: WireError = InternalFailure(f"{method}: {error.get('message')} {data or ''}".strip())
    raise failure
