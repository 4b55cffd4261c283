"""A client whose VMs have real guests: the demo disk's."""

from __future__ import annotations

import asyncio
from typing import Any

from common.development import demo_disk, layout
from tests.integration.host import DevelopmentHost, wait_for
from tests.integration.life import vdi
from tests.integration.sdk import Sdk

GUEST_UP = 180.0  # seconds a guest has to boot, emulated on a busy machine
NULL = "OpaqueRef:NULL"
BOOTS = {"VM.start", "VM.clean_reboot", "VM.resume", "VM.unpause"}


class WithGuest(Sdk):
    """Installs the demo disk, and waits after each boot until the guest's agent has spoken."""

    def __init__(self, host: DevelopmentHost) -> None:
        super().__init__(host)
        self._host = host

    def install(self, template: str, name_label: str) -> str:
        vm = str(self.call("VM.clone", template, name_label))
        self.call("VM.provision", vm)
        image = asyncio.run(demo_disk.image(layout.CACHE))
        sr = self.default_sr()
        disk = self.call("VDI.create", {**vdi("root", image.stat().st_size), "SR": sr})
        self._host.write_disk(self.call("SR.get_uuid", sr), self.call("VDI.get_location", disk), image)
        self.call("VBD.create", _boot_disk(vm, disk))
        return vm

    def perform(self, message: str, *arguments: Any) -> str | None:
        result = super().perform(message, *arguments)
        if message in BOOTS and self.call("VM.get_power_state", arguments[0]) == "Running":
            self.wait_for_guest(arguments[0])
        return result

    def wait_for_guest(self, vm: str) -> None:
        """Until the guest's agent has told of itself."""
        wait_for(lambda: self._agent_spoke(vm), GUEST_UP, "the guest's agent")

    def _agent_spoke(self, vm: str) -> bool:
        metrics = self.call("VM.get_guest_metrics", vm)
        return metrics != NULL and bool(self.call("VM_guest_metrics.get_os_version", metrics))


def _boot_disk(vm: str, disk: str) -> dict[str, Any]:
    return {"VM": vm, "VDI": disk, "userdevice": "0", "bootable": True, "mode": "RW", "type": "Disk",
            "unpluggable": True, "empty": False, "other_config": {}, "qos_algorithm_type": "",
            "qos_algorithm_params": {}}  # fmt: skip
