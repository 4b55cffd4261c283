"""A request that is no RPC, as its handler sees it: where it came from, who asks, in which task."""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from xapi.auth.sessions import Live
from xapi.context import Context
from xapi.datamodel.http_actions import HttpAction
from xapi.http.connection import Connection


@dataclass(slots=True)
class Request:
    """`aio` is None for CONNECT, which aiohttp does not see."""

    action: HttpAction
    path: str
    query: Mapping[str, str]
    """Parameters of the query, percent-decoded; the last of several with the same name."""
    headers: Mapping[str, str]
    """By lower-case name."""
    connection: Connection
    aio: web.BaseRequest | None
    ctx: Context
    session: Live | None = None
    """Who asks; None where the handler checks by itself."""

    def param(self, name: str) -> str | None:
        """A parameter that may stand in a cookie or the query; the cookie is looked at first."""
        return cookies(self.headers.get("cookie", "")).get(name) or self.query.get(name)


def cookies(header: str) -> dict[str, str]:
    """Cookies by name, separated by `;` or, as old clients do, by `&`; both sides percent-decoded."""
    found = {}
    for piece in header.replace("&", ";").split(";"):
        name, equals, value = piece.strip().partition("=")
        if equals:
            found[urllib.parse.unquote(name)] = urllib.parse.unquote(value)
    return found


def query_of(text: str) -> dict[str, str]:
    """The parameters of a query string. A plus sign is a plus sign: references and names are not forms."""
    pairs = (piece.partition("=") for piece in text.split("&") if piece)
    return {urllib.parse.unquote(name): urllib.parse.unquote(value) for name, _, value in pairs}
