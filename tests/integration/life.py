"""The whole life of a VM as data, and the loop that has a client live it and notes what the client sees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

MIB = 1 << 20
TEMPLATE = "CentOS 6 (64-bit)"
"""Paravirtual: its guests know of the hypervisor by nature, so they can be asked to suspend and to shut down."""

Record = Mapping[str, Any]


class ApiError(Exception):
    """The server's answer was an error; `code` and `params` are the XenAPI's."""

    def __init__(self, code: str, *params: str) -> None:
        super().__init__(code, *params)
        self.code, self.params = code, params


class Client(Protocol):
    """What drives a VM's life. Handles are the client's own: references, or uuids with `xe`."""

    def find(self, cls: str, name_label: str) -> str:
        """The object of this name."""

    def default_sr(self) -> str:
        """The SR that disks go to."""

    def install(self, template: str, name_label: str) -> str:
        """A new VM from a template, its disks made."""

    def perform(self, message: str, *arguments: Any) -> str | None:
        """One message of the API. Raises `ApiError`."""

    def record(self, cls: str, handle: str) -> Record:
        """The object's fields, `SEEN` at least."""

    def disk(self, vm: str, position: str) -> str:
        """The VDI at this position of the VM."""

    def device(self, cls: str, vm: str, position: str) -> str:
        """The VBD or VIF at this position of the VM."""


@dataclass(frozen=True)
class Step:
    """One message, its arguments, what it makes and what is then to be seen. `$name` stands for an object's handle."""

    message: str
    arguments: tuple[Any, ...] = ()
    makes: str = ""
    fails: str = ""
    then: Mapping[str, Any] = field(default_factory=dict)
    """Fields of the VM afterwards."""


@dataclass(frozen=True)
class Entry:
    """What a client saw after a step: the error, if any, and the objects that the step was about."""

    step: str
    error: str
    seen: Mapping[str, Record]


STATE = "power_state"
HALTED, RUNNING, PAUSED, SUSPENDED = ({STATE: name} for name in ("Halted", "Running", "Paused", "Suspended"))

SEEN = {
    "VM": (STATE, "name_label", "name_description", "is_a_template", "is_a_snapshot", "memory_static_max",
           "VCPUs_max", "VBDs", "VIFs", "snapshots", "allowed_operations", "current_operations"),
    "VBD": ("currently_attached", "type", "mode", "empty", "userdevice", "bootable", "allowed_operations"),
    "VIF": ("currently_attached", "device", "allowed_operations"),
    "VDI": ("name_label", "virtual_size", "type", "sharable", "read_only", "managed", "allowed_operations"),
}  # fmt: skip
"""The fields that are compared; of those that hold references, their number."""

COUNTED = {"VBDs", "VIFs", "snapshots", "current_operations"}


def vdi(name: str, size: int) -> Record:
    """What a new disk is to be."""
    return {"name_label": name, "SR": "$SR", "virtual_size": str(size), "type": "user", "sharable": False,
            "read_only": False, "other_config": {}}  # fmt: skip


def vbd(kind: str, position: str, disk: str = "") -> Record:
    """What a new device is to be; a CD drive begins empty."""
    return {"VM": "$VM", "VDI": disk or "OpaqueRef:NULL", "userdevice": position, "bootable": False,
            "mode": "RW" if disk else "RO", "type": kind, "unpluggable": True, "empty": not disk, "other_config": {},
            "qos_algorithm_type": "", "qos_algorithm_params": {}}  # fmt: skip


def vif(position: str) -> Record:
    """What a new NIC is to be."""
    return {"VM": "$VM", "network": "$network", "device": position, "MAC": "", "MTU": "1500", "other_config": {},
            "qos_algorithm_type": "", "qos_algorithm_params": {}}  # fmt: skip


MEMORY = str(256 * MIB)

