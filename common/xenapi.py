"""A thin XenAPI session for daemons that are clients of xapi: JSON-RPC on its local socket, which needs no password."""

from __future__ import annotations

import itertools
from types import TracebackType
from typing import Any, Self

import aiohttp
import msgspec

from common import unix
from common.config import under_root
from common.errors import DaemonUnreachable, from_wire

SOCKET = "/var/lib/xcp/xapi"


class XenApi:
    """A session of local root: `await api.call("VM.get_all_records")`."""

    def __init__(self, originator: str, path: str | None = None) -> None:
        self._path = path or str(under_root(SOCKET))
        self._originator = originator
        self._session = ""
        self._ids = itertools.count(1)
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = aiohttp.UnixConnector(path=unix.short(self._path))
        self._http = aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=None))
        try:
            self._session = await self._send("session.login_with_password", ["root", "", "1.0", self._originator])
        except BaseException:
            await self._http.close()
            raise
        return self

    async def __aexit__(
        self, _t: type[BaseException] | None, _e: BaseException | None, _b: TracebackType | None
    ) -> None:
        if self._http is not None:
            await self._http.close()

    async def call(self, method: str, *params: Any) -> Any:
        """One call, the session put first. Raises `WireError` with the XenAPI's code and parameters."""
        return await self._send(method, [self._session, *params])

    async def _send(self, method: str, params: list[Any]) -> Any:
        if self._http is None:
            raise DaemonUnreachable(self._path, "not logged in")
        request = {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": params}
        try:
            async with self._http.post("http://localhost/jsonrpc", data=msgspec.json.encode(request)) as response:
                answer = msgspec.json.decode(await response.read())
        except (aiohttp.ClientError, msgspec.DecodeError, ConnectionError) as error:
            raise DaemonUnreachable(self._path, f"{type(error).__name__}: {error}") from error
        if "error" in answer:
            raise from_wire(answer["error"]["message"], list(answer["error"]["data"]))
        return answer["result"]
