"""Guests' memory while they run: what `xenopsd.memory` balances, and the range it has to stay in.

Targets are told to the driver in the guest, limits to Xen. The part of an HVM guest's memory that is its screen is
none of its driver's business: xenstore's target leaves it out, ours does not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass

from common.idl.xen import (
    Vm,
    VmId,
)
from common.idl.xen_errors import NotEnoughMemory
from common.xen.libxc import DomainInfo, Libxc, XenRefused
from common.xen.xenstore import Transaction, Xenstore
from xenopsd.backend.libxl import configuration, guest
from xenopsd.backend.libxl.observe import Observer
from xenopsd.memory.machine import Balloon
from xenopsd.memory.policy import HOST_RESERVE

SLACK = 1 << 20
"""Beyond what the policy lets a domain have: for pages that Xen and device models add by themselves."""


@dataclass(frozen=True, slots=True)
class _Told:
    """A domain's nodes below `memory/`, in bytes."""

    target: int
    video: int
    offset: int | None
    has_driver: bool


class Ballooning:
    """Implements `xenopsd.memory.machine.BalloonMachine`, and the backend's `set_memory`."""

    _xc: Libxc
    _store: Xenstore
    _observer: Observer

    async def memory(self) -> tuple[int, Collection[Balloon]]:
        newest = {info.handle: info for info in sorted(self._observer.present(), key=lambda info: info.domid)}
        told = await asyncio.gather(*(self._told(info.domid) for info in newest.values()))
        balloons = [self._balloon(info, each) for info, each in zip(newest.values(), told, strict=True)]
        return self._xc.machine().memory_free, balloons

    def memory_overhead(self, vm: Vm) -> int:
        return configuration.overhead(vm)

    async def set_memory_target(self, vm: VmId, target: int, limit: int) -> None:
        info = self._observer.find(vm)
        if info is None:
            return
        try:
            self._xc.set_memory_limit(info.domid, limit + SLACK)
        except XenRefused:
            if self._xc.domain(info.domid) is None:
                return
            raise
        home = f"{guest.path(info.domid)}/memory"
        video = (await self._told(info.domid)).video
        await self._write(f"{home}/target", str((target - video) >> 10), known=f"{home}/target")
        self._observer.spoil(info.domid)

    async def set_memory_offset(self, vm: VmId, offset: int) -> None:
        if info := self._observer.find(vm):
            home = f"{guest.path(info.domid)}/memory"
            await self._write(f"{home}/memory-offset", str(offset >> 10), known=f"{home}/target")

    async def set_uncooperative(self, vm: VmId, uncooperative: bool) -> None:
        if info := self._observer.find(vm):
            home = f"{guest.path(info.domid)}/memory"
            if uncooperative:
                await self._write(f"{home}/uncooperative", "", known=f"{home}/target")
            else:
                await self._store.rm(f"{home}/uncooperative")
            self._observer.spoil(info.domid)

    async def _set_range(self, info: DomainInfo, minimum: int, maximum: int) -> None:
        """Write the range; a guest that says nothing of a balloon is asked to go into it, the others are balanced.

        Raises `NotEnoughMemory`.
        """
        told = await self._told(info.domid)
        target = max(minimum, min(told.target, maximum))
        if not told.has_driver:
            more, free = target - info.memory, self._xc.machine().memory_free - HOST_RESERVE
            if more > max(0, free):
                raise NotEnoughMemory(more, max(0, free))
        home = f"{guest.path(info.domid)}/memory"
        await self._store.write(f"{home}/dynamic-min", str(minimum >> 10))
        await self._store.write(f"{home}/dynamic-max", str(maximum >> 10))
        if not told.has_driver and target != told.target:
            vm = VmId(info.handle)
            if told.offset is None:
                # Until now it was at rest; later, when it tells of a driver, it may not be.
                await self.set_memory_offset(vm, info.memory - told.target)
            await self.set_memory_target(vm, target, max(target, info.memory))

    async def _told(self, domid: int) -> _Told:
        home = guest.path(domid)
        target, video, offset, feature = await asyncio.gather(
            self._store.read(f"{home}/memory/target"),
            self._store.read(f"{home}/memory/videoram"),
            self._store.read(f"{home}/memory/memory-offset"),
            self._store.read(f"{home}/control/feature-balloon"),
        )
        screen = guest.kib(video)
        return _Told(
            target=guest.kib(target) + screen,
            video=screen,
            offset=None if offset is None else guest.kib(offset),
            has_driver=feature == "1",
        )

    def _balloon(self, info: DomainInfo, told: _Told) -> Balloon:
        return Balloon(
            vm=VmId(info.handle),
            actual=info.memory,
            target=told.target,
            limit=info.memory_limit - SLACK,
            balloons=told.has_driver and info.shutdown is None and not info.paused,
            offset=told.offset,
            overhead=self._xc.paging_pool(info.domid),
        )

    async def _write(self, path: str, value: str, *, known: str) -> None:
        """Write unless `known` is gone with its domain: a node must not be made anew."""

        async def work(inside: Transaction) -> None:
            if await inside.read(known) is not None:
                await inside.write(path, value)

        await self._store.transaction(work)
