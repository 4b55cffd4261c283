"""Starts worker processes by forking: a small process, split off before the event loop starts, that does only this.

A worker so shares the memory of the imports and starts in milliseconds. It dies with the nursery, the nursery with sm.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import os
import signal
import socket
from collections.abc import Callable
from typing import NoReturn

from common.idl.storage import SrId

PR_SET_PDEATHSIG = 1
DEADLINE = 10.0  # seconds


class Nursery:
    """Our end of the connection to it."""

    def __init__(self, connection: socket.socket, pid: int) -> None:
        self._connection = connection
        self._pidfd = os.pidfd_open(pid)
        self._lock = asyncio.Lock()

    async def start(self, sr: SrId) -> int:
        """Start a worker for the SR; answers its process id. Raises `OSError` when the nursery is gone."""
        loop = asyncio.get_running_loop()
        async with self._lock, asyncio.timeout(DEADLINE):
            await loop.sock_sendall(self._connection, f"{sr}\n".encode())
            answer = await loop.sock_recv(self._connection, 64)
        if not answer:
            raise BrokenPipeError("the nursery of workers is gone")
        return int(answer)

    def on_death(self, call: Callable[[], None]) -> None:
        """Have `call` called when the nursery dies: no worker can be started any more, so sm has to start anew."""
        loop = asyncio.get_running_loop()

        def died() -> None:
            loop.remove_reader(self._pidfd)
            call()

        loop.add_reader(self._pidfd, died)


def split_off(worker: Callable[[SrId], None]) -> Nursery:
    """Fork the nursery; `worker` is what its children run. To be called before threads and event loops exist."""
    ours, theirs = socket.socketpair()
    parent = os.getpid()
    gc.freeze()
    pid = os.fork()
    if pid == 0:
        ours.close()
        _die_with(parent)
        _serve(theirs, worker)
    theirs.close()
    ours.setblocking(False)
    return Nursery(ours, pid)


def _serve(connection: socket.socket, worker: Callable[[SrId], None]) -> NoReturn:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps them
    me = os.getpid()
    with connection, connection.makefile("rb") as requests:
        for line in requests:
            pid = os.fork()
            if pid == 0:
                _be_worker(connection, me, worker, SrId(line.decode().strip()))
            connection.sendall(f"{pid}\n".encode())
    os._exit(0)


def _be_worker(connection: socket.socket, nursery: int, worker: Callable[[SrId], None], sr: SrId) -> NoReturn:
    status = 1
    try:
        connection.close()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _die_with(nursery)
        worker(sr)
        status = 0
    finally:
        os._exit(status)


def _die_with(parent: int) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        # It died before the kernel knew what we want.
        os._exit(1)
