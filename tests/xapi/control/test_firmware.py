"""What firmware remembers follows the VM: fetched when it ends, given when it starts, copied with it."""

from __future__ import annotations

import asyncio
from typing import Any
from unittest.mock import AsyncMock, patch

import pytest

import tests.xapi.hypervisor
from common.errors import DaemonUnreachable, WireError
from common.idl.xen import (
    FirmwareState,
    VmId,
)
from common.idl.xen_errors import Unimplemented
from tests.xapi.hypervisor import Api, until
from xapi.control.domains import observe_vm
from xapi.control.firmware import EFI_VARIABLES
from xapi.control.xenops import Xenops
from xapi.datamodel.enums import VMPowerState, VMUefiMode
from xapi.datamodel.refs import SRRef, VMRef
from xapi.datamodel.types import NEVER
from xenopsd.backend.base import Spec
from xenopsd.backend.simulator import Simulator

BY_GUEST = FirmwareState(variables="YnkgdGhlIGd1ZXN0", tpm="a2V5cw==")
BY_CLIENT = "YnkgYSBjbGllbnQ="
UEFI = {"order": "c", "firmware": "uefi"}


class Remembering(Simulator):
    """Guests whose firmware remembers what the test says."""

    kept: dict[VmId, FirmwareState]
    has_tpms = True
    away = False

    async def firmware(self, vm: VmId) -> FirmwareState:
        if self.away:
            raise DaemonUnreachable("xenopsd", "")
        return self.kept.get(vm, FirmwareState())

    async def set_firmware(self, vm: VmId, state: FirmwareState) -> None:
        self.kept.pop(vm, None)
        if state != FirmwareState():
            self.kept[vm] = state

    async def create(self, spec: Spec) -> None:
        if spec.vm.tpm and not self.has_tpms:
            raise Unimplemented("a TPM here")
        await super().create(spec)


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch) -> dict[VmId, FirmwareState]:
    """What xenopsd has of each VM; it outlives its restarts."""
    found: dict[VmId, FirmwareState] = {}
    monkeypatch.setattr(Remembering, "kept", found, raising=False)
    monkeypatch.setattr(tests.xapi.hypervisor, "Simulator", Remembering)
    return found


Kept = dict[VmId, FirmwareState]


async def started(api: Api, **fields: Any) -> VMRef:
    vm = await api.vm(**{"HVM_boot_params": UEFI} | fields)
    await api("VTPM.create", vM=vm, is_unique=False)
    await start(api, vm)
    return vm


async def start(api: Api, vm: VMRef) -> None:
    await api("VM.start", vm=vm, start_paused=False, force=False)


def id_of(api: Api, vm: VMRef) -> VmId:
    return VmId(api.db.vm[vm].uuid)


def stored(api: Api, vm: VMRef) -> FirmwareState:
    """What the API shows of the VM."""
    [vtpm] = api.db.vm[vm].VTPMs
    secret = api.db.secret[api.db.vtpm[vtpm].contents]
    return FirmwareState(variables=api.db.vm[vm].NVRAM.get(EFI_VARIABLES, ""), tpm=secret.value)


async def test_it_is_in_the_api_when_the_vm_is_off(api: Api, kept: Kept) -> None:
    vm = await started(api)
    kept[id_of(api, vm)] = BY_GUEST
    await api("VM.hard_shutdown", vm=vm)
    assert stored(api, vm) == BY_GUEST


async def test_it_is_in_the_api_when_the_vm_is_suspended(api: Api, kept: Kept, sr: SRRef) -> None:
    vm = await started(api, HVM_boot_policy="", suspend_SR=sr)
    kept[id_of(api, vm)] = BY_GUEST
    api.db.vm.update(vm, suspend_SR=sr)
    await api("VM.suspend", vm=vm)
    assert api.db.vm[vm].power_state is VMPowerState.SUSPENDED
    assert stored(api, vm) == BY_GUEST


async def test_a_guest_that_ends_by_itself_leaves_it_too(api: Api, kept: Kept) -> None:
    vm = await started(api)
    kept[id_of(api, vm)] = BY_GUEST
    loop = asyncio.get_running_loop().create_task(Xenops(api.ctx.internal("xenops")).watch())
    await api("VM.set_xenstore_data", self=vm, value={"vm-data/simulator/do": "poweroff"})
    await until(lambda: api.db.vm[vm].power_state is VMPowerState.HALTED)
    assert stored(api, vm) == BY_GUEST
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)


