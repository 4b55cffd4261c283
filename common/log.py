"""Log lines that carry their task, over process borders: `dbg` is the first parameter of each call."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

FORMAT = "%(levelname)s %(name)s [%(task)s] %(message)s"  # journald adds time, host and pid
DEVELOPMENT_FORMAT = "%(asctime)s " + FORMAT

SECRETS = re.compile(r"(?i)((?:password|passwd|secret|session_id|psecret|token)['\"]?\s*[=:]\s*['\"]?)[^'\"\s,&)}]+")

_task: ContextVar[str] = ContextVar("task", default="-")


@contextmanager
def task(dbg: str) -> Iterator[None]:
    """Mark every line of this call with `dbg`, which callers pass to daemons."""
    token = _task.set(dbg)
    try:
        yield
    finally:
        _task.reset(token)


def current() -> str:
    """The task of the running call, to be handed to the next daemon as `dbg`."""
    return _task.get()


def redact(text: str) -> str:
    """`text` without the values of what is named like a secret."""
    return SECRETS.sub(r"\1***", text)


def start(level: str = "INFO", *, development: bool = False) -> None:
    """Send all records to standard error, with their task and without secrets."""
    stream = logging.StreamHandler(sys.stderr)
    stream.setFormatter(_Formatter(DEVELOPMENT_FORMAT if development else FORMAT))
    stream.addFilter(_mark)
    root = logging.getLogger()
    root.handlers[:] = [stream]
    root.setLevel(level)
    # One line per request and per rejected body is noise at our rates; our own dispatch logs calls.
    for name in ("jsonrpcserver", "aiohttp.access", "asyncio", "pyroute2"):
        logging.getLogger(name).setLevel(logging.WARNING)


class _Formatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def _mark(record: logging.LogRecord) -> bool:
    record.task = _task.get()
    return True
