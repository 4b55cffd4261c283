"""The whole life of a guest on real Xen, through the whole stack: each kind of guest, with each client."""

from __future__ import annotations

import pytest

from tests.integration.life import ApiError
from tests.xen.guests.clients import CLIENTS
from tests.xen.guests.stack import MIB, Stack
from tests.xen.guests.visible import HVM, PV, PVH, Guest

pytestmark = pytest.mark.xen(deadline=600)

KINDS = {"pv": PV, "pvh": PVH, "hvm": HVM}
ALWAYS = (("pv", "sdk"), ("pvh", "xe"), ("hvm", "sdk"))
"""Every kind and every client; the other pairs have their turn in `make soak`."""
REST = tuple((kind, client) for kind in KINDS for client in CLIENTS if (kind, client) not in ALWAYS)


@pytest.mark.parametrize(("kind", "client"), [*ALWAYS, *(pytest.param(*each, marks=pytest.mark.soak) for each in REST)])
def test_life(stack: Stack, kind: str, client: str) -> None:
    before = stack.leftovers()
    with stack.client(client) as act, stack.sdk() as look:
        guest = Guest(stack, act, look, KINDS[kind])
        try:
            begins(guest)
            stands_still_and_sleeps(guest)
            moves(guest)
            goes_back_to_a_checkpoint(guest)
            gets_and_loses_a_disk(guest)
            gets_and_loses_a_disc(guest)
            gets_and_loses_an_interface(guest)
            lives_on_less_memory(guest)
            crashes_and_comes_again(guest)
            reboots_and_ends(guest)
            goes_back_to_a_snapshot(guest)
        finally:
            guest.perishes()
    assert stack.leftovers() == before


def begins(guest: Guest) -> None:
    guest.does("VM.start", False, False, then="Running")
    guest.boots()
    assert guest.record["domid"] == str(guest.domain)
    assert guest.says("cat /sys/hypervisor/guest_type") == guest.kind.domain_type.upper()
    guest.talks()
    guest.says("echo first >/dev/xvdb && sync")
    if guest.kind.emulated:
        with guest.console("rfb") as screen:
            screen.expect("RFB 003")


def stands_still_and_sleeps(guest: Guest) -> None:
    guest.does("VM.pause", then="Paused")
    guest.does("VM.unpause", then="Running")
    count = int(guest.says("cat /tmp/count"))
    guest.does("VM.suspend", then="Suspended")
    assert guest.domain is None
    guest.does("VM.resume", False, False, then="Running")
    assert int(guest.says("cat /tmp/count")) >= count


def moves(guest: Guest) -> None:
    """Debian's Xen has no shadow paging, without which a PV guest can't move: that is said before it is touched."""
    before, count = guest.domain, int(guest.says("cat /tmp/count"))
    if guest.kind.domain_type == "pv":
        with pytest.raises(ApiError) as refused:
            guest.moves()
        assert refused.value.code == "OPERATION_NOT_ALLOWED"
        assert guest.domain == before
    else:
        guest.moves()
        assert guest.domain not in {None, before}
    assert int(guest.says("cat /tmp/count")) >= count


def goes_back_to_a_checkpoint(guest: Guest) -> None:
    guest.does("VM.snapshot", "first")
    guest.says("echo second >/dev/xvdb && sync && echo alive >/tmp/word")
    checkpoint = guest.does("VM.checkpoint", "second", then="Running")
    guest.says("echo third >/dev/xvdb && sync && echo changed >/tmp/word")
    guest.about("VM", checkpoint, "VM.revert", then="Suspended")
    guest.does("VM.resume", False, False, then="Running")
    assert guest.says("cat /tmp/word") == "alive"
    assert guest.says("blockdev --flushbufs /dev/xvdb; head -n 1 /dev/xvdb") == "second"


def gets_and_loses_a_disk(guest: Guest) -> None:
    disk = guest.new_disk("hot")
    drive = guest.new_drive("Disk", "5", disk)
    guest.about("VBD", drive, "VBD.plug")
    guest.sees("/dev/xvdf")
    guest.says("echo hot >/dev/xvdf && sync")
    guest.about("VBD", drive, "VBD.unplug")
    guest.misses("/dev/xvdf")
    assert not guest.is_plugged("VBD", drive)
    guest.about("VBD", drive, "VBD.destroy")
    guest.about("VDI", disk, "VDI.destroy")


def gets_and_loses_a_disc(guest: Guest) -> None:
    disc = guest.disc()
    label = f"$(dd if=/dev/{guest.kind.cd} bs=1 skip=32769 count=5 2>/dev/null)"
    reading = f'until [ "{label}" = CD001 ]; do sleep 0.2; done'
    if guest.kind.emulated:
        drive = guest.device("VBD", "3")
        guest.about("VBD", drive, "VBD.insert", guest.handle("VDI", disc))
        guest.says(reading)
        guest.about("VBD", drive, "VBD.eject")
        return
    drive = guest.new_drive("CD", "3", disc)
    guest.about("VBD", drive, "VBD.plug")
    guest.says(reading)
    guest.about("VBD", drive, "VBD.unplug")
    guest.about("VBD", drive, "VBD.destroy")


def gets_and_loses_an_interface(guest: Guest) -> None:
    interface = guest.new_interface("1")
    guest.about("VIF", interface, "VIF.plug")
    guest.sees("/sys/class/net/eth1")
    guest.about("VIF", interface, "VIF.unplug")
    guest.misses("/sys/class/net/eth1")
    guest.about("VIF", interface, "VIF.destroy")


def lives_on_less_memory(guest: Guest) -> None:
    total = "awk '/MemTotal/ {print $2}' /proc/meminfo"
    before, less = int(guest.says(total)), str((guest.kind.memory - 32) * MIB)
    guest.does("VM.set_memory_dynamic_range", less, less, then="Running")
    guest.says(f"while [ $({total}) -gt {before - (24 << 10)} ]; do sleep 0.5; done")


def crashes_and_comes_again(guest: Guest) -> None:
    guest.does("VM.set_actions_after_crash", "restart")
    before = guest.domain
    with guest.console() as console:
        console.type("\recho c >/proc/sysrq-trigger\r")
        guest.becomes("Running", other_than=before)
    guest.boots()
    guest.does("VM.set_actions_after_crash", "destroy")
    with guest.console() as console:
        console.type("\recho c >/proc/sysrq-trigger\r")
        guest.becomes("Halted")
    guest.does("VM.start", False, False, then="Running")
    guest.boots()


def reboots_and_ends(guest: Guest) -> None:
    before = guest.domain
    guest.does("VM.clean_reboot", then="Running")
    assert guest.domain not in {None, before}
    guest.boots()
    guest.does("VM.clean_shutdown", then="Halted")
    assert guest.domain is None


def goes_back_to_a_snapshot(guest: Guest) -> None:
    [snapshot] = guest.snapshots("first")
    guest.about("VM", snapshot, "VM.revert", then="Halted")
    guest.does("VM.start", False, False, then="Running")
    guest.boots()
    assert guest.says("head -n 1 /dev/xvdb") == "first"
    guest.does("VM.hard_shutdown", then="Halted")
