"""Guests of xl, read from its configuration."""

from __future__ import annotations

import json

import pytest

from xapi.control.adopt import MIB, Disk, Nic, NotAdoptable, home, read

FILE = """
# a guest
name = "web"
type = "pvh"
kernel = '/guests/vmlinuz'
extra = "console=hvc0 quiet ip=192.0.2.12"
memory = 256
maxmem = 512
vcpus = 2
vif = ["mac=00:16:3e:00:00:12,bridge=xenbr1", ""]
disk = [
    '/srv/web.qcow2,qcow2,xvda,rw',
    "format=raw, vdev=xvdb, access=ro, target=/srv/data.img",
    "phy:/dev/vg/old,xvdc,w",
    ",,hdd,cdrom",
]
"""


def test_a_configuration_file_becomes_a_vm() -> None:
    [guest] = read(FILE)
    assert (guest.name, guest.type, guest.kernel) == ("web", "pvh", "/guests/vmlinuz")
    assert (guest.memory, guest.memory_max, guest.vcpus) == (256 * MIB, 512 * MIB, 2)
    assert guest.args == "console=hvc0 quiet ip=192.0.2.12"
    assert guest.disks == (
        Disk("xvda", 0, "/srv/web.qcow2", "qcow2", read_only=False, cdrom=False),
        Disk("xvdb", 1, "/srv/data.img", "raw", read_only=True, cdrom=False),
        Disk("xvdc", 2, "/dev/vg/old", "raw", read_only=False, cdrom=False),
        Disk("hdd", 3, "", "raw", read_only=True, cdrom=True),
    )
    assert guest.nics == (Nic("00:16:3e:00:00:12", "xenbr1"), Nic("", "xenbr0"))
    record = guest.record()
    assert (record["PV_kernel"], record["HVM_boot_policy"]) == ("/guests/vmlinuz", "")
    assert record["memory_static_max"] == 512 * MIB


def test_running_domains_are_read_from_xl_list() -> None:
    domain = {
        "domid": 3,
        "config": {
            "c_info": {"type": "hvm", "name": "win", "uuid": "6f0a3c3e-0000-4000-8000-000000000001"},
            "b_info": {
                "max_memkb": 1 << 20,
                "target_memkb": 1 << 19,
                "max_vcpus": 4,
                "avail_vcpus": [0, 1],
                "type.hvm": {"boot": "dc"},
            },
            "disks": [{"pdev_path": "/srv/win.img", "vdev": "hda", "format": "raw", "readwrite": 1}],
            "nics": [{"mac": "00:16:3e:01:02:03", "bridge": "xenbr0"}],
        },
    }
    [guest] = read(json.dumps([{"domid": 0, "config": {}}, domain]))
    assert (guest.name, guest.type, guest.vcpus, guest.vcpus_max) == ("win", "hvm", 2, 4)
    assert (guest.memory, guest.memory_max) == (512 * MIB, 1024 * MIB)
    assert guest.disks == (Disk("hda", 0, "/srv/win.img", "raw", read_only=False, cdrom=False),)
    assert guest.record()["HVM_boot_params"] == {"order": "dc"}


def test_a_disk_has_the_same_home_each_time() -> None:
    [guest] = read(FILE)
    directory, name = home(guest.disks[0])
    assert directory == "/srv"
    assert name.endswith(".qcow2")
    assert home(guest.disks[0]) == (directory, name)
    assert home(guest.disks[1])[1] != name


@pytest.mark.parametrize(
    "text",
    [
        "memory = 256\n",
        'name = "x"\nmemory = open("/etc/passwd")\n',
        'name = "x"\nmemory = 1\ntype = "vax"\n',
        'name = "x"\nmemory = 1\ndisk = ["/a,vhd,xvda,rw"]\n',
        'name = "x"\nmemory = 1\ndisk = ["/a,raw,xvda1,rw"]\n',
        "[1, 2]",
        "{",
    ],
)
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(NotAdoptable):
        read(text)
