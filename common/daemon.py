"""The main loop of a daemon: settings, logging, readiness, signals, orderly stop."""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import functools
import importlib.metadata
import logging
import os
import signal
import socket
from collections.abc import Awaitable, Callable

import uvloop

from common import log as task_log

log = logging.getLogger(__name__)

Main = Callable[[asyncio.Event], Awaitable[None]]
"""A daemon's body: starts, calls `ready()`, runs until the event is set, stops."""

LoopFactory = Callable[[], asyncio.AbstractEventLoop]


@functools.cache
def version() -> str:
    """Our version, from the package's metadata."""
    try:
        return importlib.metadata.version("xapi-toolstack")
    except importlib.metadata.PackageNotFoundError:
        return "0.0.0"


def notify(state: str) -> None:
    """Tell systemd (or the development supervisor) `state`, as sd_notify(3) does. Without either it does nothing."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender, contextlib.suppress(OSError):
        sender.sendto(state.encode(), address)


def ready() -> None:
    """Tell systemd that calls are served."""
    notify("READY=1")


def run(name: str, main: Main, *, level: str = "INFO", loop_factory: LoopFactory = uvloop.new_event_loop) -> None:
    """Run `main` until SIGTERM or SIGINT, on uvloop unless told otherwise. A crash leaves its stack in the log."""
    faulthandler.enable()
    task_log.start(os.environ.get("XAPI_LOG_LEVEL", level), development="JOURNAL_STREAM" not in os.environ)
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(_main(name, main))


async def _main(name: str, main: Main) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    log.info("%s %s: starting, pid %d", name, version(), os.getpid())
    await main(stopped)
    notify("STOPPING=1")
    log.info("%s: stopped", name)
