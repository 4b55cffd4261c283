"""The whole stack on real Xen when things go wrong: daemons restarted, a guest taken away, what can't start."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.life import ApiError
from tests.xen.guests.stack import Stack
from tests.xen.guests.visible import PVH, Guest

pytestmark = pytest.mark.xen(deadline=300)

CONSOLED = Path("/run/xenconsoled.pid")


@pytest.fixture
def guest(stack: Stack) -> Iterator[Guest]:
    """One that isn't started; whatever comes of it leaves nothing."""
    before = stack.leftovers()
    with stack.client("sdk") as act, stack.sdk() as look:
        made = Guest(stack, act, look, PVH)
        try:
            yield made
        finally:
            made.perishes()
    assert stack.leftovers() == before


def test_a_guest_outlives_what_serves_it(stack: Stack, guest: Guest) -> None:
    guest.does("VM.start", False, False, then="Running")
    guest.boots()
    domain = guest.domain

    restart_xenconsoled()
    assert guest.says("echo still here") == "still here"

    stack.restart()
    assert guest.state == "Running"
    assert guest.domain == domain
    for cls, position in (("VBD", "1"), ("VIF", "0")):
        assert guest.is_plugged(cls, guest.device(cls, position))
    assert guest.says("echo still here") == "still here"
    guest.about("VBD", guest.device("VBD", "1"), "VBD.unplug")
    guest.misses("/dev/xvdb")

    subprocess.run(["xl", "destroy", str(domain)], timeout=60.0, check=True)
    guest.becomes("Halted")
    assert not guest.is_plugged("VIF", guest.device("VIF", "0"))


def test_what_can_not_start_says_why(stack: Stack, guest: Guest) -> None:
    disk = guest.disk("1")
    with stack.client("sdk") as act, stack.sdk() as look:
        other = Guest(stack, act, look, PVH)
        try:
            other.new_drive("Disk", "2", disk)
            guest.does("VM.start", True, False, then="Paused")
            assert refused(other) == "VDI_IN_USE"
        finally:
            guest.does("VM.hard_shutdown", then="Halted")
            other.perishes(keep=disk)
    guest.boots_by("/nowhere")
    assert refused(guest) == "NO_BOOTABLE_DEVICE"
    guest.boots_by("/guests/vmlinux")
    guest.has(memory=1 << 20)
    assert refused(guest) == "HOST_NOT_ENOUGH_FREE_MEMORY"
    guest.has(memory=PVH.memory)


def refused(guest: Guest) -> str:
    """The error of its start, after which nothing runs."""
    with pytest.raises(ApiError) as caught:
        guest.does("VM.start", False, False)
    assert guest.state == "Halted"
    assert guest.domain is None
    return caught.value.code


def restart_xenconsoled() -> None:
    os.kill(int(CONSOLED.read_text()), signal.SIGKILL)
    subprocess.run(["xenconsoled", "--log=none", f"--pid-file={CONSOLED}"], timeout=30.0, check=True)
