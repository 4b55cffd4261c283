"""The whole stack in dom0 as clients meet it: every daemon, an SR, the guests' network, a user with a password."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from common.idl import storage, xen
from common.rpc.client import Client as Rpc
from tests.bed.daemons import Daemons
from tests.integration.host import write_through
from tests.xen.guests.clients import CLIENTS, Bed, Client, SdkInBed
from tests.xen.guests.xenopsd_host import domids
from xapi.auth import passwords

T = TypeVar("T")

MIB = 1 << 20
LOGS = ("networkd", "sm", "xenopsd", "xapi")
NETWORK, BRIDGE = "guests", "guests0"
ADDRESS = "198.51.100.1"
"""Dom0's on that network."""
SETTINGS = {"XAPI_ACKNOWLEDGE_TIMEOUT": "30", "XAPI_MINIMUM_RUN": "1"}


class Stack:
    """One host's daemons below `root`, with an SR on dom0's disk, not in its memory."""

    def __init__(self, root: Path) -> None:
        self.daemons = Daemons(root, "libxl")
        self._disks = Path(tempfile.mkdtemp(prefix="disks-", dir="/var/tmp"))
        self._bed = Bed("http://127.0.0.1", "root", "a password", root / "password")
        self._bed.file.write_text(self._bed.password)
        passwords.write(root / passwords.PATH.lstrip("/"), self._bed.user, self._bed.password)

    @property
    def url(self) -> str:
        """Where the API is."""
        return self._bed.url

    def start(self) -> None:
        """All daemons, side by side, and what guests need."""
        _ip("link", "add", BRIDGE, "type", "bridge")
        _ip("address", "add", f"{ADDRESS}/24", "dev", BRIDGE)
        _ip("link", "set", BRIDGE, "up")
        asyncio.run(self.daemons.start(settings=SETTINGS))
        with self.sdk() as client:
            [host], [pool] = client.call("host.get_all"), client.call("pool.get_all")
            sr = client.call(
                *("SR.create", host, {"location": str(self._disks)}, "0", "disks", "", "file", "user", False, {})
            )
            client.call("pool.set_default_SR", pool, sr)
            network = {"name_label": NETWORK, "bridge": BRIDGE, "managed": False, "MTU": "1500", "other_config": {}}
            client.call("network.create", network)

    def restart(self) -> None:
        """Kill every daemon at once and start them anew."""
        self.daemons.kill_all()
        asyncio.run(self.daemons.start(settings=SETTINGS))

    def stop(self) -> None:
        """End the daemons and whatever domain a test left."""
        self.daemons.stop()
        for domid in domids():
            subprocess.run(["xl", "destroy", str(domid)], timeout=60.0, check=False)
        _ip("link", "delete", BRIDGE)
        shutil.rmtree(self._disks)

    def client(self, kind: str) -> Client:
        """A client of this kind, to be entered."""
        return CLIENTS[kind](self._bed)

    def sdk(self) -> SdkInBed:
        """The client that tests look through, whatever client they act through; to be entered."""
        return SdkInBed(self._bed)

    def write_disk(self, sr: str, location: str, image: Path) -> None:
        """Copy `image` to a disk through sm's data path."""
        self._ask("sm", lambda rpc: write_through(rpc.proxy(storage.VDI), rpc.proxy(storage.DP), sr, location, image))

    def leftovers(self) -> dict[str, list[str]]:
        """Everything in dom0 that a guest brings with it and should take along."""
        paths: list[storage.DatapathState] = self._ask("sm", lambda rpc: rpc.proxy(storage.DP).all("test"))
        vms: list[xen.VmStatus] = self._ask("xenopsd", lambda rpc: rpc.proxy(xen.VM).all("test"))
        return {
            "domains": [str(domid) for domid in domids()],
            "xenopsd's VMs": [each.vm.id for each in vms],
            "data paths": sorted(path.dp for path in paths),
            "loop devices": _lines("losetup", "--list", "--noheadings"),
            "NBD devices": sorted(str(path.parent) for path in Path("/sys/block").glob("nbd*/pid")),
            "xenstore": [
                f"{folder}/{name}"
                for folder in ("/vm", "/xapi", "/libxl", "/local/domain", "/local/domain/0/backend/vbd",
                               "/local/domain/0/backend/vif", "/local/domain/0/backend/qdisk")
                for name in _lines("xenstore-list", folder)
                if name != "0" and not (folder == "/vm" and name == NOBODY)
            ],
        }  # fmt: skip

    def last_words(self) -> str:
        """The ends of the logs that tell of guests."""
        ends = {name: self.daemons.log(name).read_text(errors="replace")[-3000:] for name in LOGS}
        return "\n".join(f"--- {name}\n{end}" for name, end in ends.items())

    def _ask(self, daemon: str, question: Callable[[Rpc], Any]) -> Any:
        async def asked() -> Any:
            async with Rpc(str(self.daemons.socket(daemon))) as rpc:
                return await question(rpc)

        return asyncio.run(asked())


NOBODY = "00000000-0000-0000-0000-000000000000"
"""Dom0's uuid."""


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], timeout=30.0, check=True)


def _lines(*argv: str) -> list[str]:
    return subprocess.run(argv, capture_output=True, text=True, timeout=30.0, check=False).stdout.splitlines()
