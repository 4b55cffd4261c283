"""One stack and two guests for the whole part: to start them takes longer than the tests do."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from tests.xen.guests.xenopsd_host import domids
from tests.xen.metrics.guest import Guest
from tests.xen.metrics.stack import Stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    started = Stack(tmp_path_factory.mktemp("stack"))
    try:
        started.start()
        yield started
    finally:
        started.stop()
        for domid in domids():
            subprocess.run(["xl", "destroy", str(domid)], timeout=60.0, check=False)


@pytest.fixture(scope="session")
def guests(stack: Stack) -> list[Guest]:
    """Two that run: the first has two disks, the second one."""
    first, second = Guest(stack, "first", 31), Guest(stack, "second", 32)
    for guest, disks in ((first, 2), (second, 1)):
        for _ in range(disks):
            guest.add_disk(stack.sr)
        guest.start()
    return [first, second]
