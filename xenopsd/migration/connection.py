"""From this host to another one's xenopsd: TLS to its xapi's port, a request, and the bare connection after it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import urllib.parse
from collections.abc import Awaitable, Callable

from common.idl.xen import (
    MIGRATION_PATH,
    Destination,
)
from xenopsd.migration.channel import Channel
from xenopsd.migration.line import Broken, Line
from xenopsd.migration.secure import Secure

CONNECT_WITHIN = 30.0  # seconds
UNSENT = 1 << 18  # bytes that wait here for the network: a guest that stands still waits for all of them
HEAD_LIMIT = 16 * 1024  # bytes of an answer
REFUSALS = {401: "it does not know who we are", 403: "we may not do that there"}

Connect = Callable[[Destination], Awaitable[Channel]]


async def connect(destination: Destination) -> Channel:
    """Raises `Broken`."""
    url = urllib.parse.urlsplit(destination.url)
    if url.scheme != "https" or not url.hostname:
        raise Broken("its address is not https://host")
    try:
        async with asyncio.timeout(CONNECT_WITHIN), contextlib.AsyncExitStack() as stack:
            connection = await _reach(url.hostname, url.port or 443)
            stack.callback(connection.close)
            line = Line(Secure(connection, _trust(destination.certificates), url.hostname))
            stack.callback(line.close)
            await line.shake_hands()
            await _request(line, url.netloc, destination.cookie)
            stack.pop_all()
    except TimeoutError as error:
        raise Broken(f"it does not answer in {CONNECT_WITHIN:.0f} s") from error
    except OSError as error:
        raise Broken(str(error)) from error
    return Channel(line)


async def _reach(host: str, port: int) -> socket.socket:
    """A connected socket. Raises `OSError` of the last address that was tried."""
    loop = asyncio.get_running_loop()
    failure = OSError(f"{host} has no address")
    for family, kind, protocol, _, address in await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        connection = socket.socket(family, kind, protocol)
        try:
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT)
            await loop.sock_connect(connection, address)
        except OSError as error:
            connection.close()
            failure = error
        except BaseException:
            connection.close()
            raise
        else:
            return connection
    raise failure


async def _request(line: Line, host: str, cookie: dict[str, str]) -> None:
    crumbs = "; ".join(f"{name}={urllib.parse.quote(value, safe='')}" for name, value in cookie.items())
    head = f"PUT {MIGRATION_PATH} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: xenopsd\r\nCookie: {crumbs}\r\n\r\n"
    await line.send(head.encode())
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        if len(answer) > HEAD_LIMIT:
            raise Broken("it answers without an end")
        answer += await line.some(1)  # what follows the answer is the channel's
    words = answer.split(None, 2)
    status = int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
    if status != 200:
        raise Broken(REFUSALS.get(status, f"it answers {status}"))


def _trust(certificates: str) -> ssl.SSLContext:
    # Certificates of hosts name whatever they were called when made; which ones are trusted is what counts.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    if certificates:
        context.load_verify_locations(certificates)
    else:
        context.verify_mode = ssl.CERT_NONE
    return context
