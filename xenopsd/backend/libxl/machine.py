"""The host as Xen sees it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from common.idl.xen import HostState
from common.xen.libxc import Libxc
from xenopsd.backend.libvirt import machine

HYPERVISOR = Path("/sys/hypervisor")
HOST, PV, HVM = 1, 2, 3


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
        features_pv=xc.features(PV),
        features_hvm=xc.features(HVM),
        nodes=found.nodes,
    )
    return HostState(
        backend=name,
        hypervisor=f"Xen {_version()}",
        capabilities=capabilities(_text("properties/capabilities")),
        cpu=cpu,
        memory_total=found.memory_total,
        memory_free=found.memory_free,
    )


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
