"""Implementation of Diagnostics: figures of this process for developers."""

from __future__ import annotations

import gc
from collections.abc import Mapping

from xapi.context import Context
from xapi.datamodel.refs import HostRef


async def gc_compact(ctx: Context, host: HostRef) -> None:
    """Collect what nobody refers to."""
    gc.collect()


async def gc_stats(ctx: Context, host: HostRef) -> Mapping[str, str]:
    """What the collector did, by generation of objects."""
    return {
        f"generation_{number}.{name}": str(value)
        for number, figures in enumerate(gc.get_stats())
        for name, value in figures.items()
    }


async def db_stats(ctx: Context) -> Mapping[str, str]:
    """Rows of each class."""
    return {table.name: str(len(table)) for table in ctx.db.tables()}
