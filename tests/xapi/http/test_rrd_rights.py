"""Whoever may read may see metrics and pictures; nobody else does, and only an administrator puts archives."""

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
from xapi.datamodel.types import Role

pytestmark = pytest.mark.integration

READ = ("/graph?ds=cpu0", "/metrics", "/rrd_updates?start=0", "/host_rrd", "/vm_rrd?uuid=u", "/sr_rrd?uuid=u")


@pytest.fixture
async def metrics(site: Site) -> AsyncIterator[Site]:
    """xapi, with somebody on rrdd's socket who answers everything."""

    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(text="numbers")

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.SockSite(runner, unix.listen(str(under_root(rrd.SOCKET)))).start()
    yield site
    await runner.cleanup()


async def status(site: Site, path: str, session: str | None, method: str = "GET") -> int:
    headers = {"Cookie": f"session_id={session}"} if session is not None else {}
    url = f"http://127.0.0.1:{site.port}{path}"
    async with (
        asyncio.timeout(60),
        aiohttp.ClientSession(headers=headers) as client,
        client.request(method, url) as response,
    ):
        return response.status


@pytest.mark.parametrize("path", READ)
async def test_reading_needs_the_least_role(metrics: Site, path: str) -> None:
    reader = metrics.sessions.create(host=metrics.shared.host, user="r", superuser=False, roles=(Role.READ_ONLY,))
    nothing = metrics.sessions.create(host=metrics.shared.host, user="n", superuser=False)

    assert await status(metrics, path, reader) == 200
    assert await status(metrics, path, nothing) == 403
    assert await status(metrics, path, "OpaqueRef:stale") == 401
    assert await status(metrics, path, None) == 401


async def test_putting_needs_the_highest(metrics: Site) -> None:
    operator = metrics.sessions.create(host=metrics.shared.host, user="o", superuser=False, roles=(Role.POOL_OPERATOR,))

    assert await status(metrics, "/rrd?uuid=u", operator, "PUT") == 403
    assert await status(metrics, "/rrd?uuid=u", metrics.session, "PUT") == 200
