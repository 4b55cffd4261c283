"""What goes wrong on real Xen under xenopsd alone: it is killed, guests don't listen, and nothing may ever be left."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from common.idl.task import TaskId
from common.idl.xen import (
    DirectBoot,
    DomainType,
    LocalDisk,
    PowerState,
    Vm,
)
from tests.xen.guests.xenopsd_host import MIB, Daemon, disk, domids, guest, terminal
from tests.xenopsd.conftest import Host

pytestmark = pytest.mark.xen(deadline=600)

FREED_IN = 20.0  # seconds until Xen has the last page of a domain back

Ask = Callable[[Host, Vm, LocalDisk], Awaitable[TaskId]]
DEAF = "initcall_blacklist=xen_setup_shutdown_event"
"""For a guest's kernel: don't listen for requests to shut down."""


@dataclass(frozen=True)
class Kill:
    """xenopsd dies as it begins `atomic` of what was asked; `then` is the truth in the end."""

    ask: Ask
    atomic: str
    then: PowerState


KILLS = (
    Kill(lambda host, vm, _: host.vm.start("test", vm.id), "DiskOpen", PowerState.HALTED),
    Kill(lambda host, vm, _: host.vm.start("test", vm.id), "VmCreate", PowerState.HALTED),
    Kill(lambda host, vm, image: host.vm.suspend("test", vm.id, image), "VmSave", PowerState.RUNNING),
    Kill(lambda host, vm, image: host.vm.suspend("test", vm.id, image), "VmDestroy", PowerState.SUSPENDED),
    Kill(lambda host, vm, _: host.vm.shutdown("test", vm.id, 60.0), "VmShutdown", PowerState.HALTED),
    Kill(lambda host, vm, _: host.vm.shutdown("test", vm.id), "VmDestroy", PowerState.HALTED),
)
BEGINS_RUNNING = {"VmSave", "VmShutdown", "VmDestroy"}


async def test_killed_in_six_atomics(running: tuple[Daemon, Host], root: Path) -> None:
    xenopsd, host = running
    vm, image = guest(DomainType.PV), LocalDisk(path=str(_file(root, "image", 400 * MIB)))
    await host.vm.add("test", vm)
    await host.vbd.add("test", disk(vm, 0, _file(root, "disk", 16 * MIB)))
    for kill in KILLS:
        if kill.atomic in BEGINS_RUNNING:
            await _runs(host, vm, image)
        before = xenopsd.log.stat().st_size
        await kill.ask(host, vm, image)
        await xenopsd.reaches(kill.atomic, before)
        await host.client.close()
        xenopsd.kill()
        host.__init__(await xenopsd.start(), host.disks)  # type: ignore[misc]
        await _becomes(host, vm, kill.then)
        if kill.then is PowerState.RUNNING:
            async with terminal(host, vm.id) as console:
                await console.command("true")
        else:
            assert domids() == [], kill
    assert _lines("losetup", "--list", "--noheadings") == []


async def test_a_guest_that_does_not_listen(running: tuple[Daemon, Host]) -> None:
    _, host = running
    lazy = guest(DomainType.PVH)
    assert isinstance(lazy.boot, DirectBoot)
    deaf = guest(DomainType.PVH, boot=msgspec.structs.replace(lazy.boot, cmdline=f"{lazy.boot.cmdline} {DEAF}"))
    for vm in (deaf, lazy):
        await host.vm.add("test", vm)
        await _runs(host, vm)
    assert (await host.error(await host.vm.shutdown("test", deaf.id, 60.0)))[0] == "Failed_to_acknowledge_shutdown"
    async with terminal(host, lazy.id) as console:
        await console.command("echo '#!/bin/sh' >/sbin/poweroff")
    assert (await host.error(await host.vm.shutdown("test", lazy.id, 10.0)))[0] == "Failed_to_shutdown"
    for vm in (deaf, lazy):
        assert await host.power(vm.id) is PowerState.RUNNING
        await host.ok(await host.vm.shutdown("test", vm.id))
    assert domids() == []


@pytest.mark.parametrize("cycles", [20, pytest.param(100, marks=[pytest.mark.soak, pytest.mark.xen(deadline=3000)])])
async def test_cycles_leak_nothing(running: tuple[Daemon, Host], root: Path, cycles: int) -> None:
    xenopsd, host = running
    vm = guest(DomainType.PV)
    await host.vm.add("test", vm)
    await host.vbd.add("test", disk(vm, 0, _file(root, "disk", 16 * MIB)))

    async def cycle() -> None:
        await host.ok(await host.vm.start("test", vm.id))
        await host.ok(await host.vm.shutdown("test", vm.id))

    await cycle()  # what is made once and kept
    before, size = await _held(xenopsd, host), _resident(xenopsd)
    for _ in range(cycles):
        await cycle()
    end = time.monotonic() + FREED_IN
    while (now := await _held(xenopsd, host)) != before and time.monotonic() < end:
        await asyncio.sleep(0.5)
    assert now == before
    assert _resident(xenopsd) - size < 8 * MIB


async def _held(xenopsd: Daemon, host: Host) -> dict[str, object]:
    """All that a domain takes, from Xen down to descriptors of xenopsd and its helper."""
    processes = [xenopsd.pid, *map(int, _lines("pgrep", "-P", str(xenopsd.pid)))]
    return {
        "memory": (await host.host.stat("test")).memory_free >> 20,
        "descriptors": [len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in processes],
        "domains": domids(),
        "xenstore": _lines("xenstore-ls", "-f"),
        "loop devices": _lines("losetup", "--list", "--noheadings"),
        "files": sorted(map(str, Path("/var/lib/xen").rglob("*"))),
    }


def _resident(xenopsd: Daemon) -> int:
    return int(Path(f"/proc/{xenopsd.pid}/statm").read_text().split()[1]) * 4096


async def _runs(host: Host, vm: Vm, image: LocalDisk | None = None) -> None:
    """Its user space is up, whatever it did before."""
    state = await host.power(vm.id)
    if state is PowerState.HALTED:
        await host.ok(await host.vm.start("test", vm.id))
    elif state is PowerState.SUSPENDED:
        assert image is not None
        await host.ok(await host.vm.resume("test", vm.id, image))
    await host.ok(await host.vm.unpause("test", vm.id))
    async with terminal(host, vm.id) as console:
        if state is PowerState.HALTED:
            await console.expect("GUEST-UP", 180.0)
        await console.command("true")


async def _becomes(host: Host, vm: Vm, state: PowerState) -> None:
    async with asyncio.timeout(90):
        while await host.power(vm.id) is not state:
            await asyncio.sleep(0.1)


def _file(root: Path, name: str, size: int) -> Path:
    path = root / name
    with path.open("wb") as stream:
        stream.truncate(size)
    return path


def _lines(*argv: str) -> list[str]:
    return subprocess.run(argv, capture_output=True, text=True, timeout=30.0, check=False).stdout.splitlines()
