"""`xe vm-adopt` of a guest that xl has configured, on a whole host; running ones are adopted in tests/xen."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.integration.host import DevelopmentHost, xe_program

pytestmark = pytest.mark.integration

DEADLINE = 120.0  # seconds
SIZE = 1 << 20
CONFIGURATION = """\
name = "{name}"
type = "pvh"
kernel = "/boot/vmlinuz"
extra = "console=hvc0"
memory = 64
vcpus = 2
vif = ["mac=00:16:3e:00:00:42,bridge=xenbr42"]
disk = ["/srv/web/{disk},raw,xvda,rw", ",,xvdd,cdrom"]
"""


def xe(host: DevelopmentHost, *words: str) -> subprocess.CompletedProcess[str]:
    settings = {**os.environ, "XAPI_ROOT": str(host.root), "HOME": str(host.root)}
    return subprocess.run(
        [xe_program(), *words], capture_output=True, text=True, timeout=DEADLINE, env=settings, check=False
    )


def configured(host: DevelopmentHost, name: str, disk: str) -> str:
    """The path of a configuration, as a program on the host names it."""
    path = host.root / f"etc/xen/{name}.cfg"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(CONFIGURATION.format(name=name, disk=disk))
    return f"/etc/xen/{path.name}"


def test_a_configured_guest_becomes_a_vm_with_its_disk_in_place(simulator: DevelopmentHost) -> None:
    disk = simulator.root / "srv/web/root.img"
    disk.parent.mkdir(parents=True)
    disk.write_bytes(bytes(SIZE))
    done = xe(simulator, "vm-adopt", f"config={configured(simulator, 'web', 'root.img')}", "--minimal")
    assert done.returncode == 0, done.stderr
    with simulator.client() as client:
        vm = client.call("VM.get_by_uuid", done.stdout.strip())
        record = client.call("VM.get_record", vm)
        assert (record["name_label"], record["domain_type"], record["VCPUs_max"]) == ("web", "pvh", 2)
        assert (record["PV_kernel"], record["PV_args"]) == ("/boot/vmlinuz", "console=hvc0")
        [vif] = record["VIFs"]
        assert client.call("VIF.get_MAC", vif) == "00:16:3e:00:00:42"
        network = client.call("network.get_record", client.call("VIF.get_network", vif))
        assert (network["bridge"], network["managed"]) == ("xenbr42", False)
        drives = {
            drive["userdevice"]: drive for drive in (client.call("VBD.get_record", ref) for ref in record["VBDs"])
        }
        assert (drives["3"]["type"], drives["3"]["empty"]) == ("CD", True)
        vdi = client.call("VDI.get_record", drives["0"]["VDI"])
        assert (vdi["name_label"], vdi["virtual_size"]) == ("root.img", SIZE)
        assert (disk.parent / f"{vdi['location']}.raw").samefile(disk)
        client.call("VM.destroy", vm)


def test_what_can_not_be_adopted_is_named(simulator: DevelopmentHost) -> None:
    done = xe(simulator, "vm-adopt", f"config={configured(simulator, 'lost', 'none.img')}")
    assert done.returncode == 1
    assert "lost: disk xvda: /srv/web/none.img: No such file or directory" in done.stdout
    assert "Not adopted: lost" in done.stderr
    done = xe(simulator, "vm-adopt", "config=/nowhere.cfg")
    assert done.returncode == 1
    assert "/nowhere.cfg" in done.stderr
    done = xe(simulator, "vm-adopt", "name=nobody")
    assert done.returncode == 1
    assert "nobody" in done.stderr
