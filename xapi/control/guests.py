"""What a running guest can do, as its agent told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xapi.datamodel.enums import DomainType, VMPowerState
from xapi.db.database import Database
from xapi.db.records import VM

CANNOT_SUSPEND = "data-cant-suspend-reason"


@dataclass(frozen=True, slots=True)
class Guest:
    """Features under `control/` of xenstore (`feature-shutdown`); a guest with drivers of its own has them all."""

    implies_all: bool
    features: Mapping[str, str]

    def has(self, *features: str) -> bool:
        """Whether it has one of them."""
        return self.implies_all or any(self.features.get(name) == "1" for name in features)

    @property
    def cannot_suspend(self) -> str:
        """Why it must not be suspended; empty when it may be."""
        return "" if self.implies_all else self.features.get(CANNOT_SUSPEND, "")


_PARAVIRTUAL = Guest(True, {})
_LIVE = (VMPowerState.RUNNING, VMPowerState.PAUSED)


def has_drivers(db: Database, vm: VM) -> bool:
    """Whether the guest's agent told of drivers for our devices."""
    metrics = db.vm_guest_metrics.get(vm.guest_metrics)
    return metrics is not None and bool(metrics.PV_drivers_detected or metrics.PV_drivers_version)


def runs_on_emulator(db: Database, vm: VM) -> bool:
    """Whether the guest runs, or will run, on emulated hardware: such a guest need not know of us."""
    if vm.power_state is VMPowerState.HALTED:
        return vm.domain_type is DomainType.HVM
    metrics = db.vm_metrics.get(vm.metrics)
    current = metrics.current_domain_type if metrics is not None else DomainType.UNSPECIFIED
    return (vm.domain_type if current is DomainType.UNSPECIFIED else current) is DomainType.HVM


def guest_of(db: Database, vm: VM) -> Guest:
    """The guest now. One that does not run, or knows of us by nature, has all features."""
    if vm.power_state not in _LIVE or vm.is_control_domain or not runs_on_emulator(db, vm):
        return _PARAVIRTUAL
    if has_drivers(db, vm):
        return _PARAVIRTUAL
    metrics = db.vm_guest_metrics.get(vm.guest_metrics)
    return Guest(False, metrics.other if metrics is not None else {})
