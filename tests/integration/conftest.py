"""One host with each backend for the whole run, and the life of a VM by raw XML-RPC that the other clients repeat."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.host import DevelopmentHost
from tests.integration.life import Entry, live
from tests.integration.raw import Raw


def started(backend: str, factory: pytest.TempPathFactory) -> Iterator[DevelopmentHost]:
    made = DevelopmentHost(factory.mktemp(backend), backend)
    try:
        made.start()
        yield made
    finally:
        made.remove()


@pytest.fixture(scope="session")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevelopmentHost]:
    """A host whose guests are simulated."""
    yield from started("simulator", tmp_path_factory)


@pytest.fixture(scope="session")
def libvirt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevelopmentHost]:
    """A host with real guests."""
    yield from started("libvirt", tmp_path_factory)


@pytest.fixture(scope="session")
def life(simulator: DevelopmentHost) -> list[Entry]:
    """The trace of the whole life by raw XML-RPC."""
    with Raw(simulator) as client:
        return live(client)
