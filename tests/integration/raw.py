"""The XenAPI by XML-RPC over plain HTTP, with nothing between the test and the wire but the standard library."""

from __future__ import annotations

import http.client
import xmlrpc.client
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from tests.integration.host import DevelopmentHost
from tests.integration.life import ApiError
from tests.integration.rpc import ByReference

CALL_DEADLINE = 60.0  # seconds


class Raw(ByReference):
    """One session on one connection that is kept."""

    def __init__(self, host: DevelopmentHost) -> None:
        parts = urlsplit(host.state.http)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=CALL_DEADLINE)
        self._credentials = (host.state.username, host.password, "1.0", "raw")
        self.session = ""

    def __enter__(self) -> Self:
        self.session = self.send("session.login_with_password", *self._credentials)
        return self

    def __exit__(self, _k: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        self.call("session.logout")
        self.close()

    def close(self) -> None:
        """End the connection, not the session."""
        self._connection.close()

    def call(self, method: str, *arguments: Any) -> Any:
        return self.send(method, self.session, *arguments)

    def send(self, method: str, *parameters: Any) -> Any:
        """One call as it is. Raises `ApiError`."""
        body = xmlrpc.client.dumps(parameters, method)
        self._connection.request("POST", "/", body, {"Content-Type": "text/xml"})
        response = self._connection.getresponse()
        assert response.status == 200
        decoded: Any = xmlrpc.client.loads(response.read().decode())
        [answer] = decoded[0]
        if answer["Status"] == "Success":
            return answer["Value"]
        raise ApiError(*answer["ErrorDescription"])
