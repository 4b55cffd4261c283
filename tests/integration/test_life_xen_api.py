"""The whole life of a VM by npm `xen-api`, which shows objects as its cache has them, fed by events."""

from __future__ import annotations

import itertools
import json
import os
import select
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

from tests.integration.host import DevelopmentHost
from tests.integration.leftovers import inventory
from tests.integration.life import ApiError, Entry, Record, live
from tests.integration.rpc import ByReference

pytestmark = [pytest.mark.integration, pytest.mark.root]

CLIENTS = Path(__file__).parents[1] / "clients"
CALL_DEADLINE = 60.0  # seconds
ALWAYS_MOVING = {"host_metrics", "VM_metrics", "VM_guest_metrics", "PIF_metrics", "session", "task", "SR", "message"}
"""Classes with facts that change by themselves: the cache and a look at the server can't be of the same moment."""


class XenApi(ByReference):
    """A Node process with one connected client."""

    LONG = frozenset(
        {"VM.clone", "VM.provision", "VM.start", "VM.snapshot", "VM.copy", "VM.clean_shutdown", "VM.clean_reboot",
         "VM.suspend", "VM.resume", "VM.hard_shutdown", "VM.revert", "VM.destroy", "VDI.destroy"}
    )  # fmt: skip
    """What takes long is asked for as a task, whose end comes as an event."""

    def __init__(self, host: DevelopmentHost) -> None:
        node = shutil.which("node")
        if node is None or not (CLIENTS / "node_modules/xen-api").exists():
            pytest.skip("node or xen-api is not installed: make integration installs them")
        self._ids = itertools.count(1)
        self._process = subprocess.Popen(
            [node, "xen_api.mjs", host.state.https],
            cwd=CLIENTS,
            env={**os.environ, "XEN_API_USER": host.state.username, "XEN_API_PASSWORD": host.password},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __enter__(self) -> Self:
        assert self._read()["id"] == 0
        return self

    def __exit__(self, _k: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(CALL_DEADLINE)
        finally:
            self._process.kill()
            self._process.stdout.close()

    def call(self, method: str, *arguments: Any) -> Any:
        return self._ask(do="call", method=method, arguments=arguments)

    def perform(self, message: str, *arguments: Any) -> str | None:
        if message not in self.LONG:
            return super().perform(message, *arguments)
        result = self._ask(do="async", method=message, arguments=arguments)
        return str(result) if result else None

    def record(self, cls: str, handle: str) -> Record:
        found: Record = self._ask(do="record", ref=handle)
        return {name: _as_text(value) for name, value in found.items()}

    def cache(self) -> dict[str, dict[str, Record]]:
        """All the cache holds: records by reference by class."""
        found: dict[str, dict[str, Record]] = self._ask(do="cache")
        for pool in found["pool"].values():
            pool["other_config"].clear()  # barriers come and go there
        return found

    def _ask(self, **request: Any) -> Any:
        assert self._process.stdin is not None
        number = next(self._ids)
        self._process.stdin.write(json.dumps({"id": number, **request}).encode() + b"\n")
        self._process.stdin.flush()
        answer = self._read()
        assert answer["id"] == number
        assert "broken" not in answer, answer["broken"]
        if "error" in answer:
            raise ApiError(*answer["error"])
        return answer["value"]

    def _read(self) -> Any:
        output = self._process.stdout
        assert output is not None
        ready, _, _ = select.select([output], [], [], CALL_DEADLINE)
        assert ready, f"xen-api did not answer in {CALL_DEADLINE:.0f} s"
        line = output.readline()
        assert line, "the Node process has ended"
        return json.loads(line)


def _as_text(value: Any) -> Any:
    """Integers are text in XML-RPC and numbers in JSON-RPC, which this client speaks."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def test_the_life_is_the_same_as_the_cache_shows_it_and_leaves_nothing(
    simulator: DevelopmentHost, life: list[Entry]
) -> None:
    before = inventory(simulator)
    with XenApi(simulator) as client:
        seen = live(client)

    assert seen == life
    assert inventory(simulator) == before


def test_the_cache_fills_and_follows_what_others_change(simulator: DevelopmentHost) -> None:
    with XenApi(simulator) as client, simulator.client() as other:
        [template, *_] = other.call("VM.get_by_name_label", "Other install media")
        vm = other.call("VM.clone", template, "made by another")
        gone = other.call("VM.clone", template, "destroyed by another")
        assert client.record("VM", gone)["name_label"] == "destroyed by another"
        other.call("VM.set_name_label", vm, "renamed by another")
        other.call("VM.destroy", gone)

        cached = client.cache()
        real = {cls: other.call(f"{cls}.get_all_records") for cls in sorted(set(cached) - ALWAYS_MOVING)}
        for pool in real["pool"].values():
            pool["other_config"].clear()

        assert real.keys() >= {"VM", "VDI", "PBD", "host", "network", "pool"}
        assert {cls: cached[cls] for cls in real} == real
        assert real["VM"][vm]["name_label"] == "renamed by another"
        assert gone not in cached["VM"]
        other.call("VM.destroy", vm)
