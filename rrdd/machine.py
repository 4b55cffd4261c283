"""Everything that is measured of the host itself, each tick: by Xen where there is Xen, else by the kernel."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

from common.config import under_root
from common.errors import WireError
from common.idl import xen
from common.idl.rrd import Owner
from common.inventory import control_domain_uuid
from common.xenapi import SOCKET as XAPI_SOCKET
from rrdd.source import Batch, Source
from rrdd.sources import host, hypervisor, power, processes

log = logging.getLogger(__name__)

PROC = Path("/proc")
PROCESSORS = Path("/sys/devices/system/cpu")
LOOK_FOR_DAEMONS_EVERY = 12  # ticks

Readings = Iterator[tuple[Source, float]]


class Machine:
    """Reads the host. `physical` are the names of its NICs."""

    def __init__(self) -> None:
        self.physical: set[str] = set()
        self._xen = hypervisor.opened()
        self._xen_answers = False
        self._ticks = 0
        self._xenopsd = self._xapi = 0

    def look(self) -> None:
        """Begin a tick."""
        if self._ticks % LOOK_FOR_DAEMONS_EVERY == 0:
            self._xenopsd = processes.listener(under_root(xen.SOCKET))
            self._xapi = processes.listener(under_root(XAPI_SOCKET))
        self._ticks += 1
        self._xen_answers = False
        if self._xen is not None:
            try:
                self._xen.look()
                self._xen_answers = True
            except WireError as error:
                log.info("no figures of Xen: %s", error)

    def readings(self, counters: Sequence[xen.VmCounters] | None, memory: tuple[int, int]) -> Readings:
        """The host's sources. `counters` None: they could not be had; `memory` is total and free, in bytes."""
        yield from self._processors(counters)
        yield from host.load(host.read(PROC / "loadavg"))
        yield from host.memory(*memory)
        if counters is not None:
            yield from host.reclaimed(counters)
        yield from host.nics(host.read(PROC / "self/net/dev"), self.physical)
        yield from power.states(PROCESSORS)
        if self._xenopsd:
            yield from processes.xenopsd(PROC / str(self._xenopsd))
        if self._xapi:
            yield from processes.xapi(PROC / str(self._xapi))

    def control_domain(self) -> Iterator[Batch]:
        """The control domain as a VM, on Xen."""
        uuid = control_domain_uuid()
        if self._xen is None or not self._xen_answers or not uuid:
            return
        _, free = host.memory_of_proc(host.read(PROC / "meminfo"))
        sources, values = self._xen.control_domain(free // 1024)
        if sources:
            yield Batch(Owner.VM, uuid, sources, values)

    def _processors(self, counters: Sequence[xen.VmCounters] | None) -> Readings:
        if self._xen is None or not self._xen_answers:
            yield from host.processors(host.idle_of_proc(host.read(PROC / "stat")))
            if counters is not None:
                yield host.DOMAINS, float(len(counters))
            return
        yield from host.processors(dict(enumerate(self._xen.idle)))
        yield from self._xen.load()
