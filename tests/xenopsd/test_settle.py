"""What is done about a VM as it is found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from common.idl.xen import (
    Action,
    DiskType,
    PowerState,
    VdiDisk,
)
from tests.xenopsd.samples import SR, VM, vbd, vm
from xenopsd import plans
from xenopsd.atomics.migration import VmRunOn
from xenopsd.atomics.vbd import DiskClose, DiskOpen, VbdSetDisk
from xenopsd.atomics.vm import Delay, VmCrashed, VmReady, VmUnpause
from xenopsd.backend.base import Domain, Ending, Status
from xenopsd.settle import REBOOT_DELAY, STALL_PAUSE, power_state, settle
from xenopsd.steps import parallel, serial
from xenopsd.store import Open, Phase, Record

ALIVE = Domain(domid=1, status=Status.RUNNING, disks={"xvda": True})
STARTED = 1000.0


def record(phase: Phase, opened: Sequence[str] = ("xvda",), **fields: Any) -> Record:
    return Record(
        vm=vm(**fields),
        vbds={"xvda": vbd("xvda", 0), "xvdc": vbd("xvdc", 2, None)},
        phase=phase,
        last_start_time=STARTED,
        open={device: Open(disk=VdiDisk(sr=SR, vdi=device), read_only=False) for device in opened},
    )


def found(record: Record, domain: Domain | None, ran: float = 500.0) -> object:
    return settle(record, domain, now=STARTED + ran, minimum_run=120.0)


def ended(ending: Ending) -> Domain:
    return Domain(domid=1, status=Status.ENDED, ending=ending, disks={"xvda": True})


@pytest.mark.parametrize("domain", [None, ALIVE])
@pytest.mark.parametrize("phase", [Phase.STARTING, Phase.STOPPING])
def test_a_half_made_vm_is_taken_down(phase: Phase, domain: Domain | None) -> None:
    assert found(record(phase), domain) == plans.stop(VM, ["xvda"], discard=False, deactivate=True)


def test_a_vm_whose_resume_was_cut_short_stays_suspended() -> None:
    assert found(record(Phase.STARTING, suspended=True), None) == plans.stop(
        VM, ["xvda"], discard=False, deactivate=False
    )


def test_nothing_is_done_about_a_whole_vm() -> None:
    assert found(record(Phase.RUNNING), ALIVE) == serial()
    assert found(record(Phase.HALTED, []), None) == serial()


def test_disks_the_domain_does_not_have_are_closed() -> None:
    assert found(record(Phase.RUNNING, ["xvda", "xvdb", "suspend"]), ALIVE) == serial(
        DiskClose(VM, "suspend"), DiskClose(VM, "xvdb")
    )
    assert found(record(Phase.HALTED), None) == serial(DiskClose(VM, "xvda"))


def test_a_medium_the_guest_ejected_is_closed_and_forgotten() -> None:
    with_medium = record(Phase.RUNNING, ["xvda", "xvdc"])
    with_medium.vbds["xvdc"] = vbd("xvdc", 2, "iso", type=DiskType.CDROM)
    domain = Domain(domid=1, status=Status.RUNNING, disks={"xvda": True, "xvdc": False})

    assert found(with_medium, domain) == serial(DiskClose(VM, "xvdc"), VbdSetDisk(with_medium.vbds["xvdc"].id, None))


def test_a_domain_that_is_gone_was_powered_off() -> None:
    assert found(record(Phase.RUNNING), None) == plans.stop(VM, ["xvda"], discard=True)


@pytest.mark.parametrize("ending", [Ending.REBOOT, Ending.CRASH])
def test_a_guest_that_ran_long_enough_is_restarted_at_once(ending: Ending) -> None:
    seen = record(Phase.RUNNING)
    told = [VmCrashed(VM)] if ending is Ending.CRASH else []
    assert found(seen, ended(ending)) == serial(*told, *plans.reboot(VM, seen.vbds.values(), ["xvda"], None).steps)


def test_a_guest_that_reboots_at_once_is_slowed_down() -> None:
    seen = record(Phase.RUNNING)
    assert found(seen, ended(Ending.REBOOT), ran=5.0) == serial(
        Delay(REBOOT_DELAY), plans.reboot(VM, seen.vbds.values(), ["xvda"], None)
    )


def test_a_guest_that_crashes_at_once_is_not_restarted() -> None:
    assert found(record(Phase.RUNNING), ended(Ending.CRASH), ran=5.0) == serial(
        VmCrashed(VM), *plans.stop(VM, ["xvda"], discard=True).steps
    )


def test_a_crashed_domain_is_kept_when_its_owner_wants_to_look_at_it() -> None:
    kept = record(Phase.RUNNING, on_crash=Action.PRESERVE)
    assert found(kept, ended(Ending.CRASH)) == serial(VmCrashed(VM))
    kept.last_crash_time = kept.last_start_time + 1
    assert found(kept, ended(Ending.CRASH)) == serial()
    assert power_state(kept, ended(Ending.CRASH)) is PowerState.PAUSED


def test_a_paused_domain_that_came_too_late_is_taken_down() -> None:
    late = Domain(domid=1, status=Status.PAUSED)
    assert found(record(Phase.HALTED, []), late) == plans.stop(VM, [], discard=False)


def test_a_guest_that_waits_for_its_storage_is_revived() -> None:
    stalled = Domain(domid=1, status=Status.RUNNING, stalled=True, disks={"xvda": True})
    assert found(record(Phase.RUNNING), stalled) == serial(
        Delay(STALL_PAUSE),
        parallel(DiskOpen(VM, "xvda", VdiDisk(sr=SR, vdi="xvda"), read_only=False)),
        VmUnpause(VM),
    )


def test_a_guest_whose_storage_lost_writes_is_reset() -> None:
    stalled = Domain(domid=1, status=Status.RUNNING, stalled=True, disks={"xvda": True})
    seen = record(Phase.RUNNING)
    assert settle(seen, stalled, now=STARTED, minimum_run=120.0, lost_writes=True) == plans.reboot(
        VM, seen.vbds.values(), ["xvda"], None
    )


def test_a_vm_is_not_halted_before_its_disks_are_closed() -> None:
    assert power_state(record(Phase.STOPPING), None) is PowerState.RUNNING
    assert power_state(record(Phase.HALTED), None) is PowerState.HALTED


def test_a_live_domain_we_forgot_is_adopted() -> None:
    assert found(record(Phase.HALTED, []), ALIVE) == serial(VmReady(VM))


STOPPED = Domain(domid=1, status=Status.PAUSED, disks={"xvda": True})


@pytest.mark.parametrize("domain", [ALIVE, STOPPED])
def test_a_guest_that_was_being_sent_runs_on(domain: Domain) -> None:
    sending = record(Phase.SENDING, ["xvda", "xvdb"])
    sending.open["xvdb"] = Open(disk=VdiDisk(sr=SR, vdi="xvdb"), read_only=False, active=False)

    assert found(sending, domain) == serial(
        parallel(DiskOpen(VM, "xvdb", VdiDisk(sr=SR, vdi="xvdb"), read_only=False)), VmRunOn(VM)
    )
    assert power_state(sending, domain) is PowerState.RUNNING


def test_a_guest_that_ended_while_it_was_sent_ended() -> None:
    assert found(record(Phase.SENDING), ended(Ending.POWEROFF)) == plans.stop(VM, ["xvda"], discard=True)
    assert found(record(Phase.SENDING), None) == plans.stop(VM, ["xvda"], discard=True)


def test_a_guest_that_may_run_elsewhere_is_left_stopped() -> None:
    assert found(record(Phase.LEAVING), STOPPED) == serial()
    assert power_state(record(Phase.LEAVING), STOPPED) is PowerState.PAUSED
