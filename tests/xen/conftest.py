"""What tests on real Xen share. They run inside the test bed's dom0: `make test-xen`."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def dom0(request: pytest.FixtureRequest) -> None:
    """Nothing here is for another machine than a Xen host, but for tests that boot one themselves (hosts=0)."""
    if any(mark.kwargs.get("hosts") == 0 for mark in request.node.iter_markers("xen")):
        return
    try:
        capabilities = Path("/proc/xen/capabilities").read_text()
    except OSError:
        capabilities = ""
    assert "control_d" in capabilities, "these tests run in a Xen dom0: make test-xen"
