"""The interface, its server and its client, over a real socket."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path

import pytest

from common.errors import InternalFailure, WireError
from common.idl import xen, xen_errors
from common.rpc.client import Client
from common.rpc.interface import Interface
from common.rpc.server import Server


class ECHO(Interface, prefix="Echo"):
    @abstractmethod
    async def disk(self, dbg: str, disk: xen.Disk, times: int = 1) -> list[xen.Disk]:
        """The disk, `times` times."""

    @abstractmethod
    async def fail(self, dbg: str, bug: bool) -> None:
        """Raise."""


class Echo(ECHO):
    async def disk(self, dbg: str, disk: xen.Disk, times: int = 1) -> list[xen.Disk]:
        return [disk] * times

    async def fail(self, dbg: str, bug: bool) -> None:
        if bug:
            raise ZeroDivisionError("oops")
        raise xen_errors.BadPowerState("vm", "Running", "Halted")


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / ("deep" * 40) / "echo")


async def test_union_values_travel_typed(path: str) -> None:
    server = Server(path, Echo(), name="echo", version="1")
    await server.start()
    async with Client(path) as client:
        disk = xen.VdiDisk(sr="s", vdi="v")
        assert await client.proxy(ECHO).disk("test", disk, times=2) == [disk, disk]
    await server.stop()


async def test_declared_errors_are_raised_as_their_class(path: str) -> None:
    server = Server(path, Echo(), name="echo", version="1")
    await server.start()
    async with Client(path) as client:
        with pytest.raises(xen_errors.BadPowerState) as caught:
            await client.proxy(ECHO).fail("test", False)
        with pytest.raises(InternalFailure, match="oops"):
            await client.proxy(ECHO).fail("test", True)
    await server.stop()
    assert caught.value.actual == "Running"


async def test_wrong_parameters_are_refused_by_name(path: str) -> None:
    server = Server(path, Echo(), name="echo", version="1")
    await server.start()
    async with Client(path) as client:
        with pytest.raises(WireError, match="wrong"):
            await client.send("Echo.disk", {"dbg": "t", "wrong": 1})
    await server.stop()


async def test_health_tells_name_version_uptime_and_queue(path: str) -> None:
    server = Server(path, Echo(), name="echo", version="1", gauges=lambda: {"queue_depth": 3})
    await server.start()
    async with Client(path) as client:
        body = await client.get("/health")
        metrics = await client.get("/metrics")
    await server.stop()
    assert b'"queue_depth": 3' in body
    assert metrics.endswith(b"# EOF\n")
