"""Which guests offer snapshots through VSS; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

FEATURE = "feature-quiesce"
"""The guest's key (`control/feature-quiesce` in xenstore) as VM_guest_metrics.other shows it."""


def offers(records: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """References of the guest metrics of guests that can quiesce."""
    return [ref for ref, record in records.items() if record.get("other", {}).get(FEATURE) == "1"]
