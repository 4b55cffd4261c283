"""rrdd: start-up, nothing else."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

from common import daemon
from common.config import load, under_root
from common.idl import rrd
from common.rpc.server import Server, serve_until
from rrdd.collect import Collector
from rrdd.config import Config
from rrdd.files import Files
from rrdd.plugins import legacy
from rrdd.plugins.directory import Directory
from rrdd.server import Archives
from rrdd.store import Store


def main(argv: Sequence[str] | None = None) -> None:
    """Run the daemon until SIGTERM."""
    config = load(Config, "rrdd", sys.argv[1:] if argv is None else argv)

    async def body(stopped: asyncio.Event) -> None:
        store = Store(under_root(config.live), under_root(config.archives))
        plugins = Directory(under_root(config.plugins))
        plugins.path.mkdir(mode=0o775, parents=True, exist_ok=True)
        collector = Collector(store, plugins)
        archives = Archives(store, plugins, collector)
        server = Server(
            str(under_root(rrd.SOCKET)),
            archives,
            name="rrdd",
            version=daemon.version(),
            gauges=lambda: {
                "tick_seconds": collector.last_tick,
                "databases": float(len(store)),
                "plugins": float(len(plugins)),
            },
        )
        Files(store, server).add_to(server)
        async with asyncio.TaskGroup() as group:
            job = group.create_task(collector.run())
            await serve_until(stopped, server, legacy.server(archives))
            job.cancel()
        store.close()

    daemon.run("rrdd", body)


if __name__ == "__main__":
    main()
