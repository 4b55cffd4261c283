"""The worker process of one SR: the only one that touches the SR's files. It may hang; then sm kills it."""

from __future__ import annotations

import asyncio
import os
import signal

from common import daemon
from common import log as task_log
from common.idl.storage import SrId
from common.rpc.server import Server
from sm import paths
from sm.config import Settings
from sm.repository import DpService, Repository, SrService, VdiService


def socket_path(sr: SrId) -> str:
    """Where the worker of an SR listens."""
    return str(paths.repository(sr) / "worker")


def run(sr: SrId, settings: Settings) -> None:
    """Serve the SR until told to stop."""
    task_log.start(os.environ.get("XAPI_LOG_LEVEL", "INFO"), development="NOTIFY_SOCKET" not in os.environ)
    # Not uvloop: it lets children inherit its ends of their pipes, and a storage daemon would hold them for ever.
    asyncio.run(_serve(sr, settings))


async def _serve(sr: SrId, settings: Settings) -> None:
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    repository = Repository(sr, settings)
    services = SrService(repository), VdiService(repository), DpService(repository)
    server = Server(socket_path(sr), *services, name="sm-worker", version=daemon.version())
    await server.start()
    await stopped.wait()
    await server.stop()
    await repository.leave()
