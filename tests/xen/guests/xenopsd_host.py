"""xenopsd with the libxl backend in dom0, and the bed's tiny guest as xapi would describe it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from common import unix
from common.config import under_root
from common.idl import xen
from common.idl.xen import (
    DeviceId,
    DirectBoot,
    DiskType,
    DomainType,
    LocalDisk,
    Vbd,
    Vif,
    Vm,
    VmId,
)
from common.rpc.client import Client
from tests.bed.layout import GUESTS_CPU
from tests.xenopsd.conftest import CountingStorage, Host

MIB = 1 << 20
PATIENCE = 60.0  # seconds
LIBXL = ("--backend", "libxl")


class Terminal:
    """A guest's console, through the socket that xenopsd names."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.text = ""

    async def expect(self, pattern: str, deadline: float = PATIENCE) -> re.Match[str]:
        """Read until `pattern` matches, and forget what is before its end."""
        try:
            async with asyncio.timeout(deadline):
                while not (match := re.search(pattern, self.text)):
                    data = await self._reader.read(4096)
                    assert data, f"the console closed: {self.text[-500:]!r}"
                    self.text += data.decode(errors="replace")
        except TimeoutError:
            raise AssertionError(f"no {pattern!r}, but {self.text[-500:]!r}") from None
        self.text = self.text[match.end() :]
        return match

    async def present(self, tries: int = 8) -> None:
        """Forget what was said before: a console repeats it to who comes later. A serial port may lose first keys."""
        for last in [False] * (tries - 1) + [True]:
            mark = uuid.uuid4().hex
            self.type(f"\recho ma''rk-{mark}\r")
            try:
                await self.expect(f"mark-{mark}", PATIENCE / 4)
            except AssertionError:
                if last:
                    raise
            else:
                return

    def type(self, text: str) -> None:
        """Keys, nothing more."""
        self._writer.write(text.encode())

    async def command(self, line: str, deadline: float = PATIENCE) -> str:
        """What a command of the guest's shell prints."""
        mark = uuid.uuid4().hex[:8]  # new each time: a console begins with what was said on it before
        self._writer.write(f"\recho be''gin-{mark}; {line}; echo en''d-{mark} $?\r".encode())
        match = await self.expect(rf"(?s)begin-{mark}\r?\n(.*?)end-{mark} (\d+)", deadline)
        assert match[2] == "0", match[1]
        return match[1].replace("\r", "").strip()


@contextlib.asynccontextmanager
async def terminal(host: Host, vm: VmId) -> AsyncIterator[Terminal]:
    """The VT100 console of a running VM."""
    found = (await host.vm.stat("test", vm)).state.consoles
    [path] = [console.path for console in found if console.protocol is xen.ConsoleProtocol.VT100]
    reader, writer = await asyncio.open_unix_connection(unix.short(path))
    try:
        yield Terminal(reader, writer)
    finally:
        writer.close()


class Daemon:
    """xenopsd as a process of its own, so that it can be killed."""

    def __init__(self, root: Path, options: Sequence[str]) -> None:
        self.root = root
        self._options = options
        self.log = root / "xenopsd.log"
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> Client:
        """Start it; a client once it answers."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "xenopsd.main", *self._options, "--acknowledge-timeout", "15"],
                env=os.environ | {"XAPI_LOG_LEVEL": "DEBUG"},  # where each atomic is told before it begins
                stdout=log,
                stderr=log,
            )
        client = Client(str(under_root(xen.SOCKET)))
        async with asyncio.timeout(PATIENCE):
            while not under_root(xen.SOCKET).exists():
                assert self._process.poll() is None, self.log.read_text()
                await asyncio.sleep(0.1)
        await client.proxy(xen.HOST).stat("test")
        return client

    @property
    def pid(self) -> int:
        """Of its process."""
        assert self._process is not None
        return self._process.pid

    async def reaches(self, atomic: str, after: int) -> None:
        """Until it begins an atomic of this kind, later in its log than `after` bytes."""
        async with asyncio.timeout(PATIENCE):
            while f"] {atomic}(".encode() not in self.log.read_bytes()[after:]:
                await asyncio.sleep(0.02)

    def kill(self) -> None:
        """As hard as can be."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10.0)
            under_root(xen.SOCKET).unlink(missing_ok=True)


