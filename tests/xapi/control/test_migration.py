"""VM.pool_migrate as far as there is one host, and what is told of the rest."""

from __future__ import annotations

from typing import Any

import pytest

from tests.xapi.control.test_lifecycle import at_rest, refused, running
from tests.xapi.hypervisor import Api
from xapi.datamodel.enums import VMPowerState
from xapi.datamodel.refs import SRRef
from xapi.datamodel.types import NULL

NOTHING: dict[str, Any] = {"live": True, "vdi_map": {}, "vif_map": {}, "options": {}, "vgpu_map": {}}


async def test_a_vm_moves_to_a_new_domain_of_its_host(api: Api, sr: SRRef) -> None:
    vm = await running(api)
    before = api.db.vm[vm].domid

    await api("VM.pool_migrate", vm=vm, host=api.ctx.host, options={"live": "true"})

    assert at_rest(api, vm, VMPowerState.RUNNING)
    assert api.db.vm[vm].domid != before
    assert api.db.vm[vm].resident_on == api.ctx.host
    assert "VM_MIGRATED" in {message.name for message in api.db.message.rows()}


@pytest.mark.parametrize(("flag", "error"), [("fail", "VM_SUSPEND_TIMEOUT"), ("refuse", "FAILED_TO_START_EMULATOR")])
async def test_a_move_that_fails_leaves_the_vm_running_where_it_was(api: Api, flag: str, error: str) -> None:
    vm = await running(api, platform={"simulator/migrate": flag})
    before = api.db.vm[vm].domid

    assert (await refused(api, "VM.pool_migrate", vm=vm, host=api.ctx.host, options={}))[0] == error

    assert at_rest(api, vm, VMPowerState.RUNNING)
    assert api.db.vm[vm].domid == before


async def test_other_hosts_are_refused_honestly(api: Api) -> None:
    vm = await running(api)
    other = api.db.host.create(name_label="other", enabled=True).ref

    assert (await refused(api, "VM.pool_migrate", vm=vm, host=other, options={}))[0] in {
        "NOT_IMPLEMENTED",
        "HOST_NOT_LIVE",
        "HOST_OFFLINE",
    }
    assert (await refused(api, "VM.assert_can_migrate", vm=vm, dest={"host": other}, **NOTHING))[0] == (
        "OPERATION_NOT_ALLOWED"
    )
    assert at_rest(api, vm, VMPowerState.RUNNING)


async def test_a_client_may_ask_before(api: Api) -> None:
    vm = await running(api)
    await api("VM.assert_can_migrate", vm=vm, dest={"host": api.ctx.host}, **NOTHING)
    tied = await running(api, platform={"nomigrate": "true"})
    assert (await refused(api, "VM.assert_can_migrate", vm=tied, dest={"host": api.ctx.host}, **NOTHING))[0] in {
        "OPERATION_NOT_ALLOWED",
        "VM_IS_IMMOBILE",
    }
    assert api.db.vm[tied].scheduled_to_be_resident_on == NULL
