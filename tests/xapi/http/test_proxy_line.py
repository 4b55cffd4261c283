from __future__ import annotations

import pytest

from xapi.http.proxy_line import LIMIT, BadProxyLine, split


@pytest.mark.parametrize(
    ("line", "address"),
    [
        (b"PROXY TCP4 10.0.0.9 10.0.0.1 5000 443\r\n", "10.0.0.9"),
        (b"PROXY TCP6 fe80::1 fe80::2 5000 443\r\n", "fe80::1"),
        (b"PROXY TCP6 ::ffff:10.0.0.9 ::ffff:10.0.0.1 5000 443\r\n", "10.0.0.9"),
        (b"PROXY UNKNOWN\r\n", ""),
        (b"PROXY UNKNOWN ff::1 ff::2 1 2\r\n", ""),
    ],
)
def test_the_client_and_the_rest_are_split(line: bytes, address: str) -> None:
    assert split(line + b"GET / HTTP/1.1\r\n") == (address, b"GET / HTTP/1.1\r\n")


@pytest.mark.parametrize("part", [b"", b"P", b"PROXY TCP4 10.0", b"PROXY TCP4 10.0.0.9 10.0.0.1 5000 443\r"])
def test_an_incomplete_line_is_waited_for(part: bytes) -> None:
    assert split(part) is None


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n",
        b"PROXY\r\n",
        b"PROXY TCP4 10.0.0.9 10.0.0.1 5000\r\n",
        b"PROXY TCP4 nobody 10.0.0.1 5000 443\r\n",
        b"PROXY TCP4 10.0.0.9 10.0.0.1 5000 99999\r\n",
        b"PROXY TCP4 10.0.0.9 10.0.0.1 x 443\r\n",
        b"PROXY TCP4 " + b"1" * LIMIT,
        b"PROXY TCP9 10.0.0.9 10.0.0.1 5000 443\r\n",
        b"\x16\x03\x01",
    ],
)
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(BadProxyLine):
        split(data)
