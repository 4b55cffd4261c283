"""Follows the backend: what changed by itself is told to clients and looked at."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

from common.idl.xen import (
    Changed,
    ChangedVm,
    VmId,
)
from xenopsd.executor import Executor
from xenopsd.store import Phase, Store

log = logging.getLogger(__name__)


class Watch:
    """Turns the backend's notes into looks, and repeats looks that could not finish."""

    def __init__(
        self, store: Store, executor: Executor, changed: Callable[[Changed], None], *, interval: float
    ) -> None:
        self._store, self._executor, self._changed = store, executor, changed
        self._interval = interval

    def notify(self, vm: VmId) -> None:
        """The backend saw a change of `vm`."""
        if vm in self._store:
            self._changed(ChangedVm(id=vm))
            self._executor.check(vm)

    def look_at_all(self) -> None:
        """Queue a look at each VM that should have, or may have left, something."""
        for record in self._store:
            if record.phase is not Phase.HALTED or record.open:
                self._executor.check(record.vm.id)

    async def run(self, stopped: asyncio.Event) -> None:
        """Look at all now and then until `stopped`: the hypervisor or sm may have been away when it mattered."""
        for record in self._store:
            self._executor.check(record.vm.id)
        while not stopped.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopped.wait(), self._interval)
            self.look_at_all()
