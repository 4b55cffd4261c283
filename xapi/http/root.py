"""`GET /`: a page that says what this is."""

from __future__ import annotations

import html

from common.daemon import version
from xapi.datamodel import API_VERSION
from xapi.http import pages
from xapi.http.exchange import Done, respond
from xapi.http.request import Request

PATHS = frozenset({"/", "/index.html"})


async def page(request: Request) -> Done:
    """The page; 404 for any other path."""
    if request.path not in PATHS or request.aio is None:
        raise pages.HttpError(404)
    major, minor = API_VERSION
    name = html.escape(_name(request))
    body = (
        "<!DOCTYPE html><html><head><meta charset='utf-8'><title>"
        f"{name}</title></head><body><h1>{name}</h1>"
        f"<p>This host speaks the XenAPI {major}.{minor}: XML-RPC at this address, JSON-RPC at <code>/jsonrpc</code>."
        f"</p><p>xapi-toolstack {html.escape(version())}</p></body></html>"
    )
    headers = {"content-type": "text/html"}
    return await respond(request.aio, request.connection, 200, [body.encode()], headers)


def _name(request: Request) -> str:
    host = request.ctx.db.host.get(request.ctx.host)
    return host.name_label if host is not None and host.name_label else "xapi"
