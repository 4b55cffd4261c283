"""What rrdd says of a guest is what xentop says."""

from __future__ import annotations

import math
import re
import time

import pytest

from tests.xen.metrics.guest import Guest
from tests.xen.metrics.stack import DOM0, MIB, Stack, run, until

pytestmark = pytest.mark.xen(deadline=480)

STEP = 5  # seconds
COLUMNS = ("NETS", "VBDS")  # xentop's words before figures of all devices together
WORK = "n=0; while [ $n -lt 2000 ]; do n=$((n+1)); done"
LOAD = (
    # With pauses: a rate above 1, as a late tick may give, is unknown.
    f"(timeout 20 sh -c 'while :; do {WORK}; sleep 0.1; done'); "
    "dd if=/dev/xvda of=/dev/null bs=1M count=16; dd if=/dev/zero of=/dev/xvdb bs=1M count=8 conv=fsync; "
    f"ping -q -c 10 -s 60000 {DOM0}"
)


def xentop(domain: str) -> dict[str, int]:
    """The figures of a domain, by column."""
    lines = [line.split() for line in run("xentop", "-b", "-i", "1", "-f").splitlines() if line.strip()]
    [header] = [line for line in lines if line[0] == "NAME"]
    [found] = [line for line in lines if line[0] == domain]
    values = dict(zip(header, found, strict=True))
    return {name: int(value) for name, value in values.items() if value.isdigit()}


def total(stack: Stack, guest: Guest, pattern: str, first: float, last: float) -> float:
    """What a rate came to between two times: its rows added up."""
    rows = stack.rows(int(time.time() - first) + 2 * STEP)
    assert rows.step == STEP
    found = [
        value
        for at, owners in rows.rows
        if first < at <= last
        for name, value in owners.get(("vm", guest.uuid), {}).items()
        if re.fullmatch(pattern, name)
    ]
    assert found, pattern
    assert not any(math.isnan(value) for value in found), f"{pattern}: a gap in {found}"
    return sum(found) * STEP


def test_sources_of_a_guest_agree_with_xentop(stack: Stack, guests: list[Guest]) -> None:
    guest = guests[0]
    # Counted between two moments at which nothing goes on: then it does not matter where in a step they lie.
    until(lambda: ("vm", guest.uuid) in stack.rows(2 * STEP).owners, "rrdd knows the guest")
    time.sleep(3 * STEP)
    before, began = xentop(guest.name), time.time()
    time.sleep(STEP)
    guest.run(LOAD)
    time.sleep(2 * STEP)
    after, ended = xentop(guest.name), time.time()
    until(lambda: stack.rows(2 * STEP).end >= ended, "rows up to now")

    def grew(column: str) -> int:
        return after[column] - before[column]

    def said(pattern: str) -> float:
        return total(stack, guest, pattern, began, ended)

    assert grew("CPU(sec)") >= 3
    assert abs(said("cpu0") - grew("CPU(sec)")) <= 2.0
    for pattern, column, unit in (
        ("vbd_xvd[a-z]+_read", "VBD_RSECT", 512),
        ("vbd_xvd[a-z]+_write", "VBD_WSECT", 512),
        ("vbd_xvd[a-z]+_iops_read", "VBD_RD", 1),
        ("vbd_xvd[a-z]+_iops_write", "VBD_WR", 1),
        ("vif_0_tx", "NETTX(k)", 1024),
        ("vif_0_rx", "NETRX(k)", 1024),
    ):
        expected = grew(column) * unit
        assert expected > 0, column
        assert abs(said(pattern) - expected) <= max(0.02 * expected, 2 * unit), (pattern, column)

    _, newest = stack.rows(4 * STEP).rows[-1]
    memory = newest["vm", guest.uuid]["memory"]
    assert abs(memory - after["MEM(k)"] * 1024) <= MIB


def test_the_ends_of_guests_interfaces_are_no_nics(stack: Stack, guests: list[Guest]) -> None:
    domid = stack.api.VM.get_domid(guests[0].ref)
    assert f"vif{domid}.0" in run("ip", "-brief", "link")
    assert {record["device"] for record in stack.api.PIF.get_all_records().values()} == {"eth0"}
