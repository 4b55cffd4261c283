"""Implements `common.idl.rrd`."""

from __future__ import annotations

import asyncio
import math
import time

from common.idl.rrd import RRD, DataSource, Owner, UnknownSource, UnusableName
from rrdd.collect import Collector
from rrdd.plugins.directory import Directory
from rrdd.source import Source
from rrdd.store import Owned, Store

PATIENCE = 30.0  # seconds


class Archives(RRD):
    """Data sources and plug-ins."""

    def __init__(self, store: Store, plugins: Directory, collector: Collector) -> None:
        self._store, self._plugins, self._collector = store, plugins, collector
        self._backup: asyncio.Task[None] | None = None

    async def data_sources(self, dbg: str, owner: Owner, uuid: str) -> list[DataSource]:
        owned = self._store.get(uuid)
        if owned is None:
            return []
        newest = owned.newest()
        known = owned.known
        return [_describe(known[name], newest.get(name)) for name in sorted(known)]

    async def record(self, dbg: str, owner: Owner, uuid: str, name: str) -> None:
        self._store.record(self._need(uuid, name), name)

    async def forget(self, dbg: str, owner: Owner, uuid: str, name: str) -> None:
        self._store.forget(self._need(uuid, name), name)

    async def query(self, dbg: str, owner: Owner, uuid: str, name: str) -> float:
        value = self._need(uuid, name).newest().get(name)
        if value is None:
            raise UnknownSource(name)
        return 0.0 if math.isnan(value) else value

    async def archive(self, dbg: str, uuid: str) -> None:
        self._store.archive(uuid)

    async def remove(self, dbg: str, uuid: str) -> None:
        self._collector.forget(uuid)
        self._store.remove(uuid)

    async def backup(self, dbg: str) -> None:
        if self._backup is None or self._backup.done():
            self._backup = asyncio.create_task(self._save_all())
        await asyncio.wait({self._backup}, timeout=PATIENCE)

    async def _save_all(self) -> None:
        for owned in self._store:
            if self._store.get(owned.uuid) is owned:
                self._store.save(owned.uuid)
                await asyncio.sleep(0)  # ticks and answers go on meanwhile

    async def register(self, dbg: str, uid: str) -> float:
        try:
            self._plugins.register(uid)
        except ValueError as error:
            raise UnusableName(uid) from error
        return self._until_next()

    async def deregister(self, dbg: str, uid: str) -> None:
        self._plugins.deregister(uid)

    async def next_reading(self, dbg: str, uid: str) -> float:
        return self._until_next() if self._plugins.knows(uid) else -1.0

    def path(self, uid: str) -> str:
        """Where a plug-in's file is to be."""
        return str(self._plugins.path / uid)

    def _until_next(self) -> float:
        return self._collector.next_tick - time.time()

    def _need(self, uuid: str, name: str) -> Owned:
        owned = self._store.get(uuid)
        if owned is None:
            raise UnknownSource(name)
        return owned


def _describe(source: Source, newest: float | None) -> DataSource:
    return DataSource(
        name_label=source.name,
        name_description=source.doc,
        enabled=newest is not None,
        standard=source.default,
        units=source.units or "unknown",
        min=None if math.isinf(source.minimum) else source.minimum,
        max=None if math.isinf(source.maximum) else source.maximum,
        value=0.0 if newest is None or math.isnan(newest) else newest,
    )