MAKING = (
    Step("VM.set_name_description", ("$VM", "before"), then={"is_a_template": False, **HALTED}),
    Step("VM.set_memory_limits", ("$VM", MEMORY, MEMORY, MEMORY, MEMORY), then={"memory_static_max": MEMORY}),
    Step("VM.set_VCPUs_max", ("$VM", "2"), then={"VCPUs_max": "2"}),
    Step("VM.set_VCPUs_at_startup", ("$VM", "2")),
    Step("VDI.create", (vdi("data", 64 * MIB),), makes="VDI data"),
    Step("VBD.create", (vbd("Disk", "1", "$data"),), makes="VBD data VBD", then={"VBDs": 2}),
    Step("VBD.create", (vbd("Disk", "1", "$data"),), fails="DEVICE_ALREADY_EXISTS"),
    Step("VBD.create", (vbd("CD", "3"),), makes="VBD CD", then={"VBDs": 3}),
    Step("VIF.create", (vif("0"),), makes="VIF NIC", then={"VIFs": 1}),
)
RUNNING_LIFE = (
    Step("VM.pause", ("$VM",), fails="VM_BAD_POWER_STATE", then=HALTED),
    Step("VM.start", ("$VM", False, False), then=RUNNING),
    Step("VM.start", ("$VM", False, False), fails="VM_BAD_POWER_STATE", then=RUNNING),
    Step("VM.destroy", ("$VM",), fails="VM_BAD_POWER_STATE", then=RUNNING),
    Step("VDI.destroy", ("$data",), fails="VDI_IN_USE"),
    Step("VM.pause", ("$VM",), then=PAUSED),
    Step("VM.unpause", ("$VM",), then=RUNNING),
    Step("VM.suspend", ("$VM",), then=SUSPENDED),
    Step("VM.unpause", ("$VM",), fails="VM_BAD_POWER_STATE", then=SUSPENDED),
    Step("VM.resume", ("$VM", False, False), then=RUNNING),
)
DEVICES = (
    Step("VBD.insert", ("$CD", "$ISO")),
    Step("VBD.insert", ("$CD", "$ISO"), fails="VBD_NOT_EMPTY"),
    Step("VBD.eject", ("$CD",)),
    Step("VDI.create", (vdi("hot", 8 * MIB),), makes="VDI hot"),
    Step("VBD.create", (vbd("Disk", "5", "$hot"),), makes="VBD hot VBD", then={"VBDs": 4}),
    Step("VBD.plug", ("$hot VBD",)),
    Step("VBD.plug", ("$hot VBD",), fails="DEVICE_ALREADY_ATTACHED"),
    Step("VBD.unplug", ("$hot VBD",)),
    Step("VBD.destroy", ("$hot VBD",), then={"VBDs": 3}),
    Step("VDI.destroy", ("$hot",)),
    Step("VIF.create", (vif("1"),), makes="VIF hot NIC", then={"VIFs": 2}),
    Step("VIF.plug", ("$hot NIC",)),
    Step("VIF.unplug", ("$hot NIC",)),
    Step("VIF.destroy", ("$hot NIC",), then={"VIFs": 1}),
)
ENDING = (
    Step("VM.snapshot", ("$VM", "life snapshot"), makes="VM snapshot", then={"snapshots": 1, **RUNNING}),
    Step("VM.clean_reboot", ("$VM",), then=RUNNING),
    Step("VM.clean_shutdown", ("$VM",), then=HALTED),
    Step("VM.set_name_description", ("$VM", "after"), then={"name_description": "after"}),
    Step("VM.revert", ("$snapshot",), then={"name_description": "before", "snapshots": 1, **HALTED}),
    Step("VM.clone", ("$VM", "life clone"), makes="VM clone"),
    Step("VM.copy", ("$VM", "life copy", "$SR"), makes="VM copy"),
    Step("VM.start", ("$clone", False, True)),
    Step("VM.hard_shutdown", ("$clone",)),
    Step("VM.start", ("$VM", True, False), then=PAUSED),
    Step("VM.hard_shutdown", ("$VM",), then=HALTED),
)
STEPS = (*MAKING, *RUNNING_LIFE, *DEVICES, *ENDING)
DISKS = ("0", "1")
"""Positions of the disks that the VM, its snapshot and its copies have at the end."""


