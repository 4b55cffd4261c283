from __future__ import annotations

import asyncio
import contextlib
import os
import random
import socket
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from common.development import tls
from common.development.layout import Host
from common.idl.xen import (
    MIGRATION_PATH,
    Destination,
)
from xenopsd.migration import frames
from xenopsd.migration.channel import Channel
from xenopsd.migration.connection import connect
from xenopsd.migration.line import Broken, Line
from xenopsd.migration.messages import Ready, Sent, Whole
from xenopsd.migration.pipe import Pipe
from xenopsd.migration.secure import Secure
from xenopsd.migration.together import end

pytestmark = pytest.mark.integration


class Port:
    """The TLS port of another host's xapi. Lets in who has the cookie."""

    def __init__(self, listener: socket.socket, context: ssl.SSLContext) -> None:
        self.number: int = listener.getsockname()[1]
        self.heads: list[str] = []
        self.memory = b""
        self._listener, self._context = listener, context

    async def serve(self) -> None:
        """One after the other."""
        while True:
            connection, _ = await asyncio.get_running_loop().sock_accept(self._listener)
            line = Line(Secure(connection, self._context))
            with contextlib.suppress(Broken):
                await self._serve(line)

    async def _serve(self, line: Line) -> None:
        await line.shake_hands()
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += await line.some(1000)
        self.heads.append(head.decode())
        if b"session_id=OpaqueRef%3Ame" not in head:
            await line.send(b"HTTP/1.1 401 Unauthorised\r\n\r\n")
            line.close()
            return
        await line.send(b"HTTP/1.1 200 OK\r\n\r\n")
        channel = Channel(line)
        await channel.send(Ready())
        try:
            while isinstance(piece := await channel.receive(), bytes):
                self.memory += piece
            await channel.send(Whole())
            await channel.receive()
        finally:
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
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        made = Port(listener, context)
        serving = asyncio.create_task(made.serve())
        yield made
        await end(serving)


def destination(port: Port, **fields: str) -> Destination:
    cookie = {"session_id": fields.pop("session", "OpaqueRef:me")}
    return Destination(url=f"https://127.0.0.1:{port.number}", cookie=cookie, **fields)


@pytest.mark.parametrize("trusting", [True, False])
async def test_the_connection_is_bare_after_the_answer(port: Port, certificate: Path, trusting: bool) -> None:
    channel = await connect(destination(port, certificates="" if trusting else str(certificate)))

    assert await channel.expect(Ready) == Ready()
    assert port.heads[0].startswith(f"PUT {MIGRATION_PATH} HTTP/1.1\r\n")
    await channel.close()


async def test_memory_goes_by_tls_while_the_other_side_shows_life(
    port: Port, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames, "ALIVE_EVERY", 0.001)
    memory = random.Random(1).randbytes(20 << 20)
    channel = await connect(destination(port, certificates=str(certificate)))
    await channel.expect(Ready)

    with contextlib.closing(Pipe()) as pipe:

        def write() -> None:
            for start in range(0, len(memory), 1 << 16):
                os.write(pipe.write, memory[start : start + (1 << 16)])
            pipe.close_write()

        answered = asyncio.create_task(channel.expect(Whole))
        await asyncio.gather(asyncio.to_thread(write), channel.send_memory(pipe.read, compress=False))
    await channel.send(Sent())

    assert await asyncio.wait_for(answered, 20.0) == Whole()
    assert port.memory == memory
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
