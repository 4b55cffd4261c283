"""The whole stack, started once for all tests that need it, after those that run a xenopsd of their own."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.xen.guests.stack import Stack


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Two xenopsds can't share one Xen."""
    items.sort(key=lambda item: "stack" in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Every daemon in dom0."""
    started = Stack(Path(tmp_path_factory.mktemp("host")))
    try:
        started.start()
        yield started
    finally:
        started.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With a failure goes what the daemons last said: dom0 and its logs are gone afterwards."""
    report = yield
    started = getattr(item, "funcargs", {}).get("stack")
    if report.failed and started is not None:
        report.longrepr = f"{report.longreprtext}\n{started.last_words()}"
    return report
