"""Which PBDs use several paths."""

from __future__ import annotations

from typing import Any

from mpathalert.policy import multipathed


def test_only_plugged_multipathed_pbds_count() -> None:
    yes: dict[str, Any] = {"currently_attached": True, "other_config": {"multipathed": "true"}}
    records = {"a": yes, "b": yes | {"currently_attached": False}, "c": {"currently_attached": True}}
    assert multipathed(records) == ["a"]
