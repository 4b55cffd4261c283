"""What xenopsd observes of a VM, written into the database: power state, metrics, consoles, devices.

Everything here is synchronous: one transaction, so that clients never see half of a change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum, auto
from uuid import uuid4

from common.idl import xen
from xapi.control import guest_metrics, operations, pci, push
from xapi.datamodel.enums import ConsoleProtocol, DomainType, VMOperations, VMPowerState
from xapi.datamodel.refs import HostRef, VMRef
from xapi.datamodel.types import NEVER, NULL
from xapi.db.database import Database
from xapi.db.records import VM

_IN_XENSTORE = re.compile(r"(vm-data|FIST)/[A-Za-z0-9_@/-]+")
LIVE = (VMPowerState.RUNNING, VMPowerState.PAUSED)


class Happened(Enum):
    """What a new observation says that the database did not know."""

    NOTHING = auto()
    STARTED = auto()
    STOPPED = auto()
    REBOOTED = auto()
    CRASHED = auto()


def power_state(row: VM, observed: xen.PowerState) -> VMPowerState:
    """The VM's power state: xenopsd knows whether there is a domain, the database whether there is a memory image."""
    state = VMPowerState(observed.value)
    if state in LIVE:
        return state
    return VMPowerState.SUSPENDED if _has_image(row, state) else VMPowerState.HALTED


def _has_image(row: VM, observed: VMPowerState) -> bool:
    if row.suspend_VDI == NULL:
        return False
    return observed is VMPowerState.SUSPENDED or row.power_state is VMPowerState.SUSPENDED


def apply(db: Database, host: HostRef, vm: VMRef, state: xen.VmState) -> Happened:
    """Make the rows of `vm`, which is ours to run on `host`, say what `state` says. Safe to repeat."""
    row = db.vm[vm]
    now = power_state(row, state.power_state)
    if now is VMPowerState.PAUSED and VMOperations.SNAPSHOT in row.current_operations.values():
        # A snapshot of several disks stops the VCPUs for a moment; clients need not see it.
        now = row.power_state
    if now in LIVE:
        happened = _live_news(db, row, state)
        _live(db, host, row, now, state)
    else:
        happened = Happened.STOPPED if row.power_state in LIVE else Happened.NOTHING
        without_domain(db, vm, now)
    return happened


def _live_news(db: Database, row: VM, state: xen.VmState) -> Happened:
    if row.power_state not in LIVE:
        return Happened.STARTED
    metrics = db.vm_metrics.get(row.metrics)
    known = metrics.start_time if metrics is not None else NEVER
    started = _time(state.last_start_time)
    return Happened.REBOOTED if NEVER < known < started else Happened.NOTHING


def _live(db: Database, host: HostRef, row: VM, now: VMPowerState, state: xen.VmState) -> None:
    changed = now is not row.power_state
    metrics = _metrics(db, row)
    db.vm_metrics.update(
        metrics,
        memory_actual=state.memory_actual,
        VCPUs_number=state.vcpu_target,
        current_domain_type=DomainType(state.type.value),
        hvm=state.type is xen.DomainType.HVM,
        nested_virt=state.nested_virt,
        nomigrate=state.nomigrate,
        numa_optimised=state.numa_nodes > 0,
        numa_nodes=state.numa_nodes,
        **({"start_time": _time(state.last_start_time)} if state.last_start_time else {}),
    )
    db.vm.update(
        row.ref,
        power_state=now,
        domid=state.domids[-1] if state.domids else -1,
        resident_on=host,
        scheduled_to_be_resident_on=NULL,
        memory_target=state.memory_target,
        **_timeoffset(row, state),
        **_xenstore_data(row, state),
    )
    told = _guest(db, row, state)
    pci.observe(db, host, row.ref, state.pci)
    _consoles(db, host, row, state.consoles)
    if changed or told:
        refresh_with_devices(db, row.ref)


def _timeoffset(row: VM, state: xen.VmState) -> dict[str, Mapping[str, str]]:
    """The guest sets its clock; the difference to ours has to outlive the domain."""
    if not state.rtc_timeoffset or row.platform.get("timeoffset") == state.rtc_timeoffset:
        return {}
    return {"platform": {**row.platform, "timeoffset": state.rtc_timeoffset}}


def _xenstore_data(row: VM, state: xen.VmState) -> dict[str, Mapping[str, str]]:
    """What the guest wrote beside what it was given is kept for its next life, too."""
    if state.xsdata is None:
        return {}
    unseen = {key: value for key, value in row.xenstore_data.items() if not _IN_XENSTORE.fullmatch(key)}
    found = unseen | state.xsdata
    return {} if found == row.xenstore_data else {"xenstore_data": found}


