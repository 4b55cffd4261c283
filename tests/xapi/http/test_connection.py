from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.xapi.http.conftest import Site
from xapi.context import Context
from xapi.dispatch.binding import Binding

pytestmark = pytest.mark.integration


def request(method: str, *params: Any, headers: str = "") -> bytes:
    body = json.dumps({"jsonrpc": "2.0", "method": method, "params": params, "id": 1}).encode()
    return f"POST /jsonrpc HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def answer(reader: asyncio.StreamReader) -> Any:
    async with asyncio.timeout(60):
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        return json.loads(await reader.readexactly(length))


def through_aiohttp(site: Site) -> int:
    """Requests for which aiohttp made a task."""
    return sum(server.requests_count for server in site.listeners.servers)


async def test_reads_are_answered_without_a_task(site: Site) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(request("host.get_all", site.session))
    await answer(reader)
    before = through_aiohttp(site)

    for _ in range(10):
        writer.write(request("host.get_all", site.session))
        assert (await answer(reader))["result"] == [site.shared.host]

    assert through_aiohttp(site) == before
    writer.close()


async def test_a_body_that_comes_later_is_answered_without_a_task_too(site: Site) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(request("host.get_all", site.session))
    await answer(reader)
    before = through_aiohttp(site)
    head, body = request("host.get_all", site.session).split(b"\r\n\r\n")

    writer.write(head + b"\r\n\r\n")
    await asyncio.sleep(0.05)
    writer.write(body)

    assert (await answer(reader))["result"] == [site.shared.host]
    assert through_aiohttp(site) == before
    writer.close()


async def test_answers_come_in_the_order_of_requests(site: Site) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    go_on = asyncio.Event()

    async def create(ctx: Context, label: str, description: str) -> str:
        await go_on.wait()
        return label

    site.dispatcher.binding = Binding({"task.create": create})
    slow, quick = request("task.create", site.session, "slow", ""), request("host.get_all", site.session)
    writer.write(quick + slow + quick)
    await answer(reader)
    writer.write(quick)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(1), 0.05)

    go_on.set()

    assert (await answer(reader))["result"] == "slow"
    for _ in range(2):
        assert (await answer(reader))["result"] == [site.shared.host]
    writer.close()


async def test_calls_that_take_their_time_go_past_aiohttp_too(site: Site) -> None:
    async def create(ctx: Context, label: str, description: str) -> str:
        await asyncio.sleep(0)
        return label

    site.dispatcher.binding = Binding({"task.create": create})
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(request("host.get_all", site.session))
    await answer(reader)
    before = through_aiohttp(site)

    for number in range(10):
        writer.write(request("task.create", site.session, str(number), ""))
        assert (await answer(reader))["result"] == str(number)

    assert through_aiohttp(site) == before
    writer.close()


async def test_a_write_is_answered_when_the_disk_has_it_or_refuses(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    flush = site.db._flush
    monkeypatch.setattr(site.db, "_flush", lambda: None)
    vm = site.db.vm.create(name_label="old")
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)

    writer.write(request("VM.set_name_label", site.session, vm.ref, "new"))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(1), 0.1)
    assert vm.name_label == "new"
    site.db._on_disk(0, OSError("full"))
    error = (await answer(reader))["error"]
    assert (error["message"], "the disk refuses: full" in error["data"][0]) == ("INTERNAL_ERROR", True)

    writer.write(request("VM.set_name_label", site.session, vm.ref, "newer"))
    writer.write(request("VM.get_name_label", site.session, vm.ref))
    await asyncio.sleep(0.1)
    flush()
    assert (await answer(reader))["result"] == ""
    assert (await answer(reader))["result"] == "newer"
    writer.close()


async def test_a_connection_with_a_call_is_not_idle(site: Site) -> None:
    go_on = asyncio.Event()

    async def create(ctx: Context, label: str, description: str) -> str:
        await go_on.wait()
        return label

    site.dispatcher.binding = Binding({"task.create": create})
    for server in site.listeners.servers:
        server._kwargs["keepalive_timeout"] = 0.3
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(request("task.create", site.session, "slow", ""))
    await asyncio.sleep(0.7)

    go_on.set()

    assert (await answer(reader))["result"] == "slow"
    async with asyncio.timeout(60):
        assert await reader.read() == b"", "idle again, and closed"
    writer.close()


async def test_a_call_in_flight_is_answered_at_the_stop(site: Site) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def create(ctx: Context, label: str, description: str) -> str:
        begun.set()
        await go_on.wait()
        return label

    site.dispatcher.binding = Binding({"task.create": create})
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(request("task.create", site.session, "last", ""))
    await begun.wait()
    stopping = asyncio.create_task(site.listeners.stop())
    await asyncio.sleep(0)

    go_on.set()

    assert (await answer(reader))["result"] == "last"
    async with asyncio.timeout(60):
        assert await reader.read() == b""
        await stopping
    writer.close()


async def test_a_call_that_does_not_end_is_cancelled_at_the_stop(site: Site) -> None:
    begun, cancelled = asyncio.Event(), asyncio.Event()

    async def create(ctx: Context, label: str, description: str) -> str:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        return label

    site.dispatcher.binding = Binding({"task.create": create})
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(request("task.create", site.session, "never", ""))
    await begun.wait()

    async with asyncio.timeout(60):
        await site.listeners.stop()
        assert await reader.read() == b""

    assert cancelled.is_set()
    writer.close()


async def test_a_result_that_fits_no_type_is_a_bug_of_ours(site: Site) -> None:
    async def create(ctx: Context, label: str, description: str) -> object:
        return object()

    site.dispatcher.binding = Binding({"task.create": create})
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)

    writer.write(request("task.create", site.session, "", ""))

    assert (await answer(reader))["error"]["message"] == "INTERNAL_ERROR"
    writer.close()


async def test_connections_beyond_the_limit_are_refused(site: Site) -> None:
    for server in site.listeners.servers:
        server.limit = 2
    kept = [await asyncio.open_connection("127.0.0.1", site.port) for _ in range(2)]

    reader, _ = await asyncio.open_connection("127.0.0.1", site.port)

    async with asyncio.timeout(60):
        assert await reader.read() == b""
    kept[0][1].write(request("host.get_all", site.session))
    assert (await answer(kept[0][0]))["result"]
    for _, writer in kept:
        writer.close()


async def test_a_proxy_line_may_come_in_pieces(site: Site) -> None:
    reader, writer = await asyncio.open_unix_connection(site.tls)
    for byte in b"PROXY TCP4 203.0.113.7 10.0.0.1 50000 443\r\n":
        writer.write(bytes([byte]))
        await asyncio.sleep(0)
    writer.write(request("host.get_all", site.session))

    assert (await answer(reader))["result"] == [site.shared.host]
    writer.close()
