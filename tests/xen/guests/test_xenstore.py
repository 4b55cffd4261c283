"""What guests find in xenstore and may write there, how devices are connected, pages they grant, CPUs they see."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from common.idl.xen import (
    DomainType,
    GrantedMetrics,
    Vm,
)
from common.xen.libxc import Libxc
from common.xen.pages import EventChannels
from common.xen.xenstore import Xenstore
from rrdd.sources import granted
from tests.xen.guests import extras
from tests.xen.guests.xenopsd_host import Terminal, daemon, disk, guest, interface, terminal
from tests.xenopsd.conftest import Host
from xenopsd.backend.libxl import machine

pytestmark = pytest.mark.xen(deadline=400)

EVENT_CHANNELS = "/usr/lib/xen-4.17/bin/lsevtchn"
CONNECTED = "4"
PATIENCE = 60.0  # seconds


@pytest.fixture
async def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Host]:
    monkeypatch.setenv("XAPI_ROOT", str(tmp_path))
    async with daemon(tmp_path) as (_, running):
        yield running


@pytest.fixture
async def store() -> AsyncIterator[Xenstore]:
    opened = Xenstore()
    yield opened
    await opened.close()


async def _home(host: Host, vm: Vm) -> str:
    [domid] = (await host.vm.stat("test", vm.id)).state.domids
    return f"/local/domain/{domid}"


@pytest.mark.parametrize("kind", [DomainType.PVH, DomainType.HVM])
async def test_layout(host: Host, store: Xenstore, kind: DomainType) -> None:
    vm = guest(kind, platform={"key": "value"}, weight=512, bios_strings={"bios-vendor": "us"}, generation_id="1:2")
    await host.vm.add("test", vm)
    await host.ok(await host.vm.start("test", vm.id))
    home = await _home(host, vm)
    domid = home.rpartition("/")[2]
    kib = str(vm.memory_static_max >> 10)
    for name, value in {
        "name": vm.name,
        "vm": f"/vm/{vm.id}",
        "domid": domid,
        "domain-type": kind,
        "action-request": "poweroff",
        "control/platform-feature-multiprocessor-suspend": "1",
        "control/platform-feature-xs_reset_watches": "1",
        "control/has-vendor-device": "0",
        "platform/key": "value",
        "platform/vcpu/number": str(vm.vcpus_max),
        "platform/vcpu/current": "1",
        "platform/vcpu/weight": "512",
        "platform/generation-id": "1:2",
        "vm-data/greeting": "hello",
        "memory/static-max": kib,
        "memory/initial-target": kib,
        "memory/dynamic-min": kib,
        "memory/dynamic-max": kib,
        "cpu/0/availability": "online",
        "bios-strings/bios-vendor": "us" if kind is DomainType.HVM else None,
    }.items():
        assert await store.read(f"{home}/{name}") == value, name
    for ring in ("store", "console"):
        for end in ("port", "ring-ref"):
            assert int(await store.read(f"{home}/{ring}/{end}") or 0) > 0, (ring, end)
    if vm.vcpus_max > 1:
        assert await store.read(f"{home}/cpu/1/availability") == "offline"
    assert await store.read(f"{home}/unique-domain-id") not in {None, vm.id}
    assert await store.read(f"/vm/{vm.id}/uuid") == vm.id
    assert await store.read(f"/vm/{vm.id}/domains/{domid}") == home
    for writable in ("attr", "control", "data", "drivers", "error", "feature", "messages", "rrd", "vm-data"):
        assert (await store.permissions(f"{home}/{writable}"))[0] == f"n{domid}", writable
    for readable in ("platform/key", "memory/target", "memory/dynamic-max", "name", "cpu/0/availability"):
        assert await store.permissions(f"{home}/{readable}") == ["n0", f"r{domid}"], readable
    await host.ok(await host.vm.shutdown("test", vm.id))
    for gone in (home, f"/vm/{vm.id}", f"/libxl/{domid}", f"/xapi/{vm.id}"):
        assert await store.directory(gone) == []


@pytest.mark.parametrize("kind", [DomainType.PV, DomainType.PVH])
async def test_devices_agent_and_grants(host: Host, store: Xenstore, tmp_path: Path, kind: DomainType) -> None:
    vm = guest(kind, cpu_features=_without_aes(kind))
    content = extras.make(
        tmp_path / "extras",
        programs=[Path(__file__).with_name("granting.c")],
        modules=["xen-evtchn", "xen-gntalloc"],
    )
    await host.vm.add("test", vm)
    await host.vbd.add("test", disk(vm, 0, content))
    await host.vif.add("test", interface(vm))
    await host.ok(await host.vm.start("test", vm.id))
    await host.ok(await host.vm.unpause("test", vm.id))
    home = await _home(host, vm)
    async with terminal(host, vm.id) as console:
        await console.expect("GUEST-UP", 180.0)
        await extras.mount(console)
        flags = (await console.command("grep -m 1 ^flags /proc/cpuinfo")).split()
        assert ("sse2" in flags, "aes" in flags) == (True, False)
        for device in ("vbd", "vif"):
            await _connected(store, home, device)
        await _agent(host, console, vm)
        await _own_and_others(host, console, vm)
        await _grants(host, store, console, vm, home)


def _without_aes(kind: DomainType) -> str:
    """The features a guest would be shown, but for one."""
    with Libxc() as xc:
        words = machine.shown(xc, kind).split("-")
    assert int(words[1], 16) >> 25 & 1
    words[1] = f"{int(words[1], 16) & ~(1 << 25):08x}"
    return "-".join(words)


async def _connected(store: Xenstore, home: str, kind: str) -> None:
    """Both ends of a device name each other, are connected, and Xen knows its event channels."""
    [number] = await store.directory(f"{home}/device/{kind}")
    front = f"{home}/device/{kind}/{number}"
    back = await store.read(f"{front}/backend") or ""
    assert await store.read(f"{back}/frontend") == front
    assert await store.read(f"{front}/backend-id") == "0"
    domid = home.rpartition("/")[2]
    assert await store.read(f"{back}/frontend-id") == domid
    async with asyncio.timeout(PATIENCE):
        while {await store.read(f"{end}/state") for end in (front, back)} != {CONNECTED}:
            await asyncio.sleep(0.2)
    nodes = await store.tree(front, 2)
    references = [int(value) for name, value in nodes.items() if "ring-ref" in name]
    ports = [int(value) for name, value in nodes.items() if "event-channel" in name and "feature" not in name]
    assert references, nodes
    assert all(references)
    assert ports, nodes
    listed = subprocess.run([EVENT_CHANNELS, domid], capture_output=True, text=True, timeout=30.0, check=True).stdout
    for port in ports:
        [line] = [line for line in listed.splitlines() if line.strip().startswith(f"{port}:")]
        assert "Interdomain (Connected) - Remote Domain 0" in line


async def _agent(host: Host, console: Terminal, vm: Vm) -> None:
    await extras.start_agent(console)
    async with asyncio.timeout(PATIENCE):
        while "data/updated" not in (told := (await host.vm.stat("test", vm.id)).state.guest_agent):
            await asyncio.sleep(0.2)
    assert told["data/os_name"] == "Tiny 1.2"
    assert told["data/host_name"] == "tiny"
    assert told["attr/vif/0/ipv4/0"] == "192.0.2.21"
    assert told["control/feature-balloon"] == told["control/feature-shutdown"] == told["feature/hotplug"] == "1"
    assert int(told["data/meminfo_total"]) > 32 << 10
    assert told["attr/PVAddons/MajorVersion"].isdigit()
    [counters] = await host.vm.counters("test")
    assert (counters.memory_internal_free or 0) > 0


async def _own_and_others(host: Host, console: Terminal, vm: Vm) -> None:
    """The guest reads what is for it, writes what is its own, and nothing else."""
    await console.command("/disk/xenstore write vm-data/mine 1 attr/mine 1 control/feature-mine 1 data/mine 1")
    for foreign in ("platform/x", "memory/target", "name", "control/platform-feature-xs_reset_watches"):
        await console.command(f"! /disk/xenstore write {foreign} 1 2>/dev/null")
    assert await console.command("/disk/xenstore read vm-data/greeting") == "hello"
    async with asyncio.timeout(PATIENCE):
        while (await host.vm.stat("test", vm.id)).state.xsdata != {"vm-data/greeting": "hello", "vm-data/mine": "1"}:
            await asyncio.sleep(0.2)
    await host.ok(await host.vm.set_xsdata("test", vm.id, {"vm-data/other": "x"}))
    assert await console.command("/disk/xenstore list vm-data") == "other"
    assert await console.command("/disk/xenstore read vm-data/other") == "x"


async def _grants(host: Host, store: Xenstore, console: Terminal, vm: Vm, home: str) -> None:
    """A page of metrics is found, read each time anew, and the guest is told over an event channel, and tells."""
    channels = EventChannels()
    port = channels.offer(int(home.rpartition("/")[2]))
    await console.command(
        "insmod /disk/xen-evtchn.ko; insmod /disk/xen-gntalloc.ko; while ! [ -e /dev/xen/gntalloc ]; do sleep 0.2; done"
    )
    await console.command(f"(setsid /disk/granting {port} >/tmp/granting 2>&1 &)")
    said = await console.command("while ! [ -s /tmp/granting ]; do sleep 0.2; done; cat /tmp/granting")
    reference = int(said.removeprefix("reference "))
    await console.command(f"/disk/xenstore write rrd/app/grantrefs {reference} rrd/app/ready true")
    async with asyncio.timeout(PATIENCE):
        while not (counters := (await host.vm.counters("test"))[0]).granted:
            await asyncio.sleep(0.2)
    assert counters.granted == [GrantedMetrics(name="app", references=[reference])]
    reader = granted.Reader()
    [batch] = reader.batches([counters], {})
    assert ([source.name for source in batch.sources], batch.values, batch.uuid) == (["rung"], [0.0], vm.id)
    for times in (1.0, 2.0):
        channels.notify(port)
        assert await _rings(channels) == port
        [batch] = reader.batches([counters], {})
        assert batch.values == [times]
    channels.close()


async def _rings(channels: EventChannels) -> int:
    loop = asyncio.get_running_loop()
    news = asyncio.Event()
    loop.add_reader(channels.fd, news.set)
    try:
        await asyncio.wait_for(news.wait(), PATIENCE)
    finally:
        loop.remove_reader(channels.fd)
    return channels.pending()
