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
from rrdd.server import Archives
from rrdd.store import Store


def main(argv: Sequence[str] | None = None) -> None:
    """Run the daemon until SIGTERM."""
    config = load(Config, "rrdd", sys.argv[1:] if argv is None else argv)

    async def body(stopped: asyncio.Event) -> None:
        store = Store(under_root(config.archives))
        collector = Collector(store)
        server = Server(
            str(under_root(rrd.SOCKET)),
            Archives(store),
            name="rrdd",
            version=daemon.version(),
            gauges=lambda: {"tick_seconds": collector.last_tick, "databases": float(sum(1 for _ in store))},
        )
        Files(store).add_to(server)
        async with asyncio.TaskGroup() as group:
            jobs = [group.create_task(collector.run()), group.create_task(_save(store, config.save_every))]
            await serve_until(stopped, server)
            for job in jobs:
                job.cancel()
        store.save_all()

    daemon.run("rrdd", body)


async def _save(store: Store, every: float) -> None:
    while True:
        await asyncio.sleep(every)
        await asyncio.to_thread(store.save_all)


if __name__ == "__main__":
    main()
