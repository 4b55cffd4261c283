"""A running guest moves from one Xen host to another, through the TLS port of its xapi."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import re
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from common.idl.task import State
from common.idl.xen import (
    DomainType,
    PowerState,
    Vm,
)
from common.idl.xen_errors import DoesNotExist
from common.rpc.client import Client
from tests.bed import baseline
from tests.bed.layout import BedFault
from tests.xen.guests.xenopsd_host import Daemon, Terminal, daemon, domids, guest, terminal, up
from tests.xen.pool.peer import ADDRESS, NAME, PORT, Peer, on, peer
from tests.xen.pool.shared import shared_folder
from tests.xenopsd.conftest import CountingStorage, Host

pytestmark = pytest.mark.xen(hosts=2, deadline=600)

OURS, XLS = "192.0.2.21", "192.0.2.12"
CUT = f"""
add table inet cut
add chain inet cut out {{ type filter hook output priority 0; }}
add rule inet cut out ip daddr {ADDRESS} tcp dport {PORT} drop
add chain inet cut in {{ type filter hook input priority 0; }}
add rule inet cut in ip saddr {ADDRESS} tcp sport {PORT} drop
"""


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    """The other host, with its daemons."""
    with peer(tmp_path_factory.mktemp("peer")) as started:
        yield started


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """What both hosts see."""
    with shared_folder() as path:
        yield path


@pytest.fixture
async def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Daemon, Host]]:
    monkeypatch.setenv("XAPI_ROOT", str(tmp_path))
    async with daemon(tmp_path) as started:
        yield started


@pytest.fixture
async def other(there: Peer) -> AsyncIterator[Host]:
    """The other host's xenopsd."""
    with there.socket(str(there.root / "var/lib/xcp/xenopsd")) as socket:
        async with Client(str(socket)) as client:
            yield Host(client, CountingStorage())  # type: ignore[abstract]
    for domid in domains_there():
        on("xl", "destroy", str(domid))


def domains_there() -> list[int]:
    """Every domain of the other host but its dom0."""
    return [domid for line in on("xl", "list").splitlines()[1:] if (domid := int(line.split()[-5]))]


def leftovers_there() -> str:
    """Loop devices and the toolstack's own nodes of xenstore, there."""
    return on("losetup --noheadings --output NAME; xenstore-ls -f /xapi 2>/dev/null | cut -d/ -f3 | sort -u")


@contextlib.asynccontextmanager
async def terminal_there(there: Peer, vm: Vm) -> AsyncIterator[Terminal]:
    """The guest's console on the other host."""
    with there.socket(there.console(vm.id)) as socket:
        reader, writer = await asyncio.open_unix_connection(str(socket))
        try:
            yield Terminal(reader, writer)
        finally:
            writer.close()


async def count(host: Host, vm: Vm) -> int:
    """The guest's own counter, here."""
    async with terminal(host, vm.id) as console:
        await console.present()
        return int(await console.command("cat /tmp/count", 120.0))


@contextlib.contextmanager
def pings(address: str) -> Iterator[list[float]]:
    """When the guest at the address answered, in seconds; filled at the end of the block."""
    times: list[float] = []
    words = ["ping", "-D", "-n", "-i", "0.2", address]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        yield times
    finally:
        process.terminate()
        output, _ = process.communicate(timeout=30.0)
        times += [float(found[1]) for found in re.finditer(r"^\[([0-9.]+)\] .*ttl=", output, re.M)]


def longest_gap(times: list[float]) -> float:
    """The longest time without an answer."""
    return max(later - earlier for earlier, later in itertools.pairwise(times))


async def clean_there(other: Host, vm: Vm, before: str) -> None:
    """Wait until the other host has no trace of the VM."""
    async with asyncio.timeout(120):
        while domains_there() or leftovers_there() != before:
            await asyncio.sleep(1.0)
        while True:
            try:
                await other.vm.stat("test", vm.id)
            except DoesNotExist:
                return
            await asyncio.sleep(0.5)


async def reaches(host: Host, task: object, fraction: float) -> None:
    """Until a task has this progress."""
    async with asyncio.timeout(240):
        while (found := await host.task.stat("test", task)).progress < fraction:  # type: ignore[arg-type]
            assert found.state is State.PENDING, found.error
            await asyncio.sleep(0.02)


