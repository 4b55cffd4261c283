"""Which changes of paths are told, and how."""

from __future__ import annotations

from typing import Any

from mpathalert.multipathd import Count
from mpathalert.policy import Ledger, Paths, Place, multipathed, paths, wanted

TIME = "20260101T10:00:00Z"
PLACE = Place("H", "one", "P", "S")
ROOT = Place("H", "one", "", "R")


def ledger(*seen: tuple[Place, Paths]) -> Ledger:
    made = Ledger()
    see(made, *seen, new=True)
    return made


def see(made: Ledger, *seen: tuple[Place, Paths], new: bool = False) -> None:
    made.see("ref", {place.scsi_id: (place, found) for place, found in seen}, TIME, new=new)


def pbd(other_config: dict[str, str] | None = None, *, device: str = "S", host: str = "yes") -> dict[str, Any]:
    """A plugged PBD."""
    device_config = {"SCSIid": device} if device else {}
    return {
        "currently_attached": True,
        "other_config": other_config or {},
        "device_config": device_config,
        "host": host,
    }


def test_which_pbds_count() -> None:
    hosts = {"yes": {"multipathing": True}, "no": {"multipathing": False}}
    flagged = {"multipathed": "true"}
    records = {
        "by its device": pbd(),
        "unplugged": pbd() | {"currently_attached": False},
        "without a device": pbd(device=""),
        "on a host without": pbd(host="no"),
        "on a host of others": pbd(host="unknown"),
        "by its driver": pbd(flagged, device="", host="no"),
    }
    assert multipathed(records, hosts) == ["by its device", "by its driver"]


def test_counts_are_read_as_they_are_written_and_in_no_other_way() -> None:
    given = {"mpath-a": "[1, 2]", "mpath-b": "[1,2]", "mpath-c": "__import__('os')", "other": "[1, 2]"}
    assert paths(given) == {"a": Paths(1, 2)}


def test_what_a_pbd_must_say() -> None:
    both = {"S": Count(2, 2)}
    told = {"multipathed": "true", "mpath-S": "[2, 2]"}
    assert wanted(pbd(), both, ["S"]) == told
    assert wanted(pbd(told), both, ["S"]) == {}
    assert wanted(pbd(told, device=""), {"S": Count(1, 2)}, ["S"]) == {"mpath-S": "[1, 2]"}
    # A path that was taken away altogether is missed all the same, and so is a device.
    assert wanted(pbd(told), {"S": Count(1, 1)}, ["S"]) == {"mpath-S": "[1, 2]"}
    assert wanted(pbd(told), {}, []) == {"mpath-S": "[0, 2]"}
    # A disk with one path only, which multipathd leaves alone.
    assert wanted(pbd(device="X"), both, ["S"]) == {}


def test_a_multipathd_that_starts_says_nothing_of_maps_it_has_not_found_yet() -> None:
    assert wanted(pbd({"multipathed": "true", "mpath-S": "[2, 2]"}), {}, ["S"]) == {}


def test_a_loss_is_told_with_what_is_broken_now() -> None:
    made = ledger((PLACE, Paths(2, 2)))
    see(made, (PLACE, Paths(1, 2)))
    assert made.report(TIME, 120) == (
        "Unhealthy paths:\n"
        f'[{TIME}] host=H; host-name="one"; pbd=P; scsi_id=S; current=1; max=2\n'
        "Events received during the last 120 seconds:\n"
        f'[{TIME}] host=H; host-name="one"; pbd=P; scsi_id=S; current=1; max=2\n'
    )
    assert made.report(TIME, 120) is None


def test_a_recovery_is_told_without_a_list_of_the_broken() -> None:
    made = ledger((ROOT, Paths(1, 2)))
    assert made.report(TIME, 120) is None
    see(made, (ROOT, Paths(2, 2)))
    text = made.report(TIME, 120)
    assert text is not None
    assert "Unhealthy" not in text
    assert "root=true; scsi_id=R; current=2; max=2" in text


def test_changes_between_two_reports_go_into_one() -> None:
    made = ledger((PLACE, Paths(2, 2)))
    for current in (1, 0, 1, 2):
        see(made, (PLACE, Paths(current, 2)))
    text = made.report(TIME, 120)
    assert text is not None
    assert text.count("current=") == 4


def test_a_recovery_is_told_though_its_count_was_away_for_a_moment() -> None:
    made = ledger((PLACE, Paths(1, 2)))
    see(made)
    see(made, (PLACE, Paths(2, 2)))
    text = made.report(TIME, 120)
    assert text is not None
    assert "current=2; max=2" in text


def test_what_is_well_and_new_or_grew_is_not_told() -> None:
    made = ledger((PLACE, Paths(2, 2)))
    see(made, (PLACE, Paths(4, 4)), (ROOT, Paths(2, 2)))
    assert made.report(TIME, 120) is None


def test_what_is_gone_is_not_broken() -> None:
    made = ledger((PLACE, Paths(2, 2)))
    see(made, (PLACE, Paths(1, 2)))
    made.forget("ref")
    text = made.report(TIME, 120)
    assert text is not None
    assert "Unhealthy" not in text
