"""The plug-in tells each outcome, and the listener makes results of what it tells, whatever ends the run."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from tests.bed import results
from tests.bed.layout import CHECKOUT, BedFault
from tests.bed.pytests import PYTEST, Found, Pytest
from tests.bed.results import Record, Result
from tests.bed.run import Run

OUTCOMES = """
import time
import pytest
from tests.bed.layout import BedFault

pytestmark = pytest.mark.xen

def test_passes(): pass
def test_fails(): assert 6 * 7 == 43
def test_skips(): pytest.skip("nothing to do")
def test_bed_fault(): raise BedFault("xl create: 1")
@pytest.mark.xen(deadline=0.3)
def test_hangs(): time.sleep(30)
@pytest.fixture
def broken(): raise OSError("no disk")
def test_fixture_fails(broken): pass
"""
FATAL = """
import os, signal
import pytest

pytestmark = pytest.mark.xen

def test_passes(): pass
def test_kills_the_run(): os.kill(os.getpid(), signal.SIGKILL)
def test_never_runs(): pass
"""

GUESTS_DIE = """
import time
import pytest

pytestmark = pytest.mark.xen

@pytest.fixture(autouse=True)
def slow():
    time.sleep(0.3)  # as on real Xen: who listens is not a whole test behind
    yield
    time.sleep(0.3)

def dies():
    with open("serial", "a") as serial: serial.write("(XEN) d5v0 Triple fault - invoking HVM shutdown action 1\\n")

def test_passes(): dies()
def test_fails(): assert 6 * 7 == 43
def test_guest_dies(): dies(); assert False, "no answer"
def test_guest_panics(): assert False, "Kernel panic - not syncing: Fatal exception in interrupt"
def test_guest_is_crashed(): assert False, "Kernel panic - not syncing: sysrq triggered crash"
"""


class Sample(Pytest):
    """A run of the tests in `folder`, on a bed that is as `alive` as the test wants."""

    def __init__(self, folder: Path, *, alive: bool = True) -> None:
        self._folder = folder
        self._alive = alive

    @contextlib.asynccontextmanager
    async def start(self, names: Sequence[str]) -> AsyncIterator[asyncio.subprocess.Process]:
        options = ("--rootdir", ".", "-c", str(CHECKOUT / "pyproject.toml"))
        process = await asyncio.create_subprocess_exec(
            *("sh", "-c", 'exec 3>&1 >log 2>&1; exec "$@"', "sh", sys.executable, *PYTEST, *options, *names),
            cwd=self._folder,
            env=os.environ | {"BED_REPORT": "3", "PYTHONPATH": str(CHECKOUT)},
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            yield process
        finally:
            await process.wait()

    async def check_bed(self) -> None:
        if not self._alive:
            raise BedFault("QEMU ended")

    async def log(self) -> str:
        return (self._folder / "log").read_text()

    def said_by_xen(self) -> str:
        serial = self._folder / "serial"
        return serial.read_text() if serial.exists() else ""


async def outcomes(folder: Path, source: str, *, alive: bool = True) -> dict[str, Result]:
    (folder / "test_sample.py").write_text(source)
    names = [line[4:].partition("(")[0] for line in source.splitlines() if line.startswith("def test_")]
    found = [Found(name=f"test_sample.py::{name}", hosts=1, deadline=30.0) for name in names]
    return {name.partition("::")[2]: result async for name, result in Sample(folder, alive=alive).run(found)}


async def test_every_outcome_is_told(tmp_path: Path) -> None:
    got = await outcomes(tmp_path, OUTCOMES)
    assert {name: result.outcome for name, result in got.items()} == {
        "test_passes": "passed",
        "test_fails": "failed",
        "test_skips": "skipped",
        "test_bed_fault": "fault",
        "test_hangs": "failed",
        "test_fixture_fails": "failed",
    }
    assert "6 * 7" in got["test_fails"].detail
    assert got["test_skips"].detail == "Skipped: nothing to do"
    assert got["test_bed_fault"].detail.startswith("xl create: 1")
    assert "deadline" in got["test_hangs"].detail
    assert got["test_hangs"].seconds < 10


async def test_a_test_that_ends_the_run_failed_and_the_rest_is_left(tmp_path: Path) -> None:
    got = await outcomes(tmp_path, FATAL)
    assert {name: result.outcome for name, result in got.items()} == {
        "test_passes": "passed",
        "test_kills_the_run": "failed",
    }
    assert "ended with -9" in got["test_kills_the_run"].detail


async def test_a_bed_that_died_is_not_the_tests_failure(tmp_path: Path) -> None:
    got = await outcomes(tmp_path, FATAL, alive=False)
    assert got["test_kills_the_run"] == Result(outcome="fault", seconds=0.0, detail="QEMU ended")


async def test_a_guest_that_the_emulation_killed_is_the_beds_fault(tmp_path: Path) -> None:
    got = await outcomes(tmp_path, GUESTS_DIE)
    assert {name: result.outcome for name, result in got.items()} == {
        "test_passes": "passed",
        "test_fails": "failed",
        "test_guest_dies": "fault",
        "test_guest_panics": "fault",
        "test_guest_is_crashed": "failed",
    }
    assert got["test_guest_dies"].detail.startswith("(XEN) d5v0 Triple fault")


def test_tests_that_need_the_same_hosts_share_a_boot() -> None:
    needs = [(2, False), (1, True), (1, False), (1, True)]
    tests = [Found(name=str(n), hosts=hosts, iommu=iommu, deadline=1.0) for n, (hosts, iommu) in enumerate(needs)]
    run = Run("guests", Record(state="a", commit="1"), tests)
    assert [(test.hosts, test.iommu) for test in run.left()] == [(1, False), (1, True), (1, True), (2, False)]


def test_only_a_run_cut_short_at_the_same_state_goes_on() -> None:
    record = Record(state="a", commit="1", results={"t": Result(outcome="passed", seconds=1.0)})
    assert results.going_on(record, "a") is record
    assert results.going_on(record, "b") is None
    record.finished = True
    assert results.going_on(record, "a") is None
    assert results.going_on(None, "a") is None


def test_the_last_line_counts() -> None:
    outcome = [Result(outcome=kind, seconds=0.0) for kind in ("passed", "passed", "failed", "skipped")]
    assert results.counts(dict(enumerate(outcome))) == "2 passed, 1 failed, 1 skipped"
