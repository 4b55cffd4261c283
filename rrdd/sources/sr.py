"""Sources of SRs, from what storage tells of them: looked at once a minute, since it may ask a distant array."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator

from common.errors import WireError
from common.idl.storage import SR, SrInfo
from common.rpc.client import Client
from rrdd.source import Source

log = logging.getLogger(__name__)

PERIOD = 60.0  # seconds
SOURCES = (
    Source("physical_utilisation", "Space in use on the storage", "B"),
    Source("size", "Size of the storage", "B"),
    Source("virtual_allocation", "Sizes of all disks together", "B"),
)


class Reader:
    """The newest sizes of the attached SRs."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._found: list[SrInfo] = []
        self.known = False
        """Whether the newest look told of all SRs there are."""

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            try:
                await self._look()
            except WireError as error:
                log.debug("no sizes of SRs: %s", error)
                self._found, self.known = [], False
            await asyncio.sleep(PERIOD)

    def readings(self) -> Iterator[tuple[str, list[float]]]:
        """The uuid and the values of each SR."""
        for info in self._found:
            used = info.total_space - info.free_space
            yield info.sr, [float(used), float(info.total_space), float(info.virtual_allocation)]

    def forget(self, uuid: str) -> None:
        """What was read of an SR."""
        self._found = [info for info in self._found if info.sr != uuid]

    async def _look(self) -> None:
        proxy = self._client.proxy(SR)
        found, known = [], True
        for sr in await proxy.all("rrdd"):
            try:
                found.append(await proxy.stat("rrdd", sr))
            except WireError as error:
                log.debug("SR %s: %s", sr, error)
                known = False
        self._found, self.known = found, known
