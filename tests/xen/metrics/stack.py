"""The whole stack in dom0 and a session of the SDK at it; whatever the tests wait for comes by `event.from`."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import XenAPI

from common import http
from perfmon import metrics
from tests.bed.daemons import Daemons

MIB = 1 << 20
SETTINGS = {
    "perfmon": "interval = 5.0\nstep = 5\n",
    "mpathalert": "delay = 5.0\n",
    "snapwatchd": "deadline = 60.0\n",  # Windows would wait for ten seconds, but on a faster machine
}
DOM0 = "192.0.2.1"
BRIDGE = "xenbr0"  # the bed's; networks of dom0 are not ours to change
PATIENCE = 120.0  # seconds


class Stack:
    """The eight daemons on real Xen, with an SR and a network."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.daemons = Daemons(root, "libxl")
        for name, text in SETTINGS.items():
            (root / f"etc/xapi-toolstack/{name}.toml").write_text(text)

    def start(self) -> None:
        """Back when all are well."""
        asyncio.run(self.daemons.start())

    def stop(self) -> None:
        self.daemons.stop()

    @cached_property
    def session(self) -> Any:
        """A session of local root: `stack.session.xenapi.VM.get_all()`."""
        # The SDK's own way to a Unix socket: underscores are slashes.
        address = str(self.daemons.socket("xapi"))
        assert "_" not in address
        session: Any = XenAPI.Session(f"http://{address.replace('/', '_')}/", transport=XenAPI.UDSTransport())
        session.xenapi.login_with_password("root", "", "2.23", "alerts")
        return session

    @property
    def api(self) -> Any:
        """The XenAPI."""
        return self.session.xenapi

    @cached_property
    def host(self) -> str:
        """The only one."""
        [host] = self.api.host.get_all()
        return str(host)

    @cached_property
    def sr(self) -> str:
        """For the guests' disks."""
        folder = self.root / "disks"
        return str(
            self.api.SR.create(self.host, {"location": str(folder)}, "0", "disks", "", "file", "user", False, {})
        )

    @cached_property
    def network(self) -> str:
        """Of dom0 and its guests."""
        [found] = [ref for ref, record in self.api.network.get_all_records().items() if record["bridge"] == BRIDGE]
        return str(found)

    def listen(self) -> Listener:
        """What happens from now on."""
        return Listener(self.api)

    def rows(self, seconds: int) -> metrics.Rows:
        """Rows of five seconds each of all sources, of the last `seconds`."""
        target = f"/rrd_updates?start=-{seconds}&host=true&vm_uuid=all&sr_uuid=all&cf=AVERAGE&interval=5&json=true"

        async def get() -> bytes:
            async with http.request(str(self.daemons.socket("rrdd")), "GET", target) as response:
                return b"".join([piece async for piece in response.pieces()])

        return metrics.parse(asyncio.run(get()))


class Listener:
    """Messages as `event.from` brings them."""

    def __init__(self, api: Any) -> None:
        self._api = api
        self._token, _ = self._poll("", 1.0)

    def _poll(self, token: str, seconds: float) -> tuple[str, list[Mapping[str, Any]]]:
        answer = getattr(self._api.event, "from")(["message"], token, seconds)
        return answer["token"], answer["events"]

    def message(
        self, name: str, matches: Callable[[Mapping[str, Any]], bool] = lambda _: True, deadline: float = PATIENCE
    ) -> Mapping[str, Any]:
        """The next message of that name; others before it are forgotten."""
        end, others = time.monotonic() + deadline, []
        while time.monotonic() < end:
            self._token, events = self._poll(self._token, 5.0)
            for event in events:
                record = event.get("snapshot")
                if event["operation"] == "add" and record:
                    if record["name"] == name and matches(record):
                        return dict(record)
                    others.append((record["name"], record["body"][-300:]))
        raise AssertionError(f"no {name} in {deadline:.0f} s, but {others}")


def run(*words: str, deadline: float = 60.0) -> str:
    """What a program of dom0 prints."""
    done = subprocess.run(words, capture_output=True, text=True, timeout=deadline)
    assert done.returncode == 0, f"{' '.join(words)}: {done.returncode}: {done.stdout[-500:]}{done.stderr[-1000:]}"
    return done.stdout


def until(holds: Callable[[], Any], what: str, deadline: float = PATIENCE) -> Any:
    """What `holds` answers once that is true."""
    end = time.monotonic() + deadline
    while True:
        if found := holds():
            return found
        assert time.monotonic() < end, f"not in {deadline:.0f} s: {what}"
        time.sleep(0.5)
