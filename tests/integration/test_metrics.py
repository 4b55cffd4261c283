"""Metrics of a host whose guests are simulated, as its clients get them: pictures, lines, scrapes, sources."""

from __future__ import annotations

import base64
import contextlib
import json
import math
import os
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from common.development.client import Client
from common.errors import WireError
from tests.integration.host import DevelopmentHost, wait_for, xe_program

pytestmark = pytest.mark.integration

DEADLINE = 90.0  # seconds for what a tick or two bring
PROGRAM = 120.0  # seconds for a program of ours


@pytest.fixture(scope="module")
def client(simulator: DevelopmentHost) -> Iterator[Client]:
    with simulator.client() as client:
        yield client


@pytest.fixture(scope="module")
def vm(simulator: DevelopmentHost, client: Client) -> Iterator[str]:
    """A VM that runs and has metrics; its uuid."""
    (template,) = client.call("VM.get_by_name_label", "Other install media")
    ref = client.call("VM.clone", template, "measured, closely")
    client.call("VM.provision", ref)
    try:
        client.call("VM.start", ref, False, False)
        uuid = str(client.call("VM.get_uuid", ref))
        wait_for(lambda: newest(simulator, client, f"vm:{uuid}:cpu_usage") is not None, DEADLINE, "metrics of a VM")
        yield uuid
    finally:
        with contextlib.suppress(WireError):
            client.call("VM.hard_shutdown", ref)
        client.call("VM.destroy", ref)


