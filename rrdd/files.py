"""The HTTP paths that clients know: `/rrd_updates`, whole archives."""

from __future__ import annotations

from common.idl.rrd import Owner, UnknownSource
from common.rpc.server import FileAnswer, FileRequest, Server
from rrdd.rrd import text, updates
from rrdd.rrd.archive import STEP, Consolidation, Rrd
from rrdd.store import Owned, Store

TRUE = "true"
NOBODY = "none"
CORS = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "X-Requested-With"}


class Files:
    """`/rrd_updates`, `/host_rrd`, `/vm_rrd`, `/sr_rrd` and their plural names."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add_to(self, server: Server) -> None:
        """Serve the paths on `server`."""
        server.file("/rrd_updates", self._updates)
        for path in ("/host_rrd", "/host_rrds"):
            server.file(path, self._host)
        for path in ("/vm_rrd", "/vm_rrds", "/sr_rrd"):
            server.file(path, self._one)

    def _updates(self, request: FileRequest) -> FileAnswer:
        try:
            start = int(float(request.query["start"]))
        except (KeyError, ValueError, OverflowError):
            return FileAnswer(status=400)
        query = updates.Query(start, _interval(request), _consolidation(request))
        chosen = [(owned.owner, owned.uuid, owned.rrd) for owned in self._store if _wanted(owned, request)]
        try:
            found = updates.table(query, chosen)
        except updates.NoArchive:
            return FileAnswer(status=500, body=b"No archive available")
        if _wants_json(request):
            return _answer(updates.to_json(found), json=True)
        return _answer(updates.to_xml(found), json=False)

    def _host(self, request: FileRequest) -> FileAnswer:
        hosts = [owned.rrd for owned in self._store if owned.owner is Owner.HOST]
        return self._whole(hosts[0] if hosts else None, request)

    def _one(self, request: FileRequest) -> FileAnswer:
        uuid = request.query.get("uuid", "")
        if not uuid:
            return FileAnswer(status=400)
        owned = self._store.get(uuid)
        try:
            return self._whole(owned.rrd if owned else self._store.load(uuid), request)
        except UnknownSource:
            return FileAnswer(status=404)

    def _whole(self, rrd: Rrd | None, request: FileRequest) -> FileAnswer:
        if rrd is None:
            return FileAnswer(status=404)
        if _wants_json(request):
            return _answer(text.to_json(rrd), json=True)
        return _answer(text.to_xml(rrd), json=False)


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
