from __future__ import annotations

import asyncio
import urllib.parse
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest

from common.idl import xen
from tests.xapi.http.conftest import Site
from xapi.control import tasks
from xapi.datamodel.enums import ConsoleProtocol, TaskStatusType, VMPowerState
from xapi.datamodel.types import Role

pytestmark = pytest.mark.integration

BANNER = b"RFB 003.008\n"


class FakeXenopsd:
    """Tells where the console of any VM listens."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def stat(self, dbg: str, id: xen.VmId) -> Any:
        console = xen.Console(protocol=xen.ConsoleProtocol.RFB, path=str(self._path))
        return SimpleNamespace(state=xen.VmState(power_state=xen.PowerState.RUNNING, consoles=[console]))


@pytest.fixture
async def vnc(site: Site, tmp_path: Path) -> AsyncIterator[Path]:
    """A server that greets, then echoes in capitals, and is what xenopsd tells of."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(BANNER)
        while (data := await reader.read(1000)) not in {b"", b"quit"}:
            writer.write(data.upper())
        writer.close()

    path = tmp_path / "vnc"
    server = await asyncio.start_unix_server(serve, path)
    site.shared.services.xen.vm = FakeXenopsd(path)  # type: ignore[assignment]
    yield path
    server.close()


@pytest.fixture
def console(site: Site, vnc: Path) -> str:
    """The console of a running VM."""
    vm = site.db.vm.create(name_label="web", power_state=VMPowerState.RUNNING, resident_on=site.shared.host)
    return str(site.db.console.create(VM=vm.ref, protocol=ConsoleProtocol.RFB).ref)


async def connect(site: Site, query: str, cookie: str = "") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    header = f"Cookie: {cookie}\r\n" if cookie else ""
    writer.write(f"CONNECT /console?{query} HTTP/1.0\r\nHost: x\r\n{header}\r\n".encode())
    return reader, writer


async def status(reader: asyncio.StreamReader) -> int:
    async with asyncio.timeout(60):
        head = await reader.readuntil(b"\r\n\r\n")
    return int(head.split()[1])


async def test_connect_is_a_bare_stream_both_ways(site: Site, console: str) -> None:
    reader, writer = await connect(site, f"ref={console}", f"session_id={site.session}")

    assert await status(reader) == 200
    assert await reader.readexactly(len(BANNER)) == BANNER
    for chunk in (b"hello", b"x" * 300_000):
        writer.write(chunk)
        async with asyncio.timeout(60):
            assert await reader.readexactly(len(chunk)) == chunk.upper()
    writer.close()


async def test_the_console_ends_with_the_client(site: Site, console: str) -> None:
    reader, writer = await connect(site, f"ref={console}&session_id={site.session}")
    assert await status(reader) == 200

    writer.write_eof()

    async with asyncio.timeout(60):
        assert await reader.read() == BANNER


async def test_the_connection_ends_with_the_console(site: Site, console: str) -> None:
    reader, writer = await connect(site, f"ref={console}&session_id={site.session}")
    assert await status(reader) == 200

    writer.write(b"quit")

    async with asyncio.timeout(60):
        assert await reader.read() == BANNER


async def test_a_vm_or_a_uuid_names_its_console_too(site: Site, console: str) -> None:
    row = site.db.console[console]
    for query in (f"uuid={row.uuid}", f"ref={row.VM}", f"uuid={site.db.vm[row.VM].uuid}"):
        reader, writer = await connect(site, query, f"session_id={site.session}")
        assert await status(reader) == 200, query
        writer.close()


async def test_without_a_session_nobody_sees_it(site: Site, console: str) -> None:
    reader, _ = await connect(site, f"ref={console}")
    assert await status(reader) == 401

    reader, _ = await connect(site, f"ref={console}", "session_id=OpaqueRef:guess")
    assert await status(reader) == 401


async def test_a_role_that_is_not_enough_is_refused_and_fails_the_clients_task(site: Site, console: str) -> None:
    reader_session = site.sessions.create(host=site.shared.host, user="eve", superuser=False, roles=(Role.READ_ONLY,))
    task = tasks.begin(site.shared, "console", reader_session)

    reader, _ = await connect(site, f"ref={console}&task_id={task}", f"session_id={reader_session}")

    assert await status(reader) == 403
    assert site.db.task[task].status is TaskStatusType.FAILURE


async def test_the_control_domains_console_is_for_administrators(site: Site, console: str) -> None:
    operator = site.sessions.create(host=site.shared.host, user="op", superuser=False, roles=(Role.VM_OPERATOR,))
    reader, writer = await connect(site, f"ref={console}", f"session_id={operator}")
    assert await status(reader) == 200
    writer.close()

    site.db.vm.update(site.db.console[console].VM, is_control_domain=True)

    reader, _ = await connect(site, f"ref={console}", f"session_id={operator}")
    assert await status(reader) == 403


async def test_a_halted_vm_has_no_console(site: Site, console: str) -> None:
    site.db.vm.update(site.db.console[console].VM, power_state=VMPowerState.HALTED)

    reader, _ = await connect(site, f"ref={console}", f"session_id={site.session}")

    assert await status(reader) == 404


async def test_a_console_that_does_not_answer_is_503(site: Site, console: str, vnc: Path) -> None:
    vnc.unlink()

    reader, _ = await connect(site, f"ref={console}", f"session_id={site.session}")

    assert await status(reader) == 503


@pytest.mark.parametrize("by_cookie", [True, False])
async def test_a_websocket_carries_binary_frames(site: Site, console: str, by_cookie: bool) -> None:
    session = urllib.parse.quote(site.session)
    query = f"ref={console}" if by_cookie else f"ref={console}&session_id={session}"
    headers = {"Cookie": f"session_id={session}"} if by_cookie else {}
    url = f"http://127.0.0.1:{site.port}/console?{query}"
    async with (
        asyncio.timeout(60),
        aiohttp.ClientSession(headers=headers) as client,
        client.ws_connect(url, protocols=("binary",)) as socket,
    ):
        assert socket.protocol == "binary"
        assert await socket.receive_bytes() == BANNER
        await socket.send_bytes(b"hello")
        assert await socket.receive_bytes() == b"HELLO"


async def test_a_websocket_path_without_upgrade_is_refused(site: Site, console: str) -> None:
    url = f"http://127.0.0.1:{site.port}/console?ref={console}&session_id={site.session}"
    async with aiohttp.ClientSession() as client, client.get(url) as response:
        assert response.status == 400
