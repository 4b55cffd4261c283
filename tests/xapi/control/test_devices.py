"""Names and positions of disks."""

from __future__ import annotations

import pytest

from common.errors import WireError
from xapi.control import devices


@pytest.mark.parametrize(("position", "name"), [(0, "xvda"), (25, "xvdz"), (26, "xvdaa"), (254, "xvdiu")])
def test_disk_names(position: int, name: str) -> None:
    assert devices.disk_name(position) == name
    assert devices.disk_position(name) == devices.disk_position(str(position)) == position


@pytest.mark.parametrize("name", ["255", "-1", "xvd", "xvdA", "vda", "", "9" * 30, "٣", "xvd" + "z" * 50])
def test_what_is_no_disk_name_is_refused(name: str) -> None:
    with pytest.raises(WireError, match="INVALID_DEVICE"):
        devices.disk_position(name)


def test_emulated_names_mean_the_same_disk() -> None:
    assert devices.disk_position("hdc") == 2
