"""Whether a VM could boot on a host: what it needs and the host has."""

from __future__ import annotations

from collections.abc import Iterator

from common.errors import WireError
from xapi.context import Context
from xapi.control import cpu, memory, operations, pci, push
from xapi.datamodel.enums import DomainType, VBDType
from xapi.datamodel.errors import (
    HostDisabled,
    HostNotLive,
    VcpuMaxNotCoresPerSocketMultiple,
    VMHvmRequired,
    VMIncompatibleWithThisHost,
    VMNoVcpus,
    VMRequiresNetwork,
    VMRequiresSR,
)
from xapi.datamodel.refs import HostRef, NetworkRef, SRRef, VMRef
from xapi.db.database import Database
from xapi.db.records import VM

DEFAULT_BIOS_STRINGS = {
    "bios-vendor": "Xen",
    "bios-version": "",
    "system-manufacturer": "Xen",
    "system-product-name": "HVM domU",
    "system-version": "",
    "system-serial-number": "",
    "baseboard-manufacturer": "",
    "baseboard-product-name": "",
    "baseboard-version": "",
    "baseboard-serial-number": "",
    "baseboard-asset-tag": "",
    "baseboard-location-in-chassis": "",
    "enclosure-asset-tag": "",
    "hp-rombios": "",
    "oem-1": "Xen",
    "oem-2": "MS_VM_CERT/SHA1/bdbeb6e0a816d43fa6d3fe8aaef04c2bad9d3e3d",
}
"""What a guest finds in its firmware when nobody chose otherwise; written to the VM at its first start."""


def check(db: Database, vm: VMRef, host: HostRef) -> None:
    """Raise the first reason why `vm` could not boot on `host`."""
    row = db.vm[vm]
    check_host(db, host)
    check_hardware(db, row, host)
    check_storage(db, row, host)
    check_networks(db, row, host)
    pci.check(db, row, host, push.effective_type(row.domain_type, row.HVM_boot_policy))
    memory.check_room(db, row, host, memory.needed(row))


def check_host(db: Database, host: HostRef) -> None:
    """Raise HOST_DISABLED or HOST_NOT_LIVE."""
    row = db.host[host]
    if not row.enabled:
        raise HostDisabled(host)
    metrics = db.host_metrics.get(row.metrics)
    if metrics is not None and not metrics.live:
        raise HostNotLive


def check_hardware(db: Database, row: VM, host: HostRef) -> None:
    """Raise if the VM's processors make no sense, or the host can't emulate hardware."""
    if row.VCPUs_at_startup < 1:
        raise VMNoVcpus(row.ref)
    check_cores(row.VCPUs_max, row.platform.get("cores-per-socket", ""))
    hvm = push.effective_type(row.domain_type, row.HVM_boot_policy) is DomainType.HVM
    capabilities = db.host[host].capabilities
    if hvm and capabilities and not any("hvm" in capability for capability in capabilities):
        raise VMHvmRequired(row.ref)


def check_cpu(db: Database, row: VM, host: HostRef) -> None:
    """Raise VM_INCOMPATIBLE_WITH_THIS_HOST if what `row` found in its CPUs when it booted isn't on `host`."""
    reason = cpu.incompatible(row.last_boot_CPU_flags, db.host[host].cpu_info, row.domain_type)
    if reason is not None:
        raise VMIncompatibleWithThisHost(row.ref, host, reason)


def check_cores(vcpus_max: int, cores_per_socket: str) -> None:
    """Raise unless whole sockets make `vcpus_max`."""
    if cores_per_socket.isdigit() and int(cores_per_socket) > 0 and vcpus_max % int(cores_per_socket):
        raise VcpuMaxNotCoresPerSocketMultiple(vcpus_max, cores_per_socket)


def check_storage(db: Database, row: VM, host: HostRef) -> None:
    """Raise VM_REQUIRES_SR for an SR that the host does not have."""
    for sr in srs(db, row):
        if not sr_is_on(db, sr, host):
            raise VMRequiresSR(row.ref, sr)


def check_networks(db: Database, row: VM, host: HostRef) -> None:
    """Raise VM_REQUIRES_NETWORK for a network of another host."""
    for network in networks(db, row):
        if not network_is_on(db, network, host):
            raise VMRequiresNetwork(row.ref, network)


def check_disks(db: Database, row: VM) -> None:
    """Raise VDI_IN_USE for a disk that another VM has."""
    for ref in row.VBDs:
        error = operations.check(db, "VBD", ref, "attach")
        if error is not None:
            raise error


def srs(db: Database, row: VM) -> list[SRRef]:
    """SRs of the VM's disks and CDs, and of its memory image."""
    vdis = [db.vbd[ref].VDI for ref in row.VBDs] + [row.suspend_VDI]
    found = {db.vdi[vdi].SR: None for vdi in vdis if vdi in db.vdi}
    return [SRRef(sr) for sr in found if sr in db.sr]


def disk_srs(db: Database, row: VM) -> list[SRRef]:
    """SRs of the VM's disks, CDs left out."""
    vbds = (db.vbd[ref] for ref in row.VBDs)
    found = {db.vdi[vbd.VDI].SR: None for vbd in vbds if vbd.type is VBDType.DISK and vbd.VDI in db.vdi}
    return [SRRef(sr) for sr in found if sr in db.sr]


def networks(db: Database, row: VM) -> list[NetworkRef]:
    """Networks of the VM's interfaces."""
    found = {db.vif[ref].network: None for ref in row.VIFs}
    return [NetworkRef(network) for network in found if network in db.network]


def sr_is_on(db: Database, sr: SRRef, host: HostRef) -> bool:
    """Whether the host has the SR attached."""
    return any(pbd.host == host and pbd.currently_attached for pbd in (db.pbd[ref] for ref in db.sr[sr].PBDs))


def network_is_on(db: Database, network: NetworkRef, host: HostRef) -> bool:
    """A network without PIFs is internal to each host; otherwise the host needs one."""
    pifs = [db.pif[ref] for ref in db.network[network].PIFs]
    return not pifs or any(pif.host == host for pif in pifs)


def possible_hosts(ctx: Context, vm: VMRef) -> list[HostRef]:
    """Hosts on which the VM could boot."""
    return list(_possible(ctx.db, vm))


def _possible(db: Database, vm: VMRef) -> Iterator[HostRef]:
    for ref in db.host:
        try:
            check(db, vm, HostRef(ref))
        except WireError:
            continue
        yield HostRef(ref)
