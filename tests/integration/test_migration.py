"""A running guest moves between two whole hosts, through the TLS port of the other one: xapi, stunnel and all."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from common.idl import xen
from common.idl.task import State, TaskId
from common.idl.xen import (
    Destination,
    PowerState,
    Vm,
    VmId,
)
from common.idl.xen_errors import DoesNotExist
from common.rpc.client import Client
from tests.integration.host import DevelopmentHost, started
from tests.xenopsd.conftest import CountingStorage, Host
from tests.xenopsd.samples import vm

pytestmark = [pytest.mark.integration, pytest.mark.root]

SECONDS = 1.5  # a move takes
CLEAN_WITHIN = 30.0  # seconds in which either host has tidied up; silence is noticed as late as this, ends at once
INVOLVED = ("xapi", "xenopsd", "stunnel")
PLACES = ("/xapi-tls", "/xenopsd-migration")


@dataclass
class Side:
    """One host, and its xenopsd as a client sees it."""

    host: DevelopmentHost
    xenopsd: Host

    def destination(self, **fields: Any) -> Destination:
        """The host, for a guest that comes."""
        secret = (self.host.root / "etc/xensource/ptoken").read_text().strip()
        given: dict[str, Any] = {
            "url": self.host.state.https,
            "cookie": {"pool_secret": secret},
            "certificates": str(self.host.root / "etc/xensource/xapi-ssl.pem"),
        }
        return Destination(**(given | fields))

    async def power(self, id_: VmId) -> PowerState | None:
        """None if the VM isn't known here."""
        try:
            return await self.xenopsd.power(id_)
        except DoesNotExist:
            return None

    async def things(self) -> dict[str, Any]:
        """What migrations may leave: tasks, and pipes, connections and threads of the daemons that take part."""
        tasks = sorted(task.dbg for task in await self.xenopsd.task.all("test") if task.state is State.PENDING)
        return {"tasks": tasks} | {name: _held(self.host.daemon(name).pid) for name in INVOLVED}


def _held(pid: int) -> list[str]:
    """Its pipes, its sockets that are TCP's, stunnel's to xapi and xapi's to xenopsd, and its threads for memory."""
    process = Path(f"/proc/{pid}")
    sockets = {line.split()[6]: line.split()[-1] for line in _lines(process / "net/unix") if line.endswith(PLACES)}
    sockets |= {line.split()[9]: "TCP" for line in _lines(process / "net/tcp")}
    found = []
    for descriptor in (process / "fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            kind, _, number = str(descriptor.readlink()).rstrip("]").partition(":[")
            found.append(kind if kind == "pipe" else sockets.get(number, ""))
    threads = [(each / "comm").read_text().strip() for each in (process / "task").iterdir()]
    return sorted(filter(None, [*found, *(name for name in threads if name == "memory")]))


def _lines(table: Path) -> list[str]:
    return table.read_text().splitlines()[1:]


@dataclass
class Pair:
    """Two hosts on one network."""

    here: Side
    there: Side

    async def guest(self, **platform: str) -> Vm:
        """A guest that runs here."""
        found = vm(id=VmId(str(uuid.uuid4())), platform={"simulator/migrate": str(SECONDS)} | platform)
        await self.here.xenopsd.vm.add("test", found)
        await self.here.xenopsd.ok(await self.here.xenopsd.vm.start("test", found.id))
        await self.here.xenopsd.ok(await self.here.xenopsd.vm.unpause("test", found.id))
        return found

    async def leaves(self, guest: Vm, **fields: Any) -> TaskId:
        """Begin a move to the other host."""
        return await self.here.xenopsd.vm.migrate("test", guest.id, self.there.destination(**fields), {}, {})

    async def half_way(self, task: TaskId) -> None:
        async with asyncio.timeout(20):
            while (found := await self.here.xenopsd.task.stat("test", task)).progress < 0.4:
                assert found.state is State.PENDING, found.error
                await asyncio.sleep(0.02)

    async def runs_only(self, guest: Vm, side: Side) -> None:
        """Wait for that: the host that has not got it may notice a little later."""
        wanted = [PowerState.RUNNING if each is side else None for each in (self.here, self.there)]
        async with asyncio.timeout(CLEAN_WITHIN):
            while [await self.here.power(guest.id), await self.there.power(guest.id)] != wanted:
                await asyncio.sleep(0.05)

    async def nothing_is_left(self, guest: Vm, side: Side, before: list[dict[str, Any]]) -> None:
        """The guest ends where it runs; then both hosts hold what they held before."""
        await side.xenopsd.ok(await side.xenopsd.vm.shutdown("test", guest.id))
        await side.xenopsd.vm.remove("test", guest.id)
        give_up = asyncio.get_running_loop().time() + CLEAN_WITHIN
        while (now := [await each.things() for each in (self.here, self.there)]) != before:
            assert asyncio.get_running_loop().time() < give_up, (before, now)
            await asyncio.sleep(0.1)


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DevelopmentHost, DevelopmentHost]]:
    """Both with simulated guests."""
    folder = tmp_path_factory.mktemp("pair")
    with started(folder, "simulator", 1) as here, started(folder, "simulator", 2) as there:
        yield here, there


