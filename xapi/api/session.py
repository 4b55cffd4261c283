"""Implementation of session: logging in and out."""

from __future__ import annotations

from xapi.auth import pool_secret
from xapi.auth.login import WRONG, LoginFailed
from xapi.context import Context
from xapi.control import membership
from xapi.datamodel.errors import HostIsSlave
from xapi.datamodel.refs import HostRef, SessionRef

ROOT = "root"


async def login_with_password(ctx: Context, uname: str, pwd: str, version: str, originator: str) -> SessionRef:
    coordinator = membership.coordinator()
    if coordinator is not None:
        raise HostIsSlave(coordinator)
    if not ctx.local_root:
        await ctx.access.authentication.check(uname, pwd, ctx.address)
    return ctx.access.sessions.create(host=ctx.host, user=uname or ROOT, originator=originator)


async def slave_login(ctx: Context, host: HostRef, psecret: str) -> SessionRef:
    await _check_secret(ctx, psecret)
    return ctx.access.sessions.create(host=host, user="", pool=True)


async def slave_local_login(ctx: Context, psecret: str) -> SessionRef:
    await _check_secret(ctx, psecret)
    return ctx.access.sessions.create_local()


async def slave_local_login_with_password(ctx: Context, uname: str, pwd: str) -> SessionRef:
    if not ctx.local_root:
        await ctx.access.authentication.check(uname, pwd, ctx.address)
    return ctx.access.sessions.create_local()


async def logout(ctx: Context) -> None:
    _end(ctx)


async def local_logout(ctx: Context) -> None:
    _end(ctx)


async def change_password(ctx: Context, old_pwd: str, new_pwd: str) -> None:
    """The old password is not asked for: the caller is root already."""
    await ctx.access.authentication.change_password(ROOT, new_pwd)


async def get_all_subject_identifiers(ctx: Context) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.auth_user_sid for row in ctx.db.session.rows() if row.auth_user_sid))


async def logout_subject_identifier(ctx: Context, subject_identifier: str) -> None:
    """The caller's own session stays."""
    for row in ctx.db.session.where(auth_user_sid=subject_identifier):
        if row.ref != ctx.session:
            ctx.access.sessions.remove(SessionRef(row.ref))


def _end(ctx: Context) -> None:
    if ctx.session is not None:
        ctx.access.sessions.remove(ctx.session)


async def _check_secret(ctx: Context, given: str) -> None:
    if not pool_secret.matches(given, ctx.access.pool_secret):
        await ctx.access.authentication.refused(ctx.address)
        raise LoginFailed("", WRONG)
