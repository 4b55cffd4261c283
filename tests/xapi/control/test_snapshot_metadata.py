"""Records as S-expressions."""

from __future__ import annotations

from datetime import UTC, datetime

from xapi.control import snapshot_metadata
from xapi.db.database import Database


def test_snapshot_metadata_is_read_back() -> None:
    db = Database()
    row = db.vm.create(
        name_label="o'clock \\ (x)",
        tags=("a", "b"),
        platform={"acpi": "1"},
        snapshot_time=datetime(2026, 1, 2, tzinfo=UTC),
    )
    text = snapshot_metadata.written(row)
    values = snapshot_metadata.values(text)
    assert values["name__label"] == "o'clock \\ (x)"
    assert values["tags"] == "('a' 'b')"
    assert values["platform"] == "(('acpi' '1'))"
    assert values["snapshot_time"] == "20260102T00:00:00Z"
    assert values["_ref"] == row.ref
    assert snapshot_metadata.values("rubbish") == {}
