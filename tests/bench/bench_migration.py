"""What a guest's memory costs on its way between two hosts: `python -m tests.bench.bench_migration [MIB]`.

Zeros go from `dd` to `dd` as memory goes from libxl to libxl: xenopsd, TLS, stunnel, and xenopsd again, to which xapi
gave the connection; each is a process of this machine. Prints processor seconds per GiB of each.
"""

from __future__ import annotations

import asyncio
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import uvloop
from aiohttp import web

from common import unix
from common.config import under_root
from common.development import tls
from common.development.layout import Host
from common.idl.xen import (
    MIGRATION_SOCKET,
    Destination,
)
from tests.xenopsd.samples import GIB, VM, vm
from xapi.http import migration
from xapi.http.connection import Server, Side
from xapi.http.listeners import TLS
from xenopsd.migration.arrival import Arrival
from xenopsd.migration.channel import Channel
from xenopsd.migration.connection import connect
from xenopsd.migration.departure import Departure
from xenopsd.migration.messages import Offer, Running
from xenopsd.server.arrivals import Arrivals

PORT = 18443
READY = "ready"
TICKS = os.sysconf("SC_CLK_TCK")
CERTIFICATE = "/etc/xensource/xapi-ssl.pem"


class Destinations(Arrivals):
    """Takes memory, and makes no domain of it."""

    def __init__(self) -> None:
        super().__init__(str(under_root(MIGRATION_SOCKET)), *cast(Any, [None] * 3))

    async def serve(self, channel: Channel) -> None:
        offer = await channel.receive()
        assert isinstance(offer, Offer)
        arrival = Arrival(channel, offer)

        async def read(descriptor: int) -> None:
            await arrival.ready()
            await _run("of=/dev/null", "bs=1M", stdin=descriptor)

        await arrival.receive(read)
        await arrival.complete()
        await channel.send(Running())
        await channel.linger()
        await arrival.close()


async def destination(_: int) -> None:
    """xenopsd there."""
    await Destinations().start()
    await _serve()


async def xapi(_: int) -> None:
    """xapi there."""

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        return await migration.pass_on(cast(Any, SimpleNamespace(path=request.path, connection=request.protocol)))

    side = Side("tls", proxied=True, https=True)
    made = Server(
        handle, side=side, quick=lambda *_: None, connect=cast(Any, None), limit=9, request_within=60.0, access_log=None
    )
    listener = unix.listen(str(under_root(TLS)))
    await asyncio.get_running_loop().create_unix_server(made, sock=listener)
    await _serve()


async def source(mebibytes: int) -> None:
    """xenopsd here; prints seconds and processor seconds."""
    to = Destination(url=f"https://127.0.0.1:{PORT}", cookie={}, certificates=str(under_root(CERTIFICATE)))
    departure = Departure(VM, to, connect, compress=False)
    await departure.offer(Offer(dbg="", vm=vm(), vbds=[], vifs=[], memory=GIB, told={}, started=0.0, crashed=0.0))
    used, began = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
    await departure.send(lambda descriptor: _run("if=/dev/zero", "bs=4M", f"count={mebibytes // 4}", stdout=descriptor))
    await departure.sent()
    await departure.run()
    now = resource.getrusage(resource.RUSAGE_SELF)
    print(time.monotonic() - began, now.ru_utime - used.ru_utime, now.ru_stime - used.ru_stime, flush=True)
    await departure.close()


async def _run(*words: str, **ends: int) -> None:
    process = await asyncio.create_subprocess_exec("dd", *words, "status=none", **cast(Any, ends))
    await process.wait()


async def _serve() -> None:
    print(READY, flush=True)
    await asyncio.Event().wait()


def _processor(process: subprocess.Popen[Any]) -> tuple[float, float]:
    """Seconds of user and system."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) / TICKS, int(fields[12]) / TICKS


def _start(role: str, mebibytes: int) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "tests.bench.bench_migration", str(mebibytes), role]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True)


def measure(mebibytes: int) -> None:
    """All of them, once."""
    with tempfile.TemporaryDirectory() as folder:
        host = Host(Path(folder), 1)
        configuration = tls.prepare(host, "127.0.0.1", PORT)
        os.environ["XAPI_ROOT"] = str(host.root)
        running: dict[str, subprocess.Popen[Any]] = {role: _start(role, 0) for role in ("destination", "xapi")}
        try:
            for process in running.values():
                assert process.stdout is not None
                assert process.stdout.readline().strip() == READY
            running["stunnel"] = subprocess.Popen(["stunnel4", str(configuration)], stderr=subprocess.DEVNULL)
            time.sleep(1.0)
            before = {name: _processor(process) for name, process in running.items()}
            said = _start("source", mebibytes).communicate(timeout=300.0)[0].split()
            seconds, *used = map(float, said)
            spent = {"source": tuple(used)}
            for name, process in running.items():
                spent[name] = tuple(now - then for now, then in zip(_processor(process), before[name], strict=True))
        finally:
            for process in running.values():
                process.kill()
                process.wait()
    for name, (user, system) in spent.items():
        print(f"{name:12} {user * 1024 / mebibytes:5.2f} user {system * 1024 / mebibytes:5.2f} system")
    print(f"all          {sum(map(sum, spent.values())) * 1024 / mebibytes:5.2f} in {seconds:.1f} s")


def main() -> None:
    """The whole, or one of its processes."""
    mebibytes, *role = int(sys.argv[1]) if len(sys.argv) > 1 else 1024, *sys.argv[2:]
    if not role:
        measure(mebibytes)
        return
    work = {"source": source, "destination": destination, "xapi": xapi}[role[0]]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work(mebibytes))


if __name__ == "__main__":
    main()
