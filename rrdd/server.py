"""Implements `common.idl.rrd`."""

from __future__ import annotations

import asyncio
import math

from common.idl.rrd import RRD, DataSource, Owner, UnknownSource
from rrdd.source import Source
from rrdd.store import Owned, Store


class Archives(RRD):
    """Data sources, for xapi."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def data_sources(self, dbg: str, owner: Owner, uuid: str) -> list[DataSource]:
        owned = self._store.get(uuid)
        if owned is None:
            return []
        sources = {source.name: source for source in owned.rrd.sources} | owned.known
        return [_describe(owned, sources[name]) for name in sorted(sources)]

    async def record(self, dbg: str, owner: Owner, uuid: str, name: str) -> None:
        self._need(uuid, name).record(name)

    async def forget(self, dbg: str, owner: Owner, uuid: str, name: str) -> None:
        self._need(uuid, name).forget(name)

    async def query(self, dbg: str, owner: Owner, uuid: str, name: str) -> float:
        owned = self._need(uuid, name)
        if owned.rrd.index(name) is None:
            raise UnknownSource(name)
        value = owned.rrd.newest(name)
        return 0.0 if math.isnan(value) else value

    async def archive(self, dbg: str, uuid: str) -> None:
        self._store.archive(uuid)

    async def remove(self, dbg: str, uuid: str) -> None:
        self._store.remove(uuid)

    async def backup(self, dbg: str) -> None:
        await asyncio.to_thread(self._store.save_all)

    def _need(self, uuid: str, name: str) -> Owned:
        owned = self._store.get(uuid)
        if owned is None:
            raise UnknownSource(name)
        return owned


def _describe(owned: Owned, source: Source) -> DataSource:
    enabled = owned.rrd.index(source.name) is not None
    value = owned.rrd.newest(source.name)
    return DataSource(
        name_label=source.name,
        name_description=source.doc,
        enabled=enabled,
        standard=source.default,
        units=source.units or "unknown",
        min=None if math.isinf(source.minimum) else source.minimum,
        max=None if math.isinf(source.maximum) else source.maximum,
        value=0.0 if math.isnan(value) else value,
    )
