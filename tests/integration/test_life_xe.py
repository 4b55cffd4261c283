"""The whole life of a VM by `xe`, over TLS with a password from a file."""

from __future__ import annotations

import pytest

from tests.integration.host import DevelopmentHost
from tests.integration.leftovers import inventory
from tests.integration.life import Entry, live
from tests.integration.xe import Xe

pytestmark = [pytest.mark.integration, pytest.mark.root]


def test_the_life_is_the_same_and_leaves_nothing(simulator: DevelopmentHost, life: list[Entry]) -> None:
    before = inventory(simulator)

    seen = live(Xe(simulator))

    # The first entry differs by the description that vm-install gives.
    assert seen[1:] == life[1:]
    assert inventory(simulator) == before
