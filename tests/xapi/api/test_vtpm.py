"""TPMs as objects: who may have one, and what is told of it."""

from __future__ import annotations

from typing import Any

import pytest

from common.errors import WireError
from tests.xapi.hypervisor import Api
from xapi.datamodel.enums import PersistenceBackend
from xapi.datamodel.types import NULL


async def refused(api: Api, message: str, **params: Any) -> list[str]:
    with pytest.raises(WireError) as caught:
        await api(message, **params)
    return [caught.value.wire_code, *map(str, caught.value.params)]


async def test_a_new_one_is_empty(api: Api) -> None:
    vm = await api.vm()
    vtpm = await api("VTPM.create", vM=vm, is_unique=True)
    row = api.db.vtpm[vtpm]
    assert (row.VM, row.backend, row.is_unique, row.is_protected) == (vm, NULL, True, False)
    assert row.persistence_backend is PersistenceBackend.XAPI
    assert api.db.vm[vm].VTPMs == (vtpm,)
    assert await api("VTPM.get_contents", self=vtpm) == ""
    assert "create_vtpm" not in api.db.vm[vm].allowed_operations


async def test_a_vm_has_one_at_most(api: Api) -> None:
    vm = await api.vm()
    await api("VTPM.create", vM=vm, is_unique=False)
    assert await refused(api, "VTPM.create", vM=vm, is_unique=False) == ["VTPM_MAX_AMOUNT_REACHED", "1"]


async def test_a_running_vm_neither_gets_nor_loses_one(api: Api) -> None:
    vm = await api.vm()
    vtpm = await api("VTPM.create", vM=vm, is_unique=False)
    assert api.db.vtpm[vtpm].allowed_operations == ("destroy",)
    await api("VM.start", vm=vm, start_paused=False, force=False)
    assert api.db.vtpm[vtpm].allowed_operations == ()
    error = ["VM_BAD_POWER_STATE", vm, "halted", "running"]
    assert await refused(api, "VTPM.destroy", self=vtpm) == error
    assert await refused(api, "VTPM.create", vM=vm, is_unique=False) == error
    await api("VM.hard_shutdown", vm=vm)
    assert api.db.vtpm[vtpm].allowed_operations == ("destroy",)


async def test_what_was_destroyed_leaves_no_secret(api: Api) -> None:
    secrets = set(api.db.secret)
    vm = await api.vm()
    vtpm = await api("VTPM.create", vM=vm, is_unique=False)
    await api("VTPM.set_contents", self=vtpm, contents="a2V5cw==")
    assert await api("VTPM.get_contents", self=vtpm) == "a2V5cw=="
    await api("VTPM.destroy", self=vtpm)
    assert (api.db.vm[vm].VTPMs, set(api.db.secret)) == ((), secrets)
    assert "create_vtpm" in api.db.vm[vm].allowed_operations


async def test_contents_are_base64_and_an_error_does_not_show_them(api: Api) -> None:
    vtpm = await api("VTPM.create", vM=await api.vm(), is_unique=False)
    await api("VTPM.set_contents", self=vtpm, contents="a2V5cw==")
    assert await refused(api, "VTPM.set_contents", self=vtpm, contents="ke!ys") == [
        "INVALID_VALUE",
        "contents",
        "(not base64)",
    ]
    assert await api("VTPM.get_contents", self=vtpm) == "a2V5cw=="


async def test_none_where_ha_may_restart_the_vm_elsewhere(api: Api) -> None:
    vm = await api.vm()
    [pool] = api.db.pool.rows()
    api.db.pool.update(pool.ref, ha_enabled=True)
    assert (await refused(api, "VTPM.create", vM=vm, is_unique=False))[0] == "NOT_IMPLEMENTED"
