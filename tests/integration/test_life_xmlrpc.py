"""The whole life of a VM by raw XML-RPC over plain HTTP: what is seen on the way is what other clients compare to."""

from __future__ import annotations

import pytest

from tests.integration.host import DevelopmentHost
from tests.integration.leftovers import inventory
from tests.integration.life import Entry, live
from tests.integration.raw import Raw

pytestmark = [pytest.mark.integration, pytest.mark.root]


def test_the_life_is_the_same_each_time_and_leaves_nothing(simulator: DevelopmentHost, life: list[Entry]) -> None:
    before = inventory(simulator)
    with Raw(simulator) as client:
        again = live(client)

    assert again == life
    assert inventory(simulator) == before
