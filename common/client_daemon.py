"""A daemon that is a client of xapi: keeps a session, tells on its control socket whether it has one.

What the daemon does with its session is its own; it is called anew, with a fresh session, whenever xapi was away.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable

from common import daemon
from common.config import under_root
from common.errors import WireError
from common.idl.control import CONTROL
from common.rpc.server import Server, serve_until
from common.xenapi import XenApi

log = logging.getLogger(__name__)

RETRY = 2.0  # seconds between attempts to reach xapi

Work = Callable[[XenApi, "Control"], Awaitable[None]]
"""What the daemon does while it has a session; it returns or raises when xapi went away."""


class Control(CONTROL):
    """The control socket of a client daemon. `facts` are the daemon's own lines of its status."""

    def __init__(self) -> None:
        self.registered_at = 0.0
        self.facts: dict[str, str] = {}
        self.wanted = asyncio.Event()

    async def status(self, dbg: str) -> dict[str, str]:
        """Whether xapi knows us, and the daemon's own facts."""
        return {"registered": "true" if self.registered_at else "false", **self.facts}

    async def refresh(self, dbg: str) -> None:
        """Ask the daemon's work to look again now."""
        self.wanted.set()

    async def pause(self, seconds: float) -> None:
        """Wait `seconds`, or less if a refresh is asked for."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.wanted.wait(), seconds)
        self.wanted.clear()


def run(name: str, socket: str, work: Work) -> None:
    """Run the daemon `name` until SIGTERM, its control socket at `socket` below the root."""

    async def body(stopped: asyncio.Event) -> None:
        control = Control()
        server = Server(
            str(under_root(socket)),
            control,
            name=name,
            version=daemon.version(),
            gauges=lambda: {"registered": float(control.registered_at > 0)},
        )
        async with asyncio.TaskGroup() as group:
            client = group.create_task(_keep_session(name, control, work))
            await serve_until(stopped, server)
            client.cancel()

    daemon.run(name, body)


async def _keep_session(name: str, control: Control, work: Work) -> None:
    while True:
        try:
            async with XenApi(name) as api:
                control.registered_at = time.time()
                log.info("%s: registered with xapi", name)
                await work(api, control)
        except* WireError as errors:
            if control.registered_at:
                log.info("%s: lost xapi: %s", name, errors.exceptions[0])
        except* Exception:
            log.exception("%s: failed; it starts over", name)
        control.registered_at = 0.0
        await asyncio.sleep(RETRY)
