"""The workers: one per attached SR, started, watched, started again when they die, killed when they hang."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
import select
import shutil
import signal
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec

from common import log as task_log
from common.errors import DaemonUnreachable, WireError
from common.files import write_atomically
from common.idl.storage import DatapathState, SrId, SrNotAttached, SrUnhealthy
from common.locks import Locks
from common.rpc.client import Client
from sm import paths, worker
from sm.config import Settings
from sm.datapath import states
from sm.errors import Number, error
from sm.nursery import Nursery

log = logging.getLogger(__name__)

ATTACHED = "attached.json"
SR_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,63}")
RESTART_PAUSE = 0.2  # seconds, doubled each time
LONGEST_PAUSE = 30.0
START_DEADLINE = 20.0  # seconds for a call to wait until the worker is up again

# What may be called again when the worker died while it ran.
REPEATABLE = frozenset(
    {"SR.attach", "SR.detach", "SR.stat", "SR.scan", "SR.update", "VDI.stat", "VDI.update", "VDI.attach"}
    | {"VDI.activate", "VDI.deactivate", "VDI.detach", "DP.all", "DP.destroy", "DP.damaged"}
)
SLOW = frozenset({"SR.create", "SR.destroy", "SR.attach", "VDI.snapshot", "VDI.clone"})  # may write a whole disk


class Attached(msgspec.Struct, frozen=True):
    """How an SR is attached, kept until the next boot."""

    boot: str
    type: str
    device_config: dict[str, str]


class Worker:
    """The worker of one SR. `attached` None: it only makes or probes an SR and is not started again."""

    def __init__(self, sr: SrId, nursery: Nursery, settings: Settings, attached: Attached | None = None) -> None:
        self.sr, self.attached = sr, attached
        self._nursery, self._settings = nursery, settings
        self._ready = asyncio.Event()
        self._pidfd: int | None = None
        self._clients: list[Client] = []
        self._life: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the process."""
        path = worker.socket_path(self.sr)
        pid = await self._nursery.start(self.sr)
        self._pidfd = os.pidfd_open(pid)
        self._clients = [
            Client(path, deadline=deadline)
            for deadline in (self._settings.call_deadline, self._settings.create_deadline)
        ]
        log.info("%s: worker %d", self.sr, pid)

    async def attach(self, attached: Attached) -> None:
        """Have the started worker attach its SR; from then on it is kept alive."""
        params = {"dbg": task_log.current(), "sr": self.sr, "type": attached.type}
        await self._send("SR.attach", params | {"device_config": attached.device_config})
        self.attached = attached
        self._ready.set()
        if self._life is None:
            self._life = asyncio.get_running_loop().create_task(self._keep_alive())

    def revive(self, attached: Attached) -> None:
        """Start and attach in the background, as after a restart of sm."""
        self.attached = attached
        self._life = asyncio.get_running_loop().create_task(self._keep_alive())

    async def call(self, method: str, params: dict[str, Any]) -> Any:
        """Call the worker once its SR is attached. Raises `SrUnhealthy`."""
        for last in (method not in REPEATABLE, True):
            await self._wait_until_ready()
            try:
                return await self._send(method, params)
            except DaemonUnreachable as cause:
                died = await self._examine()
                if last or not died:
                    raise SrUnhealthy(self.sr, cause.reason) from cause
        raise AssertionError("the second attempt returns or raises")

    async def call_unattached(self, method: str, params: dict[str, Any]) -> Any:
        """Call a worker that has no SR yet."""
        try:
            return await self._send(method, params)
        except DaemonUnreachable as cause:
            raise SrUnhealthy(self.sr, cause.reason) from cause

    async def stop(self) -> None:
        """End the process; what is open stays open."""
        if self._life is not None:
            self._life.cancel()
            await asyncio.gather(self._life, return_exceptions=True)
        self._ready.clear()
        await self._end(signal.SIGTERM)

    async def _send(self, method: str, params: dict[str, Any]) -> Any:
        if not self._clients:
            raise DaemonUnreachable(worker.socket_path(self.sr), "the worker is being started")
        return await self._clients[method in SLOW].send(method, params)

    async def _wait_until_ready(self) -> None:
        try:
            await asyncio.wait_for(self._ready.wait(), START_DEADLINE)
        except TimeoutError as cause:
            raise SrUnhealthy(self.sr, "its worker does not come up") from cause

    async def _keep_alive(self) -> None:
        pause = RESTART_PAUSE
        while True:
            if self._pidfd is not None:
                await _readable(self._pidfd)
                log.warning("%s: worker died", self.sr)
                await self._forget()
            try:
                await self.start()
                assert self.attached is not None, "only an attached SR's worker is kept alive"  # noqa: S101
                await self.attach(self.attached)
                pause = RESTART_PAUSE
            except (WireError, OSError, TimeoutError) as cause:
                log.error("%s: %s; next attempt in %.1f s", self.sr, cause, pause)
                await self._end(signal.SIGKILL)
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    async def _examine(self) -> bool:
        """After a call that failed: whether the worker is dead. One that does not answer is killed."""
        if self._pidfd is None or _is_readable(self._pidfd):
            self._ready.clear()
            return True
        try:
            await asyncio.wait_for(self._clients[0].get("/health"), self._settings.health_deadline)
            return False
        except (DaemonUnreachable, TimeoutError) as cause:
            log.error("%s: worker does not answer; killing it", self.sr)
            self._ready.clear()
            self._signal(signal.SIGKILL)
            # What hung once would hang again: only a call whose worker just died is worth a second attempt.
            return isinstance(cause, DaemonUnreachable)

    def _signal(self, number: signal.Signals) -> None:
        if self._pidfd is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, number)

    async def _end(self, number: signal.Signals) -> None:
        self._signal(number)
        if self._pidfd is not None:
            try:
                await asyncio.wait_for(_readable(self._pidfd), self._settings.health_deadline)
            except TimeoutError:
                self._signal(signal.SIGKILL)
        await self._forget()

    async def _forget(self) -> None:
        self._ready.clear()
        if self._pidfd is not None:
            os.close(self._pidfd)
            self._pidfd = None
        for client in self._clients:
            await client.close()
        self._clients = []


