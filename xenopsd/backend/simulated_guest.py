"""A simulated domain."""

from __future__ import annotations

import msgspec

from common.idl.xen import (
    Vif,
    Vm,
)
from xenopsd.backend.base import Drive, Ending, Status


class Guest(msgspec.Struct, kw_only=True):
    """A domain with what it was built from."""

    vm: Vm
    domid: int
    started: float
    status: Status = Status.PAUSED
    ending: Ending | None = None
    ran: float = 0.0
    """Seconds it ran before `unpaused`."""
    unpaused: float | None = None
    memory: int
    vcpus: int
    drives: dict[str, Drive] = {}
    vifs: dict[str, Vif] = {}
    frozen: bool = False

    def asked(self, key: str) -> str:
        """What the test wants of this guest."""
        return self.vm.xsdata.get(f"vm-data/simulator/{key}") or self.vm.platform.get(f"simulator/{key}", "")

    def running_for(self, now: float) -> float:
        """Seconds its VCPUs ran."""
        return self.ran + (now - self.unpaused if self.unpaused is not None else 0.0)
