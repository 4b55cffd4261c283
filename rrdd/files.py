"""The HTTP paths that clients know: `/rrd_updates`, whole archives in and out, OpenMetrics."""

from __future__ import annotations

import asyncio
import time
import zlib

from common.idl.rrd import Owner, UnknownSource
from common.rpc.server import OPENMETRICS, FileAnswer, FileRequest, Server
from rrdd import openmetrics
from rrdd.graphs import Graphs
from rrdd.rrd import text, updates
from rrdd.rrd.archive import Rrd
from rrdd.rrd.layout import STEP, Consolidation
from rrdd.store import Owned, Store, unpacked

TRUE = "true"
NOBODY = "none"
CORS = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "X-Requested-With"}


class Files:
    """`/rrd_updates`, `/host_rrd`, `/vm_rrd`, `/sr_rrd` with their plurals, `/rrd`, `/rrd_unarchive`, `/metrics`."""

    def __init__(self, store: Store, server: Server) -> None:
        self._store, self._server = store, server

    def add_to(self, server: Server) -> None:
        """Serve the paths on `server`."""
        server.file("/rrd_updates", self._updates)
        for path in ("/host_rrd", "/host_rrds"):
            server.file(path, self._host)
        for path in ("/vm_rrd", "/vm_rrds", "/sr_rrd"):
            server.file(path, self._one)
        server.file("/rrd", self._put, method="PUT")
        server.file("/rrd_unarchive", self._unarchive, method="POST")
        server.file("/metrics", self._metrics)
        server.file("/graph", Graphs(self._store).answer)

    async def _updates(self, request: FileRequest) -> FileAnswer:
        try:
            start = int(float(request.query["start"]))
        except (KeyError, ValueError, OverflowError):
            return FileAnswer(status=400)
        query = updates.Query(start, _interval(request), _consolidation(request))
        chosen = [owned.member() for owned in self._store if owned.positions and _wanted(owned, request)]
        try:
            found = updates.table(query, chosen)
        except updates.NoArchive:
            return FileAnswer(status=500, body=b"No archive available")
        # Numbers of a thousand VMs take a while to write.
        json = _wants_json(request)
        return _answer(await asyncio.to_thread(updates.to_json if json else updates.to_xml, found), json=json)

    async def _host(self, request: FileRequest) -> FileAnswer:
        hosts = [owned.database() for owned in self._store if owned.owner is Owner.HOST]
        return await self._whole(hosts[0] if hosts else None, request)

    async def _one(self, request: FileRequest) -> FileAnswer:
        uuid = request.query.get("uuid", "")
        if not uuid:
            return FileAnswer(status=400)
        owned = self._store.get(uuid)
        try:
            return await self._whole(owned.database() if owned else self._store.load(uuid), request)
        except UnknownSource:
            return FileAnswer(status=404)

    async def _whole(self, rrd: Rrd | None, request: FileRequest) -> FileAnswer:
        if rrd is None:
            return FileAnswer(status=404)
        json = _wants_json(request)
        return _answer(await asyncio.to_thread(text.to_json if json else text.to_xml, rrd), json=json)

    async def _put(self, request: FileRequest) -> FileAnswer:
        """A database comes from another host: with `archive=true` to be kept, else since its owner came here."""
        uuid = request.query.get("uuid", "")
        try:
            self._store.path(uuid)
            rrd = await asyncio.to_thread(text.from_xml, _plain(request.body))
        except (UnknownSource, text.BadArchive, zlib.error) as error:
            return FileAnswer(status=400, body=str(error).encode())
        owned = self._store.get(uuid)
        if owned is None or request.query.get("archive") == TRUE:
            self._store.put(uuid, text.to_xml(rrd))
        else:
            self._store.adopt(owned, rrd, time.time())
        return FileAnswer()

    async def _unarchive(self, request: FileRequest) -> FileAnswer:
        """The archive on disk, for a host where its VM starts."""
        try:
            return await self._whole(self._store.load(request.query.get("uuid", "")), request)
        except UnknownSource:
            return FileAnswer(status=404)

    def _metrics(self, _request: FileRequest) -> FileAnswer:
        databases = ((owned.owner, owned.uuid, owned.sources, owned.newest()) for owned in self._store)
        body = f"{self._server.own_metrics()}{openmetrics.text(databases)}# EOF\n"
        return FileAnswer(body=body.encode(), content_type=OPENMETRICS)


def _plain(body: bytes) -> bytes:
    return unpacked(body) if body.startswith(b"\x1f\x8b") else body


def _wanted(owned: Owned, request: FileRequest) -> bool:
    """The host only if asked for; VMs unless others are named; SRs only if named. `all` and `none` are understood."""
    if owned.owner is Owner.HOST:
        return request.query.get("host") == TRUE
    named = request.values(f"{owned.owner}_uuid")
    if not named:
        return owned.owner is Owner.VM
    return NOBODY not in named and ("all" in named or owned.uuid in named)


def _interval(request: FileRequest) -> int:
    try:
        return max(STEP, int(request.query.get("interval", STEP)))
    except ValueError:
        return STEP


def _consolidation(request: FileRequest) -> Consolidation | None:
    name = request.query.get("cf", "")
    return Consolidation(name) if name in list(Consolidation) else None


def _wants_json(request: FileRequest) -> bool:
    asked = request.query.get("json")
    return asked not in {None, "false"} or "application/json" in request.accept


def _answer(body: bytes, *, json: bool) -> FileAnswer:
    return FileAnswer(body=body, content_type="application/json" if json else "text/xml", headers=CORS)
