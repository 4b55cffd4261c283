"""`xe` as a client that lives a VM's life: a process for each command, uuids for handles."""

from __future__ import annotations

import inspect
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from common.errors import REGISTRY
from tests.integration.host import DevelopmentHost, xe_program
from tests.integration.life import SEEN, ApiError, Record
from tests.integration.rpc import POSITION
from xapi.datamodel import errors

CALL_DEADLINE = 60.0  # seconds

Words = list[str]
LINE = re.compile(r"^ *([\w-]+) \( ?\w+\)(?: \[DEPRECATED\])? *: (.*)$", re.MULTILINE)


def on(command: str, *fixed: str) -> Callable[[Sequence[Any]], Words]:
    """A command about one object."""
    return lambda given: [command, f"uuid={given[0]}", *fixed]


def named(command: str) -> Callable[[Sequence[Any]], Words]:
    """A command that makes a new object of this name from another."""
    return lambda given: [command, f"uuid={given[0]}", f"new-name-label={given[1]}"]


def setting(name: str) -> Callable[[Sequence[Any]], Words]:
    """A command that sets one field of a VM."""
    return lambda given: ["vm-param-set", f"uuid={given[0]}", f"{name}={given[1]}"]


def vdi_create(given: Sequence[Any]) -> Words:
    disk = given[0]
    return ["vdi-create", f"sr-uuid={disk['SR']}", f"name-label={disk['name_label']}", "type=user",
            f"virtual-size={disk['virtual_size']}"]  # fmt: skip


def vbd_create(given: Sequence[Any]) -> Words:
    vbd = given[0]
    words = ["vbd-create", f"vm-uuid={vbd['VM']}", f"device={vbd['userdevice']}", f"type={vbd['type']}",
             f"mode={vbd['mode']}"]  # fmt: skip
    return words if vbd["empty"] else [*words, f"vdi-uuid={vbd['VDI']}"]


def vif_create(given: Sequence[Any]) -> Words:
    vif = given[0]
    return ["vif-create", f"vm-uuid={vif['VM']}", f"network-uuid={vif['network']}", f"device={vif['device']}"]


def start(given: Sequence[Any]) -> Words:
    return ["vm-start", f"uuid={given[0]}", f"paused={given[1]}".lower(), f"force={given[2]}".lower()]


def limits(given: Sequence[Any]) -> Words:
    static_min, static_max, dynamic_min, dynamic_max = given[1:]
    return ["vm-memory-limits-set", f"uuid={given[0]}", f"static-min={static_min}", f"dynamic-min={dynamic_min}",
            f"dynamic-max={dynamic_max}", f"static-max={static_max}"]  # fmt: skip


COMMANDS: Mapping[str, Callable[[Sequence[Any]], Words]] = {
    "VM.set_name_description": setting("name-description"),
    "VM.set_VCPUs_max": setting("VCPUs-max"),
    "VM.set_VCPUs_at_startup": setting("VCPUs-at-startup"),
    "VM.set_memory_limits": limits,
    "VM.start": start,
    "VM.pause": on("vm-pause"),
    "VM.unpause": on("vm-unpause"),
    "VM.suspend": on("vm-suspend"),
    "VM.resume": on("vm-resume"),
    "VM.clean_reboot": on("vm-reboot"),
    "VM.clean_shutdown": on("vm-shutdown"),
    "VM.hard_shutdown": on("vm-shutdown", "force=true"),
    "VM.destroy": on("vm-destroy"),
    "VM.snapshot": named("vm-snapshot"),
    "VM.revert": lambda given: ["snapshot-revert", f"snapshot-uuid={given[0]}"],
    "VM.clone": named("vm-clone"),
    "VM.copy": lambda given: [*named("vm-copy")(given), f"sr-uuid={given[2]}"],
    "VDI.create": vdi_create,
    "VDI.destroy": on("vdi-destroy"),
    "VBD.create": vbd_create,
    "VBD.insert": lambda given: ["vbd-insert", f"uuid={given[0]}", f"vdi-uuid={given[1]}"],
    "VBD.eject": on("vbd-eject"),
    "VBD.plug": on("vbd-plug"),
    "VBD.unplug": on("vbd-unplug"),
    "VBD.destroy": on("vbd-destroy"),
    "VIF.create": vif_create,
    "VIF.plug": on("vif-plug"),
    "VIF.unplug": on("vif-unplug"),
    "VIF.destroy": on("vif-destroy"),
}
"""How a message is said to `xe`."""

SENTENCES = {
    " ".join((inspect.getdoc(cls) or "").split()): code
    for code, cls in REGISTRY.items()
    if issubclass(cls, errors.XenError)
}
"""`xe` tells of an error by its sentence; the code is what is compared."""

SETS = {"VBDs", "VIFs", "snapshots", "allowed_operations", "current_operations"}
TRUTH = {"true": True, "false": False}


class Xe:
    """Implements `life.Client`."""

    def __init__(self, host: DevelopmentHost) -> None:
        found = host.state
        parts = urlsplit(found.https)
        self._program = [xe_program(), "-s", str(parts.hostname), "-p", str(parts.port or 443), "-u", found.username,
                         "-pwf", found.password_file]  # fmt: skip

    def xe(self, *words: str) -> str:
        """What the command printed. Raises `ApiError`."""
        done = subprocess.run(
            [*self._program, *words], capture_output=True, text=True, timeout=CALL_DEADLINE, check=False
        )
        if done.returncode == 0:
            return done.stdout.strip()
        sentence, *params = done.stderr.strip().splitlines()
        raise ApiError(SENTENCES.get(sentence, sentence), *params)

    def find(self, cls: str, name_label: str) -> str:
        kind = "template" if cls == "VM" else cls.lower()
        return self.xe(f"{kind}-list", f"name-label={name_label}", "--minimal")

    def default_sr(self) -> str:
        return self.xe("pool-list", "params=default-SR", "--minimal")

    def install(self, template: str, name_label: str) -> str:
        return self.xe("vm-install", f"template-uuid={template}", f"new-name-label={name_label}")

    def perform(self, message: str, *arguments: Any) -> str | None:
        return self.xe(*COMMANDS[message](arguments)) or None

    def record(self, cls: str, handle: str) -> Record:
        listing = self.xe(f"{cls.lower()}-param-list", f"uuid={handle}")
        found = {name.replace("-", "_"): value for name, value in LINE.findall(listing)}
        if cls == "VM":
            found["VIFs"] = self.xe("vif-list", f"vm-uuid={handle}", "--minimal").replace(",", "; ")
        return {name: _value(cls, name, found[name]) for name in SEEN[cls]}

    def disk(self, vm: str, position: str) -> str:
        return self.xe("vbd-list", f"vm-uuid={vm}", f"userdevice={position}", "params=vdi-uuid", "--minimal")

    def device(self, cls: str, vm: str, position: str) -> str:
        return self.xe(f"{cls.lower()}-list", f"vm-uuid={vm}", f"{POSITION[cls]}={position}", "--minimal")


def _value(cls: str, name: str, text: str) -> Any:
    if name in SETS:
        return [each for each in text.split("; ") if each]
    if name == "power_state":
        return text.capitalize()
    if (cls, name) == ("VDI", "type"):
        return text.lower()
    return TRUTH.get(text, text)
