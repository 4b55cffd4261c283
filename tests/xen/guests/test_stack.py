"""VM.start through the whole stack on real Xen: xapi, sm and xenopsd, a disk of an SR, a network."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from common.xenapi import XenApi
from tests.bed.daemons import Daemons
from tests.xen.guests.xenopsd_host import MIB, domids

pytestmark = pytest.mark.xen(deadline=400)

NULL = "OpaqueRef:NULL"
TEMPLATE = "Other install media"


@pytest.fixture
async def daemons(tmp_path: Path) -> AsyncIterator[Daemons]:
    started = Daemons(tmp_path, "libxl")
    try:
        await started.start()
        yield started
    finally:
        started.stop()
        for domid in domids():
            subprocess.run(["xl", "destroy", str(domid)], timeout=60.0, check=False)


async def _vm(api: XenApi, folder: Path) -> str:
    [host] = await api.call("host.get_all")
    folder.mkdir()
    sr = await api.call("SR.create", host, {"location": str(folder)}, "0", "disks", "", "file", "user", False, {})
    [template] = await api.call("VM.get_by_name_label", TEMPLATE)
    vm: str = await api.call("VM.clone", template, "tiny")
    await api.call("VM.provision", vm)
    memory = str(128 * MIB)
    await api.call("VM.set_memory_limits", vm, memory, memory, memory, memory)
    await api.call("VM.set_domain_type", vm, "pvh")
    for field, value in {
        "kernel": "/guests/vmlinux",
        "ramdisk": "/guests/initrd",
        "args": "console=hvc0 quiet",
    }.items():
        await api.call(f"VM.set_PV_{field}", vm, value)
    disk: dict[str, Any] = {"name_label": "data", "SR": sr, "virtual_size": str(32 * MIB), "type": "user",
                            "sharable": False, "read_only": False, "other_config": {}}  # fmt: skip
    vdi = await api.call("VDI.create", disk)
    await api.call("VBD.create", {"VM": vm, "VDI": vdi, "userdevice": "0", "bootable": False, "mode": "RW",
                                  "type": "Disk", "empty": False, "other_config": {},
                                  "qos_algorithm_type": "", "qos_algorithm_params": {}})  # fmt: skip
    return vm


async def test_start_and_shutdown(daemons: Daemons, tmp_path: Path) -> None:
    async with XenApi("test", str(daemons.socket("xapi"))) as api:
        vm = await _vm(api, tmp_path / "disks")
        await api.call("VM.start", vm, False, False)
        assert await api.call("VM.get_power_state", vm) == "Running"
        assert domids() == [int(await api.call("VM.get_domid", vm))]
        [vbd] = await api.call("VM.get_VBDs", vm)
        assert await api.call("VBD.get_currently_attached", vbd)
        await asyncio.sleep(15)
        await api.call("VM.clean_shutdown", vm)
        assert await api.call("VM.get_power_state", vm) == "Halted"
        assert domids() == []
