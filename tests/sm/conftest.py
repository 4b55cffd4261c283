"""A real sm on a root of its own, its client, and programs that look at disks."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from common.idl import storage
from common.idl.storage import Attachment, DpId, NbdSocket, SrId, VdiId, VdiInfo
from common.idl.task import TASK
from common.rpc.client import Client

MIB = 1 << 20


class Sm:
    """The daemon as a process, and typed proxies to it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.client = Client(str(root / storage.SOCKET.lstrip("/")), deadline=60.0)
        self.sr = self.client.proxy(storage.SR)
        self.vdi = self.client.proxy(storage.VDI)
        self.dp = self.client.proxy(storage.DP)
        self.task = self.client.proxy(TASK)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *flags: str) -> None:
        environment = os.environ | {"XAPI_ROOT": str(self.root)}
        self.process = subprocess.Popen([sys.executable, "-m", "sm.main", *flags], env=environment)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(20)
            self.process = None

    def worker(self, sr: SrId) -> int:
        """Process id of the SR's worker: who listens on its socket."""
        path = self.root / f"var/run/xapi-toolstack/sm/{sr}/worker"
        return _listener(path)

    def storage_daemon(self, sr: SrId, vdi: VdiId) -> int:
        return int((self.root / f"var/run/xapi-toolstack/qsd/{sr}/{vdi}/pid").read_text())

    async def new_sr(self, type_: str = "file", **config: str) -> SrId:
        sr = SrId(str(uuid.uuid4()))
        given = config or {"location": str(self.root / "disks")}
        made = await self.sr.create("test", sr, type_, given, name_label="disks")
        await self.sr.attach("test", sr, type_, made)
        return sr

    async def new_vdi(self, sr: SrId, size: int = 64 * MIB, **fields: object) -> VdiInfo:
        return await self.vdi.create("test", sr, VdiInfo(virtual_size=size, **fields))  # type: ignore[arg-type]

    async def opened(self, sr: SrId, vdi: VdiId, *, dp: str = "vbd/test", read_only: bool = False) -> str:
        """Attach and activate; answers what QEMU's programs call the disk."""
        attachment = await self.vdi.attach("test", DpId(dp), sr, vdi, read_only)
        await self.vdi.activate("test", DpId(dp), sr, vdi)
        return uri(attachment)

    async def closed(self, sr: SrId, vdi: VdiId, *, dp: str = "vbd/test") -> None:
        await self.vdi.deactivate("test", DpId(dp), sr, vdi)
        await self.vdi.detach("test", DpId(dp), sr, vdi)


def uri(attachment: Attachment) -> str:
    best = attachment.implementations[0]
    return f"nbd+unix:///{best.export}?socket={best.socket}" if isinstance(best, NbdSocket) else best.path


async def qemu_io(target: str, *commands: str, read_only: bool = False) -> str:
    """Run commands of qemu-io on a disk; fails on any error."""
    arguments = [argument for command in commands for argument in ("-c", command)]
    process = await asyncio.create_subprocess_exec(
        "qemu-io", "-f", "raw", *(["-r"] if read_only else []), *arguments, target,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    output = (await asyncio.wait_for(process.communicate(), 60))[0].decode()
    if process.returncode or "failed" in output:
        raise AssertionError(output)
    return output


def _listener(path: Path) -> int:
    inode = next(
        line.split()[6]
        for line in Path("/proc/net/unix").read_text().splitlines()
        if line.endswith(str(path.parent.name) + "/worker") or line.endswith(path.name)
    )
    for descriptor in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if str(descriptor.readlink()) == f"socket:[{inode}]":
                return int(descriptor.parts[2])
        except OSError:
            continue
    raise AssertionError(f"nobody listens on {path}")


@pytest.fixture
async def sm(tmp_path: Path) -> AsyncIterator[Sm]:
    daemon = Sm(tmp_path)
    daemon.start()
    try:
        yield daemon
        for state in await daemon.dp.all("test"):
            await daemon.dp.destroy("test", state.dp)
    finally:
        await daemon.client.close()
        daemon.stop()
        end_storage_daemons(tmp_path)


def end_storage_daemons(root: Path) -> None:
    """Whatever a test left open."""
    for pid in storage_daemons(root):
        os.kill(pid, signal.SIGKILL)


def storage_daemons(root: Path) -> Iterator[int]:
    for file in root.glob("var/run/xapi-toolstack/qsd/*/*/pid"):
        pid = int(file.read_text())
        try:
            if str(file).encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                yield pid
        except FileNotFoundError:
            continue
