"""Metrics that guests keep in pages they grant to this host, read each tick. Nothing in the pages is trusted.

The pages hold what plug-ins of this host write to a file. All of it counts as the guest's own, whoever it says owns it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

from common.idl.rrd import Owner
from common.idl.xen import (
    GrantedMetrics,
    VmCounters,
)
from common.xen.libxc import XenRefused
from common.xen.pages import granted
from rrdd.plugins.payload import BadPayload, Payload, read
from rrdd.source import Batch, Source

log = logging.getLogger(__name__)

MOST_SOURCES = 64
"""Of one guest, for as long as it is here: each costs memory of this host."""


class Reader:
    """Remembers what was read before, for what need not be looked through again."""

    def __init__(self) -> None:
        self._payloads: dict[tuple[int, str], Payload] = {}
        self._bad: set[tuple[int, str]] = set()
        self._names: dict[str, set[str]] = {}

    def batches(self, vms: list[VmCounters], own: dict[str, tuple[Source, ...]]) -> Iterator[Batch]:
        """Values of all guests that grant pages. `own`: what we measure of each VM; no guest may stand in for it."""
        shared = {(vm.domid, each.name): (vm, each) for vm in vms for each in vm.granted}
        self._payloads = {key: payload for key, payload in self._payloads.items() if key in shared}
        self._bad &= shared.keys()
        self._names = {vm.id: self._names.get(vm.id, set()) for vm, _ in shared.values()}
        for key, (vm, each) in shared.items():
            before = self._payloads.get(key)
            payload = self._read(key, each)
            if payload is None or (before is not None and before.data_sum == payload.data_sum):
                continue
            taken = {source.name for source in own.get(vm.id, ())}
            found = enumerate(payload.described.sources)
            where = [i for i, source in found if source.name not in taken and self._may_have(vm.id, source.name)]
            sources = tuple([payload.described.sources[i] for i in where])
            values = payload.values[where].tolist()
            yield Batch(Owner.VM, vm.id, sources, values, vm.domid, origin=f"guest/{each.name}")

    def _may_have(self, vm: str, name: str) -> bool:
        names = self._names[vm]
        if len(names) < MOST_SOURCES:
            names.add(name)
        return name in names

    def _read(self, key: tuple[int, str], shared: GrantedMetrics) -> Payload | None:
        try:
            # A copy: what is looked at twice could be two things.
            with granted(key[0], shared.references) as pages:
                content = bytes(pages)
            payload = self._payloads[key] = read(content, self._payloads.get(key))
        except (XenRefused, ImportError, BadPayload) as error:
            if key not in self._bad:
                log.info("domain %d, %s: %s", *key, error)
            self._bad.add(key)
            return None
        self._bad.discard(key)
        return payload
