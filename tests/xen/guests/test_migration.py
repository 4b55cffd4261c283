"""A running guest moves to a new domain of the same host."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from common.idl.task import State
from common.idl.xen import (
    DomainType,
    PowerState,
    Vm,
)
from common.idl.xen_errors import CannotMigrate
from tests.xen.guests.xenopsd_host import Daemon, disk, domids, guest, terminal, up
from tests.xenopsd.conftest import Host

pytestmark = pytest.mark.xen(deadline=500)


async def count(host: Host, vm: Vm) -> int:
    """The guest's own counter."""
    async with terminal(host, vm.id) as console:
        await console.present()
        return int(await console.command("cat /tmp/count"))


@pytest.mark.parametrize("kind", [DomainType.PVH, DomainType.HVM])
async def test_a_guest_moves_on_its_own_host(running: tuple[Daemon, Host], tmp_path: Path, kind: DomainType) -> None:
    _, host = running
    vm = guest(kind)
    await up(host, vm, tmp_path / "disk")
    before, old = await count(host, vm), domids()

    await host.ok(await host.vm.migrate("test", vm.id, None, {}, {}))

    assert await host.power(vm.id) is PowerState.RUNNING
    assert domids() == (await host.vm.stat("test", vm.id)).state.domids != old
    assert await count(host, vm) >= before
    async with terminal(host, vm.id) as console:
        await console.present()
        assert await console.command("head -n 1 /dev/xvda") == "its disk"
        await console.command("ping -c 1 -w 20 192.0.2.1")
    await host.ok(await host.vbd.unplug("test", disk(vm, 0, tmp_path).id, force=True))
    await host.ok(await host.vm.shutdown("test", vm.id))
    assert domids() == []


async def test_a_cancelled_move_leaves_the_guest_as_it_was(running: tuple[Daemon, Host], tmp_path: Path) -> None:
    started, host = running
    vm = guest(DomainType.PVH)
    await up(host, vm, tmp_path / "disk")
    before, old = await count(host, vm), domids()

    task = await host.vm.migrate("test", vm.id, None, {}, {})
    async with asyncio.timeout(120):
        while (found := await host.task.stat("test", task)).progress < 0.3 and found.state is State.PENDING:
            await asyncio.sleep(0.05)
    await host.task.cancel("test", task)

    assert (await host.error(task))[0] == "Cancelled"
    assert domids() == old
    assert await count(host, vm) >= before

    # A xenopsd that is killed in the middle leaves the same to its successor.
    await host.vm.migrate("test", vm.id, None, {}, {})
    async with asyncio.timeout(120):
        while len(domids()) < 2:
            await asyncio.sleep(0.05)
    await host.client.close()
    started.kill()
    host.__init__(await started.start(), host.disks)  # type: ignore[misc]
    async with asyncio.timeout(120):
        while domids() != old:
            await asyncio.sleep(0.2)
    assert await host.power(vm.id) is PowerState.RUNNING
    assert await count(host, vm) >= before


async def test_pv_guests_are_refused_before_anything_is_touched(running: tuple[Daemon, Host], tmp_path: Path) -> None:
    _, host = running
    vm = guest(DomainType.PV)
    await up(host, vm, tmp_path / "disk")
    old = domids()

    with pytest.raises(CannotMigrate):
        await host.vm.assert_can_migrate("test", vm.id)
    with pytest.raises(CannotMigrate):
        await host.vm.migrate("test", vm.id, None, {}, {})

    assert domids() == old
    assert await host.power(vm.id) is PowerState.RUNNING
