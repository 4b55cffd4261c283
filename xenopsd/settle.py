"""What to do about a VM as it is found: the answer to failures, kills of xenopsd, and guests that end by themselves.

There is no log of inverse steps: the recorded phase and the hypervisor's view decide, by pure functions.
"""

from __future__ import annotations

from common.idl.xen import (
    Action,
    DeviceId,
    DiskType,
    PowerState,
    Vm,
)
from xenopsd import plans
from xenopsd.atomics.vbd import DiskClose, DiskOpen, VbdSetDisk
from xenopsd.atomics.vm import SUSPEND_DEVICE, Delay, VmCrashed, VmReady, VmUnpause
from xenopsd.backend.base import Domain, Ending, Status
from xenopsd.steps import Serial, Step, parallel, serial
from xenopsd.store import Phase, Record

REBOOT_DELAY = 15.0  # seconds before a domain that ran too shortly is started again

STALL_PAUSE = 0.3  # seconds before a guest that waits for its storage is tried again

RESTARTS = frozenset({Action.RESTART, Action.SOFT_REBOOT, Action.COREDUMP_AND_RESTART, Action.RENAME_RESTART})


def power_state(record: Record, domain: Domain | None) -> PowerState:
    """As clients see it: running until all is done, so that its disks are free for whoever sees it halted."""
    if domain is None:
        if record.phase in {Phase.RUNNING, Phase.SENDING, Phase.STOPPING}:
            return PowerState.RUNNING
        return PowerState.SUSPENDED if record.vm.suspended else PowerState.HALTED
    if domain.status is Status.RUNNING or record.phase is Phase.SENDING:
        return PowerState.RUNNING
    if domain.status is Status.PAUSED or action(record.vm, domain.ending) is Action.PRESERVE:
        return PowerState.PAUSED
    return PowerState.RUNNING


def action(vm: Vm, ending: Ending | None) -> Action:
    """What the VM's owner wants when it ends so. A domain that is gone for no known reason was powered off."""
    return {
        Ending.REBOOT: vm.on_reboot,
        Ending.CRASH: vm.on_crash,
        Ending.POWEROFF: vm.on_shutdown,
    }[ending or Ending.POWEROFF]


def settle(
    record: Record, domain: Domain | None, *, now: float, minimum_run: float, lost_writes: bool = False
) -> Serial:
    """The steps that bring the VM into a lasting state; none when it is in one. Safe to repeat.

    `lost_writes`: a storage daemon took acknowledged writes with it, so the guest may not simply go on.
    """
    vm = record.vm.id
    if record.phase in {Phase.STARTING, Phase.STOPPING}:
        suspended = record.vm.suspended
        return plans.stop(vm, record.open, discard=False, deactivate=not suspended)
    if record.phase is Phase.LEAVING and domain is not None:
        return serial()
    if record.phase in {Phase.RUNNING, Phase.SENDING}:
        if domain is None or domain.status is Status.ENDED:
            return _ended(record, domain, now, minimum_run)
        if record.phase is Phase.SENDING:
            image = [DiskClose(vm, SUSPEND_DEVICE)] if SUSPEND_DEVICE in record.open else []
            return serial(*plans.stay(vm, record.open).steps, *image)
        if domain.stalled and lost_writes:
            return plans.reboot(vm, record.vbds.values(), record.open, None)
        if domain.stalled:
            return _revive(record)
        return serial(*_close_unused(record, domain))
    if domain is None:
        return serial(*(DiskClose(vm, device) for device in sorted(record.open)))
    if domain.status is not Status.RUNNING:
        # It ended, or a killed predecessor's request made it after we had looked: nobody ever let it run.
        return plans.stop(vm, record.open, discard=False, deactivate=not record.vm.suspended)
    # Somebody lost our file's last state; a live guest is never destroyed for that.
    return serial(VmReady(vm))


def _ended(record: Record, domain: Domain | None, now: float, minimum_run: float) -> Serial:
    vm, ending = record.vm.id, domain.ending if domain is not None else None
    wanted = action(record.vm, ending)
    if ending is Ending.CRASH and record.last_crash_time < record.last_start_time:
        # Told before anything is taken down; the rest follows as if it were known.
        return serial(VmCrashed(vm), *_after(record, wanted, ending, domain, now, minimum_run).steps)
    return _after(record, wanted, ending, domain, now, minimum_run)


def _after(
    record: Record, wanted: Action, ending: Ending | None, domain: Domain | None, now: float, minimum_run: float
) -> Serial:
    vm = record.vm.id
    if wanted is Action.PRESERVE and domain is not None:
        return serial()
    stop = plans.stop(vm, record.open, discard=True)
    if wanted not in RESTARTS:
        return stop
    again = plans.reboot(vm, record.vbds.values(), record.open, None)
    if now - record.last_start_time >= minimum_run:
        return again
    if ending is Ending.CRASH:
        return stop
    return serial(Delay(REBOOT_DELAY), again)


def _revive(record: Record) -> Serial:
    # Opening again is harmless where sm has the disk open, and brings back the storage daemon where it died.
    vm = record.vm.id
    opening = (DiskOpen(vm, device, opened.disk, opened.read_only) for device, opened in sorted(record.open.items()))
    return serial(Delay(STALL_PAUSE), parallel(*opening), VmUnpause(vm))


def _close_unused(record: Record, domain: Domain) -> list[Step]:
    steps: list[Step] = []
    for device in sorted(record.open):
        if not domain.disks.get(device, False):
            steps.append(DiskClose(record.vm.id, device))
    for device, vbd in sorted(record.vbds.items()):
        emptied = vbd.type is DiskType.CDROM and domain.disks.get(device) is False
        if emptied and vbd.disk is not None:
            steps.append(VbdSetDisk(DeviceId(vm=record.vm.id, device=device), None))
    return steps
