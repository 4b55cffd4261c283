"""Implementation of crashdump: the memory of a VM that crashed, on a disk."""

from __future__ import annotations

from xapi.context import Context
from xapi.datamodel.refs import CrashdumpRef


async def destroy(ctx: Context, self: CrashdumpRef) -> None:
    """Delete the disk, then the row."""
    vdi = ctx.db.crashdump[self].VDI
    if vdi in ctx.db.vdi:
        await ctx.call("VDI.destroy", self=vdi)
    ctx.db.crashdump.delete(self)
