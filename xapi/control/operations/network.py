"""Operations on networks: only `attaching` exists, and it is never refused."""

from __future__ import annotations

from xapi.control.operations.core import register

register("network", lambda _db, _ref, _op, _strict: None)
