"""What clients of the RPC interface have in common: handles are references, a message is one call."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from tests.integration.life import Record

POSITION = {"VBD": "userdevice", "VIF": "device"}


class ByReference(ABC):
    """Implements `life.Client` over `call`."""

    @abstractmethod
    def call(self, method: str, *arguments: Any) -> Any:
        """One call, in the client's session. Raises `ApiError`."""

    def find(self, cls: str, name_label: str) -> str:
        [found] = self.call(f"{cls}.get_by_name_label", name_label)
        return str(found)

    def default_sr(self) -> str:
        [pool] = self.call("pool.get_all")
        return str(self.call("pool.get_default_SR", pool))

    def install(self, template: str, name_label: str) -> str:
        vm = self.perform("VM.clone", template, name_label)
        assert vm is not None
        # A template leaves open where its disks go: the client says it.
        disks = self.call("VM.get_other_config", vm)["disks"]
        uuid = self.call("SR.get_uuid", self.default_sr())
        self.perform("VM.remove_from_other_config", vm, "disks")
        self.perform("VM.add_to_other_config", vm, "disks", disks.replace('sr=""', f'sr="{uuid}"'))
        self.perform("VM.provision", vm)
        return vm

    def perform(self, message: str, *arguments: Any) -> str | None:
        result = self.call(message, *arguments)
        return str(result) if result else None

    def record(self, cls: str, handle: str) -> Record:
        found: Record = self.call(f"{cls}.get_record", handle)
        return found

    def disk(self, vm: str, position: str) -> str:
        return str(self.call("VBD.get_VDI", self.device("VBD", vm, position)))

    def device(self, cls: str, vm: str, position: str) -> str:
        for ref in self.call(f"VM.get_{cls}s", vm):
            if self.call(f"{cls}.get_{POSITION[cls]}", ref) == position:
                return str(ref)
        raise LookupError(f"no {cls} at {position}")
