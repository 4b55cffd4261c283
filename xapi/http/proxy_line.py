"""The line with which stunnel begins each connection: the client's address, as the PROXY protocol, version 1."""

from __future__ import annotations

import ipaddress

LIMIT = 107  # bytes, CRLF included: what the protocol allows


class BadProxyLine(Exception):
    """A connection did not begin with a PROXY line."""


def split(data: bytes) -> tuple[str, bytes] | None:
    """The client's address and what follows the line; None while the line is incomplete. Raises `BadProxyLine`.

    `PROXY UNKNOWN` gives an empty address.
    """
    end = data.find(b"\r\n", 0, LIMIT)
    if end < 0:
        if len(data) >= LIMIT or not b"PROXY ".startswith(data[:6]):
            raise BadProxyLine("no line end in reach")
        return None
    words = data[:end].split(b" ")
    if words[0] != b"PROXY" or len(words) < 2:
        raise BadProxyLine("another first word")
    return _address(words), data[end + 2 :]


def _address(words: list[bytes]) -> str:
    if words[1] == b"UNKNOWN":
        return ""
    if words[1] not in (b"TCP4", b"TCP6") or len(words) != 6:
        raise BadProxyLine("not TCP4 or TCP6 with two addresses and two ports")
    try:
        source = ipaddress.ip_address(words[2].decode("ascii"))
        ipaddress.ip_address(words[3].decode("ascii"))
        ports = [int(word) for word in words[4:]]
    except ValueError as error:
        raise BadProxyLine(str(error)) from None
    if not all(0 <= port <= 65535 for port in ports):
        raise BadProxyLine("a port out of range")
    mapped = getattr(source, "ipv4_mapped", None)
    return str(mapped or source)
