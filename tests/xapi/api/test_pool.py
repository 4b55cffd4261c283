"""The pool of one host, and the small classes that belong to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from xapi.api import blob, diagnostics, gpu_group, pool, secret, subject
from xapi.context import Context
from xapi.control import blobs
from xapi.datamodel.enums import HelloReturn, UpdateSyncFrequency
from xapi.datamodel.errors import (
    AuthIsDisabled,
    GPUGroupContainsPGPU,
    InvalidRepositoryProxyCredential,
    InvalidRepositoryProxyUrl,
    InvalidUpdateSyncDay,
    InvalidValue,
    NoRepositoriesConfigured,
    OperationNotAllowed,
    RoleAlreadyExists,
    RoleNotFound,
    UuidInvalid,
)
from xapi.datamodel.refs import PoolRef, RoleRef
from xapi.datamodel.types import NULL

ADMIN = RoleRef("OpaqueRef:0165f154-ba3e-034e-6b27-5d271af109ba")
DAILY, WEEKLY = UpdateSyncFrequency.DAILY, UpdateSyncFrequency.WEEKLY


@pytest.fixture
def ref(started: Context) -> PoolRef:
    return started.db.pool.rows()[0].ref


async def test_the_only_host_is_the_coordinator(started: Context) -> None:
    other = started.db.host.create().ref

    assert not await pool.is_slave(started, started.host)
    assert await pool.is_slave(started, other)
    await pool.designate_new_master(started, started.host)
    with pytest.raises(OperationNotAllowed):
        await pool.designate_new_master(started, other)


async def test_a_member_is_greeted_if_it_is_known(started: Context) -> None:
    uuid = started.db.host[started.host].uuid

    assert await pool.hello(started, uuid, "10.0.0.2") is HelloReturn.OK
    assert await pool.hello(started, "nobody", "10.0.0.3") is HelloReturn.UNKNOWN_HOST


@pytest.mark.parametrize(("frequency", "day"), [(WEEKLY, 7), (WEEKLY, -1), (DAILY, 3)])
async def test_days_that_are_none(started: Context, ref: PoolRef, frequency: UpdateSyncFrequency, day: int) -> None:
    with pytest.raises(InvalidUpdateSyncDay):
        await pool.configure_update_sync(started, ref, frequency, day)


async def test_updates_need_a_repository(started: Context, ref: PoolRef) -> None:
    await pool.configure_update_sync(started, ref, WEEKLY, 6)
    await pool.set_update_sync_enabled(started, ref, False)
    with pytest.raises(NoRepositoriesConfigured):
        await pool.set_update_sync_enabled(started, ref, True)


@pytest.mark.parametrize("value", [0, 1001])
async def test_threads_have_limits(started: Context, ref: PoolRef, value: int) -> None:
    with pytest.raises(InvalidValue):
        await pool.set_local_auth_max_threads(started, ref, value)


async def test_telemetry_gets_a_fresh_identity(started: Context, ref: PoolRef) -> None:
    old = started.db.pool[ref].telemetry_uuid

    await pool.reset_telemetry_uuid(started, ref)

    assert old not in started.db.secret
    assert started.db.pool[ref].telemetry_uuid in started.db.secret


async def test_forgetting_the_proxy_forgets_its_password(started: Context, ref: PoolRef) -> None:
    password = started.db.secret.create(value="x").ref
    started.db.pool.update(ref, repository_proxy_url="http://p", repository_proxy_password=password)

    await pool.disable_repository_proxy(started, ref)

    row = started.db.pool[ref]
    assert (row.repository_proxy_url, row.repository_proxy_password) == ("", NULL)
    assert password not in started.db.secret


@pytest.mark.parametrize("url", ["proxy:3128", "ftp://proxy", "http://", "http://user@proxy", "http://proxy/path"])
async def test_proxies_that_are_none(started: Context, ref: PoolRef, url: str) -> None:
    with pytest.raises(InvalidRepositoryProxyUrl):
        await pool.configure_repository_proxy(started, ref, url, "", "")


async def test_a_proxys_password_becomes_a_secret(started: Context, ref: PoolRef) -> None:
    with pytest.raises(InvalidRepositoryProxyCredential):
        await pool.configure_repository_proxy(started, ref, "http://proxy:3128", "user", "")

    await pool.configure_repository_proxy(started, ref, "http://proxy:3128", "user", "swordfish")

    row = started.db.pool[ref]
    assert (row.repository_proxy_url, row.repository_proxy_username) == ("http://proxy:3128", "user")
    assert started.db.secret[row.repository_proxy_password].value == "swordfish"


async def test_a_secret_is_introduced_once_with_one_value(started: Context) -> None:
    uuid = "11111111-2222-3333-4444-555555555555"
    first = await secret.introduce(started, uuid, "a", {})

    assert await secret.introduce(started, uuid, "a", {}) == first
    with pytest.raises(UuidInvalid):
        await secret.introduce(started, uuid, "b", {})


async def test_a_blob_goes_with_its_content(started: Context, root: Path) -> None:
    ref = await blob.create(started, "", False)
    row = started.db.blob[ref]
    path = blobs.path(row.uuid)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"content")

    await blob.destroy(started, ref)

    assert root in path.parents
    assert not path.exists()
    assert row.mime_type == "application/octet-stream"


async def test_subjects_hold_roles_once(started: Context) -> None:
    with pytest.raises(AuthIsDisabled):
        await subject.create(started, {"subject_identifier": "S-1", "other_config": {}})
    ref = started.db.subject.create(subject_identifier="S-1", roles=()).ref

    with pytest.raises(RoleNotFound):
        await subject.add_to_roles(started, ref, RoleRef("OpaqueRef:nothing"))
    await subject.add_to_roles(started, ref, ADMIN)
    with pytest.raises(RoleAlreadyExists):
        await subject.add_to_roles(started, ref, ADMIN)
    assert "vm.start" in await subject.get_permissions_name_label(started, ref)
    await subject.remove_from_roles(started, ref, ADMIN)
    with pytest.raises(RoleNotFound):
        await subject.remove_from_roles(started, ref, ADMIN)


async def test_a_gpu_group_with_cards_stays(started: Context) -> None:
    ref = await gpu_group.create(started, "g", "", {})
    card = started.db.pgpu.create(GPU_group=ref)

    with pytest.raises(GPUGroupContainsPGPU):
        await gpu_group.destroy(started, ref)
    started.db.pgpu.delete(card.ref)
    await gpu_group.destroy(started, ref)

    assert ref not in started.db.gpu_group


async def test_figures_count_rows(started: Context) -> None:
    assert (await diagnostics.db_stats(started))["pool"] == "1"
