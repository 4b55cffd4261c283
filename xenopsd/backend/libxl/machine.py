"""The host as Xen sees it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from common.idl.xen import (
    DomainType,
    HostState,
)
from common.xen.libxc import DomainInfo, Libxc
from xenopsd.backend.libvirt import machine
from xenopsd.backend.libxl import configuration
from xenopsd.memory.policy import HOST_RESERVE

HYPERVISOR = Path("/sys/hypervisor")
HOST, PV, HVM, MOST_PV, MOST_HVM = range(1, 6)
CONTROL_DOMAIN = 0


def state(xc: Libxc, name: str) -> HostState:
    """What the hypervisor and dom0's kernel tell."""
    found = xc.machine()
    cpu = msgspec.structs.replace(
        machine.cpu(machine.CPUINFO.read_text()),
        cpu_count=found.cpus,
        socket_count=found.sockets,
        threads_per_core=found.threads_per_core,
        speed=found.mhz,
        features=xc.features(HOST),
        features_pv=xc.features(MOST_PV) or xc.features(PV),
        features_hvm=xc.features(MOST_HVM) or xc.features(HVM),
        features_pv_host=xc.features(PV),
        features_hvm_host=xc.features(HVM),
        nodes=found.nodes,
    )
    domains = xc.domains()
    return HostState(
        backend=name,
        hypervisor=f"Xen {_version()}",
        capabilities=capabilities(_text("properties/capabilities")),
        cpu=cpu,
        memory_total=found.memory_total,
        memory_free=found.memory_free,
        memory_overhead=_overhead(xc, found.memory_total - found.memory_free, domains),
        memory_control=sum(each.memory for each in domains if each.domid == CONTROL_DOMAIN),
        iommu=found.iommu,
    )


def _overhead(xc: Libxc, used: int, domains: list[DomainInfo]) -> int:
    """What of `used` is not the domains', and what is kept free: about the same whatever runs."""
    theirs = sum(each.memory for each in domains)
    for guest in domains:
        if guest.domid != CONTROL_DOMAIN:
            theirs += configuration.fixed_overhead(guest.max_vcpu + 1, pv=not guest.hvm)
            theirs += xc.paging_pool(guest.domid) if guest.hvm else 0
    return max(0, used - theirs) + HOST_RESERVE


def shown(xc: Libxc, kind: DomainType) -> str:
    """The CPU features that a guest of this kind sees when nobody chose."""
    return xc.features(PV if kind is DomainType.PV else HVM)


def capabilities(text: str) -> list[str]:
    """Kinds of guests, from Xen's words (`xen-3.0-x86_64 hvm-3.0-x86_32 …`)."""
    kinds = {word.split("-")[0] for word in text.split()}
    return [kind for kind, needed in (("hvm", "hvm"), ("pv", "xen"), ("pvh", "hvm")) if needed in kinds]


def _version() -> str:
    return f"{_text('version/major')}.{_text('version/minor')}{_text('version/extra')}"


def _text(name: str) -> str:
    try:
        return (HYPERVISOR / name).read_text().strip()
    except OSError:
        return ""
