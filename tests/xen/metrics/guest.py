"""The bed's tiny guest as a VM of ours, with a program in it that does what a test writes into xenstore for it."""

from __future__ import annotations

import functools
import gzip
import io
import shlex
import time
from pathlib import Path

import sm
from common.development import cpio
from tests.bed.layout import GUESTS_CPU
from tests.xen.metrics.stack import MIB, PATIENCE, Stack, run, until

TEMPLATE = "Other install media"
INITRD = Path("/guests/initrd")
AGENT = """\
#!/bin/busybox sh
# Reads "NUMBER COMMAND" at data/todo, and answers "NUMBER STATUS OUTPUT" at data/done.
/bin/busybox mount -t devtmpfs dev /dev # a background process reads /dev/null
(
    export PATH=/bin
    until [ -e /dev/xen/xenbus ] && [ -e /bin/sleep ]; do /bin/busybox sleep 0.2; done
    last=
    until xenstore write data/done ready; do sleep 1; done
    while :; do
        todo=$(xenstore read data/todo 2>/dev/null)
        number=${todo%% *}
        if [ "$number" = "$last" ]; then
            xenstore wait data/todo 2
            continue
        fi
        last=$number
        sh -c "${todo#* }" >/tmp/said 2>&1 </dev/null
        xenstore write data/done "$number $? $(head -c 2000 /tmp/said)"
    done
) &
exec /init
"""


@functools.cache
def initrd() -> Path:
    """The bed's, with our own client of xenstore and the agent."""
    program = Path("/tmp/xenstore")
    run("gcc", "-Os", "-static", "-o", str(program), str(Path(sm.__file__).parent / "tools/xenstore.c"), deadline=120.0)
    stream = io.BytesIO()
    archive = cpio.Archive(stream)
    archive.file("bin/xenstore", program.read_bytes(), 0o755)
    archive.file("agent", AGENT.encode(), 0o755)
    archive.close()
    made = Path("/tmp/initrd")
    # The kernel takes several archives one after the other; libxl unpacks a compressed one only if it is alone.
    made.write_bytes(gzip.decompress(INITRD.read_bytes()) + stream.getvalue())
    return made


class Guest:
    """A PVH guest with an interface, by its VM."""

    def __init__(self, stack: Stack, name: str, number: int) -> None:
        self._stack, self._number = stack, 0
        self.address = f"192.0.2.{number}"
        api = stack.api
        [template] = api.VM.get_by_name_label(TEMPLATE)
        self.ref: str = api.VM.clone(template, name)
        api.VM.provision(self.ref)
        self.uuid: str = api.VM.get_uuid(self.ref)
        self.name = name
        memory = str(128 * MIB)
        api.VM.set_memory_limits(self.ref, memory, memory, memory, memory)
        api.VM.set_VCPUs_params(self.ref, {"mask": str(GUESTS_CPU)})
        api.VM.set_domain_type(self.ref, "pvh")
        api.VM.set_PV_kernel(self.ref, "/guests/vmlinux")
        api.VM.set_PV_ramdisk(self.ref, str(initrd()))
        api.VM.set_PV_args(self.ref, f"console=hvc0 quiet rdinit=/agent ip={self.address}")
        vif = {"device": "0", "network": stack.network, "VM": self.ref, "MAC": f"00:16:3e:00:01:{number:02x}",
               "MTU": "1500", "other_config": {}, "qos_algorithm_type": "", "qos_algorithm_params": {}}  # fmt: skip
        api.VIF.create(vif)
        self.disks: list[str] = []

    def add_disk(self, sr: str, size: int = 32 * MIB) -> str:
        """A disk; plugged in if the guest runs. Answers the VDI."""
        api = self._stack.api
        vdi: str = api.VDI.create({"name_label": f"disk of {self.name}", "SR": sr, "virtual_size": str(size),
                                   "type": "user", "sharable": False, "read_only": False,
                                   "other_config": {}})  # fmt: skip
        vbd = api.VBD.create({"VM": self.ref, "VDI": vdi, "userdevice": str(len(self.disks)), "bootable": False,
                              "mode": "RW", "type": "Disk", "empty": False, "other_config": {},
                              "qos_algorithm_type": "", "qos_algorithm_params": {}})  # fmt: skip
        self.disks.append(vdi)
        if api.VM.get_power_state(self.ref) == "Running":
            api.VBD.plug(vbd)
        return vdi

    def disk_uuids(self) -> list[str]:
        return [self._stack.api.VDI.get_uuid(vdi) for vdi in self.disks]

    @property
    def home(self) -> str:
        """Its place in xenstore."""
        return f"/local/domain/{self._stack.api.VM.get_domid(self.ref)}"

    def start(self) -> None:
        """Back when its agent answers."""
        self._stack.api.VM.start(self.ref, False, False)
        until(lambda: read(f"{self.home}/data/done"), f"{self.name} is up")

    def begin(self, command: str) -> None:
        """Have the guest run a command of its shell."""
        self._number += 1
        run("xenstore-write", f"{self.home}/data/todo", f"{self._number} {command}")

    def end(self, deadline: float = PATIENCE) -> tuple[int, str]:
        """Status and output of the command under way."""
        end = time.monotonic() + deadline
        while time.monotonic() < end:
            number, _, rest = (read(f"{self.home}/data/done") or "").partition(" ")
            if number == str(self._number):
                status, _, said = rest.partition(" ")
                return int(status), said.strip()
            time.sleep(0.2)
        raise AssertionError(f"{self.name}: no end in {deadline:.0f} s")

    def run(self, command: str, deadline: float = PATIENCE) -> str:
        """What a command prints."""
        self.begin(command)
        status, said = self.end(deadline)
        assert status == 0, f"{command!r} ended with {status}: {said}"
        return said

    def fails(self, command: str) -> bool:
        """Whether a command does."""
        self.begin(command)
        return self.end()[0] != 0

    # A Windows provider's part: VSS in xenstore, all of it written and read by the guest itself.

    def ask(self, request: str, *disks: str) -> None:
        """Write a request, for a snapshot with the disks it is about."""
        node = f"/vss/{self.uuid}"
        named = " ".join(f"{node}/snapshot/{disk} ''" for disk in disks)
        clear = f"xenstore rm {node}/snapshot 2>/dev/null; " if disks else ""
        wait = (
            f'while [ "$(xenstore read {node}/status)" = {request} ]; do sleep 0.2; done; xenstore read {node}/status'
        )
        self.begin(f"{clear}xenstore write {named} {node}/status {request} && {wait}")

    def request(self, request: str, *disks: str, deadline: float = PATIENCE) -> str:
        """The answer to a request, as the guest reads it."""
        self.ask(request, *disks)
        status, said = self.end(deadline)
        assert status == 0, said
        return said

    def told(self, key: str) -> str:
        """What stands in one of its nodes, as the guest reads it; empty if nothing."""
        return self.run(f"xenstore read {shlex.quote(f'/vss/{self.uuid}/{key}')} 2>/dev/null || true")


def read(path: str) -> str:
    """A node of xenstore, as dom0 reads it; empty if there is none."""
    return run("sh", "-c", f"xenstore-read {path} 2>/dev/null || true").strip()