def _read(path: Path) -> Attached | None:
    """None when a power cut left it half written: it is of an earlier boot then, since it is never synced."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Attached)
    except msgspec.DecodeError as error:
        log.warning("%s: %s; of an earlier boot", path, error)
        return None


class Workers:
    """All of them, by SR."""

    def __init__(self, nursery: Nursery, settings: Settings) -> None:
        self._nursery, self._settings = nursery, settings
        self._workers: dict[SrId, Worker] = {}
        self._locks = Locks()

    def recover(self) -> None:
        """Bring back the workers of the SRs that a predecessor had attached."""
        for path in sorted(paths.repositories().glob(f"*/{ATTACHED}")):
            attached = _read(path)
            if attached is None or attached.boot != paths.boot_id():
                shutil.rmtree(path.parent)
                continue
            sr = SrId(path.parent.name)
            self._workers[sr] = Worker(sr, self._nursery, self._settings)
            self._workers[sr].revive(attached)

    @property
    def attached(self) -> list[SrId]:
        """The attached SRs."""
        return list(self._workers)

    async def attach(self, sr: SrId, type_: str, device_config: dict[str, str]) -> None:
        """See `SR.attach`."""
        async with self._locks.hold(_checked(sr)):
            if sr in self._workers:
                return
            attached = Attached(paths.boot_id(), type_, device_config)
            fresh = Worker(sr, self._nursery, self._settings)
            await fresh.start()
            try:
                await fresh.attach(attached)
            except DaemonUnreachable as cause:
                await fresh.stop()
                raise SrUnhealthy(sr, cause.reason) from cause
            except BaseException:
                await fresh.stop()
                raise
            self._workers[sr] = fresh
            write_atomically(paths.repository(sr) / ATTACHED, msgspec.json.encode(attached), sync=False)

    async def end(self, sr: SrId, method: str, params: dict[str, Any]) -> None:
        """Call `SR.detach` or `SR.destroy`, and end the worker when that succeeded."""
        async with self._locks.hold(_checked(sr)):
            if sr not in self._workers:
                if method == "SR.detach":
                    return
                raise SrNotAttached(sr)
            await self._workers[sr].call(method, params)
            await self._workers.pop(sr).stop()
            shutil.rmtree(paths.repository(sr), ignore_errors=True)

    async def send(self, method: str, params: dict[str, Any]) -> Any:
        """Call the worker of the SR that `params` names."""
        return await self.ask(params["sr"], method, params)

    async def ask(self, sr: SrId, method: str, params: dict[str, Any]) -> Any:
        """Call the worker of `sr`."""
        found = self._workers.get(sr)
        if found is None:
            raise SrNotAttached(sr)
        return await found.call(method, params)

    @contextlib.asynccontextmanager
    async def passing(self, sr: SrId | None = None) -> AsyncIterator[Worker]:
        """A worker for an SR that is not attached, ended with the block."""
        name = _checked(sr) if sr else SrId(f"probe-{uuid.uuid4()}")
        async with self._locks.hold(name):
            if name in self._workers:
                raise error(Number.SR_EXISTS, f"{name} is attached")
            passing = Worker(name, self._nursery, self._settings)
            await passing.start()
            try:
                yield passing
            finally:
                await passing.stop()
                shutil.rmtree(paths.repository(name), ignore_errors=True)

    def datapaths(self) -> list[DatapathState]:
        """The datapaths of all SRs; read from this host's own files, so an SR that hangs does not matter."""
        return [state for sr in self._workers for state in states.read(paths.repository(sr))]

    async def close(self) -> None:
        """End all workers; what is attached and open stays so."""
        await asyncio.gather(*(each.stop() for each in self._workers.values()))


def _checked(sr: SrId) -> SrId:
    if not SR_ID.fullmatch(sr):
        raise error(Number.INVALID_ARGUMENT, f"{sr!r} is not an SR's uuid")
    return sr


def _is_readable(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))


async def _readable(descriptor: int) -> None:
    loop = asyncio.get_running_loop()
    event = asyncio.Event()
    loop.add_reader(descriptor, event.set)
    try:
        await event.wait()
    finally:
        loop.remove_reader(descriptor)
