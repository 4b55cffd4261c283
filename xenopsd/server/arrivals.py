"""Takes VMs that come from other hosts: a socket to which xapi passes on their connections, as descriptors."""

from __future__ import annotations

import asyncio
import logging
import socket

from common import log as task_log
from common import unix
from common.errors import WireError
from common.idl.task import State
from common.idl.xen import (
    PowerState,
    VmId,
)
from common.idl.xen_errors import (
    BadPowerState,
    DoesNotExist,
)
from common.tasks import Tasks
from xenopsd import plans
from xenopsd.backend.base import Domain
from xenopsd.executor import Executor
from xenopsd.migration.arrival import Arrival
from xenopsd.migration.channel import Channel
from xenopsd.migration.line import Broken, Line, ready
from xenopsd.migration.messages import VERSION, Ask, Failed, Offer, Running
from xenopsd.migration.together import end
from xenopsd.settle import power_state
from xenopsd.steps import Step
from xenopsd.store import Phase, Record, Store

log = logging.getLogger(__name__)

GIVEN_WITHIN = 5.0  # seconds from a connection of xapi's to what it passes on by it


class Arrivals:
    """The socket, and what comes there. Who can connect to it was let in by xapi."""

    def __init__(self, path: str, store: Store, executor: Executor, tasks: Tasks) -> None:
        self._path = path
        self._store, self._executor, self._tasks = store, executor, tasks
        self._serving: set[asyncio.Task[None]] = set()
        self._arriving: set[VmId] = set()
        self._accepting: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen."""
        self._accepting = asyncio.get_running_loop().create_task(self._accept(unix.listen(self._path)))

    async def stop(self) -> None:
        """What is arriving is given up."""
        if self._accepting is not None:
            await end(self._accepting)
        await end(*self._serving)

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        with listener:
            while True:
                try:
                    giver, _ = await loop.sock_accept(listener)
                except OSError as error:
                    log.warning("no migration can arrive: %s", error)
                    await asyncio.sleep(1.0)
                    continue
                task = loop.create_task(self._take_over(giver))
                self._serving.add(task)
                task.add_done_callback(self._serving.discard)

    async def _take_over(self, giver: socket.socket) -> None:
        try:
            with giver:
                connection = await _given(giver)
        except (OSError, TimeoutError) as error:
            log.warning("no connection of a migration came from xapi: %s", error)
            return
        channel = Channel(Line(connection))
        try:
            await self.serve(channel)
        finally:
            await channel.close()

    async def serve(self, channel: Channel) -> None:
        """One connection, to its end. Never raises but when cancelled."""
        try:
            match await channel.receive():
                case Offer() as offer:
                    with task_log.task(offer.dbg):
                        await channel.send(await self._take(channel, offer))
                case Ask(vm=vm):
                    await channel.send(await self._tell(vm))
                case other:
                    log.warning("a migration that begins with %s", type(other).__name__)
            await channel.linger()
        except (Broken, WireError) as error:
            log.info("a migration's source: %s", error)

    async def _take(self, channel: Channel, offer: Offer) -> Running | Failed:
        vm = offer.vm.id
        if offer.version != VERSION:
            return Failed(code="Unimplemented", params=[f"migration protocol {offer.version}"])
        if vm in self._arriving:
            return _failed(BadPowerState(vm, PowerState.RUNNING, PowerState.HALTED))
        self._arriving.add(vm)
        known = vm in self._store
        try:
            if not known:
                self._store.add(offer.vm)
            return await self._perform(Arrival(channel, offer), vm)
        finally:
            self._arriving.discard(vm)
            if not known and vm in self._store and self._store.get(vm).phase is Phase.HALTED:
                self._store.forget(vm)

    async def _perform(self, arrival: Arrival, vm: VmId) -> Running | Failed:
        def prepare(record: Record, domain: Domain | None) -> Step:
            if domain is not None or record.phase is not Phase.HALTED:
                raise BadPowerState(vm, power_state(record, domain), PowerState.HALTED)
            return plans.receive(vm, arrival.offer.vbds, arrival)

        task = self._executor.submit(arrival.offer.dbg, vm, prepare)
        try:
            while (found := await self._tasks.wait(arrival.offer.dbg, task)).state is State.PENDING:
                pass
        finally:
            await self._tasks.destroy(arrival.offer.dbg, task)
        if found.state is State.COMPLETED:
            return Running()
        code, *params = found.error
        return Failed(code=code, params=params)

    async def _tell(self, vm: VmId) -> Running | Failed:
        """What became of a VM whose source never heard of it: the queue is waited for, so nothing is half-done."""
        try:

            async def look() -> bool:
                return self._store.get(vm).phase is Phase.RUNNING

            if await self._executor.run(vm, look):
                return Running()
        except DoesNotExist:
            pass
        return _failed(DoesNotExist("VM", vm))


async def _given(giver: socket.socket) -> socket.socket:
    """The connection whose descriptor comes by another one. Raises `OSError`, `TimeoutError`."""
    giver.setblocking(False)
    async with asyncio.timeout(GIVEN_WITHIN):
        await ready(giver.fileno())
    _, descriptors, _, _ = socket.recv_fds(giver, 1, 1, socket.MSG_CMSG_CLOEXEC)
    if not descriptors:
        raise OSError("it passed on nothing")
    return socket.socket(fileno=descriptors[0])


def _failed(error: WireError) -> Failed:
    return Failed(code=error.wire_code, params=error.params)
