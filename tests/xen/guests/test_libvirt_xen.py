"""The second way to Xen: the libvirt backend connected to libvirt's Xen driver starts and stops guests."""

from __future__ import annotations

import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from common.idl.xen import (
    DomainType,
    PowerState,
)
from tests.bed.baseline import UP
from tests.bed.console import Console
from tests.xen.guests.xenopsd_host import MIB, daemon, disk, domids, guest, interface
from tests.xenopsd.conftest import Host

pytestmark = pytest.mark.xen(deadline=500)

URI = "xen:///system"
OPTIONS = ("--backend", "libvirt", "--libvirt-uri", URI)
READY = 60.0  # seconds for libvirtd
STOP = 10.0
BOOT = 240.0


@pytest.fixture
def libvirtd(tmp_path: Path) -> Iterator[None]:
    """The machine's own, as on a host where an administrator uses virsh."""
    log = tmp_path / "libvirtd.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(["libvirtd"], stdin=subprocess.DEVNULL, stdout=stream, stderr=stream)
    try:
        deadline = time.monotonic() + READY
        while subprocess.run(["virsh", "-c", URI, "list"], capture_output=True, check=False).returncode != 0:
            assert process.poll() is None and time.monotonic() < deadline, log.read_text()  # noqa: PT018
            time.sleep(0.5)
        yield
    finally:
        process.terminate()
        process.wait(STOP)


@pytest.fixture
async def host(libvirtd: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Host]:
    root = tmp_path / "root"
    root.mkdir()
    monkeypatch.setenv("XAPI_ROOT", str(root))
    async with daemon(root, OPTIONS) as (_, found):
        yield found


@pytest.mark.parametrize("kind", [DomainType.PV, DomainType.HVM])
async def test_start_and_stop(host: Host, tmp_path: Path, kind: DomainType) -> None:
    image = tmp_path / "disk"
    image.write_bytes(b"first disk\n".ljust(32 * MIB, b"\0"))
    vm = guest(kind)
    await host.vm.add("test", vm)
    await host.vbd.add("test", disk(vm, 0, image))
    await host.vif.add("test", interface(vm))
    await host.ok(await host.vm.start("test", vm.id))
    assert await host.power(vm.id) is PowerState.PAUSED
    await host.ok(await host.vm.unpause("test", vm.id))
    assert await host.power(vm.id) is PowerState.RUNNING
    [domid] = domids()
    with Console(domid, hvm=kind is DomainType.HVM) as console:
        console.expect(UP, BOOT)
        assert console.command("head -n 1 /dev/xvda") == "first disk"
    await host.ok(await host.vm.shutdown("test", vm.id, 120.0))
    assert await host.power(vm.id) is PowerState.HALTED
    assert domids() == []
