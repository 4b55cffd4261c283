"""snapwatchd: answers guests' snapshot requests (VSS) in xenstore. Where there is no xenstore, it waits for one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

from common import client_daemon
from common.client_daemon import Control
from common.errors import DaemonUnreachable, WireError
from common.idl.control import SNAPWATCHD_SOCKET
from common.xen.xenstore import SOCKET, Transaction, Xenstore, XenstoreError
from common.xenapi import XenApi
from snapwatchd.protocol import ANSWERS, ROOT, STATUS, Refused, offers, request
from snapwatchd.provider import Provider

log = logging.getLogger(__name__)

PERIOD = 60.0  # seconds between two looks for xenstore
AT_ONCE = 8  # guests served at the same time


def main(argv: Sequence[str] | None = None) -> None:
    """Run the daemon until SIGTERM."""
    client_daemon.run("snapwatchd", SNAPWATCHD_SOCKET, _watch)


async def _watch(api: XenApi, control: Control) -> None:
    while not Path(SOCKET).exists():
        control.facts = {"xenstore": "absent"}
        await api.call("pool.get_all")  # notices that xapi went away
        await control.pause(PERIOD)
    store = Xenstore()
    try:
        control.facts = {"xenstore": "connected"}
        await Guests(api, store, control).run(store)
    finally:
        await store.close()


class Guests:
    """All guests that ask. Each has one request under way: what it writes meanwhile is read afterwards."""

    def __init__(self, api: XenApi, store: Transaction, control: Control) -> None:
        self._api, self._store, self._control = api, store, control
        self._providers: dict[str, Provider] = {}
        self._busy: dict[str, bool] = {}
        """By uuid, while a request is served: whether the status changed again."""
        self._places = asyncio.Semaphore(AT_ONCE)

    async def run(self, store: Xenstore) -> None:
        """Serve until xapi or xenstore is away."""
        async with asyncio.TaskGroup() as group, store.watch(ROOT) as changed:
            group.create_task(self._prepare())
            while True:
                path = await changed.get()
                for uuid in [found[1]] if (found := STATUS.fullmatch(path)) else await self._all(path):
                    self.notice(uuid, group)

    async def _prepare(self) -> None:
        """Give each guest that can quiesce its node, and notice that xapi went away."""
        while True:
            metrics = offers(await self._api.call("VM_guest_metrics.get_all_records"))
            for record in (await self._api.call("VM.get_all_records")).values() if metrics else ():
                if record["guest_metrics"] in metrics and record["power_state"] == "Running":
                    node = f"{ROOT}/{record['uuid']}"
                    await self._store.mkdir(node)
                    await self._store.set_permissions(node, ["n0", f"b{record['domid']}"])
            await self._control.pause(PERIOD)

    def notice(self, uuid: str, group: asyncio.TaskGroup) -> None:
        """A status may have changed."""
        if uuid in self._busy:
            self._busy[uuid] = True
            return
        self._busy[uuid] = False
        group.create_task(self._serve(uuid))

    async def _all(self, path: str) -> list[str]:
        return await self._store.directory(ROOT) if path == ROOT else []

    async def _serve(self, uuid: str) -> None:
        try:
            async with self._places:
                again = True
                while again:
                    self._busy[uuid] = False
                    await self._answer(uuid)
                    again = self._busy[uuid]
        finally:
            del self._busy[uuid]

    async def _answer(self, uuid: str) -> None:
        status = f"{ROOT}/{uuid}/status"
        asked = request(await self._store.read(status))
        if asked is None:
            return
        provider = self._providers.setdefault(uuid, Provider(self._api, self._store, uuid))
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
