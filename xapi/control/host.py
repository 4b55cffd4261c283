"""This host in the database: its row and those of its processors, metrics and control domain, made true at each start.

xenopsd owns what the hypervisor says; until it answers, the machine's own /proc has to do. `sync` is repeated when it
does, and then changes only what differs.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import msgspec

from common.config import root
from common.errors import WireError
from common.idl.xen import (
    CpuInfo,
    HostState,
)
from xapi.context import Context
from xapi.control import cpu as cpu_features
from xapi.control import facts, licence
from xapi.control.brand import brand, software_version
from xapi.control.inventory import Inventory
from xapi.datamodel import API_VERSION
from xapi.datamodel.enums import DomainType, OnCrashBehaviour, OnNormalExit, VMPowerState
from xapi.datamodel.refs import HostMetricsRef, HostRef, VMRef
from xapi.datamodel.types import NULL
from xapi.db.database import Database
from xapi.db.records import Host

log = logging.getLogger(__name__)

MiB = 1024**2
LEAST_CONTROL_DOMAIN = 256 * MiB
BOOTLOADERS = ("pygrub", "eliloader")
LICENSE_SERVER = {"address": "localhost", "port": "27000"}
PLATFORM_VERSIONS = (0, 1, 2)


@dataclass(frozen=True, slots=True)
class Machine:
    """What is known of the host's hardware and hypervisor now."""

    cpu: CpuInfo
    memory_total: int
    """Bytes, as the two below."""
    memory_free: int
    memory_overhead: int
    memory_control: int
    """Of the control domain; 0 where there is none but the host itself."""
    hypervisor: str
    backend: str
    capabilities: tuple[str, ...]
    iommu: bool
    """Whether guests can have devices of the host."""


async def observe(ctx: Context) -> Machine | None:
    """The machine as xenopsd sees it; None while it is away."""
    try:
        state = await ctx.services.xen.host.stat(ctx.dbg)
    except WireError as error:
        log.info("xenopsd does not tell of the host: %s", error)
        return None
    return from_state(state)


def from_state(state: HostState) -> Machine:
    """What xenopsd told."""
    return Machine(
        cpu=state.cpu,
        memory_total=state.memory_total,
        memory_free=state.memory_free,
        memory_overhead=state.memory_overhead,
        memory_control=state.memory_control,
        hypervisor=state.hypervisor,
        backend=state.backend,
        capabilities=tuple(state.capabilities),
        iommu=state.iommu,
    )


def from_proc(cpuinfo: str, meminfo: str) -> Machine:
    """What /proc tells: enough for a first row, without a word about the hypervisor."""
    return Machine(
        cpu=facts.cpu_info(cpuinfo),
        memory_total=facts.memory_total(meminfo),
        memory_free=facts.memory_free(meminfo),
        memory_overhead=0,
        memory_control=0,
        hypervisor="",
        backend="",
        capabilities=(),
        iommu=False,
    )


def cpu_fields(cpu: CpuInfo) -> dict[str, str]:
    """`host.cpu_info`; keys without a value are left out. Features the hypervisor does not name are from /proc."""
    features = cpu.features or cpu_features.from_flags(cpu.flags)
    hvm = cpu.features_hvm or features
    found = {
        "cpu_count": str(cpu.cpu_count),
        "socket_count": str(cpu.socket_count),
        "threads_per_core": str(cpu.threads_per_core),
        "nr_nodes": str(cpu.nodes),
        "vendor": cpu.vendor,
        "speed": f"{cpu.speed:.3f}",
        "modelname": cpu.model_name,
        "family": cpu.family,
        "model": cpu.model,
        "stepping": cpu.stepping,
        "flags": cpu.flags,
        "features": features,
        "features_pv": cpu.features_pv,
        "features_hvm": hvm,
        "features_hvm_host": cpu.features_hvm_host or hvm,
        "features_pv_host": cpu.features_pv_host or cpu.features_pv,
    }
    return {key: value for key, value in found.items() if value}


