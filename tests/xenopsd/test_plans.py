"""Plans: the order of steps is the whole test."""

from __future__ import annotations

from common.idl.xen import (
    DeviceId,
    VdiDisk,
)
from tests.xenopsd.samples import SR, VM, vbd, vif
from xenopsd import plans
from xenopsd.atomics.vbd import DiskClose, DiskOpen, VbdChangeMedium, VbdPlug, VbdSetDisk, VbdUnplug
from xenopsd.atomics.vif import VifUpdate
from xenopsd.atomics.vm import (
    Hook,
    VmCreate,
    VmDestroy,
    VmEnter,
    VmHalted,
    VmReady,
    VmRestore,
    VmSave,
    VmShutdown,
    VmTakeFirmware,
    VmUnpause,
)
from xenopsd.backend.base import Ending
from xenopsd.steps import atomics, parallel, serial
from xenopsd.store import Phase

XVDA, XVDD = vbd("xvda", 0), vbd("xvdd", 3, "iso", read_only=True)
IMAGE = VdiDisk(sr=SR, vdi="image")


def opened(vdi: str, device: str, read_only: bool) -> DiskOpen:
    return DiskOpen(VM, device, VdiDisk(sr=SR, vdi=vdi), read_only)


def test_writable_disks_are_opened_before_read_only_ones_and_all_before_the_domain() -> None:
    assert plans.start(VM, [XVDD, XVDA, vbd("xvdb", 1), vbd("xvdc", 2, None)]) == serial(
        Hook(VM, "vm-pre-start", "none"),
        VmEnter(VM, Phase.STARTING),
        serial(
            parallel(opened("vdi-xvda", "xvda", False), opened("vdi-xvdb", "xvdb", False)),
            parallel(opened("iso", "xvdd", True)),
        ),
        VmCreate(VM),
        VmReady(VM),
    )


def test_firmware_is_told_what_xapi_remembers_at_a_start_and_at_no_reboot() -> None:
    assert plans.power_on(VM, [XVDA]) == serial(VmTakeFirmware(VM), plans.start(VM, [XVDA]))
    again = [*atomics(plans.reboot(VM, [XVDA], (), None)), *atomics(plans.resume(VM, [XVDA], IMAGE))]
    assert not any(isinstance(atomic, VmTakeFirmware) for atomic in again)


def test_disks_are_closed_only_after_the_domain_is_gone() -> None:
    assert plans.stop(VM, {"xvdb", "xvda"}, discard=True) == serial(
        VmEnter(VM, Phase.STOPPING),
        VmDestroy(VM),
        parallel(DiskClose(VM, "xvda"), DiskClose(VM, "xvdb")),
        VmHalted(VM, discard=True, deactivate=True),
    )


def test_a_clean_shutdown_asks_the_guest_before_anything_is_touched() -> None:
    assert plans.poweroff(VM, {"xvda"}, 5.0) == serial(
        serial(VmShutdown(VM, Ending.POWEROFF, 5.0)),
        Hook(VM, "vm-pre-shutdown", "clean-shutdown"),
        plans.stop(VM, {"xvda"}, discard=True),
        Hook(VM, "vm-post-destroy", "none"),
    )


def test_a_hard_shutdown_asks_nobody() -> None:
    assert plans.poweroff(VM, (), None) == serial(
        Hook(VM, "vm-pre-shutdown", "hard-shutdown"),
        plans.stop(VM, (), discard=True),
        Hook(VM, "vm-post-destroy", "none"),
    )


def test_a_reboot_is_a_stop_and_a_start() -> None:
    assert plans.reboot(VM, [XVDA], ["xvda"], 9.0) == serial(
        serial(VmShutdown(VM, Ending.REBOOT, 9.0)),
        Hook(VM, "vm-pre-shutdown", "clean-reboot"),
        plans.stop(VM, ["xvda"], discard=True),
        Hook(VM, "vm-post-destroy", "none"),
        Hook(VM, "vm-pre-reboot", "none"),
        plans.start(VM, [XVDA]),
        VmUnpause(VM),
    )


def test_suspending_keeps_the_devices_active_and_closes_the_image_with_the_disks() -> None:
    assert plans.suspend(VM, ["xvda"], IMAGE) == serial(
        Hook(VM, "vm-pre-suspend", "suspend"),
        DiskOpen(VM, "suspend", IMAGE, read_only=False),
        VmSave(VM),
        Hook(VM, "vm-pre-shutdown", "suspend"),
        plans.stop(VM, ["suspend", "xvda"], discard=False, deactivate=False),
        Hook(VM, "vm-post-destroy", "suspend"),
    )


def test_a_resumed_vm_stays_suspended_until_its_domain_is_whole() -> None:
    assert plans.resume(VM, [XVDA], IMAGE) == serial(
        VmEnter(VM, Phase.STARTING),
        Hook(VM, "vm-pre-resume", "none"),
        DiskOpen(VM, "suspend", IMAGE, read_only=True),
        serial(parallel(opened("vdi-xvda", "xvda", False))),
        VmRestore(VM),
        DiskClose(VM, "suspend"),
        VmReady(VM),
        Hook(VM, "vm-post-resume", "none"),
    )


def test_a_disk_is_opened_before_it_is_plugged_and_closed_after_it_is_unplugged() -> None:
    assert plans.plug_vbd(XVDA) == serial(opened("vdi-xvda", "xvda", False), VbdPlug(XVDA.id))
    assert plans.unplug_vbd(XVDA.id, force=True) == serial(VbdUnplug(XVDA.id, True), DiskClose(VM, "xvda"))


def test_an_empty_drive_is_plugged_without_storage() -> None:
    assert plans.plug_vbd(vbd("xvdc", 2, None)) == serial(VbdPlug(DeviceId(vm=VM, device="xvdc")))


def test_a_medium_is_recorded_once_it_is_in_the_drive() -> None:
    drive = vbd("xvdc", 2, None)
    assert plans.insert(drive, IMAGE, plugged=True) == serial(
        DiskOpen(VM, "xvdc", IMAGE, read_only=True),
        VbdChangeMedium(drive.id, empty=False),
        VbdSetDisk(drive.id, IMAGE),
    )


def test_an_ejected_medium_is_closed_once_the_drive_let_go() -> None:
    assert plans.eject(XVDD, plugged=True) == serial(
        VbdChangeMedium(XVDD.id, empty=True), DiskClose(VM, "xvdd"), VbdSetDisk(XVDD.id, None)
    )


def test_media_of_a_halted_vm_are_only_recorded() -> None:
    assert plans.eject(XVDD, plugged=False) == serial(VbdSetDisk(XVDD.id, None))


def test_an_interface_is_updated_in_the_domain_only_when_it_is_there() -> None:
    assert plans.update_vif(vif(), plugged=False) == serial(VifUpdate(vif(), False))
