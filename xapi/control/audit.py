"""The audit log: a line for each call with an effect: who, from where, in which task, on what, and how it ended.

Lines are written before the answer goes out; a killed xapi loses none, since the kernel holds them. They look like the
original's, so that its tools read them.
"""

from __future__ import annotations

import contextlib
import logging
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common.errors import WireError
from xapi.auth.sessions import trackid
from xapi.db.database import Database
from xapi.db.records import Session

if TYPE_CHECKING:
    from xapi.context import Context

log = logging.getLogger(__name__)

PATH = "/var/log/audit.log"
LARGEST = 8 * 1024 * 1024  # bytes of a file
KEPT = 16  # files beside the one that is written
STAMP = 21  # letters of a time that are compared
LONGEST = 256  # letters of a name
REFERENCE = "OpaqueRef:"
SUPERUSER, LOCAL = "LOCAL_SUPERUSER", "LOCAL_SESSION"

UNNOTED = frozenset({"session.logout", "session.local_logout", "event.next", "event.from", "host.tickle_heartbeat",
                     "pool.audit_log_append"})  # fmt: skip
"""Calls that say nothing of what somebody did, besides those that read."""
UNNOTED_HTTP = frozenset({"rrd_updates", "post_remote_db_access", "post_cli", "get_root"})
TOLD = frozenset({"name", "label", "description", "uuid", "key", "uname", "plugin", "fn", "device"})
"""Last words of parameters whose text is written down; no other text is: it might be a secret."""

Object = tuple[str, str, str, str]
"""Parameter, name, uuid and reference."""
Who = tuple[str, str, str]
"""What logs show in place of the session, subject, user."""


class Kind(StrEnum):
    """What a line is about: a call of the API, or another HTTP request."""

    API = "API"
    HTTP = "HTTP"


def noted(message: str) -> bool:
    """Whether a message of the API is written down."""
    return ".get" not in message and message not in UNNOTED


def objects(db: Database, names: Iterable[str], values: Iterable[Any]) -> list[Object]:
    """What the parameters of a call name; looked at before the call, which may end them."""
    found: list[Object] = []
    for name, value in zip(names, values, strict=False):
        _look(found, db, name, value)
    return found


def _look(found: list[Object], db: Database, name: str, value: Any) -> None:
    if isinstance(value, str):
        if value.startswith(REFERENCE):
            row: Any = db.find(value)
            # A session's reference is its secret.
            if row is not None and not isinstance(row, Session):
                found.append((name, str(getattr(row, "name_label", "")), str(getattr(row, "uuid", "")), value))
        elif value and name.rpartition("_")[2] in TOLD:
            found.append((name, value, "", ""))
    elif isinstance(value, (tuple, list)):
        for one in value:
            _look(found, db, name, one)
    elif name == "record" and isinstance(value, Mapping):
        for key, one in value.items():
            _look(found, db, key, one)


class Trail:
    """The file and those before it: `audit.log`, `audit.log.1`, … the oldest last."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = -1
        self._size = 0

    @contextlib.contextmanager
    def noting(self, ctx: Context, kind: Kind, name: str, about: list[Object]) -> Iterator[list[Object]]:
        """Write down what the block does, and how it ends; it may add to `about`, which it gets."""
        who = _who(ctx)
        try:
            yield about
        except WireError as error:
            self._note(ctx, kind, name, who, about, _ended(ctx.shared.translate(ctx.db, error)))
            raise
        except BaseException as error:
            self._note(ctx, kind, name, who, about, f"ERROR:{type(error).__name__}: {error}")
            raise
        self._note(ctx, kind, name, who, about, "OK")

    def denied(self, ctx: Context, kind: Kind, name: str, about: Iterable[Object], error: WireError) -> None:
        """Write down what somebody may not do."""
        self._note(ctx, kind, name, _who(ctx), about, _ended(error), verdict="DENIED")

    def _note(
        self, ctx: Context, kind: Kind, name: str, who: Who, about: Iterable[Object], ended: str,
        *, verdict: str = "ALLOWED",
    ) -> None:  # fmt: skip
        words = f"{' '.join(map(_quoted, who))} '{verdict}' {_quoted(ended)} '{kind}' '{name}'"
        listed = " ".join(f"({' '.join(map(_quoted, one))})" for one in about)
        host = ctx.db.host.get(ctx.host)
        hostname = host.hostname if host is not None else ""
        head = f"{_now()}|info|{hostname}|{ctx.address or 'local'}|{ctx.dbg}|audit"
        self.append(f"[{head}] ({words} ({listed}))")

    def append(self, line: str) -> None:
        """Write a line. A disk that is full must not stop the host: it is told in the log."""
        data = f"{' '.join(line.splitlines())}\n".encode(errors="replace")
        try:
            if self._file < 0 or self._size + len(data) > LARGEST or not os.fstat(self._file).st_nlink:
                self._open(len(data))
            os.write(self._file, data)
            self._size += len(data)
        except OSError as error:
            log.warning("audit log: %s", error)

    def lines(self, since: str = "") -> Iterator[bytes]:
        """Those since a time (`20260102T03:04:05`, more or fewer letters), oldest first."""
        for path in [self._numbered(number) for number in range(KEPT, 0, -1)] + [self.path]:
            try:
                with path.open("rb") as file:
                    yield from (line for line in file if line[1 : 1 + STAMP].decode(errors="replace") >= since[:STAMP])
            except FileNotFoundError:
                continue

    def close(self) -> None:
        """Let go of the file. Safe to repeat."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _open(self, wanted: int) -> None:
        self.close()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.path.exists() and self.path.stat().st_size + wanted > LARGEST:
            self._rotate()
        self._file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._size = os.fstat(self._file).st_size

    def _rotate(self) -> None:
        numbers = [self.path, *(self._numbered(number) for number in range(1, KEPT + 1))]
        for newer, older in reversed(list(pairwise(numbers))):
            if newer.exists():
                newer.replace(older)

    def _numbered(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}")


def _who(ctx: Context) -> Who:
    if not ctx.session:
        return "trackid=", SUPERUSER if ctx.local_root else "", ""
    track = f"trackid={trackid(ctx.session)}"
    row = ctx.db.session.get(ctx.session)
    if row is None:
        return track, LOCAL, ""
    return track, SUPERUSER if row.is_local_superuser else row.auth_user_sid, row.auth_user_name


def _ended(error: WireError) -> str:
    return f"ERROR:{error.wire_code}: {', '.join(error.params)}"


def _now() -> str:
    now = time.time()
    return f"{_second(int(now))}.{int(now % 1 * 1000):03}Z"


@lru_cache(1)
def _second(now: int) -> str:
    return time.strftime("%Y%m%dT%H:%M:%S", time.gmtime(now))


def _quoted(text: str) -> str:
    return "'" + text[:LONGEST].replace("\\", "\\\\").replace("'", "\\'") + "'"
