from __future__ import annotations

import json

import pytest

from xapi.datamodel.errors import HandleInvalid
from xapi.dispatch.call import Answer, Call
from xapi.http import jsonrpc
from xapi.http.xmlrpc import Malformed


def request(**fields: object) -> bytes:
    return json.dumps({"method": "VM.x", "params": ["a", 1], "id": 1} | fields).encode()


def test_version_2_answers_without_error_member() -> None:
    call = jsonrpc.parse(request(jsonrpc="2.0"))

    assert (call.method, call.params) == ("VM.x", ["a", 1])
    assert _answer(call, Answer(int, 5)) == b'{"jsonrpc":"2.0","result":5,"id":1}'


def test_version_1_always_has_error_member() -> None:
    call = jsonrpc.parse(request())

    assert _answer(call, Answer(str, "x")) == b'{"result":"x","error":null,"id":1}'


def test_errors_have_the_shape_of_their_version() -> None:
    failed = Answer(None, None, HandleInvalid("VM", "r"))

    assert json.loads(_answer(jsonrpc.parse(request(jsonrpc="2.0")), failed)) == {
        "jsonrpc": "2.0",
        "error": {"code": 1, "message": "HANDLE_INVALID", "data": ["VM", "r"]},
        "id": 1,
    }
    assert json.loads(_answer(jsonrpc.parse(request()), failed)) == {
        "result": None,
        "error": ["HANDLE_INVALID", "VM", "r"],
        "id": 1,
    }


@pytest.mark.parametrize("id_", ['"abc"', "null", "1.5", '{"a":[1]}', "12345678901234567890"])
def test_the_id_comes_back_as_it_was(id_: str) -> None:
    call = jsonrpc.parse(b'{"method":"a","params":[],"id":' + id_.encode() + b',"jsonrpc":"2.0"}')

    assert _answer(call, Answer(None, None)).endswith(b'"id":' + id_.encode() + b"}")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{not json",
        b"[]",
        b'[{"method":"a","params":[],"id":1}]',
        b'{"params":[],"id":1}',
        b'{"method":"a"}',
        b'{"method":1,"id":1}',
        b'{"method":"a","params":"x","id":1}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_what_is_no_request_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        jsonrpc.parse(body)


def _answer(call: Call, answer: Answer) -> bytes:
    return b"".join(jsonrpc.answer(call, answer))