@pytest.fixture
async def pair(hosts: tuple[DevelopmentHost, DevelopmentHost]) -> AsyncIterator[Pair]:
    sides = []
    for host in hosts:
        client = Client(f"{host.root}{xen.SOCKET}")
        sides.append(Side(host, Host(await client.__aenter__(), CountingStorage())))  # type: ignore[abstract]
    yield Pair(*sides)
    for side in sides:
        await side.xenopsd.client.close()


@pytest.fixture
async def before(pair: Pair) -> list[dict[str, Any]]:
    """What both hosts hold, after a first move: some of what it takes stays for the next one."""
    guest = await pair.guest(**{"simulator/migrate": "0"})
    await pair.here.xenopsd.ok(await pair.leaves(guest))
    await pair.there.xenopsd.ok(await pair.there.xenopsd.vm.shutdown("test", guest.id))
    await pair.there.xenopsd.vm.remove("test", guest.id)
    await asyncio.sleep(0.5)
    return [await each.things() for each in (pair.here, pair.there)]


async def test_it_runs_there_and_comes_back(pair: Pair, before: list[dict[str, Any]]) -> None:
    guest = await pair.guest()

    await pair.here.xenopsd.ok(await pair.leaves(guest))
    await pair.runs_only(guest, pair.there)
    back = await pair.there.xenopsd.vm.migrate("test", guest.id, pair.here.destination(), {}, {}, compress=True)
    await pair.there.xenopsd.ok(back)

    await pair.runs_only(guest, pair.here)
    await pair.nothing_is_left(guest, pair.here, before)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"cookie": {}}, "it does not know who we are"),
        ({"cookie": {"session_id": "OpaqueRef:guess"}}, "it does not know who we are"),
        ({"cookie": {"pool_secret": "guess"}}, "it does not know who we are"),
        ({"certificates": "/etc/ssl/certs/ca-certificates.crt"}, "certificate"),
        ({"url": "https://127.0.0.1:1"}, ""),
    ],
    ids=["nobody", "no session", "no secret", "no trust", "no host"],
)
async def test_refused_it_stays(pair: Pair, before: list[dict[str, Any]], fields: dict[str, Any], why: str) -> None:
    guest = await pair.guest()

    error = await pair.here.xenopsd.error(await pair.leaves(guest, **fields))

    assert error[0] == "Migration_failed"
    assert why in error[3]
    await pair.runs_only(guest, pair.here)
    await pair.nothing_is_left(guest, pair.here, before)


async def test_cancelled_it_stays(pair: Pair, before: list[dict[str, Any]]) -> None:
    guest = await pair.guest()
    task = await pair.leaves(guest)
    await pair.half_way(task)
    for side, held in zip((pair.here, pair.there), before, strict=True):
        assert (await side.things()) != held

    await pair.here.xenopsd.task.cancel("test", task)

    assert (await pair.here.xenopsd.error(task))[0] == "Cancelled"
    await pair.runs_only(guest, pair.here)
    await pair.nothing_is_left(guest, pair.here, before)


async def test_a_destination_that_can_not_says_why(pair: Pair, before: list[dict[str, Any]]) -> None:
    guest = await pair.guest(**{"simulator/migrate": "refuse"})

    error = await pair.here.xenopsd.error(await pair.leaves(guest))

    assert error == ["Failed_to_start_emulator", guest.id, "simulator", "asked to refuse"]
    await pair.runs_only(guest, pair.here)
    await pair.nothing_is_left(guest, pair.here, before)


@pytest.mark.parametrize("daemon", ["stunnel", "xenopsd"])
async def test_cut_half_way_it_stays(pair: Pair, before: list[dict[str, Any]], daemon: str) -> None:
    guest = await pair.guest()
    task = await pair.leaves(guest)
    await pair.half_way(task)

    killed = pair.there.host.kill(daemon)

    assert (await pair.here.xenopsd.error(task))[0] == "Migration_failed"
    await asyncio.to_thread(pair.there.host.wait_back, daemon, killed)
    await again(pair.there)
    await pair.runs_only(guest, pair.here)
    # The new process has not held what its predecessor had: what it has is compared from now on.
    expected = [before[0], before[1] | {daemon: (await pair.there.things())[daemon]}]
    await pair.nothing_is_left(guest, pair.here, expected)


async def test_the_other_hosts_xapi_may_be_killed_meanwhile(pair: Pair) -> None:
    guest = await pair.guest()
    task = await pair.leaves(guest)
    await pair.half_way(task)

    killed = pair.there.host.kill("xapi")

    await pair.here.xenopsd.ok(task)
    await pair.runs_only(guest, pair.there)
    await asyncio.to_thread(pair.there.host.wait_back, "xapi", killed)


async def again(side: Side) -> None:
    """Reach a xenopsd that may be a new one."""
    await side.xenopsd.client.close()
    client = await Client(f"{side.host.root}{xen.SOCKET}").__aenter__()
    side.xenopsd = Host(client, side.xenopsd.disks)
