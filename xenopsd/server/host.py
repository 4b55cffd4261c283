"""The host itself."""

from __future__ import annotations

from common.idl import xen
from common.workers import Workers
from xenopsd.backend.base import Backend


class Host(xen.HOST):
    """Implements `common.idl.xen.HOST`."""

    def __init__(self, backend: Backend, workers: Workers) -> None:
        self._backend, self._workers = backend, workers

    async def stat(self, dbg: str) -> xen.HostState:
        return await self._backend.host()

    async def dmesg(self, dbg: str) -> str:
        return await self._backend.dmesg()

    async def send_debug_keys(self, dbg: str, keys: str) -> None:
        await self._backend.send_debug_keys(keys)

    async def set_worker_pool_size(self, dbg: str, size: int) -> None:
        self._workers.resize(size)
