"""Which guests offer snapshots through VSS."""

from __future__ import annotations

from snapwatchd.protocol import offers


def test_only_guests_with_the_feature_offer() -> None:
    assert offers({"a": {"other": {"feature-quiesce": "1"}}, "b": {"other": {}}, "c": {}}) == ["a"]
