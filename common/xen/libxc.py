"""The hypervisor's own figures: domains, CPUs, memory, messages. Calls take well under a millisecond."""

from __future__ import annotations

import errno
import functools
import importlib
import os
import uuid
from dataclasses import dataclass
from enum import IntEnum
from types import TracebackType
from typing import Any, Self

from common.errors import WireError

PAGE = 4096
BATCH = 64  # domains asked for at once: the cost of a call grows with the room it is given
CONSOLE_SIZE = 1 << 20
HVM_PARAM_CALLBACK_IRQ = 0
CAN_PASS_DEVICES = 1 << 2
CAN_SHADOW = 1 << 4
NO_NODE = -1


@dataclass(eq=False)
class XenRefused(WireError):
    """A call to the hypervisor failed, or there is none."""

    code = "Xen_refused"

    call: str
    reason: str


@functools.cache
def binding() -> Any:
    """The compiled module. Raises `ImportError` where it was not compiled, or Xen's libraries are not there."""
    return importlib.import_module("common.xen._libxc")


class Shutdown(IntEnum):
    """Why a domain stopped, in the hypervisor's numbers."""

    POWEROFF = 0
    REBOOT = 1
    SUSPEND = 2
    CRASH = 3
    WATCHDOG = 4
    SOFT_RESET = 5


@dataclass(frozen=True, slots=True)
class DomainInfo:
    """A domain as the hypervisor sees it."""

    domid: int
    handle: str
    """The uuid it was made with."""
    flags: int
    memory: int
    """Bytes it has."""
    memory_limit: int
    cpu_seconds: float
    vcpus_online: int
    max_vcpu: int
    """Highest number of a VCPU."""

    @property
    def dying(self) -> bool:
        """Destroyed, and not gone yet."""
        return bool(self.flags & 1)

    @property
    def hvm(self) -> bool:
        """In a hardware container: HVM or PVH."""
        return bool(self.flags & 2)

    @property
    def shutdown(self) -> Shutdown | None:
        """Why it stopped, if it did."""
        if not self.flags & 4:
            return None
        reason = self.flags >> 16 & 0xFF
        return Shutdown(reason) if reason in Shutdown.__members__.values() else Shutdown.CRASH

    @property
    def paused(self) -> bool:
        """By the toolstack."""
        return bool(self.flags & 8)


@dataclass(frozen=True, slots=True)
class Machine:
    """The host's processors and memory."""

    cpus: int
    sockets: int
    threads_per_core: int
    nodes: int
    mhz: float
    memory_total: int
    """Bytes, as the one below."""
    memory_free: int
    shadow: bool
    """Whether Xen can keep page tables of its own for guests: without, it can't see what PV guests write."""
    iommu: bool = False
    """Whether guests can have devices of the host."""


