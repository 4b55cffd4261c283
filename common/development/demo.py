"""The main job of `make run`: a VM from a template, its disk, its NIC, its start, and its console up to the prompt."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from common import command
from common.development import console, demo_disk
from common.development.client import Client
from common.errors import WireError
from common.idl import storage
from common.rpc.client import Client as RpcClient
from common.rpc.interface import proxy

TEMPLATE = "Other install media"
SR_NAME = "Local storage"
VM_NAME = "demo"
MARK = "development-demo"
"""The key in other_config by which our own objects are found again."""

MEMORY = 256 * 1024 * 1024
BOOT_DEADLINE = 180.0  # seconds; emulation without acceleration on a busy machine
CONSOLE_DEADLINE = 30.0
WRITE_DEADLINE = 300.0
DATAPATH = "development-demo"

Say = Callable[[str], None]


@dataclass(frozen=True)
class Demo:
    """The demo VM of one host. All of it is safe to repeat: what is there is used."""

    client: Client
    root: Path
    cache: Path
    say: Say
    backend: str

    @property
    def has_console(self) -> bool:
        """False where guests are only simulated."""
        return self.backend != "simulator"

    async def run(self) -> bool:
        """Whether the guest is up at its prompt."""
        sr = await self._storage()
        vm = await self._find_vm() or await self._create_vm(sr)
        state = await self._call("VM.get_power_state", vm)
        if state == "Running":
            self.say(f"VM {VM_NAME!r} is running")
            return True
        return await self._boot(vm, state)

    async def _boot(self, vm: str, state: str) -> bool:
        self.say(f"starting VM {VM_NAME!r}")
        if state == "Suspended":
            await self._call("VM.resume", vm, True, False)
        elif state == "Halted":
            await self._call("VM.start", vm, True, False)
        # Paused first: the console is served only while the VM runs, and should be ours from its first line.
        location = await self._console(vm) if self.has_console else ""
        await self._call("VM.unpause", vm)
        if not location:
            return True
        with contextlib.closing(await self._connect(location)) as stream:
            up = await asyncio.to_thread(
                console.show_until, stream, demo_disk.PROMPT, BOOT_DEADLINE, lambda line: self.say(f"  | {line}")
            )
        self.say("the guest is up" if up else f"the guest did not show its prompt in {BOOT_DEADLINE:.0f} s")
        return up

    async def _connect(self, location: str) -> socket.socket:
        """A connection to the console, which is there a moment after the VM runs."""
        deadline = time.monotonic() + CONSOLE_DEADLINE
        while True:
            try:
                return await asyncio.to_thread(self.client.console, location)
            except ConnectionError:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.1)

    async def _console(self, vm: str) -> str:
        for ref in await self._call("VM.get_consoles", vm):
            record = await self._call("console.get_record", ref)
            if record["protocol"] == "vt100":
                return str(record["location"])
        raise LookupError("the VM has no serial console")

    async def _storage(self) -> str:
        """The default SR: a directory of this host."""
        found = await self._call("SR.get_by_name_label", SR_NAME)
        sr = found[0] if found else await self._create_sr()
        [pool] = await self._call("pool.get_all")
        if await self._call("pool.get_default_SR", pool) != sr:
            await self._call("pool.set_default_SR", pool, sr)
        return str(sr)

    async def _create_sr(self) -> str:
        location = self.root / "srv/local-storage"
        location.mkdir(parents=True, exist_ok=True)
        self.say(f"creating SR {SR_NAME!r} in {location}")
        [host] = await self._call("host.get_all")
        configuration = {"location": str(location)}
        return str(
            await self._call(
                "SR.create", host, configuration, "0", SR_NAME, "Disks in a directory", "file", "user", False, {}
            )
        )

    async def _find_vm(self) -> str | None:
        for vm in await self._call("VM.get_by_name_label", VM_NAME):
            record = await self._call("VM.get_record", vm)
            if MARK in record["other_config"] and not record["is_a_snapshot"]:
                return str(vm)
        return None

    async def _create_vm(self, sr: str) -> str:
        vdi = await self._disk(sr)
        self.say(f"creating VM {VM_NAME!r} from template {TEMPLATE!r}")
        [template, *_] = await self._call("VM.get_by_name_label", TEMPLATE)
        vm = await self._call("VM.clone", template, VM_NAME)
        try:
            await self._call("VM.provision", vm)
            size = str(MEMORY)
            await self._call("VM.set_memory_limits", vm, size, size, size, size)
            if self.backend == "libxl":
                await self._call("VM.set_domain_type", vm, "pvh")
                await self._call("VM.set_PV_bootloader", vm, "pygrub")
            await self._call("VBD.create", _vbd(vm, vdi))
            if network := await self._network():
                await self._call("VIF.create", _vif(vm, network))
            await self._call("VM.set_name_description", vm, "The demo guest of make run")
            await self._call("VM.add_to_other_config", vm, MARK, "true")
        except BaseException:
            await self._call("VM.destroy", vm)
            raise
        return str(vm)

    async def _network(self) -> str | None:
        """The network of the management interface; none where the machine's network is not ours to use."""
        for record in (await self._call("PIF.get_all_records")).values():
            if record["management"]:
                return str(record["network"])
        return None

    async def _disk(self, sr: str) -> str:
        """A VDI with the demo disk's content. One that an interrupted run left is written again."""
        self.say("building the demo disk from Debian packages")
        image = await demo_disk.image(self.cache)
        vdi = await self._find_vdi() or await self._call("VDI.create", _vdi(sr, image.stat().st_size))
        self.say("writing the demo disk")
        await self._write(image, await self._call("SR.get_uuid", sr), await self._call("VDI.get_location", vdi))
        return str(vdi)

    async def _find_vdi(self) -> str | None:
        for vdi, record in (await self._call("VDI.get_all_records")).items():
            if MARK in record["other_config"] and not record["VBDs"] and not record["is_a_snapshot"]:
                return str(vdi)
        return None

    async def _write(self, image: Path, sr_uuid: str, location: str) -> None:
        """Copy `image` through the data path: sm opens the disk and qemu-img writes to its socket."""
        where = (storage.SrId(sr_uuid), storage.VdiId(location))
        async with RpcClient(f"{self.root}{storage.SOCKET}") as rpc:
            vdi = proxy(storage.VDI, rpc.send)
            datapath = storage.DpId(DATAPATH)
            try:
                attachment = await vdi.attach(DATAPATH, datapath, *where, read_only=False)
                await vdi.activate(DATAPATH, datapath, *where)
                target = _target(attachment)
                await command.run(
                    "qemu-img", "convert", "-n", "-f", "raw", "-O", "raw", str(image), target, deadline=WRITE_DEADLINE
                )
            finally:
                await proxy(storage.DP, rpc.send).destroy(DATAPATH, datapath)

    async def _call(self, method: str, *params: Any) -> Any:
        try:
            return await asyncio.to_thread(self.client.call, method, *params)
        except WireError as error:
            error.add_note(f"in {method}")
            raise