@pytest.mark.parametrize("known_to_run", [True, False])
async def test_a_vm_that_ended_while_xapi_was_dead_left_it(api: Api, kept: Kept, known_to_run: bool) -> None:
    vm = await started(api)
    if not known_to_run:  # xapi died just after it had asked for the start
        api.db.vm.update(vm, power_state=VMPowerState.HALTED, domid=-1)
        api.db.vm_metrics.update(api.db.vm[vm].metrics, start_time=NEVER)
    kept[id_of(api, vm)] = BY_GUEST
    calls = api.ctx.services.xen
    await calls.task.wait("test", await calls.vm.shutdown("test", id_of(api, vm)))
    loop = Xenops(api.ctx.internal("xenops"))
    watching = asyncio.get_running_loop().create_task(loop.watch())
    await asyncio.wait_for(loop.synchronised.wait(), 5.0)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    assert (api.db.vm[vm].power_state, stored(api, vm)) == (VMPowerState.HALTED, BY_GUEST)


async def test_a_start_before_anybody_saw_the_last_run_keeps_what_it_left(api: Api, kept: Kept) -> None:
    vm = await started(api)
    api.db.vm.update(vm, power_state=VMPowerState.HALTED, domid=-1)
    api.db.vm_metrics.update(api.db.vm[vm].metrics, start_time=NEVER)
    kept[id_of(api, vm)] = BY_GUEST
    calls = api.ctx.services.xen
    await calls.task.wait("test", await calls.vm.shutdown("test", id_of(api, vm)))
    await start(api, vm)
    assert kept[id_of(api, vm)] == stored(api, vm) == BY_GUEST


async def test_a_vm_does_not_count_as_off_before_it_was_fetched(
    api: Api, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    vm = await started(api)
    kept[id_of(api, vm)] = BY_GUEST
    monkeypatch.setattr(Remembering, "away", True)
    job = asyncio.ensure_future(api("VM.hard_shutdown", vm=vm))
    while (await api.ctx.services.xen.vm.stat("test", id_of(api, vm))).state.domids:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.3)
    assert not job.done()
    assert api.db.vm[vm].power_state is VMPowerState.RUNNING
    monkeypatch.setattr(Remembering, "away", False)
    await job
    assert (api.db.vm[vm].power_state, stored(api, vm)) == (VMPowerState.HALTED, BY_GUEST)


async def test_what_a_client_sets_wins_at_the_next_start(api: Api, kept: Kept) -> None:
    vm = await started(api)
    kept[id_of(api, vm)] = BY_GUEST
    await api("VM.hard_shutdown", vm=vm)
    await api("VM.set_NVRAM", self=vm, value={EFI_VARIABLES: BY_CLIENT})
    await api("VTPM.set_contents", self=api.db.vm[vm].VTPMs[0], contents=BY_CLIENT)
    await start(api, vm)
    assert kept[id_of(api, vm)] == FirmwareState(variables=BY_CLIENT, tpm=BY_CLIENT)


@pytest.mark.parametrize("seen", [True, False])
async def test_what_a_client_sets_survives_a_start_that_fails(api: Api, kept: Kept, seen: bool) -> None:
    vm = await started(api)
    kept[id_of(api, vm)] = BY_GUEST
    calls = api.ctx.services.xen
    if not seen:
        api.db.vm.update(vm, power_state=VMPowerState.HALTED, domid=-1)
        api.db.vm_metrics.update(api.db.vm[vm].metrics, start_time=NEVER)
        await calls.task.wait("test", await calls.vm.shutdown("test", id_of(api, vm)))
        await observe_vm(api.ctx, vm)
        assert stored(api, vm) == BY_GUEST
    else:
        await api("VM.hard_shutdown", vm=vm)
    await api("VM.set_NVRAM", self=vm, value={EFI_VARIABLES: BY_CLIENT})
    away = AsyncMock(side_effect=DaemonUnreachable("xenopsd", ""))
    with patch.object(calls.vm, "start", away), pytest.raises(WireError):
        await start(api, vm)
    assert stored(api, vm).variables == BY_CLIENT
    await start(api, vm)
    assert kept[id_of(api, vm)].variables == BY_CLIENT


async def test_what_a_client_clears_is_forgotten(api: Api, kept: Kept) -> None:
    vm = await started(api)
    kept[id_of(api, vm)] = BY_GUEST
    await api("VM.hard_shutdown", vm=vm)
    await api("VM.set_uefi_mode", self=vm, mode=VMUefiMode.SETUP)
    await api("VTPM.destroy", self=api.db.vm[vm].VTPMs[0])
    await start(api, vm)
    assert id_of(api, vm) not in kept


async def test_a_reboot_keeps_what_the_guest_wrote(api: Api, kept: Kept) -> None:
    vm = await started(api)
    kept[id_of(api, vm)] = BY_GUEST
    await api("VM.hard_reboot", vm=vm)
    assert kept[id_of(api, vm)] == BY_GUEST


