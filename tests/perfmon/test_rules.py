"""Which objects carry alarm rules."""

from __future__ import annotations

from perfmon.rules import carriers


def test_only_records_with_rules_are_carriers() -> None:
    records = {"a": {"other_config": {"perfmon": "<config/>"}}, "b": {"other_config": {"perfmon": ""}}, "c": {}}
    assert carriers(records) == ["a"]
