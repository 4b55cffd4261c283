"""Guests that ask for snapshots of themselves, by the keys of xenstore that a Windows provider writes."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from common import http
from snapwatchd.protocol import GAP
from tests.xen.metrics.guest import Guest, read
from tests.xen.metrics.stack import Stack, until

pytestmark = pytest.mark.xen(deadline=420)

CREATE, CREATED, FAILED = "create-snapshots", "snapshots-created", "snapshots-failed"


@pytest.fixture(autouse=True)
def rested(guests: list[Guest]) -> Iterator[None]:
    """No guest may have two snapshots in one span."""
    yield
    time.sleep(GAP)


def snapshots(stack: Stack, guest: Guest) -> list[str]:
    return list(stack.api.VM.get_snapshots(guest.ref))


def remove(stack: Stack, snapshot: str) -> None:
    """A snapshot with its disks."""
    for vbd in stack.api.VM.get_VBDs(snapshot):
        if stack.api.VBD.get_type(vbd) == "Disk":
            stack.api.VDI.destroy(stack.api.VBD.get_VDI(vbd))
    stack.api.VM.destroy(snapshot)


def test_a_snapshot_of_the_whole_guest_read_and_removed_by_it(stack: Stack, guests: list[Guest]) -> None:
    guest, api = guests[0], stack.api
    guest.run("echo before | dd of=/dev/xvda conv=fsync")
    assert guest.request(CREATE, *guest.disk_uuids()) == CREATED
    guest.run("echo after. | dd of=/dev/xvda conv=fsync")

    assert guest.told("snaptype") == "vm"
    snapshot = api.VM.get_by_uuid(guest.told("snapuuid"))
    record = api.VM.get_record(snapshot)
    assert record["is_a_snapshot"]
    assert record["snapshot_of"] == guest.ref
    assert record["name_label"].startswith(f"Snapshot of {guest.uuid} [")
    assert record["other_config"]["snapmanager"] == "true"
    for disk, uuid in zip(guest.disks, guest.disk_uuids(), strict=True):
        made = guest.told(f"snapshot/{uuid}/id")
        assert made == guest.told(f"vdisnap/{uuid}")
        assert api.VDI.get_snapshot_of(api.VDI.get_by_uuid(made)) == disk

    assert guest.request("create-snapshotinfo") == "snapshotinfo-created"
    information = re.fullmatch(
        r"<VM\.snapshot><time>\d{8}T\d\d:\d\d:\d\dZ</time><snapuuid>(.*)</snapuuid><parent>(.*)</parent></VM\.snapshot>",
        guest.told("snapinfo"),
    )
    assert information is not None
    assert information.groups() == (record["uuid"], guest.uuid)

    assert guest.request("import-snapshots") == "snapshots-imported"
    found = guest.run("sleep 1; for disk in /dev/xvd[c-z]; do head -c 7 $disk; done")
    assert "before" in found
    assert "after" not in found
    assert guest.request("deport-snapshots") == "snapshots-deported"
    assert len(api.VM.get_VBDs(guest.ref)) == len(guest.disks)

    assert guest.request("destroy-snapshots") == "snapshots-destroyed"
    assert snapshots(stack, guest) == []
    assert [api.VDI.get_snapshots(disk) for disk in guest.disks] == [[]] * len(guest.disks)
    assert guest.told("snapuuid") == ""


def test_several_guests_at_once_one_of_them_for_a_single_disk(stack: Stack, guests: list[Guest]) -> None:
    first, second = guests
    first.ask(CREATE, first.disk_uuids()[1])
    second.ask(CREATE, *second.disk_uuids())
    assert [guest.end() for guest in guests] == [(0, CREATED)] * 2
    assert [guest.told("snaptype") for guest in guests] == ["vdi", "vm"]
    assert snapshots(stack, first) == []
    assert [len(stack.api.VDI.get_snapshots(disk)) for disk in first.disks] == [0, 1]
    assert len(snapshots(stack, second)) == 1
    for guest in guests:
        assert guest.request("destroy-snapshots") == "snapshots-destroyed"


def test_refusals(stack: Stack, guests: list[Guest]) -> None:
    first, second = guests
    theirs, ours = first.disk_uuids(), second.disk_uuids()
    assert second.fails(f"xenstore write /vss/{first.uuid}/status {CREATE}")
    assert second.request(CREATE, *theirs) == FAILED
    assert snapshots(stack, first) == []

    # An administrator's snapshot is out of the guest's reach, whatever it writes.
    own = stack.api.VM.snapshot(second.ref, "the administrator's", [])
    made = stack.api.VDI.get_uuid(stack.api.VDI.get_snapshots(second.disks[0])[0])
    node = f"/vss/{second.uuid}"
    uuid = stack.api.VM.get_uuid(own)
    second.run(f"xenstore write {node}/vdisnap/{ours[0]} {made} {node}/snapuuid {uuid}")
    assert second.request("destroy-snapshots") == "snapshot-destroy-failed"
    assert second.request("import-snapshots") == "snapshot-import-failed"
    assert snapshots(stack, second) == [own]
    second.run(f"xenstore rm {node}/vdisnap; xenstore rm {node}/snapuuid")

    second.run("xenstore write vm-data/allowvssprovider false")
    time.sleep(GAP)
    assert second.request(CREATE, *ours) == FAILED
    second.run("xenstore rm vm-data/allowvssprovider")
    assert snapshots(stack, second) == [own]
    remove(stack, own)


def test_a_flood_is_served_at_a_pace_and_others_in_time(stack: Stack, guests: list[Guest]) -> None:
    first, second = guests
    status = f"/vss/{second.uuid}/status"
    pairs = f"{status} {CREATE} " * 25 + f"{status} nonsense"
    named = f"/vss/{second.uuid}/snapshot/{second.disk_uuids()[0]}"
    flood = f"xenstore write {named} x; n=0; while :; do xenstore write {pairs}; n=$((n+1)); echo $n >/tmp/n; done"
    second.begin(f"timeout 30 sh -c '{flood}'; cat /tmp/n")
    began, busy = time.monotonic(), processor_seconds(stack)
    time.sleep(5.0)
    assert first.request(CREATE, *first.disk_uuids(), deadline=60.0) == CREATED
    asked = time.monotonic()
    asyncio.run(healthy(stack))
    assert time.monotonic() - asked < 5.0
    _, said = second.end()
    seconds = time.monotonic() - began
    assert int(re.findall(r"\d+", said)[-1]) > 20, said  # of 26 writes each; the shell's own words come before
    assert processor_seconds(stack) - busy < 0.5 * seconds
    assert 1 <= len(snapshots(stack, second)) <= 1 + seconds / GAP
    assert stack.api.VM.get_power_state(second.ref) == "Running"
    until(lambda: read(status) != CREATE, "the last request is answered")
    for snapshot in [*snapshots(stack, first), *snapshots(stack, second)]:
        remove(stack, snapshot)


def test_storage_that_hangs(stack: Stack, guests: list[Guest]) -> None:
    """The guest hears in time that there is no snapshot, and none is left when storage has gone on."""
    guest = guests[1]
    stack.daemons.kill("snapwatchd")
    asyncio.run(stack.daemons.start(["snapwatchd"], {"XAPI_DEADLINE": "5"}))
    before = stack.api.VDI.get_snapshots(guest.disks[0])
    os.kill(stack.daemons.pid("sm"), signal.SIGSTOP)
    try:
        assert guest.request(CREATE, *guest.disk_uuids(), deadline=60.0) == FAILED
        assert len(snapshots(stack, guest)) == 1, "it is being made still"
    finally:
        os.kill(stack.daemons.pid("sm"), signal.SIGCONT)
    until(lambda: snapshots(stack, guest) == [], "the late snapshot is removed")
    until(lambda: stack.api.VDI.get_snapshots(guest.disks[0]) == before, "its disk's is removed too")


def processor_seconds(stack: Stack) -> float:
    """What snapwatchd used so far."""
    fields = Path(f"/proc/{stack.daemons.pid('snapwatchd')}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


async def healthy(stack: Stack) -> None:
    async with http.request(str(stack.daemons.socket("snapwatchd")), "GET", "/health") as response:
        assert response.status == 200
