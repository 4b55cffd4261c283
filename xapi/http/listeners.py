"""The sockets on which xapi answers."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
from collections.abc import Mapping

from common import unix
from common.config import under_root
from xapi.config import Config
from xapi.http.application import Application
from xapi.http.connection import Server, Side

log = logging.getLogger(__name__)

LOCAL = "/var/lib/xcp/xapi"
TLS = "/var/lib/xcp/xapi-tls"
POOL = "/var/lib/xcp/xapi-pool"
BACKLOG = 512
BIND_FOR = 30.0  # seconds an address in use is tried again
BIND_EVERY = 0.5
GRACE = 0.3  # seconds calls in flight get at the stop, twice: to end, then to be cancelled

SIDES: Mapping[str, Side] = {
    LOCAL: Side("local", local_root=True),
    TLS: Side("tls", proxied=True, https=True),
    POOL: Side("pool", proxied=True, https=True, pool=True),
}


class Listeners:
    """All listeners of one xapi."""

    def __init__(self, application: Application, settings: Config) -> None:
        self._application = application
        self._settings = settings
        self.servers: list[Server] = []
        self._asyncio: list[asyncio.Server] = []
        self.port = 0
        """The port of plain HTTP, chosen by the system if the settings say 0."""

    async def start(self) -> None:
        """Listen everywhere. A stale socket of a killed predecessor is replaced."""
        loop = asyncio.get_running_loop()
        for path, side in SIDES.items():
            listener = unix.listen(str(under_root(path)), mode=0o600)
            self._asyncio.append(await loop.create_unix_server(self._server(side), sock=listener, backlog=BACKLOG))
        if self._settings.address:
            listener = await self._tcp()
            self.port = listener.getsockname()[1]
            server = self._server(Side("http"))
            self._asyncio.append(await loop.create_server(server, sock=listener, backlog=BACKLOG))
        log.info("listening on %s, port %d", ", ".join(SIDES), self.port)

    async def stop(self) -> None:
        """Listen no more; calls in flight get a moment. Safe to repeat."""
        for listener in self._asyncio:
            listener.close()
        for server in self.servers:
            server.pre_shutdown()
        await asyncio.gather(*(server.shutdown(GRACE) for server in self.servers))
        self._asyncio.clear()
        self.servers.clear()

    async def sweep(self) -> None:
        """Forever: end connections whose request does not arrive."""
        while True:
            await asyncio.sleep(min(1.0, self._settings.header_timeout / 4))
            for server in self.servers:
                server.sweep()

    @property
    def connections(self) -> int:
        """Open connections."""
        return sum(len(server.connections) for server in self.servers)

    def _server(self, side: Side) -> Server:
        settings = self._settings
        server = Server(
            self._application.handle,
            side=side,
            quick=self._application.quick,
            connect=self._application.connect,
            limit=settings.connections,
            request_within=settings.header_timeout,
            keepalive_timeout=settings.keepalive,
            max_line_size=settings.max_header,
            max_field_size=settings.max_header,
            access_log=None,
            auto_decompress=False,
            lingering_time=0.0,
        )
        self.servers.append(server)
        return server

    async def _tcp(self) -> socket.socket:
        loop = asyncio.get_running_loop()
        give_up = loop.time() + BIND_FOR
        while True:
            family = socket.AF_INET6 if ":" in self._settings.address else socket.AF_INET
            listener = socket.socket(family, socket.SOCK_STREAM)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((self._settings.address, self._settings.port))
            except OSError as error:
                listener.close()
                if error.errno not in (errno.EADDRINUSE, errno.EADDRNOTAVAIL) or loop.time() > give_up:
                    raise
                await asyncio.sleep(BIND_EVERY)
                continue
            listener.listen(BACKLOG)
            listener.setblocking(False)
            return listener
