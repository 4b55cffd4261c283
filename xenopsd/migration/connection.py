"""From this host to another one's xenopsd: TLS to its xapi's port, a request, and the bare connection after it."""

from __future__ import annotations

import asyncio
import ssl
import urllib.parse
from collections.abc import Awaitable, Callable

from common.idl.xen import MIGRATION_PATH, Destination
from xenopsd.migration.channel import Broken, Channel

CONNECT_WITHIN = 30.0  # seconds
BUFFER = 1 << 20  # bytes that may wait to be read
REFUSALS = {401: "it does not know who we are", 403: "we may not do that there"}

Connect = Callable[[Destination], Awaitable[Channel]]


async def connect(destination: Destination) -> Channel:
    """Raises `Broken`."""
    url = urllib.parse.urlsplit(destination.url)
    if url.scheme != "https" or not url.hostname:
        raise Broken("its address is not https://host")
    try:
        async with asyncio.timeout(CONNECT_WITHIN):
            reader, writer = await asyncio.open_connection(
                url.hostname, url.port or 443, ssl=_trust(destination.certificates), limit=BUFFER
            )
            try:
                await _request(reader, writer, url.netloc, destination.cookie)
            except BaseException:
                writer.close()
                raise
    except TimeoutError as error:
        raise Broken(f"it does not answer in {CONNECT_WITHIN:.0f} s") from error
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise Broken(str(error)) from error
    return Channel(reader, writer)


async def _request(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, cookie: dict[str, str]
) -> None:
    crumbs = "; ".join(f"{name}={urllib.parse.quote(value, safe='')}" for name, value in cookie.items())
    head = f"PUT {MIGRATION_PATH} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: xenopsd\r\nCookie: {crumbs}\r\n\r\n"
    writer.write(head.encode())
    answer = await reader.readuntil(b"\r\n\r\n")
    words = answer.split(None, 2)
    status = int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
    if status != 200:
        raise Broken(REFUSALS.get(status, f"it answers {status}"))


def _trust(certificates: str) -> ssl.SSLContext:
    # Certificates of hosts name whatever they were called when made; which ones are trusted is what counts.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if certificates:
        context.load_verify_locations(certificates)
    else:
        context.verify_mode = ssl.CERT_NONE
    return context