async def test_the_guests_counter_never_goes_back(
    here: tuple[Daemon, Host], there: Peer, other: Host, folder: Path
) -> None:
    _, host = here
    vm = guest(DomainType.PVH)
    await up(host, vm, folder / vm.id, 240.0)
    async with terminal(host, vm.id) as console:
        await console.present()
        await console.command("echo written here | dd of=/dev/xvda bs=512 seek=1 conv=notrunc,fsync")
    before = await count(host, vm)

    with pings(OURS) as answers:
        started = time.monotonic()
        await host.ok(await host.vm.migrate("test", vm.id, there.destination(), {}, {}))
        total = time.monotonic() - started
        async with terminal_there(there, vm) as console:
            await console.present()
            after = int(await console.command("cat /tmp/count", 120.0))
            assert await console.command("head -n 1 /dev/xvda") == "its disk"
            assert (
                await console.command("dd if=/dev/xvda bs=512 skip=1 count=1 2>/dev/null | head -n 1") == "written here"
            )
            await console.command("ping -c 1 -w 20 192.0.2.1")
    ours = (total, longest_gap(answers))

    assert after >= before
    assert domids() == []
    with pytest.raises(DoesNotExist):
        await host.vm.stat("test", vm.id)
    state = (await other.vm.stat("test", vm.id)).state
    assert state.power_state is PowerState.RUNNING
    assert state.domids == domains_there()
    await other.ok(await other.vm.shutdown("test", vm.id))
    await other.vm.remove("test", vm.id)
    theirs = await asyncio.to_thread(by_xl)
    print(f"migration: ours {ours[0]:.1f} s, {ours[1]:.1f} s down; xl {theirs[0]:.1f} s, {theirs[1]:.1f} s down")


def by_xl() -> tuple[float, float]:
    """Total and longest gap of the same by plain xl. Raises `BedFault`."""
    with baseline.guest("pvh") as domid, pings(XLS) as answers:
        started = time.monotonic()
        baseline.xl("migrate", str(domid), NAME, deadline=240.0)
        total = time.monotonic() - started
        time.sleep(10.0)
    on("xl", "destroy", "baseline-pvh")
    if not answers:
        raise BedFault("the guest of xl answered no ping")
    return total, longest_gap(answers)


@pytest.mark.parametrize("fraction", [0.25, 0.5, 0.75])
async def test_the_network_is_cut(
    here: tuple[Daemon, Host], there: Peer, other: Host, folder: Path, fraction: float
) -> None:
    _, host = here
    vm = guest(DomainType.PVH)
    await up(host, vm, folder / vm.id, 240.0)
    before, old, things = await count(host, vm), domids(), leftovers_there()

    task = await host.vm.migrate("test", vm.id, there.destination(), {}, {})
    await reaches(host, task, fraction)
    subprocess.run(["nft", "-f", "-"], input=CUT, text=True, timeout=30.0, check=True)
    try:
        assert (await asyncio.wait_for(host.error(task), 240.0))[0] == "Migration_failed"
        assert await host.power(vm.id) is PowerState.RUNNING
        assert domids() == old
        assert await count(host, vm) > before
        await clean_there(other, vm, things)
    finally:
        subprocess.run(["nft", "delete", "table", "inet", "cut"], timeout=30.0, check=True)
    await host.ok(await host.vm.shutdown("test", vm.id))


async def test_what_is_refused_or_cancelled_leaves_the_guest_where_it_is(
    here: tuple[Daemon, Host], there: Peer, other: Host, folder: Path
) -> None:
    _, host = here
    vm = guest(DomainType.PVH)
    await up(host, vm, folder / vm.id, 240.0)
    old, things = domids(), leftovers_there()
    stranger = there.destination(cookie={"session_id": "OpaqueRef:guess"})
    elsewhere = there.destination(url="https://192.0.2.99")
    nobody = there.destination(certificates="/etc/ssl/certs/ca-certificates.crt")

    for destination in (stranger, nobody, elsewhere):
        error = await host.error(await host.vm.migrate("test", vm.id, destination, {}, {}))
        assert error[0] == "Migration_failed"
        assert await host.power(vm.id) is PowerState.RUNNING

    before = await count(host, vm)
    task = await host.vm.migrate("test", vm.id, there.destination(), {}, {}, compress=True)
    await reaches(host, task, 0.4)
    await host.task.cancel("test", task)
    assert (await host.error(task))[0] == "Cancelled"
    assert domids() == old
    assert await count(host, vm) >= before
    await clean_there(other, vm, things)
