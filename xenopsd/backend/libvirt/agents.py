"""Asks the guests' agents now and then, and keeps their last answers: memory only, the next process asks again."""

from __future__ import annotations

import asyncio
import contextlib
import logging

import libvirt

from common.idl.xen import VmId
from xenopsd.backend.base import HypervisorError, Notify
from xenopsd.backend.libvirt import agent, domains
from xenopsd.backend.libvirt.connection import Connection

log = logging.getLogger(__name__)


class Agents:
    """All agents of this host. `changed` is told when one says something new."""

    def __init__(self, connection: Connection, interval: float, changed: Notify) -> None:
        self._connection, self._interval, self._changed = connection, interval, changed
        self._answers: dict[VmId, dict[str, str]] = {}
        self._wake = asyncio.Event()
        self._wake.set()  # guests that ran before us are asked at once

    def keys(self, vm: VmId) -> dict[str, str]:
        """What is known of the guest."""
        return self._answers.get(vm, agent.ALWAYS)

    def forget(self, vm: VmId) -> None:
        """The domain ended. Safe to repeat."""
        self._answers.pop(vm, None)

    def ask_soon(self) -> None:
        """An agent appeared or vanished."""
        self._wake.set()

    async def run(self) -> None:
        """Ask for ever."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self._interval)
            self._wake.clear()
            with contextlib.suppress(HypervisorError, libvirt.libvirtError):
                await self._ask_all()

    async def _ask_all(self) -> None:
        snapshots = await self._connection.call(domains.look_at_all)
        connected = [each for each in snapshots if each.seen.agent and each.state == libvirt.VIR_DOMAIN_RUNNING]
        await asyncio.gather(*map(self._ask, connected))

    async def _ask(self, snapshot: domains.Snapshot) -> None:
        vm = snapshot.vm
        try:
            info = await self._connection.call(
                lambda connection: domains.agent_info(connection, vm), agent=True, repeat=False
            )
        except (HypervisorError, libvirt.libvirtError) as error:
            log.debug("VM %s: its agent: %s", vm, error)
            return
        answer = agent.keys(info, snapshot.seen.macs)
        if answer != self._answers.get(vm):
            self._answers[vm] = answer
            self._changed(vm)