class Libxc:
    """A handle on the hypervisor. Raises `ImportError` without the binding, `XenRefused` without Xen."""

    def __init__(self) -> None:
        module = binding()
        self._ffi, self._lib = module.ffi, module.lib
        self._xc = self._lib.xc_interface_open(self._ffi.NULL, self._ffi.NULL, 0)
        if self._xc == self._ffi.NULL:
            raise XenRefused("xc_interface_open", self._reason())

    def close(self) -> None:
        """Let go."""
        self._lib.xc_interface_close(self._xc)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def domains(self) -> list[DomainInfo]:
        """Every domain, dom0 too."""
        found: list[DomainInfo] = []
        room = self._ffi.new(f"domain_t[{BATCH}]")
        first = 0
        while True:
            count = self._lib.domains(self._xc, first, BATCH, room)
            if count < 0:
                raise XenRefused("domains", self._reason())
            found += [self._domain(room[number]) for number in range(count)]
            if count < BATCH:
                return found
            first = found[-1].domid + 1

    def domain(self, domid: int) -> DomainInfo | None:
        """One domain."""
        room = self._ffi.new("domain_t[1]")
        if self._lib.domains(self._xc, domid, 1, room) != 1 or room[0].domid != domid:
            return None
        return self._domain(room[0])

    def machine(self) -> Machine:
        """The host."""
        room = self._ffi.new("machine_t *")
        if self._lib.machine(self._xc, room):
            raise XenRefused("machine", self._reason())
        per_socket = max(room.threads_per_core * room.cores_per_socket, 1)
        return Machine(
            cpus=room.cpus,
            sockets=max(room.cpus // per_socket, 1),
            threads_per_core=room.threads_per_core,
            nodes=room.nodes,
            mhz=room.khz / 1000,
            memory_total=room.total_pages * PAGE,
            memory_free=(room.free_pages + room.scrub_pages - room.outstanding_pages) * PAGE,
            shadow=bool(room.capabilities & CAN_SHADOW),
            iommu=bool(room.capabilities & CAN_PASS_DEVICES),
        )

    def set_memory_limit(self, domid: int, limit: int) -> None:
        """The most bytes of pages that a domain may have; one that has more keeps them."""
        if self._lib.xc_domain_setmaxmem(self._xc, domid, limit >> 10):
            raise XenRefused("setmaxmem", self._reason())

    def paging_pool(self, domid: int) -> int:
        """Bytes that Xen keeps for a domain's page tables beside its pages; 0 for PV."""
        return int(self._lib.paging_pool(self._xc, domid))

    def vcpu_seconds(self, domain: DomainInfo) -> list[float]:
        """Time that each VCPU ran; 0 for unplugged ones."""
        times = [self._lib.vcpu_time(self._xc, domain.domid, number) for number in range(domain.max_vcpu + 1)]
        return [max(each, 0) / 1e9 for each in times]

    def busy_vcpus(self, domain: DomainInfo) -> int:
        """How many of its VCPUs run, or would if a CPU were free."""
        return sum(self._lib.vcpu_busy(self._xc, domain.domid, number) for number in range(domain.max_vcpu + 1))

    def idle_seconds(self) -> list[float]:
        """Time that each of the host's CPUs did nothing."""
        count = self.machine().cpus
        room = self._ffi.new(f"uint64_t[{count}]")
        found = self._lib.idle_times(self._xc, count, room)
        if found < 0:
            raise XenRefused("idle_times", self._reason())
        return [room[number] / 1e9 for number in range(found)]

    def cpu_nodes(self) -> list[int]:
        """The NUMA node of each of the host's CPUs; `NO_NODE` for a number that no CPU has."""
        count = self._lib.xc_get_max_cpus(self._xc)
        room = self._ffi.new("int[]", max(count, 0))
        if count < 0 or self._lib.cpu_nodes(self._xc, count, room):
            raise XenRefused("cputopoinfo", self._reason())
        return list(room)

    def preferred_cpus(self, domain: DomainInfo) -> list[list[int]]:
        """CPUs on which each VCPU runs rather than on others, which is all of them when nobody chose."""
        count = self._lib.xc_get_max_cpus(self._xc)
        room = self._ffi.new("unsigned char[]", max(count, 0))
        found = []
        for vcpu in range(domain.max_vcpu + 1):
            if not self._lib.preferred_cpus(self._xc, domain.domid, vcpu, count, room):
                found.append([cpu for cpu in range(count) if room[cpu]])
        return found

    def features(self, which: int) -> str:
        """Words of a feature set joined by dashes: 1 host, 2 PV, 3 HVM, 4 and 5 their greatest. Empty if unknown."""
        room = self._ffi.new("uint32_t[64]")
        found = self._lib.features(self._xc, which, 64, room)
        return "-".join(f"{room[number]:08x}" for number in range(max(found, 0)))

    def console(self) -> str:
        """The hypervisor's messages."""
        room, length = self._ffi.new(f"char[{CONSOLE_SIZE}]"), self._ffi.new("unsigned int *", CONSOLE_SIZE)
        if self._lib.console(self._xc, room, length):
            raise XenRefused("console", self._reason())
        return bytes(self._ffi.buffer(room, length[0])).decode(errors="replace")

    def send_debug_keys(self, keys: str) -> None:
        """To the hypervisor's debug console."""
        if self._lib.xc_send_debug_keys(self._xc, keys.encode()):
            raise XenRefused("send_debug_keys", self._reason())

    def has_pv_drivers(self, domid: int) -> bool:
        """Whether an HVM guest set up the callback that its PV drivers need."""
        value = self._ffi.new("uint64_t *")
        failed = self._lib.xc_hvm_param_get(self._xc, domid, HVM_PARAM_CALLBACK_IRQ, value)
        return not failed and bool(value[0])

    def _domain(self, info: Any) -> DomainInfo:
        return DomainInfo(
            domid=info.domid,
            handle=str(uuid.UUID(bytes=bytes(info.handle))),
            flags=info.flags,
            memory=info.pages * PAGE,
            memory_limit=info.max_pages * PAGE,
            cpu_seconds=info.cpu_time / 1e9,
            vcpus_online=info.vcpus_online,
            max_vcpu=info.max_vcpu if info.max_vcpu != 0xFFFFFFFF else -1,
        )

    def _reason(self) -> str:
        number = self._ffi.errno
        return f"{errno.errorcode.get(number, number)}: {os.strerror(number)}"
