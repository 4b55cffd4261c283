"""A card of the host in a guest, and back with its driver in dom0, whoever dies between."""

from __future__ import annotations

import asyncio
import gzip
import io
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from common.development import cpio
from common.idl.task import State
from common.idl.xen import (
    DirectBoot,
    DomainType,
    LocalDisk,
    PowerState,
    Vm,
)
from tests.xen.guests.xenopsd_host import Daemon, Terminal, guest, terminal
from tests.xenopsd.conftest import Host
from xenopsd.xen.pci import PCIBACK, Bus

pytestmark = pytest.mark.xen(deadline=600, iommu=True)

CARD, MAC, MODEL, DRIVER = "0000:01:00.0", "52:54:00:77:01:01", "0x10d3", "e1000e"
PATIENCE = 60.0  # seconds
MODULES = ("pci/xen-pcifront", "net/ethernet/intel/e1000e/e1000e")


@pytest.fixture
async def card() -> None:
    """dom0's own driver has it, as on a host that was just booted."""
    subprocess.run(["modprobe", DRIVER], timeout=60.0, check=True)
    await until(lambda: Bus().driver(CARD) == DRIVER)


async def until(holds: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Until it holds."""
    async with asyncio.timeout(patience):
        while not holds():
            await asyncio.sleep(0.05)


def boot(folder: Path, kind: DomainType) -> DirectBoot:
    """The tiny guest, its first root with the drivers of the card and of the bus that PV guests have."""
    hvm = kind is DomainType.HVM
    drivers = Path("/lib/modules") / os.uname().release / "kernel/drivers"
    stream = io.BytesIO()
    archive = cpio.Archive(stream)
    for module in MODULES:
        archive.file(f"modules/{Path(module).name}.ko", (drivers / f"{module}.ko").read_bytes())
    archive.close()
    ramdisk = folder / "initrd"
    ramdisk.write_bytes(Path("/guests/initrd").read_bytes() + gzip.compress(stream.getvalue(), 1))
    return DirectBoot(
        kernel="/guests/vmlinuz" if hvm else "/guests/vmlinux",
        ramdisk=str(ramdisk),
        cmdline=f"console={'ttyS0' if hvm else 'hvc0'} quiet",
    )


async def start(host: Host, vm: Vm) -> None:
    """The VM runs; it may not have come up. That a device model takes a card may last more than a minute."""
    task = await host.vm.start("test", vm.id)
    async with asyncio.timeout(240.0):
        while (await host.task.wait("test", task, 30.0)).state is State.PENDING:
            pass
    await host.ok(task)
    await host.ok(await host.vm.unpause("test", vm.id))


async def works(console: Terminal, *, hvm: bool) -> None:
    """The guest's driver finds the card and reads its address: registers can be reached."""
    # Of the bus only PV guests need a driver: for HVM it is emulated.
    names = [Path(module).name for module in MODULES][1 if hvm else 0 :]
    await console.command("; ".join(f"insmod /modules/{name}.ko" for name in names))
    await console.command(f"until grep -q {MODEL} /sys/bus/pci/devices/*/device; do sleep 0.2; done")
    assert MAC in await console.command(
        "until ls /sys/class/net/eth0; do sleep 0.2; done; cat /sys/class/net/*/address"
    )


async def restart(started: Daemon, host: Host) -> None:
    """Another xenopsd follows the one that was killed."""
    await host.client.close()
    started.kill()
    host.__init__(await started.start(), host.disks)  # type: ignore[misc]


async def pci(host: Host, vm: Vm) -> list[str]:
    """What xenopsd sees that the VM has."""
    return (await host.vm.stat("test", vm.id)).state.pci


@pytest.mark.usefixtures("card")
async def test_a_card_in_a_pv_guest(running: tuple[Daemon, Host], tmp_path: Path) -> None:
    started, host = running
    assert (await host.host.stat("test")).iommu
    vm = guest(DomainType.PV, pci=[CARD], boot=boot(tmp_path, DomainType.PV), vcpus=1)
    await host.vm.add("test", vm)

    # Killed when the card was taken and no domain is whole.
    await host.vm.start("test", vm.id)
    await until(lambda: Bus().driver(CARD) == PCIBACK)
    await restart(started, host)
    await until(lambda: Bus().driver(CARD) == DRIVER, 120.0)
    await host.until(vm.id, PowerState.HALTED)

    await start(host, vm)
    assert await pci(host, vm) == [CARD]
    async with terminal(host, vm.id) as console:
        await console.expect("GUEST-UP", 180.0)
        await works(console, hvm=False)

    # Killed while it runs; then nobody else may have the card, and the VM stays where it is.
    await restart(started, host)
    assert await pci(host, vm) == [CARD]
    other = guest(DomainType.PV, pci=[CARD])
    await host.vm.add("test", other)
    assert await refusal(host, other) == ["Pci_device_unavailable", other.id, CARD, f"VM {vm.id} has it"]
    image = LocalDisk(path=str(tmp_path / "image"))
    assert await host.error(await host.vm.suspend("test", vm.id, image)) == ["Has_pci_attached", vm.id]

    # A reboot is another domain with the same card.
    await host.ok(await host.vm.reboot("test", vm.id))
    assert await pci(host, vm) == [CARD]

    # Killed while it is destroyed.
    seen = started.log.stat().st_size
    await host.vm.shutdown("test", vm.id)
    await started.reaches("VmDestroy", seen)
    await restart(started, host)
    await until(lambda: Bus().driver(CARD) == DRIVER, 120.0)
    await host.until(vm.id, PowerState.HALTED)


@pytest.mark.usefixtures("card")
async def test_a_card_in_an_hvm_guest(running: tuple[Daemon, Host], tmp_path: Path) -> None:
    _, host = running
    vm = guest(DomainType.HVM, pci=[CARD], boot=boot(tmp_path, DomainType.HVM))
    await host.vm.add("test", vm)
    await start(host, vm)
    assert await pci(host, vm) == [CARD]
    async with terminal(host, vm.id) as console:
        await console.expect("GUEST-UP", 300.0)
        await console.present()
        await works(console, hvm=True)
    await host.ok(await host.vm.shutdown("test", vm.id))
    assert Bus().driver(CARD) == DRIVER


@pytest.mark.usefixtures("card")
async def test_what_no_guest_can_have(running: tuple[Daemon, Host]) -> None:
    _, host = running
    for fields, reason in (
        ({"pci": ["0000:09:00.0"]}, "this host has no such device"),
        ({"pci": ["0000:00:10.0"]}, "it is a bridge"),
        ({"pci": ["0000:00:03.0"]}, "this host has vda, a disk of it, mounted"),
    ):
        assert (await _refused(host, DomainType.PV, **fields))[3] == reason
    assert "PVH" in (await _refused(host, DomainType.PVH, pci=[CARD]))[3]
    assert Bus().driver(CARD) == DRIVER


async def _refused(host: Host, kind: DomainType, **fields: Any) -> list[str]:
    vm = guest(kind, **fields)
    await host.vm.add("test", vm)
    return await refusal(host, vm)


async def refusal(host: Host, vm: Vm) -> list[str]:
    """The error with which it does not start."""
    return await host.error(await host.vm.start("test", vm.id))
