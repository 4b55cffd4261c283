"""Serves `common.idl.storage`: passes calls to the worker of the SR they name, and does what no single SR can."""

from __future__ import annotations

import asyncio
from typing import Any

from common import daemon
from common.idl import storage
from common.idl.storage import DP, SR, VDI, DamagedDisk, DatapathState, DpId, ProbeResult, ScanResult, SrId, SrInfo
from common.rpc import codec
from common.rpc.interface import proxy
from sm import drivers
from sm.copying import Copying
from sm.workers import Workers


class SrServer(SR):
    """`SR` of this host."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self._routed = proxy(SR, workers.send)

    async def drivers(self, dbg: str) -> list[storage.Driver]:
        return [driver.info.record(daemon.version()) for driver in drivers.DRIVERS.values()]

    async def probe(
        self, dbg: str, type: str, device_config: dict[str, str], sm_config: dict[str, str]
    ) -> list[ProbeResult]:
        drivers.find(type)
        async with self._workers.passing() as worker:
            routed = proxy(SR, worker.call_unattached)
            return await routed.probe(dbg, type, device_config, sm_config)

    async def create(
        self,
        dbg: str,
        sr: SrId,
        type: str,
        device_config: dict[str, str],
        size: int = 0,
        name_label: str = "",
        name_description: str = "",
    ) -> dict[str, str]:
        drivers.find(type)
        async with self._workers.passing(sr) as worker:
            routed = proxy(SR, worker.call_unattached)
            return await routed.create(dbg, sr, type, device_config, size, name_label, name_description)

    async def attach(self, dbg: str, sr: SrId, type: str, device_config: dict[str, str]) -> None:
        drivers.find(type)
        await self._workers.attach(sr, type, device_config)

    async def detach(self, dbg: str, sr: SrId) -> None:
        await self._workers.end(sr, "SR.detach", {"dbg": dbg, "sr": sr})

    async def destroy(self, dbg: str, sr: SrId) -> None:
        await self._workers.end(sr, "SR.destroy", {"dbg": dbg, "sr": sr})

    async def all(self, dbg: str) -> list[SrId]:
        return self._workers.attached

    async def stat(self, dbg: str, sr: SrId) -> SrInfo:
        return await self._routed.stat(dbg, sr)

    async def scan(self, dbg: str, sr: SrId) -> ScanResult:
        return await self._routed.scan(dbg, sr)

    async def update(self, dbg: str, sr: SrId, name_label: str, name_description: str) -> None:
        await self._routed.update(dbg, sr, name_label, name_description)


class DpServer(DP):
    """`DP` of this host."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers

    async def all(self, dbg: str) -> list[DatapathState]:
        return self._workers.datapaths()

    async def destroy(self, dbg: str, dp: DpId) -> None:
        for sr in {state.sr for state in self._workers.datapaths() if state.dp == dp}:
            await self._workers.ask(sr, "DP.destroy", {"dbg": dbg, "dp": dp})

    async def damaged(self, dbg: str) -> list[DamagedDisk]:
        found: list[DamagedDisk] = []
        for sr in {state.sr for state in self._workers.datapaths()}:
            answer = await self._workers.ask(sr, "DP.damaged", {"dbg": dbg})
            found += codec.decode(answer, list[DamagedDisk])
        return found


def vdi_server(workers: Workers, copying: Copying) -> VDI:
    """`VDI` of this host: each call goes to its SR's worker but the copy, in which two SRs may take part."""

    async def send(method: str, params: dict[str, Any]) -> Any:
        if method == "VDI.copy":
            return await copying.start(**params)
        if method in {"VDI.deactivate", "VDI.detach"} and params["sr"] not in workers.attached:
            # Nothing of it is open; who cleans up after a crash may not know that.
            return None
        return await workers.send(method, params)

    return proxy(VDI, send)


async def end_datapaths(workers: Workers, prefix: str) -> None:
    """End the datapaths whose name begins with `prefix`: they were of a predecessor of this process."""
    server = DpServer(workers)
    names = {state.dp for state in workers.datapaths() if state.dp.startswith(prefix)}
    await asyncio.gather(*(server.destroy("start", dp) for dp in names), return_exceptions=True)
