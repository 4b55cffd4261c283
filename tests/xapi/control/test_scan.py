"""What a scan changes: rows follow the disks by location; marks and names of the database stay."""

from __future__ import annotations

from typing import Any

import pytest

from common.idl.storage import VdiId, VdiInfo
from xapi.control import scan
from xapi.datamodel.enums import VDIType
from xapi.datamodel.types import NEVER
from xapi.db.database import Database
from xapi.db.records import VDI


def row(db: Database, location: str, **fields: Any) -> VDI:
    return db.vdi.create(location=location, managed=True, **fields)


def disk(location: str, **fields: Any) -> VdiInfo:
    return VdiInfo(vdi=VdiId(location), uuid=location, **fields)


def test_the_same_on_both_sides_is_no_difference() -> None:
    db = Database()
    rows = [row(db, "a", virtual_size=5)]

    assert not scan.difference(rows, [disk("a", virtual_size=5)])


def test_a_new_disk_is_introduced_and_a_gone_one_forgotten() -> None:
    db = Database()
    gone = row(db, "gone")

    found = scan.difference([gone], [disk("new")])

    assert [new.vdi for new in found.introduced] == ["new"]
    assert found.forgotten == (gone.ref,)


def test_a_gone_tools_iso_is_marked_and_kept() -> None:
    db = Database()
    gone = row(db, "old.iso")

    found = scan.difference([gone], [], keep_missing=True)

    assert found.forgotten == ()
    assert found.updated == {gone.ref: {"missing": True}}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("virtual_size", 9),
        ("physical_utilisation", 9),
        ("read_only", True),
        ("managed", False),
        ("missing", True),
        ("cbt_enabled", True),
    ],
)
def test_facts_follow_the_disk(field: str, value: object) -> None:
    db = Database()
    known = row(db, "a")

    assert scan.changes(known, disk("a", **{field: value})) == {field: value}


def test_names_are_the_databases_own_once_a_row_exists() -> None:
    known = row(Database(), "a", name_label="ours")

    assert scan.changes(known, disk("a", name_label="theirs")) == {}


def test_marks_in_sm_config_survive_and_can_not_come_from_the_disk() -> None:
    ours = {"paused": "true", "host_OpaqueRef:1": "RW", "vhd-parent": "old"}

    assert scan.merged(ours, {"vhd-parent": "new", "activating": "true"}) == {
        "vhd-parent": "new",
        "paused": "true",
        "host_OpaqueRef:1": "RW",
    }


def test_an_unknown_type_is_a_users_disk() -> None:
    assert scan.vdi_type("suspend") is VDIType.SUSPEND
    assert scan.vdi_type("mystery") is VDIType.USER


def test_moments_go_there_and_back() -> None:
    assert scan.written(scan.moment("20261124T15:00:01Z")) == "20261124T15:00:01Z"
    assert scan.moment("soon") == NEVER
