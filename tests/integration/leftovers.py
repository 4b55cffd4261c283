"""What a host holds: compared before and after, it shows what a test's VMs left behind."""

from __future__ import annotations

from typing import Any

from tests.integration.host import DevelopmentHost

CLASSES = ("VM", "VDI", "VBD", "VIF", "VM_metrics", "VM_guest_metrics", "console")


def inventory(host: DevelopmentHost) -> dict[str, Any]:
    """References of every class that VMs make, tasks that are not over, and what the daemons and the machine have."""
    with host.client() as client:
        objects: dict[str, Any] = {cls: sorted(client.call(f"{cls}.get_all_records")) for cls in CLASSES}
        tasks = client.call("task.get_all_records").values()
        pending = sorted(task["name_label"] for task in tasks if task["status"] == "pending")
    return objects | {
        "pending tasks": pending,
        "domains": host.domains(),
        "data paths": host.datapaths(),
        "storage processes": host.storage_processes(),
    }
