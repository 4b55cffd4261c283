"""The XenAPI by XML-RPC on the socket that only root of the host can open: some messages are for nobody else."""

from __future__ import annotations

import http.client
import socket

from common import unix
from tests.integration.host import DevelopmentHost
from tests.integration.raw import Raw

CALL_DEADLINE = 180.0  # seconds: a guest is started in one call


class Local(Raw):
    """One session of root's."""

    def __init__(self, host: DevelopmentHost) -> None:
        super().__init__(host)
        self._connection = _UnixConnection(str(host.root / "var/lib/xcp/xapi"))


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=CALL_DEADLINE)
        self._path = unix.short(path)

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(CALL_DEADLINE)
        self.sock.connect(self._path)