def remembered(db: Database, host: Host, seen: Machine) -> Machine:
    """The machine as its rows describe it, with the memory that `seen` has free now: for while xenopsd is away."""
    cpu = host.cpu_info
    metrics = db.host_metrics.get(host.metrics)
    return Machine(
        cpu=msgspec.structs.replace(
            seen.cpu,
            cpu_count=len(host.host_CPUs) or seen.cpu.cpu_count,
            features=cpu.get("features", ""),
            features_pv=cpu.get("features_pv", ""),
            features_hvm=cpu.get("features_hvm", ""),
            features_pv_host=cpu.get("features_pv_host", ""),
            features_hvm_host=cpu.get("features_hvm_host", ""),
            nodes=int(cpu.get("nr_nodes", "1")),
        ),
        memory_total=metrics.memory_total if metrics is not None else seen.memory_total,
        memory_free=metrics.memory_free if metrics is not None and metrics.memory_free else seen.memory_free,
        memory_overhead=host.memory_overhead,
        memory_control=0,
        hypervisor=host.software_version.get("hypervisor", ""),
        backend=host.software_version.get("backend", ""),
        capabilities=host.capabilities,
        iommu=host.chipset_info.get("iommu") == "true",
    )


def sync(ctx: Context, inventory: Inventory, machine: Machine, network_backend: str | None) -> None:
    """Make the rows of this host true; sets `ctx.host`. Safe to repeat: then nothing changes.

    `network_backend` None: as it was.
    """
    db = ctx.db
    host = _host(db, inventory.host, machine)
    ctx.host = host.ref
    # The control domain's memory was a guess of /proc's until the hypervisor told its own first.
    guessed = bool(machine.backend) and not host.software_version.get("backend")
    _volatile(db, host, machine, network_backend or host.software_version.get("network_backend", "bridge"))
    _processors(db, host.ref, machine.cpu)
    _control_domain(ctx, inventory.control_domain, machine, guessed)


def _host(db: Database, uuid: str, machine: Machine) -> Host:
    found = db.host.where(uuid=uuid)
    if found:
        return found[0]
    name = socket.gethostname()
    metrics = db.host_metrics.create(memory_total=machine.memory_total, memory_free=machine.memory_free, live=True)
    log.info("host %s: new, named %s", uuid, name)
    return db.host.create(
        uuid=uuid,
        name_label=name,
        name_description="Default install",
        hostname=name,
        metrics=metrics.ref,
        license_server=LICENSE_SERVER,
        sched_policy="credit",
        ssl_legacy=False,
    )


def _volatile(db: Database, host: Host, machine: Machine, network_backend: str) -> None:
    words = brand()
    major, minor = API_VERSION
    started = facts.stamp(facts.boot_time(facts.read("/proc/stat")))
    db.host.update(
        host.ref,
        hostname=socket.gethostname() if str(root()) == "/" else host.hostname,
        API_version_major=major,
        API_version_minor=minor,
        API_version_vendor=words.vendor,
        software_version=software_version(
            words,
            hypervisor=machine.hypervisor,
            backend=machine.backend,
            linux=facts.kernel(),
            network=network_backend,
        ),
        other_config={**host.other_config, "boot_time": started},
        cpu_info=cpu_fields(machine.cpu),
        capabilities=machine.capabilities or host.capabilities,
        memory_overhead=machine.memory_overhead,
        supported_bootloaders=BOOTLOADERS,
        bios_strings=facts.bios_strings(),
        chipset_info={"iommu": str(machine.iommu).lower()},
        virtual_hardware_platform_versions=PLATFORM_VERSIONS,
        license_params=licence.license_params(),
        edition=words.edition,
        editions=(words.edition,),
        timezone=facts.timezone() if str(root()) == "/" else host.timezone or facts.timezone(),
    )
    if host.metrics not in db.host_metrics:
        db.host.update(host.ref, metrics=db.host_metrics.create().ref)
    update_metrics(db, host.ref, machine)


def update_metrics(db: Database, host: HostRef, machine: Machine) -> None:
    """Say that the host lives, and what memory it has."""
    metrics = db.host_metrics[HostMetricsRef(db.host[host].metrics)]
    db.host_metrics.update(
        metrics.ref,
        live=True,
        memory_total=machine.memory_total,
        memory_free=machine.memory_free,
        last_updated=datetime.now(UTC).replace(microsecond=0),
    )


