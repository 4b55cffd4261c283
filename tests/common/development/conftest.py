"""A host as its supervisor would describe it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from common.development import state
from common.development.layout import Host
from common.development.state import HostState


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """The first host of a folder of its own."""
    return Host(tmp_path, 1)


@pytest.fixture
def a_host(host: Host) -> HostState:
    """Its state, without daemons; this process is its supervisor."""
    return HostState(
        name=host.name,
        root=str(host.root),
        netns=None,
        address="127.0.0.1",
        http="http://127.0.0.1:1",
        https="https://127.0.0.1:1",
        username="root",
        password_file=str(host.password_file),
        backend="simulator",
        coordinator=True,
        supervisor=state.process(os.getpid()),
    )
