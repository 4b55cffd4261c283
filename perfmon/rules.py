"""Which objects carry alarm rules; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

KEY = "perfmon"
"""The key of `other_config` that holds an object's rules, as XML."""


def carriers(records: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """References of the records that carry rules."""
    return [ref for ref, record in records.items() if record.get("other_config", {}).get(KEY)]
