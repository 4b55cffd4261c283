"""Real guests: a private libvirtd, QEMU, and xenopsd as a process that is killed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from common import unix
from common.config import under_root
from common.idl import storage, xen
from common.idl.storage import Attachment, DpId, NbdSocket, RawFile, SrId, VdiId
from common.idl.xen import (
    Action,
    ConsoleProtocol,
    DeviceId,
    DirectBoot,
    LockingMode,
    PowerState,
    VdiDisk,
)
from common.rpc.client import Client
from common.rpc.server import Server
from tests.xenopsd import tiny_guest
from tests.xenopsd.conftest import CountingStorage, Host
from tests.xenopsd.samples import VM, vbd, vif, vm

pytestmark = [pytest.mark.integration, pytest.mark.root]
D = "test"
MIB = 1 << 20
BOOT = 90.0  # seconds: emulated, on a machine shared by others


@dataclass
class Lab:
    """A host's root, its network namespace and its libvirtd."""

    root: Path
    netns: str
    guest: tiny_guest.Guest
    libvirtd: subprocess.Popen[bytes]

    def spawn(self, module: str) -> subprocess.Popen[bytes]:
        """A daemon of this host."""
        log = (self.root / f"{module.rsplit('.', 1)[-1]}.log").open("ab")
        return subprocess.Popen(
            ["ip", "netns", "exec", self.netns, sys.executable, "-m", module],
            env=os.environ | {"XAPI_ROOT": str(self.root), "XAPI_BACKEND": "libvirt", "XAPI_AGENT_INTERVAL": "1"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )

    def qemus(self) -> list[int]:
        """Emulators of this host's guests."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                ours = (entry / "ns/net").samefile(f"/run/netns/{self.netns}")
                if ours and (entry / "comm").read_text().startswith("qemu-system"):
                    found.append(int(entry.name))
        return found


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One libvirtd for all tests here: its first look at QEMU takes seconds."""
    missing = [
        program for program in ("ip", "qemu-system-x86_64", "/usr/sbin/libvirtd") if shutil.which(program) is None
    ]
    if missing or os.getuid() != 0:
        pytest.skip(f"needs root and {missing}")
    root = tmp_path_factory.mktemp("host")
    guest = tiny_guest.build(root)
    netns = f"xo{os.getpid()}"
    ip = ["ip", "-n", netns]
    subprocess.run(["ip", "netns", "add", netns], check=True)
    for bridge in ("xenbr0", "xenbr1"):
        subprocess.run([*ip, "link", "add", bridge, "type", "bridge"], check=True)
        subprocess.run([*ip, "link", "set", bridge, "up"], check=True)
    made = Lab(root, netns, guest, None)  # type: ignore[arg-type]
    made.libvirtd = made.spawn("xenopsd.backend.libvirt.daemon")
    try:
        yield made
    finally:
        for pid in made.qemus():
            os.kill(pid, signal.SIGKILL)
        made.libvirtd.terminate()
        made.libvirtd.wait(60)
        subprocess.run(["ip", "netns", "delete", netns], check=False)


class Files(CountingStorage):
    """Disks that are files."""

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self.directory = directory

    def make(self, vdi: str, size: int = 16 * MIB, content: bytes = b"") -> VdiDisk:
        path = self.directory / vdi
        path.write_bytes(content)
        os.truncate(path, size)
        return VdiDisk(sr="sr", vdi=vdi)

    async def attach(self, dbg: str, dp: DpId, sr: SrId, vdi: VdiId, read_only: bool) -> Attachment:
        await super().attach(dbg, dp, sr, vdi, read_only)
        return Attachment(implementations=[RawFile(path=str(self.directory / vdi))], read_only=read_only)


class Exports(Files):
    """Disks behind one storage daemon each, which is started again when it is found dead."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.daemons: dict[str, subprocess.Popen[bytes]] = {}

    async def attach(self, dbg: str, dp: DpId, sr: SrId, vdi: VdiId, read_only: bool) -> Attachment:
        await super().attach(dbg, dp, sr, vdi, read_only)
        return Attachment(implementations=[NbdSocket(socket=self._socket(vdi), export="x")], read_only=read_only)

    async def activate(self, dbg: str, dp: DpId, sr: SrId, vdi: VdiId) -> None:
        running = self.daemons.get(vdi)
        if running is not None and running.poll() is None:
            return
        file = f"driver=file,node-name=f,filename={self.directory / vdi}"
        export = "type=nbd,id=e,node-name=n,name=x,writable=on"
        server = f"addr.type=unix,addr.path={self._socket(vdi)}"
        Path(self._socket(vdi)).unlink(missing_ok=True)
        node = "driver=raw,node-name=n,file=f"
        argv = ["--blockdev", file, "--blockdev", node, "--nbd-server", server, "--export", export]
        self.daemons[vdi] = subprocess.Popen(["qemu-storage-daemon", *argv])
        async with asyncio.timeout(BOOT):
            while not Path(self._socket(vdi)).exists():
                await asyncio.sleep(0.01)

    async def destroy(self, dbg: str, dp: DpId) -> None:  # type: ignore[override]
        if dp in self.open and (daemon := self.daemons.pop(self.open[dp].vdi, None)):
            daemon.terminate()
            daemon.wait(60)
        await super().destroy(dbg, dp)

    def _socket(self, vdi: str) -> str:
        return unix.short(str(self.directory / f"{vdi}.nbd"))


@dataclass
class Real(Host):
    """xenopsd as a process."""

    lab: Lab = None  # type: ignore[assignment]
    process: subprocess.Popen[bytes] = None  # type: ignore[assignment]

    async def restart(self) -> None:
        """Kill it and start its successor."""
        self.process.kill()
        self.process.wait()
        self.process = self.lab.spawn("xenopsd.main")
        await self.client.close()

    async def console(self) -> Serial:
        """A viewer of the guest's serial line."""
        [path] = [
            each.path for each in (await self.vm.stat(D, VM)).state.consoles if each.protocol is ConsoleProtocol.VT100
        ]
        return Serial(*await asyncio.open_unix_connection(unix.short(path)))


class Serial:
    """Types into a console and reads."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer, self.text = reader, writer, ""

    async def until(self, pattern: str, timeout: float = BOOT) -> str:
        async with asyncio.timeout(timeout):
            while not (match := re.search(pattern, self.text, re.DOTALL)):
                data = await self.reader.read(4096)
                assert data, f"console closed: {self.text[-300:]}"
                self.text += data.decode(errors="replace")
        found, self.text = self.text[: match.end()], self.text[match.end() :]
        return found

    async def run(self, command: str) -> str:
        self.writer.write(f"\n{command}; echo DO''NE\n".encode())
        return await self.until(r"DONE")

    async def shows(self, command: str, wanted: str) -> None:
        """Run `command` until its output has `wanted`: a guest learns of its devices in its own time."""
        async with asyncio.timeout(BOOT):
            while wanted not in await self.run(f"{command}; sleep 1"):
                pass

    def close(self) -> None:
        self.writer.close()


@pytest.fixture
async def disks(request: pytest.FixtureRequest, tmp_path: Path) -> Files:
    if getattr(request, "param", "file") == "nbd":
        return Exports(tmp_path)  # type: ignore[abstract]
    return Files(tmp_path)  # type: ignore[abstract]


@pytest.fixture
async def real(lab: Lab, disks: Files, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Real]:
    """xenopsd with a storage daemon; afterwards no guest is left."""
    monkeypatch.setenv("XAPI_ROOT", str(lab.root))
    server = Server(str(under_root(storage.SOCKET)), disks, _Datapaths(disks), name="sm", version="test")
    await server.start()
    process = lab.spawn("xenopsd.main")
    async with Client(str(under_root(xen.SOCKET)), retry_for=60.0) as client:
        host = Real(client, disks, lab=lab, process=process)
        try:
            yield host
        finally:
            await host.done(await host.vm.shutdown(D, VM))
            await host.vm.remove(D, VM)
            host.process.terminate()
            host.process.wait(60)
            await server.stop()


class _Datapaths(storage.DP):
    def __init__(self, disks: Files) -> None:
        self._disks = disks

    async def all(self, dbg: str) -> list[storage.DatapathState]:
        return list(self._disks.open.values())

    async def destroy(self, dbg: str, dp: DpId) -> None:
        await self._disks.destroy(dbg, dp)

    async def damaged(self, dbg: str) -> list[storage.DamagedDisk]:
        return []


async def start(real: Real, disks: Files, **fields: object) -> Serial:
    """A guest that is up, with a disk, an empty CD drive and an interface."""
    guest = real.lab.guest
    boot = DirectBoot(kernel=guest.kernel, ramdisk=guest.ramdisk, cmdline=guest.cmdline)
    memory = {f"memory_{name}": 160 * MIB for name in ("static_max", "dynamic_max", "dynamic_min")}
    await real.vm.add(D, vm(boot=boot, **memory, **fields))
    disks.make("root")
    await real.vbd.add(D, vbd("xvda", 0, "root"))
    await real.vbd.add(D, vbd("xvdd", 3, None))
    await real.vif.add(D, vif())
    await real.ok(await real.vm.start(D, VM))
    assert await real.power(VM) is PowerState.PAUSED
    serial = await real.console()
    await real.ok(await real.vm.unpause(D, VM))
    await serial.until("GUEST-UP")
    return serial


async def test_a_guest_lives_and_dies(real: Real, disks: Files) -> None:
    serial = await start(real, disks)
    assert "vda" in await serial.run("cat /proc/partitions")
    serial.close()

    second = await real.console()
    assert "uid=0" in await second.run("id")
    await real.ok(await real.vm.pause(D, VM))
    assert await real.power(VM) is PowerState.PAUSED
    await real.ok(await real.vm.unpause(D, VM))
    assert "uid=0" in await second.run("id")
    (counters,) = await real.vm.counters(D)
    assert counters.vcpu_seconds[0] > 0.0
    assert [disk.device for disk in counters.disks] == ["xvda", "xvdd"]
    assert [nic.device for nic in counters.interfaces] == ["0"]
    nic = await real.vif.stat(D, DeviceId(vm=VM, device="0"))
    assert nic.device == f"vif{counters.domid}.0"

    await real.ok(await real.vm.shutdown(D, VM, 60.0))
    assert await real.power(VM) is PowerState.HALTED
    assert not disks.open
    assert not real.lab.qemus()


async def test_a_guest_is_suspended_and_resumed_where_it_was(real: Real, disks: Files) -> None:
    serial = await start(real, disks)
    await serial.run("echo kept > /tmp/mark")
    image = disks.make("image", 512 * MIB)

    await real.ok(await real.vm.suspend(D, VM, image))
    assert await real.power(VM) is PowerState.SUSPENDED
    assert (disks.directory / "image").stat().st_size == 512 * MIB
    assert not disks.open
    await real.ok(await real.vm.resume(D, VM, image))
    await real.ok(await real.vm.unpause(D, VM))

    serial = await real.console()
    assert "kept" in await serial.run("cat /tmp/mark")
    (counters,) = await real.vm.counters(D)
    assert (await real.vif.stat(D, DeviceId(vm=VM, device="0"))).device == f"vif{counters.domid}.0"


async def test_a_guest_outlives_xenopsd_and_libvirtd(real: Real, disks: Files, lab: Lab) -> None:
    serial = await start(real, disks)
    before = (await real.vm.stat(D, VM)).state.domids
    [qemu] = lab.qemus()

    await real.restart()
    lab.libvirtd.kill()
    lab.libvirtd.wait()
    lab.libvirtd = lab.spawn("xenopsd.backend.libvirt.daemon")

    assert (await real.vm.stat(D, VM)).state.domids == before
    assert lab.qemus() == [qemu]
    assert "uid=0" in await serial.run("id")
    since = (await real.updates.get(D)).last
    serial.writer.write(b"\npoweroff -f\n")
    await real.until(VM, PowerState.HALTED)
    assert xen.ChangedVm(id=VM) in (await real.updates.get(D, since)).changed


async def test_xenopsd_killed_while_it_starts_a_guest_leaves_nothing(real: Real, disks: Files, lab: Lab) -> None:
    serial = await start(real, disks)
    serial.close()
    await real.ok(await real.vm.shutdown(D, VM))
    for delay in (0.0, 0.05, 0.15, 0.3, 0.6):
        await real.vm.start(D, VM)
        await asyncio.sleep(delay)
        await real.restart()
        await _quiet(real)

        if await real.power(VM) is PowerState.HALTED:
            assert not lab.qemus()
            assert not disks.open
        else:  # it had finished
            await real.ok(await real.vm.shutdown(D, VM))


async def test_libvirtd_killed_while_a_guest_starts_leaves_a_guest_or_nothing(
    real: Real, disks: Files, lab: Lab
) -> None:
    serial = await start(real, disks)
    serial.close()
    await real.ok(await real.vm.shutdown(D, VM))
    for delay in (0.02, 0.05, 0.1, 0.2, 0.3):
        task = await real.vm.start(D, VM)
        await asyncio.sleep(delay)
        lab.libvirtd.kill()
        lab.libvirtd.wait()
        lab.libvirtd = lab.spawn("xenopsd.backend.libvirt.daemon")
        await real.done(task)
        await _quiet(real)

        if await real.power(VM) is PowerState.HALTED:
            assert not lab.qemus()
            assert not disks.open
        else:
            assert len(lab.qemus()) == 1
            await real.ok(await real.vm.shutdown(D, VM))


async def test_a_locked_interface_sends_from_its_own_address_only(real: Real, disks: Files) -> None:
    serial, nic = await start(real, disks), DeviceId(vm=VM, device="0")
    ip = ["ip", "-n", real.lab.netns, "addr"]
    subprocess.run([*ip, "replace", "10.77.0.1/24", "dev", "xenbr0"], check=True)
    await serial.run("ip link set eth0 up; ip addr add 10.77.0.2/24 dev eth0")
    reached, lost = "ping -c 3 -W 20 10.77.0.1", "ping -c 3 -W 2 10.77.0.1"
    assert " 0% packet loss" in await serial.run(reached)

    await real.ok(await real.vif.set_locking_mode(D, nic, LockingMode.LOCKED, ["10.77.0.9"], []))
    assert "100% packet loss" in await serial.run(lost)
    await real.ok(await real.vif.set_locking_mode(D, nic, LockingMode.LOCKED, ["10.77.0.2"], []))
    assert " 0% packet loss" in await serial.run(reached)
    await real.ok(await real.vif.set_locking_mode(D, nic, LockingMode.DISABLED, [], []))
    assert "100% packet loss" in await serial.run(lost)


async def test_devices_come_and_go_while_the_guest_runs(real: Real, disks: Files) -> None:
    serial = await start(real, disks)
    extra, drive, nic = (DeviceId(vm=VM, device=name) for name in ("xvdb", "xvdd", "0"))
    disks.make("extra", 32 * MIB)
    await real.vbd.add(D, vbd("xvdb", 1, "extra"))

    await real.ok(await real.vbd.plug(D, extra))
    await serial.shows("cat /proc/partitions", "vdb")
    await real.ok(await real.vbd.unplug(D, extra))
    assert "vdb" not in await serial.run("cat /proc/partitions")
    assert f"vbd/{VM}/xvdb" not in disks.open

    disc = disks.make("disc", 2 * MIB, b"what the disc says")
    await real.ok(await real.vbd.insert(D, drive, disc))
    await serial.shows("head -c 18 /dev/sr0", "what the disc says")
    await real.ok(await real.vbd.eject(D, drive))
    assert f"vbd/{VM}/xvdd" not in disks.open

    await real.ok(await real.vif.set_carrier(D, nic, False))
    await serial.shows("ip link set eth0 up; echo carrier $(cat /sys/class/net/eth0/carrier)", "carrier 0")
    await real.ok(await real.vif.set_carrier(D, nic, True))
    await serial.shows("echo carrier $(cat /sys/class/net/eth0/carrier)", "carrier 1")
    await real.ok(await real.vif.move(D, nic, "xenbr1"))
    tap = (await real.vif.stat(D, nic)).device
    master = subprocess.run(
        ["ip", "-n", real.lab.netns, "-o", "link", "show", tap], capture_output=True, text=True, check=True
    ).stdout
    assert "master xenbr1" in master
    await real.ok(await real.vif.unplug(D, nic))
    assert "eth0" not in await serial.run("ls /sys/class/net")
    await real.ok(await real.vif.plug(D, nic))
    await serial.shows("ls /sys/class/net", "eth0")


async def test_a_guest_that_reboots_in_place_keeps_its_domain(real: Real, disks: Files) -> None:
    serial = await start(real, disks)
    before = (await real.vm.stat(D, VM)).state

    serial.writer.write(b"\nreboot -f\n")
    await serial.until("GUEST-UP")

    after = (await real.vm.stat(D, VM)).state
    assert after.domids == before.domids
    assert after.last_start_time > before.last_start_time


async def test_a_guest_that_panics_is_treated_as_its_owner_wants(real: Real, disks: Files) -> None:
    serial = await start(real, disks, on_crash=Action.DESTROY)

    serial.writer.write(b"\necho c > /proc/sysrq-trigger\n")

    await real.until(VM, PowerState.HALTED)
    assert not disks.open


async def test_a_killed_emulator_is_a_crash(real: Real, disks: Files, lab: Lab) -> None:
    await start(real, disks, on_crash=Action.DESTROY)

    [qemu] = lab.qemus()
    os.kill(qemu, signal.SIGKILL)

    await real.until(VM, PowerState.HALTED)
    assert not disks.open


@pytest.mark.parametrize("disks", ["nbd"], indirect=True)
async def test_a_guest_goes_on_when_its_killed_storage_daemon_is_back(real: Real, disks: Exports) -> None:
    serial = await start(real, disks)
    write = "dd if=/dev/zero of=/dev/vda bs=4k count=400 seek=$n conv=fsync"
    serial.writer.write(f"\nfor n in 1 2 3 4 5 6 7 8; do {write} 2>&1; done; echo WRIT''TEN\n".encode())
    await serial.until("records out")

    killed = disks.daemons["root"]
    killed.kill()

    assert "error" not in await serial.until("WRITTEN")
    assert disks.daemons["root"] is not killed
    assert "I/O error" not in await serial.run("dmesg")


@pytest.mark.parametrize("disks", ["nbd"], indirect=True)
async def test_memory_is_saved_to_a_disk_that_has_no_path(real: Real, disks: Exports) -> None:
    serial = await start(real, disks)
    await serial.run("echo kept > /tmp/mark")
    image = disks.make("image", 512 * MIB)

    await real.ok(await real.vm.suspend(D, VM, image))
    assert not disks.daemons
    await real.ok(await real.vm.resume(D, VM, image))
    await real.ok(await real.vm.unpause(D, VM))

    assert "kept" in await (await real.console()).run("cat /tmp/mark")


async def _quiet(real: Real) -> None:
    """Wait until what xenopsd found at its start is dealt with."""
    await real.done(await real.vm.set_xsdata(D, VM, {}))
