"""Which host carries a call out. A host alone carries out everything itself."""

from __future__ import annotations

from typing import Any

from xapi.context import Context
from xapi.datamodel import errors
from xapi.dispatch.binding import Bound


async def run(ctx: Context, bound: Bound, values: list[Any]) -> Any:
    """Carry out `bound` on the host it belongs to: this one."""
    if bound.function is not None:
        return await bound.function(ctx, *values)
    if bound.plain:
        return bound.execute(ctx.db, values)
    raise errors.NotImplemented(bound.name)
