"""Which PBDs use several paths; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def multipathed(records: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """References of the plugged PBDs whose driver says `multipathed`."""
    return [
        ref
        for ref, record in records.items()
        if record.get("currently_attached") and record.get("other_config", {}).get("multipathed") == "true"
    ]
