"""One host with each backend for the whole run, and the life of a VM by raw XML-RPC that the other clients repeat."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.host import DevelopmentHost, started
from tests.integration.life import Entry, live
from tests.integration.raw import Raw


@pytest.fixture(scope="session")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevelopmentHost]:
    """A host whose guests are simulated."""
    with started(tmp_path_factory.mktemp("simulator"), "simulator") as host:
        yield host


@pytest.fixture(scope="session")
def libvirt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevelopmentHost]:
    """A host with real guests."""
    with started(tmp_path_factory.mktemp("libvirt"), "libvirt") as host:
        yield host


@pytest.fixture(scope="session")
def life(simulator: DevelopmentHost) -> list[Entry]:
    """The trace of the whole life by raw XML-RPC."""
    with Raw(simulator) as client:
        return live(client)
