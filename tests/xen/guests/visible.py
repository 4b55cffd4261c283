"""A guest as a test tells its life: what a client does to its VM, and what is then seen of it."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.bed.console import Conversation
from tests.bed.layout import GUESTS_CPU
from tests.integration.life import Record, vbd, vdi, vif
from tests.xen.guests.clients import Client, SdkInBed
from tests.xen.guests.stack import ADDRESS, MIB, NETWORK, Stack

BOOT = 150.0  # seconds
SEEN_IN = 60.0  # seconds from what happens to a guest until the API shows it
TEMPLATE = "Other install media"


@dataclass(frozen=True)
class Kind:
    """What a kind of guest needs."""

    domain_type: str
    memory: int
    """MiB."""
    kernel: str
    terminal: str
    """Where its kernel says things."""
    cd: str = "xvdd"
    """How it calls its CD drive."""

    @property
    def emulated(self) -> bool:
        """Whether its CD drive is always there, and discs come and go; else the drive comes and goes with its disc."""
        return self.domain_type == "hvm"


PV = Kind("pv", 128, "/guests/vmlinux", "hvc0")
PVH = Kind("pvh", 192, "/guests/vmlinux", "hvc0")
HVM = Kind("hvm", 192, "/guests/vmlinuz", "ttyS0", cd="sr0")


class Guest:
    """One VM. `act` is the client that does things to it, `look` the one that only looks."""

    def __init__(self, stack: Stack, act: Client, look: SdkInBed, kind: Kind) -> None:
        self.kind, self.name = kind, f"tiny {kind.domain_type} {uuid.uuid4().hex[:4]}"
        self._stack, self._act, self._look = stack, act, look
        self._url = urlsplit(stack.url)
        self.vm = look.call("VM.create", self._description())
        self.id = look.call("VM.get_uuid", self.vm)
        [self.network] = look.call("network.get_by_name_label", NETWORK)
        self.sr = look.default_sr()
        self._equip()

    def _description(self) -> Record:
        """Of the VM, after a template. An emulated guest without boot policy boots a kernel of dom0's too."""
        [template] = self._look.call("VM.get_by_name_label", TEMPLATE)
        kind, memory = self.kind, str(self.kind.memory * MIB)
        return {
            **self._look.call("VM.get_record", template),
            "name_label": self.name, "is_a_template": False, "is_default_template": False, "other_config": {},
            "domain_type": kind.domain_type, "HVM_boot_policy": "",
            "PV_kernel": kind.kernel, "PV_ramdisk": "/guests/initrd", "PV_args": f"console={kind.terminal} quiet",
            "memory_static_min": str(32 * MIB), "memory_dynamic_min": memory, "memory_dynamic_max": memory,
            "memory_static_max": memory, "VCPUs_max": "1", "VCPUs_at_startup": "1",
            "VCPUs_params": {"mask": str(GUESTS_CPU)},
        }  # fmt: skip

    def _equip(self) -> None:
        """The devices it is born with: a disk, an interface and, where drives are emulated, an empty one."""
        self.new_drive("Disk", "1", self.new_disk("data"))
        self.new_interface("0")
        if self.kind.emulated:
            self.new_drive("CD", "3")

    def has(self, *, memory: int) -> None:
        """MiB of memory from its next start."""
        least, most = str(32 * MIB), str(memory * MIB)
        self._look.call("VM.set_memory_limits", self.vm, least, most, most, most)

    def boots_by(self, kernel: str) -> None:
        """A kernel of dom0's for its next start."""
        self._look.call("VM.set_PV_kernel", self.vm, kernel)

    def does(self, message: str, *arguments: Any, then: str = "") -> str:
        """The acting client performs a message about this VM; `then` is the power state afterwards."""
        return self.about("VM", self.vm, message, *arguments, then=then)

    def moves(self) -> None:
        """It goes on in a new domain of its host."""
        self.does("VM.pool_migrate", self.handle("host", self.record["resident_on"]), {"live": "true"}, then="Running")

    def about(self, cls: str, ref: str, message: str, *arguments: Any, then: str = "") -> str:
        """The acting client performs a message about any object; the reference it answers, or nothing."""
        act = self._act
        result = act.perform(message, act.handle(cls, self._look.call(f"{cls}.get_uuid", ref)), *arguments)
        if then:
            assert self.state == then, f"after {message}"
        return self._look.handle("VM", act.uuid("VM", result)) if result else ""

    def handle(self, cls: str, ref: str) -> str:
        """An object as the acting client names it."""
        return self._act.handle(cls, self._look.call(f"{cls}.get_uuid", ref))

    @property
    def record(self) -> Record:
        """The VM in the API."""
        return self._look.record("VM", self.vm)

    @property
    def state(self) -> str:
        """Its power state."""
        return str(self.record["power_state"])

    @property
    def domain(self) -> int | None:
        """Its domain as Xen itself knows it."""
        listed = subprocess.run(["xl", "list", "-v"], capture_output=True, text=True, timeout=30.0, check=True).stdout
        found = [line for line in listed.splitlines() if self.id in line]
        assert len(found) < 2, listed
        return int(found[0].rpartition(self.id)[0].split()[-5]) if found else None

    def new_disk(self, name: str, size: int = 16 * MIB) -> str:
        """A VDI."""
        return str(self._look.call("VDI.create", {**vdi(name, size), "SR": self.sr}))

    def new_drive(self, kind: str, position: str, disk: str = "") -> str:
        """A VBD; a CD drive begins empty, or with a disc that can't be written."""
        return str(self._look.call("VBD.create", {**vbd(kind, position, disk), "VM": self.vm,
                                                  "mode": "RO" if kind == "CD" else "RW"}))  # fmt: skip

    def new_interface(self, position: str) -> str:
        """A VIF."""
        return str(self._look.call("VIF.create", {**vif(position), "VM": self.vm, "network": self.network}))

    def disc(self) -> str:
        """A CD that every host has."""
        return self._look.find("VDI", "guest-tools.iso")

    def disk(self, position: str) -> str:
        """The VDI at this position."""
        return self._look.disk(self.vm, position)

    def device(self, cls: str, position: str) -> str:
        """The VBD or VIF at this position."""
        return self._look.device(cls, self.vm, position)

    def is_plugged(self, cls: str, ref: str) -> bool:
        """Whether a device is attached, as the API tells."""
        return bool(self._look.call(f"{cls}.get_currently_attached", ref))

    @contextlib.contextmanager
    def console(self, protocol: str = "vt100") -> Iterator[Conversation]:
        """Its console through the API's own door, `CONNECT /console`."""
        found = self._look.call("console.get_uuid", self._console(protocol))
        where = f"/console?uuid={found}&session_id={self._look.session}"
        with socket.create_connection((self._url.hostname, self._url.port or 80), timeout=SEEN_IN) as connection:
            connection.sendall(f"CONNECT {where} HTTP/1.0\r\n\r\n".encode())
            with Conversation(connection.detach(), where) as conversation:
                conversation.expect(r"\AHTTP/1.1 200 OK\r\n(.+\r\n)+\r\n")
                yield conversation

    def _console(self, protocol: str) -> str:
        """The console of that kind; of a guest that comes back, once its new domain has one."""
        end = time.monotonic() + SEEN_IN
        while True:
            for ref in self.record["consoles"]:
                if self._look.call("console.get_protocol", ref) == protocol:
                    return str(ref)
            assert time.monotonic() < end, f"no console {protocol} in {SEEN_IN:.0f} s"
            time.sleep(0.2)

    def boots(self) -> None:
        """Its user space is there and its shell answers."""
        with self.console() as console:
            console.expect("GUEST-UP", BOOT)
            console.command("true")

    def says(self, line: str) -> str:
        """What a command in the guest prints."""
        with self.console() as console:
            if self.kind.emulated:
                console.present()
            return console.command(line)

    def talks(self) -> None:
        """It reaches dom0 over its first interface, and is reached."""
        self.says("ip link set eth0 up && ip address add 198.51.100.9/24 dev eth0")
        assert ADDRESS in self.says(f"ping -c 1 -w 20 {ADDRESS}")

    def sees(self, path: str) -> None:
        """A device file that appears in the guest."""
        self.says(f"while ! [ -e {path} ]; do sleep 0.2; done")

    def misses(self, path: str) -> None:
        """A device file that goes from the guest."""
        self.says(f"while [ -e {path} ]; do sleep 0.2; done")

    def snapshots(self, name: str) -> list[str]:
        """Its snapshots and checkpoints of this name."""
        return [ref for ref in self.record["snapshots"] if self._look.call("VM.get_name_label", ref) == name]

    def becomes(self, state: str, *, other_than: int | None = None) -> None:
        """The power state comes by itself: without a domain, or with one other than that, in the API and in Xen."""
        end = time.monotonic() + SEEN_IN
        while True:
            record, domain = self.record, self.domain
            right = domain is None if state == "Halted" else domain not in {None, other_than}
            shown = record["domid"] == str(-1 if domain is None else domain)
            if right and shown and record["power_state"] == state:
                return
            assert time.monotonic() < end, f"{record['power_state']} with domain {domain}, not {state}"
            time.sleep(0.2)

    def perishes(self, keep: str = "") -> None:
        """It is destroyed with all its snapshots and disks but the one to keep, whatever state it is in."""
        look = self._look
        for vm in (*self.record["snapshots"], self.vm):
            if look.call("VM.get_power_state", vm) != "Halted":
                look.call("VM.hard_shutdown", vm)
            drives = [look.call("VBD.get_record", ref) for ref in look.call("VM.get_VBDs", vm)]
            look.call("VM.destroy", vm)
            for drive in drives:
                if drive["type"] == "Disk" and drive["VDI"] != keep:
                    look.call("VDI.destroy", drive["VDI"])
