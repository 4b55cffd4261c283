"""Operations as steps, by pure functions: what the order is, and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from common.idl.xen import (
    DeviceId,
    Disk,
    Vbd,
    Vif,
    VmId,
)
from xenopsd.atomics.migration import (
    ArrivalComplete,
    ArrivalEnter,
    ArrivalReceive,
    ArrivalRun,
    DepartureOffer,
    DepartureRun,
    DepartureSend,
    DepartureSent,
    VmDouble,
    VmForget,
    VmReplace,
    VmRunOn,
)
from xenopsd.atomics.vbd import (
    DiskAttach,
    DiskClose,
    DiskLetGo,
    DiskOpen,
    VbdChangeMedium,
    VbdPlug,
    VbdSetDisk,
    VbdUnplug,
)
from xenopsd.atomics.vif import VifPlug, VifUnplug, VifUpdate
from xenopsd.atomics.vm import (
    SUSPEND_DEVICE,
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
from xenopsd.migration.arrival import Arrival
from xenopsd.migration.departure import Departure
from xenopsd.steps import Serial, Step, parallel, serial
from xenopsd.store import Open, Phase


def power_on(vm: VmId, vbds: Collection[Vbd]) -> Serial:
    """From halted to a paused domain, as xapi remembers the VM: it may have run elsewhere since it ran here."""
    return serial(VmTakeFirmware(vm), start(vm, vbds))


def start(vm: VmId, vbds: Collection[Vbd]) -> Serial:
    """From halted to a paused domain."""
    return serial(
        Hook(vm, "vm-pre-start", "none"),
        VmEnter(vm, Phase.STARTING),
        _open_all(vm, vbds),
        VmCreate(vm),
        VmReady(vm),
    )


def stop(vm: VmId, open_devices: Collection[str], *, discard: bool, deactivate: bool = True) -> Serial:
    """Whatever there is of the domain goes, then its disks are closed. Safe to repeat: clean-up is this plan."""
    return serial(
        VmEnter(vm, Phase.STOPPING),
        VmDestroy(vm),
        parallel(*(DiskClose(vm, device) for device in sorted(open_devices))),
        VmHalted(vm, discard=discard, deactivate=deactivate),
    )


def poweroff(vm: VmId, open_devices: Collection[str], timeout: float | None) -> Serial:
    """To halted: clean within `timeout` seconds, hard without."""
    return serial(
        serial(*_ask(vm, Ending.POWEROFF, timeout)),
        Hook(vm, "vm-pre-shutdown", "hard-shutdown" if timeout is None else "clean-shutdown"),
        stop(vm, open_devices, discard=True),
        Hook(vm, "vm-post-destroy", "none"),
    )


def reboot(vm: VmId, vbds: Collection[Vbd], open_devices: Collection[str], timeout: float | None) -> Serial:
    """A new domain in the place of the old: disks are closed between, so that changes made to them show."""
    return serial(
        serial(*_ask(vm, Ending.REBOOT, timeout)),
        Hook(vm, "vm-pre-shutdown", "hard-reboot" if timeout is None else "clean-reboot"),
        stop(vm, open_devices, discard=True),
        Hook(vm, "vm-post-destroy", "none"),
        Hook(vm, "vm-pre-reboot", "none"),
        start(vm, vbds),
        VmUnpause(vm),
    )


def suspend(vm: VmId, open_devices: Collection[str], image: Disk) -> Serial:
    """Memory into `image`, then no domain; its devices stay active."""
    return serial(
        Hook(vm, "vm-pre-suspend", "suspend"),
        DiskOpen(vm, SUSPEND_DEVICE, image, read_only=False),
        VmSave(vm),
        Hook(vm, "vm-pre-shutdown", "suspend"),
        stop(vm, {*open_devices, SUSPEND_DEVICE}, discard=False, deactivate=False),
        Hook(vm, "vm-post-destroy", "suspend"),
    )


def resume(vm: VmId, vbds: Collection[Vbd], image: Disk) -> Serial:
    """A paused domain from `image`."""
    return serial(
        VmEnter(vm, Phase.STARTING),
        Hook(vm, "vm-pre-resume", "none"),
        DiskOpen(vm, SUSPEND_DEVICE, image, read_only=True),
        _open_all(vm, vbds),
        VmRestore(vm),
        DiskClose(vm, SUSPEND_DEVICE),
        VmReady(vm),
        Hook(vm, "vm-post-resume", "none"),
    )


def migrate(vm: VmId, vbds: Collection[Vbd], vifs: Collection[Vif], opened: Collection[str], to: Departure) -> Serial:
    """To another host, where its devices are `vbds` and `vifs`; `opened` are those open here."""
    devices = sorted(opened)
    return serial(
        Hook(vm, "vm-pre-migrate", "source"),
        DepartureOffer(vm, tuple(vbds), tuple(vifs), to),
        VmEnter(vm, Phase.SENDING),
        DepartureSend(vm, to),
        # Another host may open a disk only when this one has let go of it.
        parallel(*(DiskLetGo(vm, device) for device in devices)),
        DepartureSent(vm, to),
        DepartureRun(vm, to),
        Hook(vm, "vm-pre-shutdown", "suspend"),
        stop(vm, devices, discard=True),
        Hook(vm, "vm-post-destroy", "suspend"),
        VmForget(vm),
    )


def receive(vm: VmId, vbds: Collection[Vbd], arrival: Arrival) -> Serial:
    """From another host, running."""
    disks = [(vbd, vbd.disk) for vbd in vbds if vbd.disk is not None]
    return serial(
        Hook(vm, "vm-pre-migrate", "destination"),
        ArrivalEnter(vm, arrival),
        parallel(*(DiskAttach(vm, vbd.id.device, disk, vbd.read_only) for vbd, disk in disks)),
        ArrivalReceive(vm, arrival),
        _open_all(vm, vbds),
        ArrivalComplete(vm, arrival),
        ArrivalRun(vm, arrival),
    )


def migrate_here(vm: VmId) -> Serial:
    """To a new domain of this host. The disks stay open."""
    return serial(
        Hook(vm, "vm-pre-migrate", "source"),
        VmEnter(vm, Phase.SENDING),
        VmDouble(vm),
        VmReplace(vm),
        VmRunOn(vm),
        Hook(vm, "vm-post-migrate", "destination"),
    )


def stay(vm: VmId, opened: Mapping[str, Open]) -> Serial:
    """The VM, stopped to be moved, runs on here after all. Safe to repeat."""
    gone = [(device, disk) for device, disk in sorted(opened.items()) if not disk.active]
    return serial(
        parallel(*(DiskOpen(vm, device, disk.disk, disk.read_only) for device, disk in gone)),
        VmRunOn(vm),
    )


def plug_vbd(vbd: Vbd) -> Serial:
    """Into a running domain."""
    opening = [] if vbd.disk is None else [DiskOpen(vbd.id.vm, vbd.id.device, vbd.disk, vbd.read_only)]
    return serial(*opening, VbdPlug(vbd.id))


def unplug_vbd(id_: DeviceId, *, force: bool) -> Serial:
    """Out of a running domain."""
    return serial(VbdUnplug(id_, force), DiskClose(id_.vm, id_.device))


def insert(vbd: Vbd, disk: Disk, *, plugged: bool) -> Serial:
    """A medium into an empty drive. Where there is no domain only the drive is remembered as filled."""
    if not plugged:
        return serial(VbdSetDisk(vbd.id, disk))
    return serial(
        DiskOpen(vbd.id.vm, vbd.id.device, disk, read_only=True),
        VbdChangeMedium(vbd.id, empty=False),
        VbdSetDisk(vbd.id, disk),
    )


def eject(vbd: Vbd, *, plugged: bool) -> Serial:
    """The medium out of a drive."""
    if not plugged:
        return serial(VbdSetDisk(vbd.id, None))
    return serial(
        VbdChangeMedium(vbd.id, empty=True),
        DiskClose(vbd.id.vm, vbd.id.device),
        VbdSetDisk(vbd.id, None),
    )


def plug_vif(vif: Vif) -> Serial:
    """Into a running domain."""
    return serial(VifPlug(vif.id))


def unplug_vif(id_: DeviceId, *, force: bool) -> Serial:
    """Out of a running domain."""
    return serial(VifUnplug(id_, force))


def update_vif(vif: Vif, *, plugged: bool) -> Serial:
    """Bridge, carrier or filter as `vif` says."""
    return serial(VifUpdate(vif, plugged))


def _ask(vm: VmId, ending: Ending, timeout: float | None) -> list[Step]:
    return [] if timeout is None else [VmShutdown(vm, ending, timeout)]


def _open_all(vm: VmId, vbds: Collection[Vbd]) -> Serial:
    def opening(read_only: bool) -> Step:
        disks = [vbd for vbd in vbds if vbd.disk is not None and vbd.read_only == read_only]
        return parallel(*(DiskOpen(vm, vbd.id.device, vbd.disk, read_only) for vbd in disks if vbd.disk is not None))

    # Writable disks first: storage can't turn a read-only attachment of a VDI into a writable one.
    return serial(opening(read_only=False), opening(read_only=True))