async def test_what_was_never_used_does_not_overwrite(api: Api, kept: Kept) -> None:
    vm = await started(api)
    kept[id_of(api, vm)] = BY_GUEST
    await api("VM.hard_shutdown", vm=vm)
    await start(api, vm)
    kept.clear()  # its files were deleted by hand
    await api("VM.hard_shutdown", vm=vm)
    assert stored(api, vm) == BY_GUEST


async def test_a_snapshot_has_what_the_running_guest_has_now(api: Api, kept: Kept) -> None:
    others = len(api.db.secret)
    vm = await started(api)
    kept[id_of(api, vm)] = BY_GUEST
    made = await api("VM.snapshot", vm=vm, new_name="s", ignore_vdis=())
    assert stored(api, made) == BY_GUEST

    kept[id_of(api, vm)] = FirmwareState(variables="bGF0ZXI=", tpm="bGF0ZXI=")
    await api("VM.hard_shutdown", vm=vm)
    assert stored(api, made) == BY_GUEST
    await api("VM.revert", snapshot=made)
    assert stored(api, vm) == BY_GUEST
    assert len(api.db.secret) - others == len(api.db.vtpm) == 2
    await start(api, vm)
    assert kept[id_of(api, vm)] == BY_GUEST


async def test_a_revert_counts_although_xenopsd_still_knows_the_vm(api: Api, kept: Kept) -> None:
    vm = await started(api)
    made = await api("VM.snapshot", vm=vm, new_name="s", ignore_vdis=())
    api.db.vm.update(made, NVRAM={EFI_VARIABLES: BY_CLIENT})
    api.db.vm_metrics.update(api.db.vm[made].metrics, start_time=NEVER)
    kept[id_of(api, vm)] = BY_GUEST
    await api("VM.hard_shutdown", vm=vm)
    away = AsyncMock(side_effect=DaemonUnreachable("xenopsd", ""))
    with patch.object(api.ctx.services.xen.vm, "remove", away):
        await api("VM.revert", snapshot=made)
    await observe_vm(api.ctx, vm)
    assert stored(api, vm).variables == BY_CLIENT


@pytest.mark.parametrize(("is_unique", "expected"), [(False, BY_GUEST.tpm), (True, "")])
async def test_a_clone_has_a_tpm_of_its_own(api: Api, is_unique: bool, expected: str) -> None:
    vm = await api.vm(HVM_boot_params=UEFI)
    vtpm = await api("VTPM.create", vM=vm, is_unique=is_unique)
    await api("VTPM.set_contents", self=vtpm, contents=BY_GUEST.tpm)
    secrets = set(api.db.secret)
    made = await api("VM.clone", vm=vm, new_name="c")
    assert stored(api, made).tpm == expected
    [theirs] = api.db.vm[made].VTPMs
    assert theirs != vtpm
    assert api.db.vtpm[theirs].is_unique is is_unique
    assert api.db.vtpm[theirs].allowed_operations == ("destroy",)

    await api("VM.destroy", self=made)
    assert (list(api.db.vtpm), set(api.db.secret)) == ([vtpm], secrets)


async def test_nothing_is_left_of_a_destroyed_vm(api: Api, kept: Kept) -> None:
    secrets = set(api.db.secret)
    vm = await started(api)
    kept[id_of(api, vm)] = BY_GUEST
    await api("VM.hard_shutdown", vm=vm)
    await api("VM.destroy", self=vm)
    assert (kept, len(api.db.vtpm), set(api.db.secret)) == ({}, 0, secrets)


async def test_a_platform_that_asks_for_a_tpm_gets_one(api: Api) -> None:
    vm = await api.vm(HVM_boot_params=UEFI, platform={"vtpm": "true"})
    await start(api, vm)
    [vtpm] = api.db.vm[vm].VTPMs
    assert (await api.ctx.services.xen.vm.stat("test", id_of(api, vm))).vm.tpm
    await api("VM.hard_shutdown", vm=vm)
    await start(api, vm)
    assert api.db.vm[vm].VTPMs == (vtpm,)


async def test_where_there_can_be_no_tpm_such_a_vm_does_not_start(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Remembering, "has_tpms", False)
    vm = await api.vm(HVM_boot_params=UEFI, platform={"vtpm": "true"})
    with pytest.raises(WireError) as caught:
        await start(api, vm)
    assert (caught.value.wire_code, caught.value.params) == ("NOT_IMPLEMENTED", ["a TPM here"])
    assert api.db.vm[vm].power_state is VMPowerState.HALTED


async def test_bios_guests_cost_no_question(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    vm = await api.vm()
    await start(api, vm)
    monkeypatch.setattr(Remembering, "away", True)
    await api("VM.hard_shutdown", vm=vm)
    assert api.db.vm[vm].power_state is VMPowerState.HALTED
