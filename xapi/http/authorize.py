"""Who makes a request that is no RPC: local socket, session, pool secret or user and password; and whether they may."""

from __future__ import annotations

import base64
import binascii
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from xapi.auth import pool_secret, roles
from xapi.auth.sessions import Live
from xapi.control import audit
from xapi.datamodel.errors import SessionAuthenticationFailed, SessionInvalid
from xapi.datamodel.refs import SessionRef
from xapi.http import work
from xapi.http.pages import HttpError
from xapi.http.request import Request


@asynccontextmanager
async def authorized(request: Request) -> AsyncIterator[None]:
    """Run the block as whoever asks, who may. Raises `HttpError` 401 or 403."""
    if request.action.checks_itself:
        yield
        return
    temporary = None
    live = _by_reference(request) or _by_secret(request)
    if live is None:
        temporary = await _by_password(request)
        live = request.ctx.access.sessions.find(temporary)
    try:
        check(request, live, request.action.permission)
        request.session = live
        request.ctx.session = live.ref
        yield
    finally:
        if temporary is not None:
            request.ctx.access.sessions.remove(temporary)


def check(request: Request, live: Live | None, permission: str) -> None:
    """Raise `HttpError` 403 unless the session holds `permission`."""
    if live is None or not live.may(permission):
        _note_denial(request, live, permission)
        raise HttpError(403)


def _note_denial(request: Request, live: Live | None, permission: str) -> None:
    trail = request.ctx.shared.audit
    if trail is not None and request.action.name not in audit.UNNOTED_HTTP:
        request.ctx.session = live.ref if live is not None else None
        denied = roles.denied(permission)
        trail.denied(request.ctx, audit.Kind.HTTP, request.action.name, work.about(request), denied)


def _by_reference(request: Request) -> Live | None:
    ref = request.param("session_id")
    if ref is not None:
        try:
            live = request.ctx.access.sessions.find(ref)
        except SessionInvalid:
            raise _unauthorised(request) from None
        return live
    if request.connection.side.local_root:
        return _root("")
    return None


def _by_secret(request: Request) -> Live | None:
    given = request.param("pool_secret")
    if given is None:
        return None
    if not pool_secret.matches(given, request.ctx.access.pool_secret):
        raise _unauthorised(request)
    return _root("")


def _root(ref: str) -> Live:
    return Live(SessionRef(ref), superuser=True, permissions=frozenset(), pool=False, local=False)


async def _by_password(request: Request) -> SessionRef:
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        raise _unauthorised(request)
    try:
        user, _, password = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise _unauthorised(request) from None
    ctx = request.ctx
    try:
        await ctx.access.authentication.check(user, password, ctx.address)
    except SessionAuthenticationFailed:
        raise _unauthorised(request) from None
    return ctx.access.sessions.create(host=ctx.host, user=user, originator="HTTP basic authentication")


def _unauthorised(request: Request) -> HttpError:
    return HttpError(401, headers={"WWW-Authenticate": f'Basic realm="{request.action.name}"'})