def _processors(db: Database, host: HostRef, cpu: CpuInfo) -> None:
    present = {row.number: row for row in db.host_cpu.where(host=host)}
    fields: dict[str, Any] = {
        "vendor": cpu.vendor,
        "speed": int(cpu.speed),
        "modelname": cpu.model_name,
        "family": _number(cpu.family),
        "model": _number(cpu.model),
        "stepping": cpu.stepping,
        "flags": cpu.flags,
        "features": cpu_fields(cpu).get("features", ""),
    }
    for number in range(cpu.cpu_count):
        row = present.pop(number, None)
        if row is None:
            db.host_cpu.create(host=host, number=number, **fields)
        else:
            # The clock's speed changes from moment to moment; a row that followed it would change at every look.
            db.host_cpu.update(row.ref, **fields | {"speed": row.speed or fields["speed"]})
    for row in present.values():
        db.host_cpu.delete(row.ref)


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0


def _control_domain(ctx: Context, uuid: str, machine: Machine, guessed: bool) -> None:
    db, host = ctx.db, ctx.db.host[ctx.host]
    found = db.vm.where(uuid=uuid)
    if not found:
        ref = _new_control_domain(db, host, uuid, machine)
    else:
        ref = found[0].ref
        if machine.memory_control or guessed:
            db.vm.update(ref, **_memory(_control_memory(machine)))
        db.vm.update(ref, power_state=VMPowerState.RUNNING, resident_on=host.ref, domid=0)
    db.host.update(host.ref, control_domain=ref)


def _new_control_domain(db: Database, host: Host, uuid: str, machine: Machine) -> VMRef:
    memory = _control_memory(machine)
    vcpus = max(1, machine.cpu.cpu_count)
    metrics = db.vm_metrics.create(
        memory_actual=memory, VCPUs_number=vcpus, start_time=_booted(), current_domain_type=DomainType.PV
    )
    row = db.vm.create(
        uuid=uuid,
        name_label=f"Control domain on host: {host.name_label}",
        name_description="The domain which manages physical devices and manages other domains",
        power_state=VMPowerState.RUNNING,
        is_control_domain=True,
        resident_on=host.ref,
        affinity=host.ref,
        domid=0,
        domarch="x64",
        domain_type=DomainType.PV,
        VCPUs_max=vcpus,
        VCPUs_at_startup=vcpus,
        actions_after_shutdown=OnNormalExit.DESTROY,
        actions_after_reboot=OnNormalExit.DESTROY,
        actions_after_crash=OnCrashBehaviour.DESTROY,
        user_version=1,
        has_vendor_device=False,
        metrics=metrics.ref,
        **_memory(memory),
    )
    return row.ref


def _memory(size: int) -> dict[str, Any]:
    names = ("target", "static_max", "static_min", "dynamic_max", "dynamic_min")
    return {f"memory_{name}": size for name in names}


def _control_memory(machine: Machine) -> int:
    """What the hypervisor says; where there is no such domain, what the machine had in use before guests came."""
    size = machine.memory_control or machine.memory_total - machine.memory_free
    return max(LEAST_CONTROL_DOMAIN, min(size, machine.memory_total)) // MiB * MiB


def _booted() -> datetime:
    return datetime.fromtimestamp(facts.boot_time(facts.read("/proc/stat")), UTC)


def sync_pool(ctx: Context, cpu: CpuInfo) -> None:
    """The one row of the pool; on a fresh database this host is its coordinator. Safe to repeat."""
    db = ctx.db
    pool = next(iter(db.pool.rows()), None)
    if pool is None:
        defaults: Mapping[str, str] = {"memory-ratio-hvm": "0.25", "memory-ratio-pv": "0.25"}
        telemetry = db.secret.create(value=str(uuid4()))
        pool = db.pool.create(
            master=ctx.host,
            other_config=defaults,
            ha_cluster_stack="xhad",
            ext_auth_cache_enabled=False,
            telemetry_uuid=telemetry.ref,
        )
    others = [host.cpu_info for host in db.host.rows() if host.ref != ctx.host]
    level = cpu_features.pool_level([*others, cpu_fields(cpu)])
    db.pool.update(pool.ref, restrictions=licence.restrictions(), cpu_info=level)
    if pool.master == NULL or pool.master not in db.host:
        db.pool.update(pool.ref, master=ctx.host)
