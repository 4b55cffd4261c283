"""JSON-RPC 1.0 and 2.0 in the original's shapes: a request's bytes to a `Call`, an `Answer` to bytes."""

from __future__ import annotations

from typing import Any

import msgspec

from xapi.db.render import json_pieces
from xapi.dispatch.call import Answer, Call
from xapi.http.xmlrpc import Malformed

CONTENT_TYPE = "application/json"


class _Request(msgspec.Struct):
    method: str
    id: msgspec.Raw
    params: list[Any] | dict[str, Any] = []
    jsonrpc: str | float | None = None


class _Id:
    """The request's id exactly as it came, and whether it speaks version 2."""

    __slots__ = ("raw", "second")

    def __init__(self, raw: bytes, second: bool) -> None:
        self.raw = raw
        self.second = second


_decoder = msgspec.json.Decoder(_Request)


def parse(body: bytes) -> Call:
    """The call in `body`. Raises `Malformed`. Named parameters are one parameter, a struct: that fits no message."""
    try:
        request = _decoder.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Malformed(str(error)) from None
    params = request.params if isinstance(request.params, list) else [request.params]
    return Call(request.method, params, _Id(bytes(request.id), request.jsonrpc == "2.0"))


def answer(call: Call, result: Answer) -> list[bytes]:
    """The response's body, in the version of `call`, in pieces where it is long."""
    id_: _Id = call.id
    if result.error is not None:
        return [_failure(id_, result.error.wire_code, result.error.params)]
    pieces = json_pieces(result.type, result.value)
    if id_.second:
        return [b'{"jsonrpc":"2.0","result":', *pieces, b',"id":', id_.raw, b"}"]
    return [b'{"result":', *pieces, b',"error":null,"id":', id_.raw, b"}"]


def _failure(id_: _Id, code: str, params: list[str]) -> bytes:
    if id_.second:
        error = msgspec.json.encode({"code": 1, "message": code, "data": params})
        return b'{"jsonrpc":"2.0","error":' + error + b',"id":' + id_.raw + b"}"
    return b'{"result":null,"error":' + msgspec.json.encode([code, *params]) + b',"id":' + id_.raw + b"}"
