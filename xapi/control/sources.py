"""Data sources of rrdd as the XenAPI's records."""

from __future__ import annotations

import math
from typing import Any

from common.idl.rrd import DataSource, Owner
from xapi.context import Context


def record(source: DataSource) -> dict[str, Any]:
    """A `data_source`; an absent bound is infinite."""
    return {
        "name_label": source.name_label,
        "name_description": source.name_description,
        "enabled": source.enabled,
        "standard": source.standard,
        "units": source.units,
        "min": -math.inf if source.min is None else source.min,
        "max": math.inf if source.max is None else source.max,
        "value": source.value,
    }


async def records(ctx: Context, owner: Owner, uuid: str) -> list[dict[str, Any]]:
    """All sources of one owner."""
    return [record(source) for source in await ctx.services.rrd.data_sources(ctx.dbg, owner, uuid)]
