"""Sources that only Xen itself can tell: the machine's processors, which domains run, and the control domain."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

from common.xen.libxc import DomainInfo, Libxc, XenRefused
from rrdd.source import Source
from rrdd.sources import vm

log = logging.getLogger(__name__)

PRIVILEGED = Path("/dev/xen/privcmd")
CONTROL = 0  # number of the control domain
LOAD = Source("hostload", "Host load per physical cpu", "(fraction)")
RUNNING_VCPUS = Source("running_vcpus", "Number of virtual processors that run or could", "count")
RUNNING_DOMAINS = Source("running_domains", "Number of domains that run", "count")

Readings = Iterator[tuple[Source, float]]


def opened() -> Hypervisor | None:
    """Xen on this host; None where there is none, or no binding to it."""
    if not PRIVILEGED.exists():  # libxc would complain on our standard error
        return None
    try:
        return Hypervisor(Libxc())
    except (ImportError, XenRefused) as error:
        log.info("no figures of Xen: %s", error)
        return None


class Hypervisor:
    """What Xen told at the newest look."""

    def __init__(self, libxc: Libxc) -> None:
        self._libxc = libxc
        self._domains: list[DomainInfo] = []
        self._running_vcpus = 0
        self._control: list[float] = []
        self.idle: list[float] = []
        """Seconds that each of the machine's processors did nothing since it started."""

    def look(self) -> None:
        """Ask for all of it now. Raises `XenRefused`."""
        self._domains = [domain for domain in self._libxc.domains() if not domain.dying]
        self.idle = self._libxc.idle_seconds()
        self._running_vcpus = sum(self._libxc.busy_vcpus(domain) for domain in self._running())
        self._control = next((self._libxc.vcpu_seconds(one) for one in self._domains if one.domid == CONTROL), [])

    def load(self) -> Readings:
        """How much wants to run."""
        yield LOAD, self._running_vcpus / max(1, len(self.idle))
        yield RUNNING_VCPUS, float(self._running_vcpus)
        yield RUNNING_DOMAINS, float(len(self._running()))

    def control_domain(self, free: int) -> tuple[tuple[Source, ...], list[float]]:
        """Its sources and values, as any VM's; `free` is its free memory in KiB. Nothing when it is not to be seen."""
        domain = next((one for one in self._domains if one.domid == CONTROL), None)
        if domain is None:
            return (), []
        usage = [*self._control, sum(self._control) / len(self._control)] if self._control else []
        memory = float(domain.memory)
        return vm.sources(len(self._control), True, (), ()), [*usage, memory, memory, float(free)]

    def _running(self) -> list[DomainInfo]:
        return [domain for domain in self._domains if not domain.paused and domain.shutdown is None]