def without_domain(db: Database, vm: VMRef, now: VMPowerState) -> None:
    """Write that no domain runs: Halted or Suspended, on no host, nothing attached. Safe to repeat."""
    row = db.vm[vm]
    if now is row.power_state and row.domid == -1 and not row.consoles:
        if row.scheduled_to_be_resident_on != NULL or row.resident_on != NULL:
            db.vm.update(vm, resident_on=NULL, scheduled_to_be_resident_on=NULL)
        return
    halted = now is VMPowerState.HALTED
    cleared = {"memory_target": 0, "requires_reboot": False, "pending_guidances": ()} if halted else {}
    db.vm.update(vm, power_state=now, domid=-1, resident_on=NULL, scheduled_to_be_resident_on=NULL, **cleared)
    for console in row.consoles:
        db.console.delete(console)
    if row.attached_PCIs:
        db.vm.update(vm, attached_PCIs=())
    if halted:
        for vbd in row.VBDs:
            db.vbd.update(vbd, currently_attached=False, reserved=False)
        for vif in row.VIFs:
            db.vif.update(vif, currently_attached=False, reserved=False)
        _silence(db, row)
    refresh_with_devices(db, vm)


def refresh_with_devices(db: Database, vm: VMRef) -> None:
    """Allowed operations of the VM, its devices and their disks."""
    row = db.vm[vm]
    operations.refresh(db, "VM", vm)
    for vbd in row.VBDs:
        operations.refresh(db, "VBD", vbd)
        if (disk := db.vbd[vbd].VDI) != NULL:
            operations.refresh(db, "VDI", disk)
    for vif in row.VIFs:
        operations.refresh(db, "VIF", vif)
    for vtpm in row.VTPMs:
        operations.refresh(db, "VTPM", vtpm)


def vbd(db: Database, ref: str, state: xen.DeviceState) -> None:
    """Write whether the disk drive is plugged. Safe to repeat."""
    row = db.vbd[ref]
    if row.currently_attached != state.plugged:
        db.vbd.update(ref, currently_attached=state.plugged)
        operations.refresh(db, "VBD", ref)
        if row.VDI != NULL:
            operations.refresh(db, "VDI", row.VDI)


def vif(db: Database, ref: str, state: xen.DeviceState) -> None:
    """Write whether the interface is plugged. Safe to repeat."""
    if db.vif[ref].currently_attached != state.plugged:
        db.vif.update(ref, currently_attached=state.plugged)
        operations.refresh(db, "VIF", ref)


def _metrics(db: Database, row: VM) -> str:
    if row.metrics in db.vm_metrics:
        return row.metrics
    metrics = db.vm_metrics.create().ref
    db.vm.update(row.ref, metrics=metrics)
    return metrics


def _guest(db: Database, row: VM, state: xen.VmState) -> bool:
    """Whether what the guest tells changed."""
    facts = guest_metrics.facts(state.guest_agent, state.pv_drivers_detected)
    present = db.vm_guest_metrics.get(row.guest_metrics)
    if present is None:
        made = db.vm_guest_metrics.create(**facts._asdict(), live=True, last_updated=_now())
        db.vm.update(row.ref, guest_metrics=made.ref)
        return True
    if present.live and all(getattr(present, name) == value for name, value in facts._asdict().items()):
        return False
    db.vm_guest_metrics.update(present.ref, **facts._asdict(), live=True, last_updated=_now())
    return True


def _silence(db: Database, row: VM) -> None:
    """The guest that told us things is gone; what it said of its network is no longer true."""
    if row.guest_metrics in db.vm_guest_metrics:
        silent = guest_metrics.facts({}, False)._asdict()
        db.vm_guest_metrics.update(row.guest_metrics, **silent, live=False)
    if row.metrics in db.vm_metrics:
        db.vm_metrics.update(
            row.metrics,
            memory_actual=0,
            VCPUs_number=0,
            nomigrate=False,
            nested_virt=False,
            numa_optimised=False,
            numa_nodes=0,
        )


def _consoles(db: Database, host: HostRef, row: VM, consoles: list[xen.Console]) -> None:
    """One row for each console that listens."""
    wanted = {ConsoleProtocol(console.protocol.value): console.port for console in consoles}
    present = {db.console[ref].protocol: ref for ref in row.consoles}
    for protocol, ref in present.items():
        if protocol not in wanted:
            db.console.delete(ref)
    machine = db.host.get(host)
    address = machine.address if machine is not None else ""
    for protocol, port in wanted.items():
        if protocol not in present:
            uuid = str(uuid4())
            location = push.console_location(address, uuid)
            db.console.create(uuid=uuid, protocol=protocol, location=location, VM=row.ref, port=port)


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC) if seconds else NEVER


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