@dataclass
class Life:
    """One client's run through the steps."""

    client: Client
    handles: dict[str, str] = field(default_factory=dict)
    classes: dict[str, str] = field(default_factory=dict)

    def begin(self, template: str) -> Entry:
        """The VM, and the objects that were there before it."""
        client = self.client
        self.handles["SR"] = client.default_sr()
        self.handles["network"] = client.find("network", "Host internal management network")
        self.handles["ISO"] = client.find("VDI", "guest-tools.iso")
        self._keep("VM VM", client.install(client.find("VM", template), "life"))
        return Entry("install", "", self._seen(["VM"]))

    def take(self, step: Step) -> Entry:
        """Perform one step and look."""
        named = [name for name in self._names(step.arguments) if name in self.classes]
        error, result = self._perform(step)
        assert error == step.fails, f"{step} ended with {error or 'success'}"
        if step.makes:
            assert result is not None
            named.append(self._keep(step.makes, result))
        if step.message.endswith(".destroy") and not error:
            self._forget(named[0])
        seen = self._seen(sorted({"VM", *named} & set(self.classes)))
        for name, value in step.then.items():
            assert seen["VM"][name] == value, f"{step}: {name} is {seen['VM'][name]!r}"
        return Entry(step.message, error, seen)

    def end(self) -> Iterator[Entry]:
        """Destroy every VM that was made, and their disks, which destroying a VM leaves."""
        for vm in ("snapshot", "clone", "copy", "VM"):
            disks = [self.client.disk(self.handles[vm], position) for position in DISKS]
            yield self.take(Step("VM.destroy", (f"${vm}",))) if vm != "VM" else self._last()
            for disk in disks:
                self.client.perform("VDI.destroy", disk)

    def _perform(self, step: Step) -> tuple[str, str | None]:
        """The error's code, or the result."""
        try:
            return "", self.client.perform(step.message, *self._filled(step.arguments))
        except ApiError as failed:
            return failed.code, None

    def _last(self) -> Entry:
        self.client.perform("VM.destroy", self.handles["VM"])
        return Entry("VM.destroy", "", {})

    def _keep(self, what: str, handle: str) -> str:
        cls, _, name = what.partition(" ")
        self.handles[name], self.classes[name] = handle, cls
        return name

    def _forget(self, name: str) -> None:
        del self.handles[name], self.classes[name]

    def _seen(self, names: list[str]) -> dict[str, Record]:
        return {name: _normal(self.classes[name], self._record(name)) for name in names}

    def _record(self, name: str) -> Record:
        return self.client.record(self.classes[name], self.handles[name])

    def _names(self, value: Any) -> list[str]:
        if isinstance(value, str):
            return [value[1:]] if value.startswith("$") else []
        if isinstance(value, Mapping):
            value = value.values()
        return [name for each in value for name in self._names(each)] if not isinstance(value, bool) else []

    def _filled(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.handles[value[1:]] if value.startswith("$") else value
        if isinstance(value, Mapping):
            return {key: self._filled(each) for key, each in value.items()}
        return tuple(self._filled(each) for each in value) if isinstance(value, tuple) else value


SETTINGS = 1 + next(number for number, step in enumerate(STEPS) if step.message == "VDI.create")
"""Entries of a trace before those that do not depend on the template."""


def live(client: Client, template: str = TEMPLATE) -> list[Entry]:
    """Have `client` live the whole life; answers the trace of what it saw."""
    life = Life(client)
    return [life.begin(template), *(life.take(step) for step in STEPS), *life.end()]


def _normal(cls: str, record: Record) -> Record:
    return {name: _plain(name, record[name]) for name in SEEN[cls]}


def _plain(name: str, value: Any) -> Any:
    if name in COUNTED:
        return len(value)
    return sorted(value) if name == "allowed_operations" else value
