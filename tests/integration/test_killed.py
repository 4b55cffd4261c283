"""SIGKILL of each daemon in the middle of work: it comes back, nothing is lost or hangs, what is shown is real."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from common.errors import WireError
from tests.integration.guinea_pig import HALTED, LOST, RUNNING, GuineaPig
from tests.integration.host import DevelopmentHost, started, wait_for
from tests.integration.leftovers import inventory
from tests.integration.life import MAKING, TEMPLATE, ApiError, Life
from tests.integration.raw import Raw

pytestmark = [pytest.mark.integration, pytest.mark.root]

CALL_ENDS = 45.0  # seconds in which a call ends, however it ends, when a daemon dies under it
LOOKED_AFTER = 90.0  # seconds in which xapi looks for what it could not delete
WORK: dict[str, tuple[str, tuple[Any, ...], str]] = {
    "start": ("VM.start", (False, False), HALTED),
    "snapshot": ("VM.snapshot", ("killed",), RUNNING),
    "shutdown": ("VM.clean_shutdown", (), RUNNING),
}
"""Message, arguments after the VM, and the state in which it may begin."""

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
    before = inventory(host)
    with Raw(host) as client:
        life = Life(client)
        life.begin(TEMPLATE)
        for step in MAKING:
            life.take(step)
        made = GuineaPig.made(host, life)
    yield made
    made.destroy()
    with contextlib.suppress(AssertionError):
        wait_for(lambda: inventory(host) == before, LOOKED_AFTER, "what could not be deleted to go")
    assert inventory(host) == before


class Call:
    """One call over TLS in a thread; a daemon dies under it, so it may end in any way, but end it must."""

    def __init__(self, host: DevelopmentHost, message: str, *arguments: Any) -> None:
        self._client = host.client()
        self._client.__enter__()
        self.outcome = ""
        self._thread = threading.Thread(target=self._run, args=(message, *arguments), daemon=True)
        self._thread.start()

    def _run(self, message: str, *arguments: Any) -> None:
        try:
            self._client.call(message, *arguments)
            self.outcome = "done"
        except WireError as error:
            self.outcome = error.wire_code
        except LOST:
            self.outcome = "connection lost"

    def end(self) -> str:
        """How it ended."""
        self._thread.join(CALL_ENDS)
        assert self.outcome, f"the call did not end in {CALL_ENDS:.0f} s"
        return self.outcome


@pytest.mark.parametrize(("daemon", "work", "moment"), CELLS)
def test_a_daemon_that_is_killed_comes_back_to_the_truth(
    host: DevelopmentHost, pig: GuineaPig, daemon: str, work: str, moment: float
) -> None:
    message, arguments, state = WORK[work]
    pig.bring(state)
    told = f"{daemon} {work} {moment}"
    pig.ask("VM.set_name_description", pig.vm, told)

    call = Call(host, message, pig.vm, *arguments)
    time.sleep(moment)
    killed = host.kill(daemon)
    outcome = call.end()

    host.wait_back(daemon, killed)
    pig.settle()
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