def _target(attachment: storage.Attachment) -> str:
    for implementation in attachment.implementations:
        if isinstance(implementation, storage.NbdSocket):
            return f"nbd+unix:///{quote(implementation.export, safe='')}?socket={quote(implementation.socket)}"
    raise LookupError("the disk can't be reached by NBD")


def _vdi(sr: str, size: int) -> dict[str, Any]:
    return {
        "name_label": "demo disk",
        "name_description": "Boots a Debian kernel with busybox and the guest agent",
        "SR": sr,
        "virtual_size": str(size),
        "type": "user",
        "sharable": False,
        "read_only": False,
        "other_config": {MARK: "true"},
    }


def _vbd(vm: str, vdi: str) -> dict[str, Any]:
    return {
        "VM": vm,
        "VDI": vdi,
        "userdevice": "0",
        "bootable": True,
        "mode": "RW",
        "type": "Disk",
        "unpluggable": True,
        "empty": False,
        "other_config": {"owner": "true"},
        "qos_algorithm_type": "",
        "qos_algorithm_params": {},
    }


def _vif(vm: str, network: str) -> dict[str, Any]:
    return {
        "VM": vm,
        "network": network,
        "device": "0",
        "MAC": "",
        "MTU": "1500",
        "other_config": {},
        "qos_algorithm_type": "",
        "qos_algorithm_params": {},
    }
