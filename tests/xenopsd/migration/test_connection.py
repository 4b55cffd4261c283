from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from common.development import tls
from common.development.layout import Host
from common.idl.xen import MIGRATION_PATH, Destination
from xenopsd.migration.channel import Broken, Channel
from xenopsd.migration.connection import connect
from xenopsd.migration.messages import Ready

pytestmark = pytest.mark.integration


class Port:
    """The TLS port of another host's xapi. Lets in who has the cookie."""

    def __init__(self) -> None:
        self.number = 0
        self.heads: list[str] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.heads.append(head)
        if "session_id=OpaqueRef%3Ame" not in head:
            writer.write(b"HTTP/1.1 401 Unauthorised\r\n\r\n")
            writer.close()
            return
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        channel = Channel(reader, writer)
        await channel.send(Ready())
        with pytest.raises(Broken):
            await channel.receive()
        await channel.close()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    place = Host(tmp_path, 1)
    tls.prepare(place, "127.0.0.1", 443)
    return place.root / "etc/xensource/xapi-ssl.pem"


@pytest.fixture
async def port(certificate: Path) -> AsyncIterator[Port]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    made = Port()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0, ssl=context)
    made.number = server.sockets[0].getsockname()[1]
    yield made
    server.close()


def destination(port: Port, **fields: str) -> Destination:
    cookie = {"session_id": fields.pop("session", "OpaqueRef:me")}
    return Destination(url=f"https://127.0.0.1:{port.number}", cookie=cookie, **fields)


@pytest.mark.parametrize("trusting", [True, False])
async def test_the_connection_is_bare_after_the_answer(port: Port, certificate: Path, trusting: bool) -> None:
    channel = await connect(destination(port, certificates="" if trusting else str(certificate)))

    assert await channel.expect(Ready) == Ready()
    assert port.heads[0].startswith(f"PUT {MIGRATION_PATH} HTTP/1.1\r\n")
    await channel.close()


async def test_who_is_not_known_is_told_so(port: Port) -> None:
    with pytest.raises(Broken, match="does not know who we are"):
        await connect(destination(port, session="OpaqueRef:other"))


async def test_a_certificate_that_is_not_trusted_ends_it_before_the_secret_is_sent(port: Port, tmp_path: Path) -> None:
    other = Host(tmp_path / "other", 1)
    tls.prepare(other, "127.0.0.1", 443)

    with pytest.raises(Broken):
        await connect(destination(port, certificates=str(other.root / "etc/xensource/xapi-ssl.pem")))

    assert port.heads == []


async def test_nobody_there(port: Port) -> None:
    with pytest.raises(Broken):
        await connect(Destination(url="https://127.0.0.1:1", cookie={}))
    for url in ("http://127.0.0.1", "https://", "ftp://x", "nonsense"):
        with pytest.raises(Broken, match="not https"):
            await connect(Destination(url=url, cookie={}))


def test_the_secret_is_not_shown() -> None:
    assert "hidden" not in repr(Destination(url="https://there", cookie={"pool_secret": "hidden"}))