def get(host: DevelopmentHost, path: str, session: str = "", **headers: str) -> tuple[int, str, bytes]:
    """Status, content type and body over TLS."""
    context = ssl.create_default_context(cafile=str(host.root / "etc/xensource/xapi-ssl.pem"))
    if session:
        headers["Cookie"] = f"session_id={session}"
    request = urllib.request.Request(f"{host.state.https}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=60, context=context) as answer:
            return answer.status, answer.headers.get_content_type(), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, "", error.read()


def columns(host: DevelopmentHost, client: Client) -> dict[str, list[float]]:
    """What the last five minutes brought of each column, newest first."""
    query = urlencode({"start": -300, "host": "true", "sr_uuid": "all", "json": "true", "cf": "AVERAGE"})
    status, _, body = get(host, f"/rrd_updates?{query}&vm_uuid=all", client.session)
    if status != 200:
        return {}
    told = json.loads(body)
    rows = [[float(value) for value in row["values"]] for row in told["data"]]
    return {entry: [row[at] for row in rows] for at, entry in enumerate(told["meta"]["legend"])}


def newest(host: DevelopmentHost, client: Client, name: str) -> float | None:
    """The newest known value of `vm:<uuid>:cpu0`."""
    known = [value for value in columns(host, client).get(f"AVERAGE:{name}", []) if not math.isnan(value)]
    return known[0] if known else None


def run(host: DevelopmentHost, *words: str) -> str:
    """What a program of ours prints, run on the host."""
    environment = {**os.environ, "XAPI_ROOT": str(host.root), "HOME": str(host.root)}
    done = subprocess.run(words, capture_output=True, text=True, timeout=PROGRAM, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_pictures_for_those_who_may(simulator: DevelopmentHost, client: Client, vm: str) -> None:
    path = f"/graph?{urlencode({'uuid': vm, 'ds': 'cpu*', 'start': -120})}"

    status, kind, png = get(simulator, path, client.session)
    assert (status, kind) == (200, "image/png")
    assert png.startswith(b"\x89PNG")
    status, kind, svg = get(simulator, f"{path}&format=svg", client.session)
    assert (status, kind) == (200, "image/svg+xml")
    assert ElementTree.fromstring(svg).tag.endswith("svg")
    assert get(simulator, path)[0] == 401
    assert get(simulator, path, "OpaqueRef:stale")[0] == 401
    assert get(simulator, f"/graph?uuid={vm}&ds=absent", client.session)[0] == 404


def test_pictures_by_xe(simulator: DevelopmentHost, vm: str, tmp_path: Path) -> None:
    png, svg = tmp_path / "cpu.png", tmp_path / "memory.svg"

    run(simulator, xe_program(), "host-graph", "data-source=cpu_avg,cpu0", "start=-120", f"filename={png}")
    run(simulator, xe_program(), "vm-graph", f"uuid={vm}", "data-source=memory", f"filename={svg}")
    drawn = run(simulator, xe_program(), "vm-graph", f"uuid={vm}", "data-source=cpu_usage", "start=-60")

    assert png.read_bytes().startswith(b"\x89PNG")
    assert ElementTree.fromstring(svg.read_text()).tag.endswith("svg")
    assert drawn.splitlines()[0] == "measured, closely"
    assert "cpu_usage" in drawn
    assert len(drawn.splitlines()) > 10


def test_lines_of_values(simulator: DevelopmentHost, vm: str) -> None:
    program = str(Path(sys.executable).parent / "rrd2csv")

    local = run(simulator, program, "--rows", "2", f":vm:{vm}:memory", ":host::loadavg")
    address = simulator.state.https.removeprefix("https://")
    remote = run(
        simulator, program, "-n", "-u", "--rows", "1", "--server", address, f":vm:{vm}:memory",
        "--password-file", str(simulator.layout.password_file),
        "--certificate", str(simulator.root / "etc/xensource/xapi-ssl.pem"),
    )  # fmt: skip

    titles, *rows = [line.split(", ") for line in local.splitlines()]
    assert titles[0] == "timestamp"
    assert f"AVERAGE:vm:{vm}:memory" in titles
    assert any(title.endswith(":loadavg") for title in titles)
    assert [len(row) for row in rows] == [len(titles)] * 2
    assert rows[0][0] < rows[1][0]
    assert remote.splitlines()[0] == 'timestamp, "AVERAGE:vm:measured, closely:memory (B)"'


def test_prometheus_scrapes_the_host_with_its_password(simulator: DevelopmentHost, client: Client, vm: str) -> None:
    token = base64.b64encode(f"root:{simulator.password}".encode()).decode()

    status, kind, body = get(simulator, "/metrics", Authorization=f"Basic {token}")

    assert (status, kind) == (200, "application/openmetrics-text")
    families = {family.name: family for family in text_string_to_metric_families(body.decode())}  # type: ignore[no-untyped-call]
    samples = {(sample.name, sample.labels["uuid"]) for family in families.values() for sample in family.samples
               if "uuid" in sample.labels}  # fmt: skip
    (host,) = client.call("host.get_all")
    assert ("xapi_vm_memory", vm) in samples
    assert ("xapi_host_memory_free_kib", client.call("host.get_uuid", host)) in samples
    assert "rrdd_tick_seconds" in families
    assert get(simulator, "/metrics")[0] == 401


def test_sources_are_listed_recorded_asked_and_forgotten(simulator: DevelopmentHost, client: Client, vm: str) -> None:
    (host,) = client.call("host.get_all")
    ref = client.call("VM.get_by_uuid", vm)
    (sr,) = client.call("SR.get_by_name_label", "Local storage")
    _check_class(simulator, client, "VM", ref, "memory")
    _check_class(simulator, client, "host", host, "loadavg")
    wait_for(lambda: _enabled(client, "SR", sr).get("size"), DEADLINE, "the size of an SR")
    _check_class(simulator, client, "SR", sr, "size")
    with pytest.raises(WireError) as raised:
        client.call("VM.query_data_source", ref, "absent")
    assert raised.value.wire_code == "INTERNAL_ERROR"


def _check_class(host: DevelopmentHost, client: Client, cls: str, ref: str, name: str) -> None:
    column = f"AVERAGE:{cls.lower()}:{client.call(f'{cls}.get_uuid', ref)}:{name}"
    record = next(s for s in client.call(f"{cls}.get_data_sources", ref) if s["name_label"] == name)
    assert record["standard"] is True
    assert record["units"]
    assert _enabled(client, cls, ref)[name] is True
    client.call(f"{cls}.query_data_source", ref, name)

    client.call(f"{cls}.forget_data_source_archives", ref, name)
    assert _enabled(client, cls, ref).get(name) in {False, None}
    assert column not in columns(host, client)

    wait_for(lambda: name in _enabled(client, cls, ref), DEADLINE, "the source to be known")
    client.call(f"{cls}.record_data_source", ref, name)
    wait_for(lambda: column in columns(host, client), DEADLINE, "the source to be recorded again")


def _enabled(client: Client, cls: str, ref: str) -> dict[str, Any]:
    return {source["name_label"]: source["enabled"] for source in client.call(f"{cls}.get_data_sources", ref)}


def test_an_archive_goes_with_its_vm(simulator: DevelopmentHost, client: Client) -> None:
    (template,) = client.call("VM.get_by_name_label", "Other install media")
    ref = client.call("VM.clone", template, "archived")
    client.call("VM.provision", ref)
    uuid = str(client.call("VM.get_uuid", ref))
    archive = simulator.root / f"var/lib/xcp/blobs/rrds/{uuid}.gz"
    try:
        client.call("VM.start", ref, False, False)
        wait_for(lambda: newest(simulator, client, f"vm:{uuid}:memory"), DEADLINE, "metrics of a VM")
        client.call("VM.hard_shutdown", ref)
        wait_for(archive.exists, DEADLINE, "the archive of a VM that stopped")
        status, _, past = get(simulator, f"/vm_rrd?uuid={uuid}", client.session)
        assert status == 200
        assert f"AVERAGE:vm:{uuid}:memory" not in columns(simulator, client)
        known = _rows(past)
        assert known

        clone = client.call("VM.clone", ref, "nothing inherited")
        assert get(simulator, f"/vm_rrd?uuid={client.call('VM.get_uuid', clone)}", client.session)[0] == 404
        client.call("VM.destroy", clone)

        client.call("VM.start", ref, False, False)
        wait_for(lambda: newest(simulator, client, f"vm:{uuid}:memory"), DEADLINE, "metrics of a VM again")
        status, _, present = get(simulator, f"/vm_rrd?uuid={uuid}", client.session)
        assert status == 200
        assert known.items() <= _rows(present).items()
    finally:
        with contextlib.suppress(WireError):
            client.call("VM.hard_shutdown", ref)
        client.call("VM.destroy", ref)
    wait_for(lambda: not archive.exists(), DEADLINE, "the archive to go with its VM")
    wait_for(lambda: get(simulator, f"/vm_rrd?uuid={uuid}", client.session)[0] == 404, DEADLINE, "nothing to be left")


def _rows(xml: bytes) -> dict[int, str]:
    """Known values of the memory, in the finest archive, by time."""
    root = ElementTree.fromstring(xml)
    names = [node.findtext("name") for node in root.iter("ds") if node.find("name") is not None]
    at = names.index("memory")
    last = int(root.findtext("lastupdate", "")) // 5 * 5
    found: dict[int, str] = {}
    archive = next(root.iter("rra"))
    rows = [[value.text or "" for value in row] for row in archive.iter("row")]
    for back, row in enumerate(reversed(rows)):
        if row[at] != "NaN":
            found[last - 5 * back] = row[at]
    return found
