"""The connection to libvirtd: calls in threads of their own with deadlines, events into the loop, reconnection.

libvirtd may be killed at any time. A call that finds it gone waits for the next one; only a call that may not be
repeated (it builds something) fails then, and settling looks at what came of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import libvirt

from common.idl.xen import VmId
from xenopsd.backend.base import HypervisorError

log = logging.getLogger(__name__)

THREADS = 8
AGENT_THREADS = 4  # a guest may leave its agent's answers out for as long as it likes
DEADLINE = 60.0  # seconds for one call
ABSENCE = 20.0  # seconds libvirtd may be away
PAUSE = 0.1  # seconds between attempts
KEEPALIVE = (5, 6)  # seconds between probes, probes without answer before the connection counts as dead

T = TypeVar("T")
Event = Callable[[VmId, str, int, int], None]
"""Told of a VM, the kind of its event (`lifecycle`, `reboot`, `io_error`, `agent`, `device`), and two details."""


class Connection:
    """One libvirtd. `on_event` and `on_connected` are called in the loop."""

    def __init__(self, uri: str, on_event: Event, on_connected: Callable[[], None]) -> None:
        self._uri = uri
        self._on_event, self._on_connected = on_event, on_connected
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="libvirt")
        self._agent_threads = ThreadPoolExecutor(AGENT_THREADS, thread_name_prefix="libvirt-agent")
        self._connection: libvirt.virConnect | None = None
        self._opening = asyncio.Lock()
        self._reopening: asyncio.Task[None] | None = None
        self._closed = False
        self._loop = asyncio.get_running_loop()

    async def call(
        self,
        work: Callable[[Any], T],
        *,
        deadline: float = DEADLINE,
        repeat: bool = True,
        agent: bool = False,
    ) -> T:
        """`work(virConnect)` in a thread. Raises `libvirt.libvirtError`, or `HypervisorError` when there is none."""
        give_up = self._loop.time() + ABSENCE
        while True:
            connection = await self._open(give_up)
            pool = self._agent_threads if agent else self._threads
            try:
                return await asyncio.wait_for(self._loop.run_in_executor(pool, work, connection), deadline)
            except TimeoutError as error:
                raise HypervisorError(f"libvirt: no answer in {deadline:.0f} s") from error
            except libvirt.libvirtError:
                if await self._loop.run_in_executor(self._threads, _alive, connection):
                    raise
                self._lost(connection)
                if not repeat or self._loop.time() > give_up:
                    raise

    def connect(self) -> None:
        """Begin to connect, and connect again whenever the connection was lost."""
        if self._reopening is None or self._reopening.done():
            self._reopening = self._loop.create_task(self._reopen())

    async def close(self) -> None:
        """Let go."""
        self._closed = True
        if self._reopening is not None:
            self._reopening.cancel()
            await asyncio.gather(self._reopening, return_exceptions=True)
        connection, self._connection = self._connection, None
        if connection is not None:
            await self._loop.run_in_executor(self._threads, _close, connection)
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._agent_threads.shutdown(wait=False, cancel_futures=True)

    async def _reopen(self) -> None:
        while not self._closed and self._connection is None:
            with contextlib.suppress(HypervisorError):
                await self._open(self._loop.time() + ABSENCE)

    async def _open(self, give_up: float) -> Any:
        async with self._opening:
            while self._connection is None:
                try:
                    connection = await self._loop.run_in_executor(self._threads, self._connect)
                except libvirt.libvirtError as error:
                    if self._closed or self._loop.time() > give_up:
                        raise HypervisorError(f"libvirtd: {error}") from error
                    await asyncio.sleep(PAUSE)
                else:
                    self._connection = connection
                    log.info("connected to %s", self._uri)
                    self._loop.call_soon(self._on_connected)
            return self._connection

    def _lost(self, connection: Any) -> None:
        if connection is self._connection:
            log.warning("libvirtd is gone")
            self._connection = None
            if not self._closed:
                self.connect()

    def _connect(self) -> Any:
        _event_thread()
        connection = libvirt.open(self._uri)
        with contextlib.suppress(libvirt.libvirtError):  # not every driver has it
            connection.setKeepAlive(*KEEPALIVE)
        connection.registerCloseCallback(lambda *_: self._soon(self._lost, connection), None)
        for number, callback in self._callbacks().items():
            with contextlib.suppress(libvirt.libvirtError):  # nor every event
                connection.domainEventRegisterAny(None, number, callback, None)
        return connection

    def _callbacks(self) -> dict[int, Callable[..., None]]:
        def tell(kind: str, domain: Any, first: int = 0, second: int = 0) -> None:
            self._soon(self._on_event, VmId(domain.UUIDString()), kind, first, second)

        return {
            libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE: lambda _c, d, event, detail, _o: tell("lifecycle", d, event, detail),
            libvirt.VIR_DOMAIN_EVENT_ID_REBOOT: lambda _c, d, _o: tell("reboot", d),
            libvirt.VIR_DOMAIN_EVENT_ID_IO_ERROR: lambda _c, d, *_: tell("io_error", d),
            libvirt.VIR_DOMAIN_EVENT_ID_AGENT_LIFECYCLE: lambda _c, d, state, *_: tell("agent", d, state),
            libvirt.VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED: lambda _c, d, *_: tell("device", d),
            libvirt.VIR_DOMAIN_EVENT_ID_TRAY_CHANGE: lambda _c, d, *_: tell("device", d),
        }

    def _soon(self, function: Callable[..., None], *args: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: so is this daemon
            self._loop.call_soon_threadsafe(function, *args)


@functools.cache
def _event_thread() -> threading.Thread:
    """libvirt's own loop, one for the process: without it every call that waits for a QEMU event hangs."""
    libvirt.registerErrorHandler(lambda _context, _error: None, None)
    libvirt.virEventRegisterDefaultImpl()

    def run() -> None:
        while True:
            libvirt.virEventRunDefaultImpl()

    thread = threading.Thread(target=run, name="libvirt-events", daemon=True)
    thread.start()
    return thread


def _alive(connection: Any) -> bool:
    try:
        return bool(connection.isAlive())
    except libvirt.libvirtError:
        return False


def _close(connection: Any) -> None:
    with contextlib.suppress(libvirt.libvirtError):
        connection.unregisterCloseCallback()
        connection.close()
