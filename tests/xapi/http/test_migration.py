from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from common import unix
from common.config import under_root
from common.idl.xen import (
    MIGRATION_PATH,
    MIGRATION_SOCKET,
)
from tests.xapi.http.conftest import Site
from xapi.datamodel.types import Role
from xenopsd.migration.line import ready
from xenopsd.migration.together import end

pytestmark = pytest.mark.integration

PROXY = "PROXY TCP4 192.0.2.7 192.0.2.1 4711 443\r\n"


@pytest.fixture
async def xenopsd(site: Site) -> AsyncIterator[None]:
    """Takes the connections whose descriptors come, and answers in capitals until they end."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(100_000):
            writer.write(data.upper())
            await writer.drain()
        writer.close()

    async def take(giver: socket.socket) -> None:
        with giver:
            await ready(giver.fileno())
            _, [descriptor], _, _ = socket.recv_fds(giver, 1, 1)
        await serve(*await asyncio.open_unix_connection(sock=socket.socket(fileno=descriptor)))

    async def accept(listener: socket.socket) -> None:
        async with asyncio.TaskGroup() as tasks:
            while True:
                giver, _ = await asyncio.get_running_loop().sock_accept(listener)
                tasks.create_task(take(giver))

    with unix.listen(str(under_root(MIGRATION_SOCKET))) as listener:
        accepting = asyncio.create_task(accept(listener))
        yield
        await end(accepting)


async def put(
    site: Site, cookie: str, path: str = MIGRATION_PATH
) -> tuple[int, asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_unix_connection(unix.short(str(site.tls)))
    writer.write(f"{PROXY}PUT {path} HTTP/1.1\r\nHost: here\r\nCookie: {cookie}\r\n\r\n".encode())
    async with asyncio.timeout(10):
        head = await reader.readuntil(b"\r\n\r\n")
    return int(head.split()[1]), reader, writer


@pytest.mark.parametrize("who", ["session", "pool"])
async def test_the_connection_is_xenopsds(site: Site, xenopsd: None, who: str) -> None:
    cookie = f"session_id={site.session}" if who == "session" else "pool_secret=secret"

    status, reader, writer = await put(site, cookie)

    assert status == 200
    for chunk in (b"hello", b"x" * 1_000_000):
        writer.write(chunk)
        async with asyncio.timeout(20):
            assert await reader.readexactly(len(chunk)) == chunk.upper()
    writer.write_eof()
    async with asyncio.timeout(20):
        assert await reader.read() == b""
    writer.close()


async def test_xapi_is_out_of_it_afterwards(site: Site, xenopsd: None) -> None:
    _, reader, writer = await put(site, "pool_secret=secret")
    async with asyncio.timeout(10):
        while site.listeners.connections:
            await asyncio.sleep(0.01)

    await site.listeners.stop()

    writer.write(b"still here")
    async with asyncio.timeout(10):
        assert await reader.readexactly(10) == b"STILL HERE"
    writer.close()


async def test_who_is_not_known_does_not_reach_it(site: Site, xenopsd: None) -> None:
    assert (await put(site, "session_id=OpaqueRef:guess"))[0] == 401
    assert (await put(site, "pool_secret=guess"))[0] == 401
    weak = site.sessions.create(host=site.shared.host, user="reader", superuser=False, roles=(Role.READ_ONLY,))
    assert (await put(site, f"session_id={weak}"))[0] == 403


async def test_memory_does_not_come_in_clear_text(site: Site, xenopsd: None) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(f"PUT {MIGRATION_PATH} HTTP/1.1\r\nHost: x\r\nCookie: session_id={site.session}\r\n\r\n".encode())
    async with asyncio.timeout(10):
        assert b" 403 " in await reader.readline()
    writer.close()


async def test_nothing_else_of_xenopsd_is_reached(site: Site, xenopsd: None) -> None:
    assert (await put(site, f"session_id={site.session}", "/services/xenops/other"))[0] == 404


async def test_without_xenopsd_it_says_so(site: Site) -> None:
    assert (await put(site, f"session_id={site.session}"))[0] == 503
