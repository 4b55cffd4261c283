"""Memory of VMs: the limits' order, what a VM costs beyond its own memory, and whether a host has room for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xapi.datamodel.enums import DomainType
from xapi.datamodel.errors import (
    HostNotEnoughFreeMemory,
    MemoryConstraintViolation,
    MemoryConstraintViolationOrder,
)
from xapi.datamodel.refs import HostRef
from xapi.db.database import Database
from xapi.db.records import VM

MIB = 1024 * 1024
PAGES_PER_MIB = 256
SHADOW_PAGES_PER_VCPU = 256
SHADOW_PAGES_PER_MIB = 2
EXTRA_PAGES_PER_VCPU = 38
DEFAULT_RATIO = 0.25
"""The least part of static_max that dynamic_min may be, unless the pool says otherwise."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes."""

    static_min: int
    dynamic_min: int
    dynamic_max: int
    static_max: int

    def check_order(self) -> None:
        """Raise MEMORY_CONSTRAINT_VIOLATION_ORDER unless each is at most the next."""
        if not 0 <= self.static_min <= self.dynamic_min <= self.dynamic_max <= self.static_max:
            raise MemoryConstraintViolationOrder()


def limits(vm: VM) -> Limits:
    """The limits of `vm`."""
    return Limits(vm.memory_static_min, vm.memory_dynamic_min, vm.memory_dynamic_max, vm.memory_static_max)


def check_limits(db: Database, wanted: Limits, domain_type: DomainType) -> None:
    """Raise what is wrong with `wanted`: their order, or a dynamic minimum below the pool's ratio of static_max."""
    wanted.check_order()
    key = "memory-ratio-hvm" if domain_type is DomainType.HVM else "memory-ratio-pv"
    ratio = _pool_ratio(db, key)
    if wanted.dynamic_min < ratio * wanted.static_max:
        raise MemoryConstraintViolation(
            f"The dynamic minimum must be at least {ratio:g} of the static maximum"
            f" ({wanted.dynamic_min} < {ratio:g} * {wanted.static_max})"
        )


def _pool_ratio(db: Database, key: str) -> float:
    for pool in db.pool.rows():
        try:
            return float(pool.other_config.get(key, DEFAULT_RATIO))
        except ValueError:
            return DEFAULT_RATIO
    return DEFAULT_RATIO


def overhead(
    domain_type: DomainType,
    static_max: int,
    vcpus_max: int,
    shadow_multiplier: float = 1.0,
    platform: Mapping[str, str] | None = None,
) -> int:
    """Bytes that a VM costs a host beyond the memory it sees; `static_max` in bytes."""
    mib = static_max // MIB
    shadow_pages = SHADOW_PAGES_PER_VCPU * vcpus_max + SHADOW_PAGES_PER_MIB * mib
    shadow = max(1, int(_mib(shadow_pages) * shadow_multiplier))
    internal = 0 if domain_type is DomainType.PV else 1
    return (
        internal + 1 + shadow + _mib(EXTRA_PAGES_PER_VCPU * vcpus_max) + _shim(domain_type, mib, platform or {})
    ) * MIB


def _mib(pages: int) -> int:
    return -(-pages // PAGES_PER_MIB)


def _shim(domain_type: DomainType, static_max_mib: int, platform: Mapping[str, str]) -> int:
    if domain_type is not DomainType.PV_IN_PVH:
        return 0
    given = platform.get("shim_mib", "")
    return int(given) if given.isdigit() else 23 + static_max_mib // 90


def overhead_of(vm: VM) -> int:
    """`overhead` of `vm` as it is configured."""
    return overhead(vm.domain_type, vm.memory_static_max, vm.VCPUs_max, vm.HVM_shadow_multiplier, vm.platform)


def needed(vm: VM) -> int:
    """Bytes a host must have free to start `vm`."""
    return vm.memory_dynamic_min + vm.memory_overhead


def committed(db: Database, host: HostRef) -> int:
    """Bytes that the VMs on `host`, and those on their way to it, are entitled to."""
    there = {vm.ref: vm for vm in db.vm.where(resident_on=host)}
    there.update((vm.ref, vm) for vm in db.vm.where(scheduled_to_be_resident_on=host))
    return sum(needed(vm) for vm in there.values() if not vm.is_control_domain)


def total(db: Database, host: HostRef) -> int:
    """Bytes `host` has; 0 when unknown."""
    metrics = db.host_metrics.get(db.host[host].metrics)
    return metrics.memory_total if metrics is not None else 0


def free(db: Database, host: HostRef) -> int:
    """Bytes of `host` that no VM is entitled to, by our own books."""
    control = sum(vm.memory_dynamic_max for vm in db.vm.where(resident_on=host) if vm.is_control_domain)
    return max(0, total(db, host) - db.host[host].memory_overhead - control - committed(db, host))


def check_room(db: Database, vm: VM, host: HostRef, wanted: int) -> None:
    """Raise HOST_NOT_ENOUGH_FREE_MEMORY unless `host` has `wanted` bytes for `vm` beside what is promised to others.

    Nothing is raised while the host's size is unknown: xenopsd looks again, at the real memory.
    """
    if total(db, host) == 0:
        return
    available = free(db, host)
    if host in (vm.scheduled_to_be_resident_on, vm.resident_on):
        available += needed(vm)
    if wanted > available:
        raise HostNotEnoughFreeMemory(wanted, available)
