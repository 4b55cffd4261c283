from __future__ import annotations

import random
import xmlrpc.client
from typing import Any

import pytest

from xapi.dispatch.call import Answer
from xapi.http import xmlrpc as ours
from xapi.http.xmlrpc import DEPTH, Malformed, parse


def body(*values: str) -> bytes:
    params = "".join(f"<param><value>{value}</value></param>" for value in values)
    return f"<methodCall><methodName>VM.x</methodName><params>{params}</params></methodCall>".encode()


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("text", "text"),
        ("", ""),
        (" a b ", " a b "),
        ("<string>a &lt; b</string>", "a < b"),
        ("<string></string>", ""),
        ("<string>caf\u00e9</string>", "caf\u00e9"),
        ("<int>-3</int>", -3),
        ("<i4> 4 </i4>", 4),
        ("<i8>9223372036854775807</i8>", 2**63 - 1),
        ("<boolean>1</boolean>", True),
        ("<boolean>0</boolean>", False),
        ("<double>1.5</double>", 1.5),
        ("<dateTime.iso8601>20261122T07:25:48Z</dateTime.iso8601>", "20261122T07:25:48Z"),
        ("<nil/>", None),
        ("<array><data></data></array>", []),
        ("<array>\n<data>\n<value>a</value> <value><i4>1</i4></value></data></array>", ["a", 1]),
        ("<struct></struct>", {}),
        ("<struct><member><name>k</name><value>v</value></member></struct>", {"k": "v"}),
        (
            "<struct><member><name>a</name><value><struct><member><name>b</name><value><array><data><value/>"
            "</data></array></value></member></struct></value></member></struct>",
            {"a": {"b": [""]}},
        ),
    ],
)
def test_every_kind_of_value_is_read(written: str, value: Any) -> None:
    call = parse(body(written))

    assert call.method == "VM.x"
    assert call.params == [value]
    assert type(call.params[0]) is type(value)


def test_what_the_standard_library_writes_is_read() -> None:
    params = ("ref", 3, 1.5, True, ["a", {"b": "c"}], {"k": ["v"], "e": {}})

    assert parse(xmlrpc.client.dumps(params, "a.b").encode()).params == list(params)


def test_a_call_without_params_has_none() -> None:
    assert parse(b"<methodCall><methodName>a.b</methodName></methodCall>").params == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "this is not xml",
        "<a/>",
        "<methodCall>",
        "<methodCall></methodCall>",
        "<methodCall><methodName>VM.get_all</methodName>",
        "<methodCall><value>1</value></methodCall>",
        "<methodCall><methodName>x</methodName><params>text</params></methodCall>",
        "<!DOCTYPE a><methodCall><methodName>x</methodName></methodCall>",
        '<!DOCTYPE a [<!ENTITY e "x">]><methodCall><methodName>&e;</methodName></methodCall>',
        "<methodCall><methodName>&e;</methodName></methodCall>",
    ],
)
def test_what_is_no_request_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        parse(text.encode())


@pytest.mark.parametrize(
    "value",
    [
        "<int>abc</int>",
        "<int>" + "9" * 30 + "</int>",
        "<boolean>2</boolean>",
        "<double>x</double>",
        "<unknown/>",
        "<string>a</string><string>b</string>",
        "<struct><member><value>v</value></member></struct>",
        "<array><value>v</value></array>",
    ],
)
def test_what_is_no_value_is_refused(value: str) -> None:
    with pytest.raises(Malformed):
        parse(body(value))


def test_nesting_is_bounded() -> None:
    deep = "<array><data><value>" * DEPTH + "</value></data></array>" * DEPTH
    assert parse(body(deep)).params

    with pytest.raises(Malformed, match="deeper"):
        parse(body(f"<array><data><value>{deep}</value></data></array>"))


def test_entities_are_not_expanded() -> None:
    laughs = '<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {chr(98 + i)} "{("&" + chr(97 + i) + ";") * 10}">' for i in range(9)
    )
    with pytest.raises(Malformed, match="document type"):
        parse(f"<!DOCTYPE x [{laughs}]><methodCall><methodName>&j;</methodName></methodCall>".encode())


def test_mutilated_requests_are_read_or_refused_and_nothing_else() -> None:
    chance = random.Random(7)
    whole = body(
        "<struct><member><name>a</name><value><array><data><value><i4>1</i4></value></data></array></value>"
        "</member></struct>",
        "<boolean>1</boolean>",
        "&lt;x",
    )
    for _ in range(3000):
        mutilated = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(mutilated))
            match chance.randrange(3):
                case 0:
                    mutilated[at] = chance.randrange(256)
                case 1:
                    del mutilated[at : at + chance.randint(1, 20)]
                case _:
                    mutilated[at:at] = mutilated[at : at + chance.randint(1, 30)]
            if not mutilated:
                break
        try:
            call = parse(bytes(mutilated))
        except Malformed:
            continue
        assert isinstance(call.method, str)


def test_a_bare_answer_has_no_status() -> None:
    text = b"".join(ours.answer(Answer(str, "x", bare=True)))

    assert xmlrpc.client.loads(text) == (("x",), None)
