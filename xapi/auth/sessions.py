"""Sessions: rows in the database, and beside them what each call checks.

A session's reference is its secret: logs show `trackid`, its digest, and it never leaves in a list.
"""

from __future__ import annotations

import hashlib
import logging
import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import uuid4

from xapi.auth.roles import permissions
from xapi.datamodel.errors import SessionInvalid
from xapi.datamodel.refs import HostRef, SessionRef
from xapi.datamodel.types import NULL, Role
from xapi.db.database import Database
from xapi.db.records import Session

log = logging.getLogger(__name__)

TOUCH_EVERY = 600.0  # seconds between updates of last_active
LOCAL_LIMIT = 400


class Live:
    """What a call needs to know of its session."""

    __slots__ = ("local", "permissions", "pool", "ref", "superuser", "touched")

    def __init__(self, ref: SessionRef, *, superuser: bool, permissions: frozenset[str], pool: bool, local: bool):
        self.ref = ref
        self.superuser = superuser
        self.permissions = permissions
        self.pool = pool
        self.local = local
        """Made by a local login on a host without coordinator: for emergency calls only, and not in the database."""
        self.touched = time.monotonic()

    def may(self, permission: str) -> bool:
        """Whether the session holds `permission` (`vm.start`, `http/get_export`)."""
        return self.superuser or permission in self.permissions


@lru_cache(1024)
def trackid(ref: str) -> str:
    """What logs show instead of a session's reference."""
    return hashlib.md5(ref.encode(), usedforsecurity=False).hexdigest()


class Sessions:
    """All sessions of this host."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._live: dict[str, Live] = {}
        self._local: dict[str, Live] = {}

    def find(self, ref: str) -> Live:
        """The session, noted as active. Raises SESSION_INVALID."""
        row = self._db.session.get(SessionRef(ref))
        if row is None:
            self._live.pop(ref, None)
            local = self._local.get(ref)
            if local is None:
                raise SessionInvalid(ref)
            return local
        live = self._live.get(ref)
        if live is None:
            live = self._live[ref] = _live(row)
        elif time.monotonic() - live.touched > TOUCH_EVERY:
            live.touched = time.monotonic()
            self._db.session.update(SessionRef(ref), last_active=datetime.now(UTC))
        return live

    def create(
        self,
        *,
        host: HostRef,
        user: str,
        originator: str = "",
        superuser: bool = True,
        pool: bool = False,
        roles: tuple[Role, ...] = (),
        **fields: Any,
    ) -> SessionRef:
        """A new session. Those of which there are too many go with the next collection."""
        now = datetime.now(UTC)
        row = self._db.session.create(
            this_host=host,
            this_user=NULL,
            last_active=now,
            validation_time=now,
            pool=pool,
            is_local_superuser=superuser,
            auth_user_name=user,
            originator=originator,
            rbac_permissions=() if superuser else tuple(sorted(permissions(roles))),
            **fields,
        )
        ref = SessionRef(row.ref)
        log.info("session: created for %r, originator %r, trackid=%s", user, originator, trackid(ref))
        return ref

    def create_local(self) -> SessionRef:
        """A session outside the database, for emergency calls on this host only."""
        ref = SessionRef(f"OpaqueRef:{uuid4()}")
        self._local[ref] = Live(ref, superuser=True, permissions=frozenset(), pool=False, local=True)
        while len(self._local) > LOCAL_LIMIT:
            self._local.pop(next(iter(self._local)))
        return ref

    def remove(self, ref: SessionRef) -> None:
        """End a session. Safe to repeat."""
        self._live.pop(ref, None)
        self._local.pop(ref, None)
        if ref in self._db.session:
            self._db.session.delete(ref)
            log.info("session: ended, trackid=%s", trackid(ref))


def _live(row: Session) -> Live:
    return Live(
        SessionRef(row.ref),
        superuser=row.is_local_superuser,
        permissions=frozenset(row.rbac_permissions),
        pool=row.pool,
        local=False,
    )
