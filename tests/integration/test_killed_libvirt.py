"""Daemons are killed while a real guest runs: nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.guests import WithGuest
from tests.integration.guinea_pig import HALTED, RUNNING, GuineaPig
from tests.integration.host import DevelopmentHost, started
from tests.integration.kills import WORK, kill_at_work, nothing_is_left
from tests.integration.life import ApiError

pytestmark = [pytest.mark.integration, pytest.mark.root]

TEMPLATE = "Other install media"
CELLS = [("xenopsd", "start", 0.1), ("sm", "start", 0.05), ("xapi", "start", 0.1), ("xenopsd", "snapshot", 0.05),
         ("sm", "snapshot", 0.05), ("xapi", "snapshot", 0.05), ("xenopsd", "shutdown", 0.3), ("sm", "shutdown", 0.3),
         ("xapi", "shutdown", 0.3)]  # fmt: skip


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevelopmentHost]:
    """A host that is not shared: it has a hard time here."""
    with started(tmp_path_factory.mktemp("killed"), "libvirt") as made:
        yield made


@pytest.fixture(scope="module")
def pig(host: DevelopmentHost) -> Iterator[GuineaPig]:
    with nothing_is_left(host):
        with WithGuest(host) as client:
            made = GuineaPig.made(host, client, TEMPLATE)
            client.call("VM.add_to_other_config", made.vm, "quiesce", "true")
        yield made
        made.destroy()


@pytest.mark.parametrize(("daemon", "work", "moment"), CELLS)
def test_a_daemon_that_is_killed_comes_back_to_the_truth(
    host: DevelopmentHost, pig: GuineaPig, daemon: str, work: str, moment: float
) -> None:
    state = WORK[work][2]
    pig.bring(state)
    if state != HALTED:
        with WithGuest(host) as client:
            client.wait_for_guest(pig.vm)

    kill_at_work(host, pig, daemon, work, moment)

    if work == "shutdown":
        # A guest that heard of it goes down in its own time; the next cell must not find it on its way.
        pig.bring(HALTED)


def test_a_snapshot_is_quiesced_by_the_guests_agent(host: DevelopmentHost, pig: GuineaPig) -> None:
    pig.bring(RUNNING)
    with WithGuest(host) as client:
        client.wait_for_guest(pig.vm)
        snapshot = client.call("VM.snapshot", pig.vm, "quiesced", [])
        assert client.call("VM.get_snapshot_info", snapshot)["disk-snapshot-type"] == "quiesced"
        # A guest that were still frozen would not go down.
        client.call("VM.clean_shutdown", pig.vm)
        with pytest.raises(ApiError, match="MESSAGE_REMOVED"):
            client.call("VM.snapshot_with_quiesce", pig.vm, "quiesced")
    assert pig.record()["power_state"] == HALTED
    pig.bring(HALTED)
    pig.settle()
