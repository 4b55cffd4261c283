"""The whole life of a VM by the official Python SDK over TLS."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.integration.host import DevelopmentHost
from tests.integration.leftovers import inventory
from tests.integration.life import Entry, live
from tests.integration.sdk import WAIT, Sdk

pytestmark = [pytest.mark.integration, pytest.mark.root]


def test_the_life_is_the_same_and_leaves_nothing(simulator: DevelopmentHost, life: list[Entry]) -> None:
    before = inventory(simulator)
    with Sdk(simulator) as client:
        seen = live(client)

    assert seen == life
    assert inventory(simulator) == before


def test_a_thread_that_waits_for_events_sees_what_another_does(simulator: DevelopmentHost) -> None:
    with Sdk(simulator) as watcher, Sdk(simulator) as actor:
        [pool] = actor.call("pool.get_all")
        token = watcher.call("event.from", ["pool"], "", 0.0)["token"]
        found: list[Any] = []
        thread = threading.Thread(target=lambda: found.append(watcher.call("event.from", ["pool"], token, WAIT)))
        thread.start()
        actor.call("pool.set_name_description", pool, "seen by another session")
        thread.join(WAIT)

        assert [event["snapshot"]["name_description"] for event in found[0]["events"]] == ["seen by another session"]
