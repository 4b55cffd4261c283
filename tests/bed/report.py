"""The pytest plug-in of the bed: tells test by test what happens, and whose fault a failure is.

Each line on the descriptor BED_REPORT is a JSON object: {"event": "found", "test", "hosts", "iommu", "nodes",
"deadline"}, {"event": "start", "test"} or {"event": "end", "test", "outcome", "seconds", "detail"}, where the outcome
is passed, failed, skipped or fault. `@pytest.mark.xen(hosts=1, iommu=False, nodes=1, deadline=180, baseline=None)`
says how many hosts a test needs (0: it runs outside and boots them itself), whether they must have an IOMMU, of how
many NUMA nodes they are, how many seconds it may take, and which step of plain xl (tests/bed/baseline.py) tells a bed
fault from a failure of ours.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Generator
from types import FrameType
from typing import Any

import pytest

from tests.bed import baseline
from tests.bed.layout import BedFault

DEADLINE = 180.0  # seconds
DETAIL = 20_000  # characters of a failure that are reported


class DeadlineMissed(BaseException):
    """A test took too long. No `Exception`: nothing on the way up may take it for something it can handle."""


class Reporter:
    """Writes the lines; one for the run."""

    def __init__(self, descriptor: int) -> None:
        self._stream = os.fdopen(descriptor, "w", buffering=1)
        self._outcome: dict[str, str] = {}

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            needs = _needs(item)
            machine = {
                "hosts": needs.get("hosts", 1),
                "iommu": needs.get("iommu", False),
                "nodes": needs.get("nodes", 1),
            }
            self._tell("found", item, **machine, deadline=needs.get("deadline", DEADLINE))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        self._outcome = {"outcome": "passed", "detail": ""}
        began = time.monotonic()
        deadline = float(_needs(item).get("deadline", DEADLINE))
        self._tell("start", item)
        signal.signal(signal.SIGALRM, _too_late)
        signal.setitimer(signal.ITIMER_REAL, deadline)
        try:
            return (yield)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            self._tell("end", item, seconds=round(time.monotonic() - began, 1), **self._outcome)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if report.skipped and self._outcome["outcome"] == "passed":
            self._outcome = {"outcome": "skipped", "detail": _reason(report)}
        elif report.failed and self._outcome["outcome"] != "failed":
            self._outcome = {"outcome": "failed", "detail": report.longreprtext[-DETAIL:]}
            if fault := _fault(item, call):
                self._outcome = {"outcome": "fault", "detail": f"{fault}\n{report.longreprtext[-DETAIL:]}"}
        elif report.when == "call" and self._outcome["outcome"] == "passed":
            self._outcome["detail"] = report.capstdout[-DETAIL:]
        return report

    def _tell(self, event: str, item: pytest.Item, **what: Any) -> None:
        self._stream.write(json.dumps({"event": event, "test": item.nodeid, **what}) + "\n")


def pytest_configure(config: pytest.Config) -> None:
    """Report only where somebody listens."""
    if descriptor := os.environ.get("BED_REPORT"):
        config.pluginmanager.register(Reporter(int(descriptor)))


def _needs(item: pytest.Item) -> dict[str, Any]:
    """What the marks of a test say, the nearest first."""
    needs: dict[str, Any] = {}
    for mark in item.iter_markers("xen"):
        needs = dict(mark.kwargs) | needs
    return needs


def _fault(item: pytest.Item, call: pytest.CallInfo[None]) -> str:
    """Why this failure is the bed's, or nothing: the same step by plain xl, in the same boot, decides."""
    signal.setitimer(signal.ITIMER_REAL, 0)  # what follows has deadlines of its own
    if call.excinfo is not None and call.excinfo.errisinstance(BedFault):
        return str(call.excinfo.value)
    step = _needs(item).get("baseline")
    if step is None or not os.path.exists("/proc/xen/capabilities"):  # noqa: PTH110
        return ""
    try:
        baseline.STEPS[step]()
    except BedFault as fault:
        return f"plain xl fails too: {fault}"
    return ""


def _reason(report: pytest.TestReport) -> str:
    return str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else str(report.longrepr)


def _too_late(_number: int, _frame: FrameType | None) -> None:
    raise DeadlineMissed("the test's deadline passed")
