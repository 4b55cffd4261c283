"""The daemons beside us, as typed proxies: `services.xen.vm.start(ctx.dbg, id)`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from common.config import under_root
from common.errors import DaemonUnreachable
from common.idl import network, rrd, storage, xen
from common.idl.task import TASK
from common.rpc.client import Client
from common.rpc.interface import Send, proxy

DEADLINES = {xen.SOCKET: 60.0, storage.SOCKET: 960.0, network.SOCKET: 60.0, rrd.SOCKET: 60.0}
"""Seconds in which each daemon answers. sm gives a worker 900 s to make an SR or to copy a suspend image."""


@dataclass(slots=True)
class Xen:
    """xenopsd: domains, their devices, its tasks and its feed of changes."""

    vm: xen.VM
    vbd: xen.VBD
    vif: xen.VIF
    host: xen.HOST
    task: TASK
    updates: xen.UPDATES


@dataclass(slots=True)
class Storage:
    """sm: storage repositories, disks, datapaths and its tasks."""

    sr: storage.SR
    vdi: storage.VDI
    dp: storage.DP
    task: TASK


@dataclass(slots=True)
class Services:
    """All daemons. Attributes may be replaced, which tests do."""

    xen: Xen
    storage: Storage
    network: network.NETWORK
    rrd: rrd.RRD
    close: Callable[[], Awaitable[None]]
    """Drop all connections. Safe to repeat."""


def connect() -> Services:
    """Proxies to the daemons of this host. Nothing connects before the first call."""
    clients = {path: Client(str(under_root(path)), deadline=deadline) for path, deadline in DEADLINES.items()}

    async def close() -> None:
        await asyncio.gather(*(client.close() for client in clients.values()))

    return _services({path: client.send for path, client in clients.items()}, close)


def away() -> Services:
    """Daemons that are all down: every call raises `DaemonUnreachable`. Tests replace the parts they need."""

    async def close() -> None:
        return

    paths = (xen.SOCKET, storage.SOCKET, network.SOCKET, rrd.SOCKET)
    return _services({path: _refusing(path) for path in paths}, close)


def _refusing(path: str) -> Send:
    async def send(method: str, _params: dict[str, Any]) -> NoReturn:
        raise DaemonUnreachable(path, f"{method}: the daemon is away")

    return send


def _services(send: dict[str, Send], close: Callable[[], Awaitable[None]]) -> Services:
    to_xen, to_storage = send[xen.SOCKET], send[storage.SOCKET]
    return Services(
        xen=Xen(
            vm=proxy(xen.VM, to_xen),
            vbd=proxy(xen.VBD, to_xen),
            vif=proxy(xen.VIF, to_xen),
            host=proxy(xen.HOST, to_xen),
            task=proxy(TASK, to_xen),
            updates=proxy(xen.UPDATES, to_xen),
        ),
        storage=Storage(
            sr=proxy(storage.SR, to_storage),
            vdi=proxy(storage.VDI, to_storage),
            dp=proxy(storage.DP, to_storage),
            task=proxy(TASK, to_storage),
        ),
        network=proxy(network.NETWORK, send[network.SOCKET]),
        rrd=proxy(rrd.RRD, send[rrd.SOCKET]),
        close=close,
    )