@contextlib.asynccontextmanager
async def daemon(root: Path, options: Sequence[str] = LIBXL) -> AsyncIterator[tuple[Daemon, Host]]:
    """xenopsd below `root` (which is XAPI_ROOT); what it leaves is destroyed."""
    started = Daemon(root, options)
    assert not domids(), "an earlier test left a domain"
    host = Host(await started.start(), CountingStorage())  # type: ignore[abstract]
    try:
        yield started, host
    finally:
        await host.client.close()
        started.kill()
        for domid in domids():
            subprocess.run(["xl", "destroy", str(domid)], timeout=60.0, check=False)


def domids() -> list[int]:
    """Every domain but dom0."""
    listed = subprocess.run(["xl", "list"], capture_output=True, text=True, timeout=30.0, check=True).stdout
    # A name may have spaces: the columns are counted from the right.
    return [domid for line in listed.splitlines()[1:] if (domid := int(line.split()[-5]))]


def guest(kind: DomainType, **fields: Any) -> Vm:
    """The tiny guest."""
    hvm = kind is DomainType.HVM
    console = "ttyS0" if hvm else "hvc0"
    defaults: dict[str, Any] = {
        "id": VmId(str(uuid.uuid4())),
        "name": f"tiny {kind}",
        "type": kind,
        "boot": DirectBoot(
            kernel="/guests/vmlinuz" if hvm else "/guests/vmlinux",
            ramdisk="/guests/initrd",
            cmdline=f"console={console} quiet ip=192.0.2.21",
        ),
        "memory_static_max": (192 if hvm else 128) * MIB,
        "memory_dynamic_max": (192 if hvm else 128) * MIB,
        "memory_dynamic_min": (192 if hvm else 128) * MIB,
        "vcpus_max": 1 if hvm else 2,
        "vcpus": 1,
        "affinity": [[GUESTS_CPU]],
        "xsdata": {"vm-data/greeting": "hello"},
    }
    return Vm(**(defaults | fields))


def disk(vm: Vm, position: int, path: Path, **fields: Any) -> Vbd:
    """A disk that is a file of dom0."""
    device = f"xvd{'abcdefgh'[position]}"
    defaults: dict[str, Any] = {"position": position, "disk": LocalDisk(path=str(path))}
    return Vbd(id=DeviceId(vm=vm.id, device=device), **(defaults | fields))


def drive(vm: Vm, position: int) -> Vbd:
    """An empty CD drive."""
    return disk(vm, position, Path(), disk=None, type=DiskType.CDROM, read_only=True)


def interface(vm: Vm, position: int = 0, **fields: Any) -> Vif:
    """An interface on the bed's bridge."""
    mac = f"00:16:3e:7f:00:{position:02x}"
    defaults: dict[str, Any] = {"position": position, "mac": mac, "bridge": "xenbr0"}
    return Vif(id=DeviceId(vm=vm.id, device=str(position)), **(defaults | fields))


async def up(host: Host, vm: Vm, disk_file: Path, deadline: float = 180.0) -> None:
    """The VM runs and its guest has come up, with a disk, made as `disk_file`, and an interface."""
    disk_file.write_bytes(b"its disk\n".ljust(32 * MIB, b"\0"))
    await host.vm.add("test", vm)
    await host.vbd.add("test", disk(vm, 0, disk_file))
    await host.vif.add("test", interface(vm))
    await host.ok(await host.vm.start("test", vm.id))
    await host.ok(await host.vm.unpause("test", vm.id))
    async with terminal(host, vm.id) as console:
        await console.expect("GUEST-UP", deadline)
