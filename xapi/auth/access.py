"""Everything that decides who may in."""

from __future__ import annotations

from dataclasses import dataclass

from xapi.auth.login import Authentication
from xapi.auth.sessions import Sessions


@dataclass(frozen=True, slots=True)
class Access:
    """Passwords, sessions and the pool's secret of this host."""

    authentication: Authentication
    sessions: Sessions
    pool_secret: str
