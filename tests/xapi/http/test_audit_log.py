"""Calls and requests leave a line each, and those who may read fetch them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import pytest

from tests.xapi.http.conftest import Site
from xapi.control.audit import Trail
from xapi.datamodel.refs import SessionRef
from xapi.datamodel.types import Role
from xapi.dispatch.binding import Binding
from xapi.dispatch.call import Call, Origin

pytestmark = pytest.mark.integration


@pytest.fixture
def audited(site: Site, tmp_path: Path) -> Site:
    site.shared.audit = Trail(tmp_path / "audit.log")
    site.dispatcher.binding = Binding()
    return site


async def get(site: Site, path: str, session: str) -> tuple[int, str]:
    url = f"http://127.0.0.1:{site.port}{path}"
    headers = {"Cookie": f"session_id={session}"}
    async with asyncio.timeout(10), aiohttp.ClientSession(headers=headers) as client, client.get(url) as response:
        return response.status, await response.text()


def a_session(site: Site, user: str, *roles: Role) -> SessionRef:
    return site.sessions.create(host=site.shared.host, user=user, superuser=False, roles=roles, auth_user_sid=user)


async def test_a_call_is_written_down_and_read(audited: Site) -> None:
    vm = audited.db.vm.create(name_label="web")
    reader, operator = a_session(audited, "r", Role.READ_ONLY), a_session(audited, "o", Role.POOL_OPERATOR)
    far = Origin(address="192.0.2.1")

    for session, name in ((operator, "one"), (reader, "two")):
        await audited.dispatcher.run(Call("VM.set_name_label", [session, vm.ref, name]), far)
    await audited.dispatcher.run(Call("VM.get_name_label", [reader, vm.ref]), far)
    status, text = await get(audited, "/audit_log", reader)

    allowed, denied = text.splitlines()
    assert status == 200
    assert f"'o' 'o' 'ALLOWED' 'OK' 'API' 'VM.set_name_label' (('self' 'web' '{vm.uuid}' '{vm.ref}'))" in allowed
    assert "|192.0.2.1|VM.set_name_label R:" in allowed
    assert "'r' 'r' 'DENIED' 'ERROR:RBAC_PERMISSION_DENIED: vm.set_name_label" in denied
    assert (await get(audited, "/audit_log?since=21", reader))[1] == ""
    assert (await get(audited, "/audit_log", a_session(audited, "nobody")))[0] == 403


async def test_logins_from_afar_are_written_down_root_s_own_are_not(audited: Site) -> None:
    for origin in (Origin(local_root=True), Origin(address="192.0.2.1")):
        await audited.dispatcher.run(Call("session.login_with_password", ["eve", "secret"]), origin)

    (line,) = (await get(audited, "/audit_log", audited.session))[1].splitlines()
    assert "'ERROR:SESSION_AUTHENTICATION_FAILED: eve" in line
    assert "('uname' 'eve' '' '')" in line
    assert "secret" not in line


async def test_the_outcome_of_an_asynchronous_call(audited: Site) -> None:
    answer = await audited.dispatcher.run(Call("Async.VM.clone", [audited.session, "OpaqueRef:no", "new"]), Origin())
    assert answer.error is None
    async with asyncio.timeout(10):
        while audited.shared.jobs:
            await asyncio.sleep(0)

    (line,) = (await get(audited, "/audit_log", audited.session))[1].splitlines()
    assert "'ERROR:HANDLE_INVALID" in line
    assert "'API' 'VM.clone' (('new_name' 'new' '' '')" in line


async def test_requests_are_written_down(audited: Site) -> None:
    reader = a_session(audited, "r", Role.READ_ONLY)

    assert (await get(audited, "/host_rrd", reader))[0] == 503
    assert (await get(audited, "/host_backup", reader))[0] == 403
    assert (await get(audited, "/rrd_updates", reader))[0] == 503

    failed, denied = (await get(audited, "/audit_log", audited.session))[1].splitlines()
    assert "'r' 'ALLOWED' 'ERROR:HttpError: 503 the metrics daemon is away' 'HTTP' 'host_rrd' ()" in failed
    assert "'r' 'DENIED' 'ERROR:RBAC_PERMISSION_DENIED: http/get_host_backup" in denied
