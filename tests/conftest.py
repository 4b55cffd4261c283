"""What holds for all tests: in CI a tool that is missing is a failure, not a skip."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

REFERENCE = "reference"
"""The word in a skip's reason that excuses it in CI too: a stranger's CI has no reference folder."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail") and REFERENCE not in _reason(report):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {_reason(report)}"
    return report


def _reason(report: pytest.TestReport) -> str:
    return str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else str(report.longrepr)
