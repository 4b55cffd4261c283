"""The storage daemon: attaches SRs, each in a worker of its own, and opens disks for guests."""

from __future__ import annotations

import asyncio
import functools
import logging
import sys
from collections.abc import Sequence

from common import daemon
from common.config import load, under_root
from common.idl import storage
from common.rpc.server import Server, serve_until
from common.tasks import Tasks
from sm import copying, tools_iso, worker
from sm.config import Settings
from sm.nursery import Nursery, split_off
from sm.server import DpServer, SrServer, end_datapaths, vdi_server
from sm.workers import Workers

log = logging.getLogger(__name__)


def main(argv: Sequence[str] | None = None) -> None:
    """Run until told to stop."""
    settings = load(Settings, "sm", sys.argv[1:] if argv is None else argv)
    nursery = split_off(functools.partial(worker.run, settings=settings))
    daemon.run("sm", functools.partial(_main, settings, nursery))


async def _main(settings: Settings, nursery: Nursery, stopped: asyncio.Event) -> None:
    def start_anew() -> None:
        log.error("the nursery of workers died; ending, to be started again")
        stopped.set()

    nursery.on_death(start_anew)
    tools_iso.provide(under_root(settings.tools_directory))
    workers, tasks = Workers(nursery, settings), Tasks()
    workers.recover()
    services = SrServer(workers), vdi_server(workers, copying.Copying(workers, tasks)), DpServer(workers), tasks
    server = Server(
        str(under_root(storage.SOCKET)),
        *services,
        name="sm",
        version=daemon.version(),
        gauges=lambda: {"repositories": len(workers.attached), "datapaths": len(workers.datapaths())},
    )
    clean = asyncio.get_running_loop().create_task(end_datapaths(workers, copying.PREFIX))
    await serve_until(stopped, server)
    clean.cancel()
    await tasks.close()
    await workers.close()


if __name__ == "__main__":
    main()
