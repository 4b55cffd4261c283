"""Memory of guests between xenstore and Xen. The hypervisor is a list of domains here; see tests/xen/guests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from common.idl.xen import VmId
from common.idl.xen_errors import NotEnoughMemory
from common.xen.libxc import DomainInfo, Machine
from common.xen.xenstore import Xenstore
from tests.common.xen.xenstored import Xenstored
from xenopsd.backend.libxl.balloon import SLACK, Ballooning
from xenopsd.backend.libxl.consoles import Consoles
from xenopsd.backend.libxl.observe import Observer
from xenopsd.memory.machine import Balloon, BalloonMachine
from xenopsd.memory.policy import HOST_RESERVE

MIB = 1 << 20
VM = VmId("11111111-2222-4333-8444-555555555555")
HOME = "/local/domain/7"
RUNNING = DomainInfo(7, VM, 2, 100 * MIB, 129 * MIB, 0.0, 1, 0)


class Xen:
    """What of libxc is asked here."""

    def __init__(self) -> None:
        self.present = [replace(RUNNING, domid=0, handle="dom0"), RUNNING]
        self.limits: dict[int, int] = {}
        self.free = HOST_RESERVE + 20 * MIB

    def domains(self) -> list[DomainInfo]:
        return self.present

    def cpu_nodes(self) -> list[int]:
        return [0]

    def preferred_cpus(self, domain: DomainInfo) -> list[list[int]]:
        return [[0]]

    def machine(self) -> Machine:
        return Machine(1, 1, 1, 1, 1000.0, 1 << 30, self.free, shadow=False)

    def paging_pool(self, domid: int) -> int:
        return 4 * MIB

    def set_memory_limit(self, domid: int, limit: int) -> None:
        self.limits[domid] = limit


class Backend(Ballooning):
    """A backend's memory, and nothing else."""

    def __init__(self, xen: Any, store: Xenstore, folder: Path) -> None:
        self._xc, self._store = xen, store
        self._observer = Observer(xen, store, Consoles(folder), "", lambda _vm: None)

    async def set_range(self, minimum: int, maximum: int) -> None:
        await self._set_range(RUNNING, minimum, maximum)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Xenstore]:
    server = Xenstored(tmp_path / "socket")
    await server.start()
    client = Xenstore(server.path)
    await client.write(f"{HOME}/memory/target", str(100 << 10))
    yield client
    await client.close()
    await server.stop()


@pytest.fixture
def xen() -> Xen:
    return Xen()


@pytest.fixture
def backend(xen: Xen, store: Xenstore, tmp_path: Path) -> Backend:
    return Backend(xen, store, tmp_path)


async def test_what_is_seen(backend: Backend, xen: Xen, store: Xenstore) -> None:
    assert isinstance(backend, BalloonMachine)
    silent = Balloon(VM, 100 * MIB, 100 * MIB, 129 * MIB - SLACK, balloons=False, overhead=4 * MIB)
    assert await backend.memory() == (xen.free, [silent])
    await store.write(f"{HOME}/control/feature-balloon", "1")
    await backend.set_memory_offset(VM, -2 * MIB)
    assert await backend.memory() == (xen.free, [replace(silent, balloons=True, offset=-2 * MIB)])
    xen.present[1] = replace(RUNNING, flags=2 | 8)  # paused
    _, [balloon] = await backend.memory()
    assert not balloon.balloons


async def test_the_screen_is_not_the_drivers(backend: Backend, xen: Xen, store: Xenstore) -> None:
    await store.write(f"{HOME}/memory/videoram", str(16 << 10))
    _, [balloon] = await backend.memory()
    assert balloon.target == 116 * MIB
    await backend.set_memory_target(VM, 90 * MIB, 95 * MIB)
    assert await store.read(f"{HOME}/memory/target") == str(74 << 10)
    assert xen.limits == {7: 95 * MIB + SLACK}


async def test_the_mark(backend: Backend, store: Xenstore) -> None:
    await backend.set_uncooperative(VM, True)
    assert await store.read(f"{HOME}/memory/uncooperative") == ""
    await backend.set_uncooperative(VM, False)
    assert await store.read(f"{HOME}/memory/uncooperative") is None


async def test_nothing_is_written_for_a_domain_that_is_gone(backend: Backend, xen: Xen, store: Xenstore) -> None:
    await store.rm(HOME)  # xenstored has done with it, Xen not yet
    await backend.set_memory_target(VM, 90 * MIB, 90 * MIB)
    await backend.set_memory_offset(VM, 0)
    await backend.set_uncooperative(VM, True)
    xen.present.pop()
    await backend.set_memory_target(VM, 90 * MIB, 90 * MIB)
    assert await store.directory("/local/domain") == []


async def test_a_guest_without_a_driver_is_asked_into_its_range(backend: Backend, store: Xenstore) -> None:
    await store.write(f"{HOME}/memory/target", str(99 << 10))
    await backend.set_range(110 * MIB, 120 * MIB)
    assert await store.read(f"{HOME}/memory/memory-offset") == str(1 << 10)
    assert await store.read(f"{HOME}/memory/target") == str(110 << 10)
    assert await store.read(f"{HOME}/memory/dynamic-max") == str(120 << 10)
    with pytest.raises(NotEnoughMemory) as raised:
        await backend.set_range(121 * MIB, 121 * MIB)
    assert (raised.value.needed, raised.value.free) == (21 * MIB, 20 * MIB)
    await store.write(f"{HOME}/control/feature-balloon", "1")
    await backend.set_range(121 * MIB, 130 * MIB)
    assert await store.read(f"{HOME}/memory/target") == str(110 << 10)
