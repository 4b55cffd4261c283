"""SIGKILL of each daemon in the middle of work: it comes back, nothing is lost or hangs, what is shown is real."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.guinea_pig import HALTED, RUNNING, GuineaPig
from tests.integration.host import DevelopmentHost, started
from tests.integration.kills import WORK, kill_at_work, nothing_is_left
from tests.integration.life import ApiError
from tests.integration.raw import Raw

pytestmark = [pytest.mark.integration, pytest.mark.root]

AT_WORK = ("xapi", "xenopsd", "sm", "networkd")
"""The daemons that take part: killed at several moments."""
BESIDE = ("rrdd", "stunnel", "perfmon", "mpathalert", "snapwatchd")
MOMENTS = (0.0, 0.02, 0.06, 0.15)  # seconds after the call; all of it takes a few tenths
CELLS = [(daemon, work, moment) for daemon in AT_WORK for work in WORK for moment in MOMENTS] + [
    (daemon, work, MOMENTS[1]) for daemon in BESIDE for work in WORK
]


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevelopmentHost]:
    """A host that is not shared: it has a hard time here."""
    with started(tmp_path_factory.mktemp("killed"), "simulator") as made:
        yield made


@pytest.fixture(scope="module")
def pig(host: DevelopmentHost) -> Iterator[GuineaPig]:
    with nothing_is_left(host):
        with Raw(host) as client:
            made = GuineaPig.made(host, client)
        yield made
        made.destroy()


@pytest.mark.parametrize(("daemon", "work", "moment"), CELLS)
def test_a_daemon_that_is_killed_comes_back_to_the_truth(
    host: DevelopmentHost, pig: GuineaPig, daemon: str, work: str, moment: float
) -> None:
    pig.bring(WORK[work][2])
    told = f"{daemon} {work} {moment}"
    pig.ask("VM.set_name_description", pig.vm, told)

    outcome = kill_at_work(host, pig, daemon, work, moment)

    record = pig.record()
    assert record["name_description"] == told
    if outcome == "done":
        assert (work, record["power_state"], len(record["snapshots"])) == (work, *_after(work))


def _after(work: str) -> tuple[str, int]:
    return {"start": (RUNNING, 0), "snapshot": (RUNNING, 1), "shutdown": (HALTED, 0)}[work]


def test_tasks_of_calls_that_died_are_not_left_pending(host: DevelopmentHost, pig: GuineaPig) -> None:
    pig.bring(HALTED)
    with Raw(host) as client:
        task = client.call("Async.VM.start", pig.vm, False, False)
    killed = host.kill("xapi")
    host.wait_back("xapi", killed)
    pig.settle()

    with Raw(host) as client:
        try:
            status = client.call("task.get_status", task)
        except ApiError as gone:
            status = gone.code
    assert status in {"failure", "success", "HANDLE_INVALID"}
