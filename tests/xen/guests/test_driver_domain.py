"""A driver domain: a guest whose kernel serves a disk and an interface to another guest."""

from __future__ import annotations

import platform
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from common.idl.xen import (
    DomainType,
    RemoteDisk,
)
from common.xen.xenstore import Xenstore
from tests.xen.guests.xenopsd_host import Terminal, daemon, disk, domids, guest, interface, terminal
from tests.xenopsd.conftest import Host

pytestmark = pytest.mark.xen(deadline=500)

MODULES = {"b": "drivers/block/xen-blkback/xen-blkback.ko", "c": "drivers/net/xen-netback/xen-netback.ko"}
"""What makes a kernel a server, by the driver domain's disk that brings it."""
XVDA = "ca:0"  # major and minor of the driver domain's own first disk


@pytest.fixture
async def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Host]:
    monkeypatch.setenv("XAPI_ROOT", str(tmp_path))
    async with daemon(tmp_path) as (_, found):
        yield found


def image(path: Path, content: bytes) -> Path:
    path.write_bytes(content.ljust(-(-len(content) // 4096) * 4096, b"\0"))
    return path


async def up(console: Terminal) -> None:
    await console.expect("GUEST-UP", 180.0)


async def test_a_guest_on_another_guests_devices(host: Host, tmp_path: Path) -> None:
    driver = guest(DomainType.PV, vcpus_max=1)
    await host.vm.add("test", driver)
    await host.vbd.add("test", disk(driver, 0, image(tmp_path / "a", b"from the driver domain\n")))
    kernel = Path("/lib/modules") / platform.release() / "kernel"
    for position, (letter, module) in enumerate(MODULES.items(), 1):
        await host.vbd.add("test", disk(driver, position, image(tmp_path / letter, (kernel / module).read_bytes())))
    await host.ok(await host.vm.start("test", driver.id))
    await host.ok(await host.vm.unpause("test", driver.id))
    async with terminal(host, driver.id) as console:
        await up(console)
        for letter, module in MODULES.items():
            size = (kernel / module).stat().st_size
            await console.command(f"head -c {size} /dev/xvd{letter} >/module.ko && insmod /module.ko")
    [server] = domids()

    client = guest(DomainType.PVH)
    await host.vm.add("test", client)
    served = RemoteDisk(backend=driver.id, path="/dev/xvda")
    await host.vbd.add("test", disk(client, 0, Path(), disk=served))
    await host.vif.add("test", interface(client, backend=driver.id, bridge="none-of-dom0"))
    await host.ok(await host.vm.start("test", client.id))
    [domid] = [each for each in domids() if each != server]

    # What `xl devd` would do in a driver domain that has Xen's tools, this test does for it.
    store = Xenstore()
    backend = f"/local/domain/{server}/backend"
    [number] = await store.directory(f"{backend}/vbd/{domid}")
    await store.write(f"{backend}/vbd/{domid}/{number}/physical-device", XVDA)
    for device in (f"vbd/{domid}/{number}", f"vif/{domid}/0"):
        await store.write(f"{backend}/{device}/hotplug-status", "connected")
    await store.close()

    await host.ok(await host.vm.unpause("test", client.id))
    async with terminal(host, client.id) as console:
        await up(console)
        assert await console.command("head -n 1 /dev/xvda") == "from the driver domain"
        async with terminal(host, driver.id) as serving:
            vif = f"vif{domid}.0"
            await serving.command(f"ip address add 192.0.2.99/24 dev {vif} && ip link set {vif} up")
        assert "192.0.2.99" in await console.command("ping -c 1 -w 20 192.0.2.99")
    assert (await host.vbd.stat("test", disk(client, 0, Path()).id)).plugged
    assert (await host.vif.stat("test", interface(client).id)).plugged
    await host.ok(await host.vm.shutdown("test", client.id))
    await host.ok(await host.vm.shutdown("test", driver.id))
    assert domids() == []
