"""The daemon itself: HTTP paths, calls, the original's plug-ins, and `kill -9`."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
import xmlrpc.client
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from xml.etree import ElementTree

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from common import http
from common.errors import DaemonUnreachable
from common.idl.rrd import RRD, SOCKET, Owner, UnknownSource
from common.metrics import Metric, Plugin
from common.rpc.client import Client
from rrdd.plugins import legacy

pytestmark = pytest.mark.integration

HOST = "00000000-0000-0000-0000-00000000000f"
VM = "11111111-2222-3333-4444-555555555555"
DEADLINE = 60.0


@asynccontextmanager
async def daemon(root: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """rrdd below `root`, killed at the end."""
    inventory = root / "etc/xensource-inventory"
    inventory.parent.mkdir(parents=True, exist_ok=True)
    inventory.write_text(f"INSTALLATION_UUID='{HOST}'\n")
    environment = {**os.environ, "XAPI_ROOT": str(root)}
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "rrdd.main", env=environment)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def until(question: Callable[[], Awaitable[bool]]) -> None:
    give_up = time.monotonic() + DEADLINE
    while not await question():
        assert time.monotonic() < give_up, "not in time"
        await asyncio.sleep(0.1)


async def get(root: Path, target: str, method: str = "GET", body: bytes | None = None) -> tuple[int, bytes]:
    async with http.request(f"{root}{SOCKET}", method, target, body) as response:
        return response.status, b"".join([piece async for piece in response.pieces()])


async def call(root: Path, method: str, **params: str) -> object:
    body = xmlrpc.client.dumps((params,), method).encode()
    async with http.request(f"{root}{legacy.SOCKET}", "POST", "/", body) as response:
        ((answer,), _) = xmlrpc.client.loads(b"".join([piece async for piece in response.pieces()]))
    assert isinstance(answer, dict)
    assert answer["Status"] == "Success", answer
    return answer["Value"]


async def values(root: Path, name: str) -> list[float]:
    """The values of a host's source in the last minutes, oldest first; only known ones."""
    try:
        status, body = await get(root, "/rrd_updates?start=-300&host=true&json=true&cf=AVERAGE&interval=5")
    except DaemonUnreachable:
        return []
    if status != 200:
        return []
    answer = json.loads(body)
    entry = f"AVERAGE:host:{HOST}:{name}"
    if entry not in answer["meta"]["legend"]:
        return []
    column = answer["meta"]["legend"].index(entry)
    return [float(row["values"][column]) for row in reversed(answer["data"]) if row["values"][column] != "NaN"]


async def test_a_plugin_from_its_registration_to_the_archive_over_kill_9(tmp_path: Path) -> None:
    async with daemon(tmp_path) as process, Client(f"{tmp_path}{SOCKET}") as client:
        rrd = client.proxy(RRD)
        assert await rrd.next_reading("test", "mine") == -1.0
        path = await call(tmp_path, "Plugin.get_path", uid="mine")
        assert path == f"{tmp_path}/dev/shm/metrics/mine"
        directory = tmp_path / "dev/shm/metrics"
        with Plugin("mine", [Metric("level"), Metric("quiet", default=False)], directory=directory) as plugin:
            wait = await call(tmp_path, "Plugin.Local.register", uid="mine", info="Five_Seconds", protocol="V2")
            assert isinstance(wait, float)
            assert -1.0 < wait <= 5.0
            ticks = 0.0

            async def seen() -> bool:
                nonlocal ticks
                ticks += 1
                plugin.publish([ticks, 7.0])
                return len(await values(tmp_path, "level")) >= 2

            await until(seen)
            with pytest.raises(UnknownSource):
                await rrd.record("test", Owner.HOST, HOST, "absent")
            await rrd.record("test", Owner.HOST, HOST, "quiet")
            before = await values(tmp_path, "cpu_avg")
            process.send_signal(signal.SIGKILL)
            await process.wait()
            async with daemon(tmp_path):

                async def again() -> bool:
                    nonlocal ticks
                    ticks += 1
                    plugin.publish([ticks, 7.0])
                    return len(await values(tmp_path, "level")) >= 3

                await until(again)
                after = await values(tmp_path, "cpu_avg")
                # Nothing is lost, and at most one step is missing.
                assert after[: len(before)] == before
                _, body = await get(tmp_path, "/rrd_updates?start=-60&host=true")
                times = [int(row.findtext("t", "")) for row in ElementTree.fromstring(body).iter("row")]
                assert times == list(range(times[0], times[-1] - 1, -5))
                await _check_the_rest(tmp_path)


async def _check_the_rest(root: Path) -> None:
    status, body = await get(root, "/metrics")
    assert status == 200
    families = {family.name for family in text_string_to_metric_families(body.decode())}  # type: ignore[no-untyped-call]
    assert {"rrdd_tick_seconds", "xapi_host_level", "xapi_host_memory_free_kib", "xapi_host_cpu"} <= families
    status, xml = await get(root, "/host_rrd")
    assert status == 200
    status, _ = await get(root, f"/rrd?uuid={VM}&archive=true", "PUT", xml)
    assert status == 200
    status, back = await get(root, f"/rrd_unarchive?uuid={VM}", "POST")
    assert status == 200
    names = [node.text for node in ElementTree.fromstring(back).iter("name")]
    assert "level" in names
    assert (await get(root, f"/vm_rrd?uuid={VM}"))[0] == 200
    assert (await get(root, "/rrd?uuid=../../x", "PUT", xml))[0] == 400
    assert (await get(root, f"/rrd?uuid={VM}", "PUT", b"<rrd>"))[0] == 400
    assert (await get(root, "/rrd_updates"))[0] == 400
    assert (await get(root, "/rrd_updates?start=0"))[0] == 500
    assert (await get(root, "/vm_rrd"))[0] == 400
