"""One emulated host: QEMU with Xen and dom0 in it, and the way in by ssh."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from common import command
from common.errors import WireError
from tests.bed.image import PATH, Image
from tests.bed.layout import CACHE, BedFault

BOOT_DEADLINE = 180.0  # seconds; 15 to 20 where nothing else runs
STEP_DEADLINE = 60.0
STOP_DEADLINE = 20.0
POLL = 0.2
LINE_LIMIT = 1 << 24  # bytes
# KVM is not even tried: nested in a virtual machine it may exist and still not run Xen. Without smap off dom0 crashes,
# with rdtscp HVM guests loop, and the others cost time and give nothing under emulation.
CPU = "EPYC,+svm,+npt," + ",".join(
    f"-{flag}"
    for flag in (
        *("smap", "rdtscp", "rdseed", "sha-ni", "fxsr-opt", "misalignsse", "3dnowprefetch", "osvw", "topoext"),
        *("nrip-save", "xsavec", "monitor"),
    )
)
# eager-fpu: without it ciphers in dom0 came out wrong beside a busy guest, as if registers of one reached the other.
XEN_OPTIONS = (
    "loglvl=warning guest_loglvl=all spec-ctrl=no,eager-fpu xpti=off pv-l1tf=off "
    "noreboot watchdog=0 bootscrub=0 cpuidle=off"
)
# q35 has an IOMMU that Xen takes, whatever the processor. Its page tables are not those of AMD's guests.
MACHINES = {False: "pc", True: "q35"}
IOMMU = "iommu=on,no-sharept,no-intpost"
CARD = (
    *("-device", "pcie-root-port,id=card-slot,chassis=1,slot=1,addr=0x10", "-netdev", "user,id=card,restrict=on"),
    *("-device", "e1000e,bus=card-slot,netdev=card,mac=52:54:00:77:01:01,romfile="),
)
DEATH = ("Panic on CPU", "Dom0 crashed", "Kernel panic - not syncing")


@dataclass(frozen=True)
class Shape:
    """What a host is made of."""

    number: int = 1
    """Its place: bed1 or bed2, 192.0.2.1 or .2 on the guests' network."""
    cpus: int = 2
    memory: int = 3072
    """MiB, of the whole machine."""
    dom0_memory: int = 1024
    """MiB."""
    nodes: int = 1
    """Of NUMA, among which CPUs and memory are shared out evenly."""
    pair: Path | None = None
    """The Unix socket that joins two hosts: the first listens, the second connects."""
    data: int = 0
    """MiB of a journalled disk that is mounted at /data and outlives a power cut."""
    durable: bool = False
    """Whether a flush of the root disk means anything, for tests that cut the power; it costs time."""
    iommu: bool = False
    """Whether guests can have its devices: then it has Intel's IOMMU, and a network card more, at 0000:01:00.0."""
    init: str = "/sbin/bed-init"
    """The alternative is /sbin/init, systemd, which takes 30 s more."""


