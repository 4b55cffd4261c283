"""The bed itself: Xen answers, and plain xl brings up guests. If these fail, nothing else says anything."""

from __future__ import annotations

import re

import pytest

from tests.bed import baseline
from tests.bed.console import Console

pytestmark = pytest.mark.xen


def test_dom0_runs_on_xen() -> None:
    info = dict(re.findall(r"^(\S+)\s+: (.*)$", baseline.xl("info"), re.MULTILINE))
    assert (info["xen_major"], info["xen_minor"]) == ("4", "17")
    assert {"pv", "hvm", "hap"} <= set(info["virt_caps"].split())
    assert int(info["free_memory"]) > 1024


@pytest.mark.parametrize("kind", ["pv", "pvh"])
def test_xl_boots_a_guest_and_destroys_it(kind: str) -> None:
    with baseline.guest(kind) as domid:
        assert f" {domid} " in baseline.xl("list")
        with Console(domid) as console:
            assert console.command("cat /sys/hypervisor/guest_type") == kind.upper()
    names = [line.split()[0] for line in baseline.xl("list").splitlines()[1:]]
    assert names == ["Domain-0"]
