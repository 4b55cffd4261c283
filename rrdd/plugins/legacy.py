"""Registration of the original's plug-ins, unchanged: its calls as XML-RPC or JSON-RPC on the socket they know."""

from __future__ import annotations

import xmlrpc.client
from collections.abc import Mapping
from typing import Any
from xml.parsers.expat import ExpatError

import msgspec

from common import daemon
from common.config import under_root
from common.errors import WireError
from common.rpc.server import FileAnswer, FileRequest, Server
from rrdd.server import Archives

SOCKET = "/var/lib/xcp/xcp-rrdd"
HEADER = "DATASOURCES\n"
LONGEST = 64 * 1024  # bytes of a call


class UnknownMethod(Exception):
    """None of the calls that plug-ins make."""


def server(archives: Archives) -> Server:
    """The socket of plug-ins that were written for the original."""
    made = Server(str(under_root(SOCKET)), name="rrdd-plugins", version=daemon.version())

    async def answer(request: FileRequest) -> FileAnswer:
        return await _answer(archives, request.body)

    for path in ("/", "/RPC2", "/jsonrpc"):
        made.file(path, answer, method="POST")
    return made


async def _answer(archives: Archives, body: bytes) -> FileAnswer:
    if len(body) > LONGEST:
        return FileAnswer(status=413)
    is_json = body.lstrip()[:1] == b"{"
    try:
        method, params, identity = _json(body) if is_json else _xml(body)
    except (ExpatError, xmlrpc.client.ResponseError, msgspec.MsgspecError, UnknownMethod, ValueError):
        return FileAnswer(status=400)
    try:
        value = await _call(archives, method, params)
    except (WireError, UnknownMethod) as error:
        return (
            _json_failure(identity, str(error))
            if is_json
            else _xml_value("Failure", [type(error).__name__, str(error)])
        )
    if is_json:
        body = msgspec.json.encode({"jsonrpc": "2.0", "id": identity, "result": value})
        return FileAnswer(body=body, content_type="application/json")
    return _xml_value("Success", value)


async def _call(archives: Archives, method: str, params: Mapping[str, Any]) -> object:
    uid = str(params.get("uid", ""))
    match method:
        case "Plugin.get_header":
            return HEADER
        case "Plugin.get_path":
            return archives.path(uid)
        case "Plugin.Local.register" | "Plugin.register":
            return await archives.register("plugin", uid)
        case "Plugin.Local.next_reading" | "Plugin.next_reading":
            return await archives.next_reading("plugin", uid)
        case "Plugin.Local.deregister" | "Plugin.deregister":
            await archives.deregister("plugin", uid)
            return ""
    raise UnknownMethod(method)


def _xml(body: bytes) -> tuple[str, Mapping[str, Any], Any]:
    if b"<!" in body:
        raise UnknownMethod("document types are refused")
    params, method = xmlrpc.client.loads(body)
    return _named(method, params)


def _json(body: bytes) -> tuple[str, Mapping[str, Any], Any]:
    call = msgspec.json.decode(body)
    method, params, identity = _named(call.get("method"), call.get("params") or [])
    return method, params, call.get("id", identity)


def _named(method: object, params: Any) -> tuple[str, Mapping[str, Any], Any]:
    if isinstance(params, list | tuple):
        params = params[0] if params else {}
    if not isinstance(method, str) or not isinstance(params, Mapping):
        raise UnknownMethod(str(method))
    return method, params, None


def _xml_value(status: str, value: object) -> FileAnswer:
    name = "Value" if status == "Success" else "ErrorDescription"
    body = xmlrpc.client.dumps(({"Status": status, name: value},), methodresponse=True)
    return FileAnswer(body=body.encode(), content_type="text/xml")


def _json_failure(identity: object, text: str) -> FileAnswer:
    body = msgspec.json.encode({"jsonrpc": "2.0", "id": identity, "error": {"code": 1, "message": text, "data": []}})
    return FileAnswer(body=body, content_type="application/json")
