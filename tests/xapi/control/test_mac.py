"""Addresses are those that other toolstacks derive."""

from __future__ import annotations

import pytest

from common.errors import WireError
from xapi.control import mac

SEED = "d651d03c-432c-9b64-179b-55ab7fce5418"


def test_addresses_are_those_that_the_original_derives() -> None:
    assert mac.derive(SEED, 0) == "0e:83:f6:e1:b7:11"
    assert len({mac.derive(SEED, device) for device in range(16)}) == 16


@pytest.mark.parametrize("address", ["zz", "00:11:22:33:44", "01:00:5e:00:00:01", "00-11-22-33-44-55", ""])
def test_what_is_no_address_of_an_interface_is_refused(address: str) -> None:
    with pytest.raises(WireError) as caught:
        mac.parse(address)
    assert (caught.value.wire_code, caught.value.params) == ("MAC_INVALID", [address])
