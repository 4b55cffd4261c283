"""perfmon's alarms by what really happens: a guest that is busy, and an SR that its disk fills."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.xen.metrics.guest import Guest
from tests.xen.metrics.stack import MIB, Stack, run

pytestmark = pytest.mark.xen(deadline=420)

BUSY = (
    '<config><variable><name value="cpu_usage"/><alarm_trigger_level value="0.3"/>'
    '<alarm_trigger_period value="10"/><alarm_priority value="2"/></variable></config>'
)
FULL = '<config><variable><name value="physical_utilisation"/><alarm_trigger_period value="5"/></variable></config>'


def test_a_busy_guest(stack: Stack, guests: list[Guest]) -> None:
    guest = guests[1]
    stack.api.VM.add_to_other_config(guest.ref, "perfmon", BUSY)
    listener = stack.listen()
    guest.begin("timeout 60 sh -c 'while :; do :; done'; true")
    message = listener.message("ALARM", lambda record: record["obj_uuid"] == guest.uuid)
    stack.api.VM.remove_from_other_config(guest.ref, "perfmon")
    assert (message["cls"], message["priority"]) == ("VM", "2")
    value, config = message["body"].split("\nconfig:\n")
    assert 0.3 < float(value.removeprefix("value: ")) <= 1.0
    assert config == (
        '<variable>\n\t<name value="cpu_usage"/>\n\t<alarm_trigger_level value="0.3"/>\n'
        '\t<alarm_trigger_period value="10"/>\n\t<alarm_priority value="2"/>\n</variable>\n'
    )
    guest.end()


@pytest.fixture
def small(stack: Stack, tmp_path: Path) -> str:
    """An SR on a file system of 64 MiB."""
    image, folder = tmp_path / "image", stack.root / "srv/small"  # below the host's root, where it looks for it
    folder.mkdir(parents=True)
    with image.open("wb") as file:
        file.truncate(64 * MIB)
    run("mkfs.ext4", "-q", "-F", str(image))
    run("mount", "-o", "loop", str(image), str(folder))
    return str(stack.api.SR.create(stack.host, {"location": str(folder)}, "0", "small", "", "file", "user", False, {}))


def test_a_full_sr(stack: Stack, guests: list[Guest], small: str) -> None:
    guest = guests[1]
    uuid = stack.api.SR.get_uuid(small)
    stack.api.SR.add_to_other_config(small, "perfmon", FULL)
    vdi = guest.add_disk(small, 48 * MIB)
    listener = stack.listen()
    guest.run("dd if=/dev/urandom of=/dev/xvdb bs=1M count=47 conv=fsync")
    message = listener.message("ALARM", lambda record: record["obj_uuid"] == uuid, 180.0)
    assert (message["cls"], message["priority"]) == ("SR", "3")
    value, config = message["body"].split("\nconfig:\n")
    assert 0.8 < float(value.removeprefix("value: ")) <= 1.0
    assert '<name value="physical_utilisation"/>' in config

    [vbd] = stack.api.VDI.get_VBDs(vdi)
    stack.api.VBD.unplug(vbd)
    stack.api.VBD.destroy(vbd)
    guest.disks.remove(vdi)
