"""Compares a configuration as we wrote it with libxl's reading of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DEFAULTS: tuple[Any, ...] = (None, "", 0, False, [], {})
"""libxl leaves out what has its default value; of these it is one."""


def difference(wanted: Any, understood: Any, path: str = "") -> list[str]:
    """Paths in `wanted` that `understood` lacks or has otherwise."""
    if isinstance(wanted, Mapping):
        other = understood if isinstance(understood, Mapping) else {}
        return [
            lost
            for key, value in wanted.items()
            for lost in difference(value, other.get(key), f"{path}.{key}" if path else key)
        ]
    if isinstance(wanted, list) and isinstance(understood, Mapping):
        # What was a list once and is still taken as one comes back inside: `cpuid`, since MSRs are beside it.
        return difference(wanted, understood.get(path.rpartition(".")[2]), path)
    if isinstance(wanted, list) and wanted and isinstance(understood, list) and len(wanted) == len(understood):
        pairs = zip(wanted, understood, strict=True)
        return [
            lost for number, (one, other) in enumerate(pairs) for lost in difference(one, other, f"{path}[{number}]")
        ]
    if wanted == understood or (understood is None and wanted in DEFAULTS):
        return []
    return [path]
