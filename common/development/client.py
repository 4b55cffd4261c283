"""A XenAPI client as a user would write one: JSON-RPC over TLS with a password. Standard library only."""

from __future__ import annotations

import http.client
import itertools
import json
import socket
import ssl
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from common.errors import from_wire

CALL_DEADLINE = 180.0  # seconds a call may take: starting a guest waits for nothing longer
ORIGINATOR = "make run"


class Client:
    """A session of one user. Blocking: call it in a thread."""

    def __init__(self, url: str, certificate: Path, user: str, password: str) -> None:
        parts = urlsplit(url)
        self._address, self._port = parts.hostname or "", parts.port or 443
        # The host's certificate is its own authority; its name or address is checked too.
        self._context = ssl.create_default_context(cafile=str(certificate))
        self._credentials = [user, password, "2.23", ORIGINATOR]
        self._ids = itertools.count(1)
        self._connection = http.client.HTTPSConnection(
            self._address, self._port, timeout=CALL_DEADLINE, context=self._context
        )
        self.session = ""

    def __enter__(self) -> Self:
        try:
            self.session = self._send("session.login_with_password", self._credentials)
        except BaseException:
            self._connection.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        try:
            if kind is None:
                self.call("session.logout")
        finally:
            self._connection.close()

    def call(self, method: str, *params: Any) -> Any:
        """One call, the session put first. Raises `WireError` with the XenAPI's code and parameters."""
        return self._send(method, [self.session, *params])

    def console(self, location: str) -> socket.socket:
        """A raw connection to the console at `location`. Raises ConnectionError when it is refused."""
        path = urlsplit(location)
        query = f"{path.query}&{urlencode({'session_id': self.session})}"
        plain = socket.create_connection((self._address, self._port), timeout=CALL_DEADLINE)
        stream = self._context.wrap_socket(plain, server_hostname=self._address)
        stream.sendall(f"CONNECT {path.path}?{query} HTTP/1.1\r\nHost: {self._address}\r\n\r\n".encode())
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = stream.recv(1)
            if not byte:
                raise ConnectionError("the console connection was closed")
            head += byte
        if b" 200 " not in head.split(b"\r\n")[0]:
            raise ConnectionError(head.split(b"\r\n")[0].decode(errors="replace"))
        return stream

    def _send(self, method: str, params: list[Any]) -> Any:
        body = json.dumps({"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": params})
        self._connection.request("POST", "/jsonrpc", body, {"Content-Type": "application/json"})
        answer = json.loads(self._connection.getresponse().read())
        if "error" in answer:
            raise from_wire(answer["error"]["message"], list(answer["error"]["data"]))
        return answer["result"]
