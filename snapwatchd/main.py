"""snapwatchd: answers guests' snapshot requests (VSS) in xenstore. Where there is no xenstore, it waits for one."""

from __future__ import annotations

import asyncio
import functools
import logging
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from common import client_daemon
from common.client_daemon import Control
from common.config import load, setting
from common.errors import DaemonUnreachable, WireError
from common.idl.control import SNAPWATCHD_SOCKET
from common.xen.xenstore import SOCKET, Transaction, Xenstore, XenstoreError
from common.xenapi import XenApi
from snapwatchd.protocol import ANSWERS, ROOT, STATUS, Pace, Refused, request
from snapwatchd.provider import Provider

log = logging.getLogger(__name__)

PERIOD = 60.0  # seconds between two looks for xenstore, and for xapi
AT_ONCE = 8  # guests served at the same time
BETWEEN_LOOKS = 0.1  # seconds between two looks at the status of one guest


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of snapwatchd."""

    deadline: float = setting(10.0, "Seconds a snapshot may take: Windows holds its writes no longer.", minimum=0.1)


def main(argv: Sequence[str] | None = None) -> None:
    """Run the daemon until SIGTERM."""
    config = load(Config, "snapwatchd", sys.argv[1:] if argv is None else argv)
    client_daemon.run("snapwatchd", SNAPWATCHD_SOCKET, functools.partial(_watch, config))


async def _watch(config: Config, api: XenApi, control: Control) -> None:
    while not Path(SOCKET).exists():
        control.facts = {"xenstore": "absent"}
        await _see_xapi(api)
        await control.pause(PERIOD)
    store = Xenstore()
    try:
        control.facts = {"xenstore": "connected"}
        await Guests(config, api, store).run(store)
    finally:
        await store.close()


async def _see_xapi(api: XenApi) -> None:
    """Raises `DaemonUnreachable` when it went away."""
    await api.call("pool.get_all")


class Guests:
    """All guests that ask. Each has one request under way: what it writes meanwhile is read afterwards."""

    def __init__(self, config: Config, api: XenApi, store: Transaction) -> None:
        self._config, self._api, self._store = config, api, store
        self._guests: dict[str, tuple[Provider, Pace]] = {}
        self._busy: dict[str, bool] = {}
        """By uuid, while a request is served: whether the status changed again."""
        self._places = asyncio.Semaphore(AT_ONCE)

    async def run(self, store: Xenstore) -> None:
        """Serve until xapi or xenstore is away."""
        async with asyncio.TaskGroup() as group, store.watch(ROOT) as changed:
            group.create_task(self._keep_looking())
            while True:
                path = await changed.get()
                for uuid in [found[1]] if (found := STATUS.fullmatch(path)) else await self._all(path):
                    self.notice(uuid, group)

    async def _keep_looking(self) -> None:
        """Notice that xapi went away, and forget the guests that did."""
        while True:
            await asyncio.sleep(PERIOD)
            await _see_xapi(self._api)
            present = set(await self._store.directory(ROOT)) | self._busy.keys()
            self._guests = {uuid: guest for uuid, guest in self._guests.items() if uuid in present}

    def notice(self, uuid: str, group: asyncio.TaskGroup) -> None:
        """A status may have changed."""
        if uuid in self._busy:
            self._busy[uuid] = True
            return
        self._busy[uuid] = False
        group.create_task(self._serve(uuid, group))

    async def _all(self, path: str) -> list[str]:
        return await self._store.directory(ROOT) if path == ROOT else []

    async def _serve(self, uuid: str, group: asyncio.TaskGroup) -> None:
        try:
            again = True
            while again:
                self._busy[uuid] = False
                await self._look(uuid, group)
                await asyncio.sleep(BETWEEN_LOOKS)
                again = self._busy[uuid]
        finally:
            del self._busy[uuid]

    async def _look(self, uuid: str, group: asyncio.TaskGroup) -> None:
        status = f"{ROOT}/{uuid}/status"
        if request(await self._store.read(status)) is None:
            return
        provider, pace = self._guests.setdefault(
            uuid, (Provider(self._api, self._store, uuid, self._config.deadline, group), Pace())
        )
        await asyncio.sleep(pace.take(time.monotonic()))
        async with self._places:
            asked = request(await self._store.read(status))
            if asked is None:
                return
            done, failed = ANSWERS[asked]
            try:
                await provider.serve(asked)
                answer = done
            except DaemonUnreachable:
                raise
            except (Refused, WireError, TimeoutError) as error:
                log.info("VM %s: %s: %s", uuid, asked, str(error) or "not in time")
                answer = failed
            try:
                await self._store.write(status, answer)
            except XenstoreError as error:
                log.info("VM %s: %s not told: %s", uuid, answer, error)


if __name__ == "__main__":
    main()
