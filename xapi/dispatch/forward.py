"""Which host carries a call out. A host alone carries out everything itself."""

from __future__ import annotations

from typing import Any

from common.config import under_root
from xapi.context import Context
from xapi.datamodel import errors
from xapi.dispatch.binding import Bound

POOL_FILE = "/etc/xensource/pool.conf"


def coordinator() -> str | None:
    """The coordinator's address if this host is a member (`slave:<address>` in its pool file), None if it is one."""
    try:
        role = under_root(POOL_FILE).read_text().strip()
    except FileNotFoundError:
        return None
    word, _, address = role.partition(":")
    return address if word == "slave" else None


async def run(ctx: Context, bound: Bound, values: list[Any]) -> Any:
    """Carry out `bound` on the host it belongs to: this one."""
    if bound.function is not None:
        return await bound.function(ctx, *values)
    if bound.plain:
        return bound.execute(ctx.db, values)
    raise errors.NotImplemented(bound.name)
