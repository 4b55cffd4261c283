"""The whole life of a VM on libvirt, with a real guest: it boots, its agent answers, it shuts down."""

from __future__ import annotations

import pytest

from tests.integration.guests import WithGuest
from tests.integration.host import DevelopmentHost
from tests.integration.leftovers import inventory
from tests.integration.life import SETTINGS, Entry, live

pytestmark = [pytest.mark.integration, pytest.mark.root]

TEMPLATE = "Other install media"


def test_the_life_is_as_on_the_simulator_and_leaves_nothing(libvirt: DevelopmentHost, life: list[Entry]) -> None:
    before = inventory(libvirt)
    with WithGuest(libvirt) as client:
        seen = live(client, TEMPLATE)

    assert seen[SETTINGS:] == life[SETTINGS:]
    assert inventory(libvirt) == before
