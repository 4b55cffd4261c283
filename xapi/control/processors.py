"""VCPUs of VMs: how many there may be."""

from __future__ import annotations

from xapi.datamodel.errors import InvalidValue


def check_counts(at_startup: int, maximum: int, *, asked: int | None = None) -> None:
    """Raise INVALID_VALUE unless 0 < at_startup <= maximum; `asked` is the number a client gave."""
    if not 0 < at_startup <= maximum:
        raise InvalidValue(
            "VCPU values must satisfy: 0 < VCPUs_at_startup ≤ VCPUs_max", at_startup if asked is None else asked
        )
