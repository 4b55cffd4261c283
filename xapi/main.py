"""xapi: the XenAPI of one host. Start-up order: settings, store, this host's rows, sockets, the other daemons."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import msgspec

from common import config, daemon
from common.config import under_root
from xapi.auth import pool_secret
from xapi.auth.access import Access
from xapi.auth.login import Authentication
from xapi.auth.sessions import Sessions
from xapi.config import Config
from xapi.context import Context, Shared, no_invoke
from xapi.control import archives, audit, errors, startup, tasks
from xapi.control.xenops import Xenops
from xapi.db.database import Database
from xapi.db.gc import Collector
from xapi.dispatch.binding import Binding
from xapi.dispatch.dispatcher import Dispatcher
from xapi.http.application import Application
from xapi.http.listeners import Listeners
from xapi.services import connect

log = logging.getLogger(__name__)

DATABASE = "/var/lib/xcp/xapi.db"


def main(argv: Sequence[str] | None = None) -> None:
    """Run xapi until SIGTERM."""
    settings = config.load(Config, "xapi", sys.argv[1:] if argv is None else argv)
    daemon.run("xapi", lambda stopped: serve(settings, stopped))


async def serve(settings: Config, stopped: asyncio.Event) -> None:
    """Everything between start and stop."""
    started = time.monotonic()
    async with contextlib.AsyncExitStack() as stack:
        shared = await stack.enter_async_context(_shared(settings))
        ctx = Context(shared, dbg="start", local_root=True)
        await startup.start(ctx.internal("start-up"))
        access = shared.access
        if access is None:
            raise RuntimeError("no access")
        dispatcher = Dispatcher(shared, access.sessions, Binding())
        state = State(shared, started)
        listeners = Listeners(Application(dispatcher, settings.max_body, state.pages()), settings)
        stack.push_async_callback(listeners.stop)
        await listeners.start()
        state.listeners = listeners
        background = _background(ctx, settings, listeners)
        stack.push_async_callback(_cancelled, background)
        daemon.ready()
        log.info("serving after %.2f s", time.monotonic() - started)
        waiting = asyncio.get_running_loop().create_task(stopped.wait())
        await asyncio.wait([waiting, *background], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        for job in background:
            if job.done():
                job.result()


@contextlib.asynccontextmanager
async def _shared(settings: Config) -> AsyncIterator[Shared]:
    path = under_root(DATABASE)
    path.parent.mkdir(parents=True, exist_ok=True)
    db = Database(path)
    gc.freeze()  # collections need not look at the rows read just now: a fifth of a second with 5,000 VMs
    authentication = Authentication(settings)
    services = connect()
    shared = Shared(db, services, settings, no_invoke)
    shared.translate = errors.translate
    shared.access = Access(authentication, Sessions(db), pool_secret.load())
    shared.audit = audit.Trail(under_root(audit.PATH))
    tasks.interrupt(shared)
    try:
        yield shared
    finally:
        await _cancelled(list(shared.jobs))
        await services.close()
        authentication.close()
        shared.audit.close()
        db.close()


def _background(ctx: Context, settings: Config, listeners: Listeners) -> list[asyncio.Task[Any]]:
    """Work for as long as xapi runs; one that ends takes xapi with it."""
    loop = asyncio.get_running_loop()
    return [
        loop.create_task(work, name=name)
        for name, work in (
            ("sweep", listeners.sweep()),
            ("collect", _collect(ctx, settings.gc_interval)),
            ("watch", startup.watch(ctx.internal("watch"))),
            ("archives", archives.backup_daily(ctx.internal("archives"))),
            ("xenops", Xenops(ctx.internal("xenops")).watch()),
        )
    ]


async def _collect(ctx: Context, interval: float) -> None:
    collector = Collector()
    while True:
        await asyncio.sleep(interval)
        try:
            collector.collect(ctx.db)
        except Exception:
            log.exception("collection failed")


async def _cancelled(jobs: Sequence[asyncio.Task[Any]]) -> None:
    for job in jobs:
        job.cancel()
    await asyncio.gather(*jobs, return_exceptions=True)


class State:
    """What /health and /metrics show."""

    def __init__(self, shared: Shared, started: float) -> None:
        self._shared = shared
        self._started = started
        self.listeners: Listeners | None = None

    def pages(self) -> Mapping[str, Any]:
        """The two pages by path, for the local socket."""
        return {"/health": self._health, "/metrics": self._metrics}

    def _gauges(self) -> dict[str, float]:
        db = self._shared.db
        return {
            "uptime_seconds": time.monotonic() - self._started,
            "queue_depth": float(len(self._shared.running)),
            "sessions": float(len(db.session)),
            "connections": float(self.listeners.connections if self.listeners is not None else 0),
            "generation": float(db.generation),
            "commits": float(db.commits),
        }

    def _health(self) -> tuple[str, bytes]:
        gauges = self._gauges()
        body = {"name": "xapi", "version": daemon.version(), "uptime": gauges.pop("uptime_seconds")} | gauges
        return "application/json", msgspec.json.encode(body)

    def _metrics(self) -> tuple[str, bytes]:
        lines = [f"# TYPE xapi_{key} gauge\nxapi_{key} {value}\n" for key, value in self._gauges().items()]
        content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8"
        return content_type, ("".join(lines) + "# EOF\n").encode()


if __name__ == "__main__":
    main()
