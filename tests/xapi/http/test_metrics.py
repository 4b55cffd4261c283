from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from common import unix
from common.config import under_root
from common.idl import rrd
from tests.xapi.http.conftest import Site

pytestmark = pytest.mark.integration


@pytest.fixture
async def rrdd(site: Site) -> AsyncIterator[list[str]]:
    """A server on rrdd's socket that notes what is asked of it."""
    asked: list[str] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append(f"{request.method} {request.path_qs} {(await request.text())[:20]}")
        return web.Response(text="<xport>" + "x" * 200_000, content_type="text/xml")

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.SockSite(runner, unix.listen(str(under_root(rrd.SOCKET)))).start()
    yield asked
    await runner.cleanup()


async def test_the_query_goes_over_without_the_session(site: Site, rrdd: list[str]) -> None:
    url = f"http://127.0.0.1:{site.port}/rrd_updates?session_id={site.session}&start=5&cf=AVERAGE&host=true"
    async with asyncio.timeout(60), aiohttp.ClientSession() as client, client.get(url) as response:
        text = await response.text()

    assert response.status == 200
    assert response.content_type == "text/xml"
    assert len(text) == 200_007
    assert rrdd == ["GET /rrd_updates?start=5&cf=AVERAGE&host=true "]


async def test_a_put_carries_its_body(site: Site, rrdd: list[str]) -> None:
    url = f"http://127.0.0.1:{site.port}/rrd?session_id={site.session}&uuid=u"
    async with asyncio.timeout(60), aiohttp.ClientSession() as client, client.put(url, data=b"archive") as response:
        assert response.status == 200

    assert rrdd == ["PUT /rrd?uuid=u archive"]


async def test_an_absent_daemon_is_503(site: Site) -> None:
    url = f"http://127.0.0.1:{site.port}/host_rrd?session_id={site.session}"
    async with asyncio.timeout(60), aiohttp.ClientSession() as client, client.get(url) as response:
        assert response.status == 503
