"""What holds for all tests: in CI a tool that is missing is a failure, not a skip."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

EXCUSED = ("reference", "empty parameter set", "this kernel")
"""Words in a skip's reason that excuse it in CI too: a stranger's CI has no reference folder to compare with, and what
a machine's kernel lacks nobody can install."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail") and not _excused(report):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {_reason(report)}"
    return report


def _excused(report: pytest.TestReport) -> bool:
    return any(word in _reason(report).lower() for word in EXCUSED)


def _reason(report: pytest.TestReport) -> str:
    return str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else str(report.longrepr)
