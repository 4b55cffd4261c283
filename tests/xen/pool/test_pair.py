"""Two hosts share a network, and plain xl moves a running guest from one to the other."""

from __future__ import annotations

import subprocess

import pytest

from tests.bed import baseline
from tests.bed.console import Console

pytestmark = pytest.mark.xen(hosts=2, deadline=300)


def on_other(*words: str, deadline: float = 60.0) -> str:
    done = subprocess.run(["ssh", "bed2", *words], capture_output=True, text=True, timeout=deadline, check=True)
    return done.stdout


def test_the_other_host_runs_xen_too() -> None:
    assert on_other("hostname").strip() == "bed2"
    assert "xen_major" in on_other("xl", "info")


def test_xl_migrates_a_running_guest() -> None:
    with baseline.guest("pvh") as domid:
        with Console(domid) as console:
            before = int(console.command("cat /tmp/count"))
        baseline.xl("migrate", str(domid), "bed2", deadline=180.0)
        names = [line.split()[0] for line in on_other("xl", "list").splitlines()[1:]]
        assert names == ["Domain-0", "baseline-pvh"]
        there = (
            "import sys; from tests.bed.console import Console; print(Console(int(sys.argv[1])).command(sys.argv[2]))"
        )
        moved = on_other("xl", "domid", "baseline-pvh").strip()
        words = f"cd /opt/xcp/project && /opt/xcp/bin/python -c '{there}' {moved} 'cat /tmp/count'"
        assert int(on_other(words)) >= before
        on_other("xl", "destroy", "baseline-pvh")
