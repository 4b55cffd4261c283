"""What tests in dom0 run: a xenopsd of their own, or the whole stack, started once, after those."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

import pytest

from tests.xen.guests.stack import Stack
from tests.xen.guests.xenopsd_host import Daemon, daemon
from tests.xenopsd.conftest import Host


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Two xenopsds can't share one Xen."""
    items.sort(key=lambda item: "stack" in getattr(item, "fixturenames", ()))


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The root of that xenopsd."""
    monkeypatch.setenv("XAPI_ROOT", str(tmp_path))
    return tmp_path


@pytest.fixture
async def running(root: Path) -> AsyncIterator[tuple[Daemon, Host]]:
    """That xenopsd, and the host as its clients see it."""
    async with daemon(root) as started:
        yield started


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
