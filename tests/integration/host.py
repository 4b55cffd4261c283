"""One development host for tests: started in a folder of its own, asked, hurt and ended."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from common import command
from common.development import network, run, state, stop
from common.development.client import Client
from common.development.layout import Host
from common.development.state import HostState, Process
from common.development.status import healthy, speaks_tls
from common.idl import storage, xen
from common.rpc.client import Client as RpcClient

T = TypeVar("T")

POLL = 0.02  # seconds
DAEMON_BACK = 60.0  # seconds a killed daemon has to be well again
WRITE_DEADLINE = 120.0
SR_NAME = "Local storage"
SOCKETS = {"sm": storage.SOCKET, "xenopsd": xen.SOCKET}


class DevelopmentHost:
    """A host as `make run` starts it, without the demo VM."""

    def __init__(self, folder: Path, backend: str, number: int = 1) -> None:
        self.layout = Host(folder, number)
        self.root, self.backend = self.layout.root, backend

    def start(self) -> None:
        """Start it, wait for the API, and give it a default SR: a directory."""
        running = asyncio.run(run.start(self.layout, self.backend))
        with asyncio.run(run.wait_for_api(self.layout, running, self.password)) as client:
            if not client.call("SR.get_by_name_label", SR_NAME):
                _create_sr(client, self.root / "srv/local-storage")

    def stop(self) -> None:
        """End every process of it; the state stays."""
        stop.stop(self.layout)

    def remove(self) -> None:
        """End it and take away its network."""
        self.stop()
        if os.geteuid() == 0:
            asyncio.run(network.down(self.layout))
            asyncio.run(network.remove_bridge(self.layout.folder))

    @property
    def state(self) -> HostState:
        """What its supervisor tells now."""
        found = state.read(self.layout.state_file)
        assert found is not None, f"{self.layout.name} is not running"
        return found

    @property
    def password(self) -> str:
        """Of its user root."""
        return self.layout.password_file.read_text().strip()

    def client(self) -> Client:
        """A client over TLS, to be entered."""
        found = self.state
        return Client(found.https, self.root / "etc/xensource/xapi-ssl.pem", found.username, self.password)

    def daemon(self, name: str) -> Process:
        """The process that is this daemon now."""
        return self.state.daemons[name].process

    def kill(self, name: str) -> Process:
        """SIGKILL to a daemon; answers the process that was."""
        victim = self.daemon(name)
        victim.signal(signal.SIGKILL)
        return victim

    def wait_back(self, name: str, killed: Process) -> None:
        """Until another process is this daemon, and well."""
        wait_for(lambda: self.daemon(name) != killed and self.well(name), DAEMON_BACK, f"{name} to be back")

    def well(self, name: str) -> bool:
        """Whether the daemon answers."""
        daemon = self.state.daemons[name]
        if not daemon.process.alive:
            return False
        if name == "stunnel":
            return speaks_tls(self.state.https)
        return daemon.socket is None or healthy(daemon.socket)

    def ask(self, daemon: str, question: Callable[[RpcClient], Awaitable[T]]) -> T:
        """What `question` answers on the socket of sm or xenopsd."""

        async def asked() -> T:
            async with RpcClient(f"{self.root}{SOCKETS[daemon]}") as rpc:
                return await question(rpc)

        return asyncio.run(asked())

    def domains(self) -> dict[str, str]:
        """Power state by uuid of each VM that xenopsd manages."""
        found = self.ask("xenopsd", lambda rpc: rpc.proxy(xen.VM).all("test"))
        return {status.vm.id: str(status.state.power_state) for status in found}

    def datapaths(self) -> list[str]:
        """Names of the data paths that sm has open."""
        found = self.ask("sm", lambda rpc: rpc.proxy(storage.DP).all("test"))
        return sorted(path.dp for path in found)

    def storage_processes(self) -> list[int]:
        """The qemu-storage-daemons of this host."""
        return sorted(each.pid for each in stop.leftovers(self.layout) if _name(each.pid).startswith("qemu-storage-d"))

    def write_disk(self, sr_uuid: str, location: str, image: Path) -> None:
        """Copy `image` to a disk through sm's data path."""
        self.ask(
            "sm", lambda rpc: write_through(rpc.proxy(storage.VDI), rpc.proxy(storage.DP), sr_uuid, location, image)
        )

    def log(self, name: str) -> str:
        """What a daemon wrote."""
        return (self.layout.log_folder / f"{name}.log").read_text(errors="replace")


@contextlib.contextmanager
def started(folder: Path, backend: str, number: int = 1) -> Iterator[DevelopmentHost]:
    """A host for the length of the block; nothing of it stays but its folder, in which others may have numbers too."""
    host = DevelopmentHost(folder, backend, number)
    try:
        host.start()
        yield host
    finally:
        host.remove()


def wait_for(condition: Callable[[], object], deadline: float, what: str) -> None:
    """Until `condition` holds; a test that waits in vain fails."""
    give_up = time.monotonic() + deadline
    while not condition():
        assert time.monotonic() < give_up, f"waited {deadline:.0f} s for {what}"
        time.sleep(POLL)


def xe_program() -> str:
    """The `xe` of this checkout."""
    return str(Path(sys.executable).parent / "xe")


async def write_through(vdi: storage.VDI, paths: storage.DP, sr_uuid: str, location: str, image: Path) -> None:
    """Copy `image` to a disk of sm's over the wire that guests would use."""
    where = (storage.SrId(sr_uuid), storage.VdiId(location))
    datapath = storage.DpId("test")
    try:
        attachment = await vdi.attach("test", datapath, *where, read_only=False)
        await vdi.activate("test", datapath, *where)
        [target] = [each for each in attachment.implementations if isinstance(each, storage.NbdSocket)]
        url = f"nbd+unix:///{quote(target.export, safe='')}?socket={quote(target.socket)}"
        await command.run(
            "qemu-img", "convert", "-n", "-f", "raw", "-O", "raw", str(image), url, deadline=WRITE_DEADLINE
        )
    finally:
        await paths.destroy("test", datapath)


def _create_sr(client: Client, location: Path) -> None:
    location.mkdir(parents=True, exist_ok=True)
    [host], [pool] = client.call("host.get_all"), client.call("pool.get_all")
    made: Any = client.call(
        "SR.create", host, {"location": str(location)}, "0", SR_NAME, "Disks in a directory", "file", "user", False, {}
    )
    client.call("pool.set_default_SR", pool, made)


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""