class Dom0:
    """A host that runs, or ran."""

    def __init__(self, image: Image, environment: Path, shape: Shape | None = None) -> None:
        self.shape = shape or Shape()
        self._image = image
        self._environment = environment
        self.folder = CACHE / f"host-{os.getpid()}-{self.shape.number}"
        # Unix sockets have short names, and a checkout may lie deep.
        self._sockets = Path(tempfile.mkdtemp(prefix="bed-"))
        self._qemu: asyncio.subprocess.Process | None = None
        self._port = 0

    @property
    def serial(self) -> Path:
        """What Xen and dom0's kernel wrote."""
        return self.folder / "serial.log"

    async def __aenter__(self) -> Dom0:
        try:
            await self.create()
            await self.start()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def create(self) -> None:
        """Fresh disks: what an earlier life wrote is gone."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        for name, below in (("disk", self._image.disk), ("environment", self._environment)):
            await command.run(
                *("qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", str(below)), str(self._disk(name))
            )
        if self.shape.data:
            await command.run("mke2fs", "-q", "-t", "ext4", "-F", str(self._disk("data")), f"{self.shape.data}M")

    async def start(self) -> None:
        """Boot from the disks as they are; back once Xen answers. Raises `BedFault`."""
        self._port = _free_port()
        if self.shape.pair is not None and self.shape.number != 1:
            await _appears(self.shape.pair)
        # The child dies with us, however we die.
        self._qemu = await asyncio.create_subprocess_exec(
            *("setpriv", "--pdeathsig", "KILL", "--", *self._command_line()),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=(self.folder / "qemu.log").open("ab").fileno(),
        )
        deadline = time.monotonic() + BOOT_DEADLINE
        ready = "test -e /run/bed.ready" if "bed" in self.shape.init else "test -d /run/systemd/system"
        while time.monotonic() < deadline:
            if await self._greets():
                with contextlib.suppress(WireError):
                    await self.run(f"{ready} && xl info >/dev/null", deadline=30.0)
                    return
            self.check_alive()
            await asyncio.sleep(POLL)
        raise BedFault(f"no answer in {BOOT_DEADLINE:.0f} s after boot; see {self.serial}")

    async def _greets(self) -> bool:
        """Whether sshd is there: QEMU accepts the connection long before, and ssh would wait."""
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            return False
        try:
            return (await asyncio.wait_for(reader.read(4), 1.0)) == b"SSH-"
        except (OSError, TimeoutError):
            return False
        finally:
            writer.close()

    def check_alive(self) -> None:
        """Raises `BedFault` if QEMU, Xen or dom0's kernel died."""
        if self._qemu is None or self._qemu.returncode is not None:
            raise BedFault(f"QEMU ended; see {self.folder}/qemu.log")
        log = self.serial.read_text(errors="replace") if self.serial.exists() else ""
        for line in log.splitlines():
            if any(sign in line for sign in DEATH):
                raise BedFault(f"{line.strip()}; see {self.serial}")

    async def run(self, script: str, deadline: float = STEP_DEADLINE, stdin: bytes | None = None) -> str:
        """Standard output of a shell command in dom0. Raises `CommandFailed`; status 255 is of ssh itself."""
        return await command.run(*self._ssh(script), deadline=deadline, stdin=stdin)

    @contextlib.asynccontextmanager
    async def follow(self, script: str) -> AsyncIterator[asyncio.subprocess.Process]:
        """A shell command in dom0 whose output is read line by line; ended with the block."""
        process = await asyncio.create_subprocess_exec(
            *self._ssh(script, shared=False),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            limit=LINE_LIMIT,
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
            await process.wait()

    async def put(self, archive: Path) -> None:
        """Unpack a tar archive of this machine at dom0's root."""
        await self.run("tar --extract --gzip --directory / --no-same-owner --file -", 120.0, archive.read_bytes())

    async def shut_down(self) -> None:
        """An orderly end of dom0, as a reboot has it: `start` boots from the same disks. Raises `BedFault`."""
        await self.run("kill -USR2 1")
        await self._ended()

    async def cut_power(self) -> None:
        """End the machine at once. Its disks stay: `start` boots from them."""
        if self._qemu is not None and self._qemu.returncode is None:
            self._qemu.kill()
            await self._ended()

    async def _ended(self) -> None:
        assert self._qemu is not None
        try:
            await asyncio.wait_for(self._qemu.wait(), STOP_DEADLINE)
        except TimeoutError as error:
            raise BedFault(f"QEMU did not end in {STOP_DEADLINE:.0f} s") from error
        self._qemu = None
        (self._sockets / "ssh").unlink(missing_ok=True)  # whoever held it open goes with the connection

    async def qmp(self, name: str, /, **arguments: object) -> object:
        """A command of QEMU's machine protocol, as `qmp("set_link", name="pair", up=False)`. Raises `BedFault`."""
        reader, writer = await asyncio.open_unix_connection(str(self._sockets / "qmp"))
        try:
            async with asyncio.timeout(STOP_DEADLINE):
                for request in ({"execute": "qmp_capabilities"}, {"execute": name, "arguments": arguments, "id": 1}):
                    writer.write(json.dumps(request).encode())
                async for line in reader:
                    answer = json.loads(line)
                    if "error" in answer:
                        raise BedFault(f"QEMU: {name}: {answer['error']['desc']}")
                    if answer.get("id") == 1:
                        return answer["return"]
        finally:
            writer.close()
        raise BedFault(f"QEMU: {name}: no answer")

    async def close(self) -> None:
        """End the machine and forget its disks; the logs stay."""
        await self.cut_power()
        for name in ("disk", "environment", "data"):
            self._disk(name).unlink(missing_ok=True)
        shutil.rmtree(self._sockets, ignore_errors=True)

    def _disk(self, name: str) -> Path:
        return self.folder / (f"{name}.raw" if name == "data" else f"{name}.qcow2")

    def _ssh(self, script: str, *, shared: bool = True) -> Sequence[str]:
        options = {
            "LogLevel": "ERROR",
            "StrictHostKeyChecking": "no",
            "UserKnownHostsFile": "/dev/null",
            "BatchMode": "yes",
            "ConnectTimeout": "10",
            "ServerAliveInterval": "20",
            "ServerAliveCountMax": "3",
        }
        if shared:
            options |= {"ControlMaster": "auto", "ControlPath": f"{self._sockets}/ssh", "ControlPersist": "600"}
        words = ["ssh", "-F", "none", "-i", str(self._image.key), "-p", str(self._port)]
        for name, value in options.items():
            words += ["-o", f"{name}={value}"]
        return [*words, "root@127.0.0.1", f"export PATH={PATH}; {script}"]

    def _command_line(self) -> Sequence[str]:
        shape = self.shape
        words = [
            *("qemu-system-x86_64", "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none"),
            *("-machine", f"{MACHINES[shape.iommu]},usb=off,vmport=off,hpet=on", "-cpu", CPU),
            *("-accel", f"tcg,thread={_threads(shape)},tb-size=512"),
            *(("-device", "intel-iommu,intremap=on,aw-bits=48") if shape.iommu else ()),  # before all that it serves
            *("-smp", str(shape.cpus), "-m", str(shape.memory), *_numa(shape), "-device", "virtio-rng-pci"),
            *("-serial", f"file:{self.serial}", "-qmp", f"unix:{self._sockets}/qmp,server=on,wait=off"),
            *("-netdev", f"user,id=way-in,restrict=on,hostfwd=tcp:127.0.0.1:{self._port}-:22"),
            *("-device", "virtio-net-pci,netdev=way-in,romfile="),
        ]
        for name in ("disk", "environment", *(["data"] if shape.data else [])):
            kind = "raw" if name == "data" else "qcow2"
            cache = "writeback" if shape.durable or name == "data" else "unsafe"
            words += ["-drive", f"if=none,id={name},file={self._disk(name)},format={kind},cache={cache},discard=unmap"]
            words += ["-device", f"virtio-blk-pci,drive={name},serial={name}"]
        if shape.pair is not None:
            server = "on" if shape.number == 1 else "off"
            words += ["-netdev", f"stream,id=pair,server={server},addr.type=unix,addr.path={shape.pair}"]
            words += ["-device", f"virtio-net-pci,netdev=pair,romfile=,mac=52:54:00:77:00:0{shape.number}"]
        words += CARD if shape.iommu else ()
        linux = ["console=hvc0", "quiet", "loglevel=4", "net.ifnames=0", "mitigations=off", f"bed.host={shape.number}"]
        linux += [f"init={shape.init}", *(["bed.data=/dev/vdc"] if shape.data else [])]
        xen = f"console=com1 com1=115200,8n1 dom0_mem={shape.dom0_memory}M,max:{shape.dom0_memory}M {XEN_OPTIONS}"
        xen += f" {IOMMU}" if shape.iommu else ""
        modules = f"{self._image.kernel} {' '.join(linux)},{self._image.first_root}"
        return [*words, "-kernel", str(self._image.xen), "-initrd", modules, "-append", xen]


def _threads(shape: Shape) -> str:
    """A thread for each CPU, or one for all.

    With a thread each, guests on the first CPU die as they boot, of a triple fault or a fatal exception: 2 of 15 of
    plain xl. On the second none of 30 did, so the tests' guests are kept there; with one thread none of 15 did, in
    twice the time. Tests of NUMA leave to others where a guest runs.
    """
    return "single" if shape.nodes > 1 else "multi"


def _numa(shape: Shape) -> Sequence[str]:
    """QEMU's words for the nodes, of which each has CPUs and memory of its own."""
    words: list[str] = []
    each, memory = shape.cpus // shape.nodes, shape.memory // shape.nodes
    for node in range(shape.nodes if shape.nodes > 1 else 0):
        first = node * each
        words += ["-object", f"memory-backend-ram,id=memory{node},size={memory}M"]
        words += ["-numa", f"node,nodeid={node},cpus={first}-{first + each - 1},memdev=memory{node}"]
    return words


async def _appears(path: Path) -> None:
    """Wait for the first host's socket: QEMU connects once and gives up. Raises `BedFault`."""
    end = time.monotonic() + STOP_DEADLINE
    while not path.exists():
        if time.monotonic() > end:
            raise BedFault(f"no {path} in {STOP_DEADLINE:.0f} s")
        await asyncio.sleep(POLL)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
