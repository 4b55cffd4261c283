"""xenopsd: start-up, nothing else."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

from common import daemon
from common.config import load, under_root
from common.idl import storage, xen
from common.rpc.client import Client
from common.rpc.server import Server, serve_until
from common.workers import Workers
from xenopsd.backend.base import Backend
from xenopsd.backend.choice import choose
from xenopsd.config import Config
from xenopsd.executor import Executor
from xenopsd.hooks import Hooks
from xenopsd.memory.balancer import Balancer
from xenopsd.memory.machine import BalloonMachine
from xenopsd.server.arrivals import Arrivals
from xenopsd.server.host import Host
from xenopsd.server.updates import FollowedTasks, Updates
from xenopsd.server.vbd import Vbd
from xenopsd.server.vif import Vif
from xenopsd.server.vm import Vm
from xenopsd.steps import World
from xenopsd.storage import Storage
from xenopsd.store import Store
from xenopsd.watch import Watch


def main(argv: Sequence[str] | None = None) -> None:
    """Run the daemon until SIGTERM."""
    config = load(Config, "xenopsd", sys.argv[1:] if argv is None else argv)
    backend = choose(config)

    async def body(stopped: asyncio.Event) -> None:
        async with Client(str(under_root(storage.SOCKET))) as sm:
            await serve(
                config, backend, Storage(sm.proxy(storage.VDI), sm.proxy(storage.DP), config.storage_deadline), stopped
            )

    daemon.run("xenopsd", body)


async def serve(config: Config, backend: Backend, disks: Storage, stopped: asyncio.Event) -> None:
    """Serve with `backend` and `disks` until `stopped`. VMs are as they are: neither start nor stop touches them."""
    store = Store(under_root(config.state))
    updates, workers = Updates(store), Workers(config.workers)
    tasks = FollowedTasks(updates)
    memory = Balancer(backend, store.memory_range) if isinstance(backend, BalloonMachine) else None
    world = World(
        backend=backend,
        storage=disks,
        store=store,
        hooks=Hooks(under_root(config.hooks)),
        changed=updates.changed,
        acknowledge_timeout=config.acknowledge_timeout,
        memory=memory,
        gone=updates.gone,
    )
    executor = Executor(world, tasks, workers)
    watch = Watch(store, executor, updates.changed, interval=config.check_interval)
    server = Server(
        str(under_root(xen.SOCKET)),
        Vm(world, executor, updates),
        Vbd(world, executor, updates),
        Vif(world, executor, updates),
        Host(backend, workers),
        updates,
        tasks,
        name="xenopsd",
        version=daemon.version(),
        gauges=lambda: {"queue_depth": workers.depth, "vms": len(list(store))},
    )
    arrivals = Arrivals(str(under_root(xen.MIGRATION_SOCKET)), store, executor, tasks)
    await backend.start(watch.notify)
    await arrivals.start()
    background = [asyncio.create_task(watch.run(stopped))]
    if memory is not None:
        background.append(asyncio.create_task(memory.run()))
    try:
        await serve_until(stopped, server)
    finally:
        await arrivals.stop()
        await tasks.close()
        await workers.close()
        for task in background:
            task.cancel()
        await asyncio.gather(*background, return_exceptions=True)
        await backend.stop()


if __name__ == "__main__":
    main()
