from __future__ import annotations

import asyncio
import sys
from types import ModuleType

import pytest

from tests.xapi.http.conftest import Site
from xapi.context import Context
from xapi.http.raw import RawStream

pytestmark = pytest.mark.integration


async def test_the_connection_goes_over_without_a_status_line(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    async def handle(ctx: Context, body: bytes, stream: RawStream, _columns: int) -> None:
        seen.append((ctx.address, ctx.local_root, body))
        await stream.write(b"magic")
        await stream.write(await stream.read_exactly(5))

    module = ModuleType("xapi.cli.server")
    module.handle = handle  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "xapi.cli.server", module)
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)

    writer.write(b"POST /cli HTTP/1.0\r\ncontent-length: 7\r\n\r\nvm-list")
    async with asyncio.timeout(60):
        assert await reader.readexactly(5) == b"magic"
        writer.write(b"hello")
        assert await reader.read() == b"hello"

    assert seen == [("127.0.0.1", False, b"vm-list")]
    writer.close()
