"""Bad input against a whole host, plain and through stunnel: the original's errors, and a server that stays as it was.

The errors byte for byte, against recordings, are in tests/xapi/dispatch/test_conformance.py; one xapi alone against
bad HTTP is in tests/integration/test_rpc.py.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
import time
import xmlrpc.client
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.integration.guinea_pig import GuineaPig
from tests.integration.host import DevelopmentHost, started, wait_for
from tests.integration.leftovers import inventory
from tests.integration.life import ApiError
from tests.integration.raw import Raw

pytestmark = [pytest.mark.integration, pytest.mark.root]

NOBODY = "OpaqueRef:12345678-1234-1234-1234-123456789012"
UUID = "11111111-2222-3333-4444-555555555555"
HEADER_TIMEOUT = 2.0  # seconds
SETTINGS = f"header_timeout = {HEADER_TIMEOUT}\n"
ANSWER = 20.0  # seconds
LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">%s]>
<methodCall><methodName>VM.get_all</methodName><params><param><value>&e9;</value></param></params></methodCall>
""" % b"".join(b'<!ENTITY e%d "&e%d;&e%d;">' % (number, number - 1, number - 1) for number in range(1, 10))
EXTERNAL = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<methodCall><methodName>VM.get_all</methodName><params><param><value>&a;</value></param></params></methodCall>"""


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevelopmentHost]:
    """A host that is impatient with half-sent requests."""
    folder = tmp_path_factory.mktemp("bad")
    settings = folder / "hosts/host1/etc/xapi-toolstack/xapi.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(SETTINGS)
    with started(folder, "simulator") as made:
        yield made


@pytest.fixture(scope="module")
def pig(host: DevelopmentHost) -> GuineaPig:
    """A halted VM."""
    with Raw(host) as client:
        made = GuineaPig.made(host, client)
    # Once: what the first start makes, such as a row for what its agent tells, stays.
    made.bring("Running")
    made.bring("Halted")
    return made


@pytest.fixture(autouse=True)
def unchanged(host: DevelopmentHost, pig: GuineaPig) -> Iterator[None]:
    """Whatever a client sends: the process, what it has open and what the host holds are as before."""
    before, process, files = inventory(host), host.daemon("xapi"), _open(host)
    yield
    assert host.daemon("xapi") == process
    wait_for(lambda: _open(host) <= files, ANSWER, "connections to be closed")
    assert inventory(host) == before
    assert "Traceback" not in host.log("xapi")


def _open(host: DevelopmentHost) -> int:
    """How many files and connections xapi has open, but for those between it and the other daemons.

    Their pools, on both sides, grow with what goes on at once; the clients here come by TCP, or through stunnel.
    """
    process = Path(f"/proc/{host.daemon('xapi').pid}")
    table = [line.split() for line in (process / "net/unix").read_text().splitlines()[1:]]
    # What was accepted has the listener's path, what xapi made has none.
    ours = {f"socket:[{words[6]}]" for words in table if len(words) == 7 or words[7].endswith("/xapi")}
    return sum(_target(file) not in {"", *ours} for file in (process / "fd").iterdir())


def _target(file: Path) -> str:
    try:
        return str(file.readlink())
    except FileNotFoundError:  # closed meanwhile
        return ""


@dataclass(frozen=True)
class Bad:
    """A call and the error it gets. `$VM`, `$host` and `$SR` stand for references of such objects."""

    method: str
    arguments: tuple[Any, ...]
    error: tuple[str, ...]


DUPLICATE = ("MAP_DUPLICATE_KEY",)
VCPUS = "VCPU values must satisfy: 0 < VCPUs_at_startup ≤ VCPUs_max"
CALLS = (
    Bad("VM.no_such_method", (), ("MESSAGE_METHOD_UNKNOWN", "VM.no_such_method")),
    Bad("NoClass.get_all", (), ("MESSAGE_METHOD_UNKNOWN", "NoClass.get_all")),
    Bad("VBD_metrics.get_all_records", (), ("MESSAGE_REMOVED",)),
    Bad("VM.get_record", (), ("MESSAGE_PARAMETER_COUNT_MISMATCH", "VM.get_record", "1", "0")),
    Bad("VM.get_all", ("x",), ("MESSAGE_PARAMETER_COUNT_MISMATCH", "VM.get_all", "0", "1")),
    Bad("VM.start", ("$VM",), ("MESSAGE_PARAMETER_COUNT_MISMATCH", "VM.start", "3", "1")),
    Bad("VM.get_record", (NOBODY,), ("HANDLE_INVALID", "VM", NOBODY)),
    Bad("VM.get_record", ("OpaqueRef:NULL",), ("HANDLE_INVALID", "VM", "OpaqueRef:NULL")),
    Bad("VM.get_record", ("garbage",), ("HANDLE_INVALID", "VM", "garbage")),
    Bad("VM.get_record", ("$host",), ("HANDLE_INVALID", "VM", "$host")),
    Bad("VM.start", ("$SR", False, False), ("HANDLE_INVALID", "VM", "$SR")),
    Bad("VDI.destroy", ("$VM",), ("HANDLE_INVALID", "VDI", "$VM")),
    Bad("Async.VM.start", (NOBODY,), ("MESSAGE_PARAMETER_COUNT_MISMATCH", "VM.start", "3", "1")),
    Bad("VM.get_by_uuid", (UUID,), ("UUID_INVALID", "VM", UUID)),
    Bad("VM.pause", ("$VM",), ("VM_BAD_POWER_STATE", "$VM", "running", "halted")),
    Bad("VM.clean_shutdown", ("$VM",), ("VM_BAD_POWER_STATE", "$VM", "running", "halted")),
    Bad("VM.hard_shutdown", ("$VM",), ("VM_BAD_POWER_STATE", "$VM", "paused, suspended, running", "halted")),
    Bad("VM.resume", ("$VM", False, False), ("VM_BAD_POWER_STATE", "$VM", "suspended", "halted")),
    Bad("VM.revert", ("$VM",), ("REVERT_ONLY_ALLOWED_ON_SNAPSHOT",)),
    Bad("VM.set_VCPUs_at_startup", ("$VM", "99"), ("INVALID_VALUE", VCPUS, "99")),
    Bad("VM.add_to_other_config", ("$VM", "mac_seed", "x"), (*DUPLICATE, "VM", "other_config", "$VM", "mac_seed")),
)  # fmt: skip


def _named(value: Any, names: dict[str, str]) -> Any:
    return names[value[1:]] if isinstance(value, str) and value.startswith("$") else value


@pytest.mark.parametrize("bad", CALLS, ids=lambda bad: f"{bad.method}{bad.arguments}")
def test_a_call_that_cannot_be_done_gets_the_originals_error(host: DevelopmentHost, pig: GuineaPig, bad: Bad) -> None:
    with Raw(host) as client:
        names = {"VM": pig.vm, "host": client.call("host.get_all")[0], "SR": client.call("SR.get_all")[0]}
        arguments = [_named(each, names) for each in bad.arguments]

        with pytest.raises(ApiError) as caught:
            client.call(bad.method, *arguments)

    assert [caught.value.code, *caught.value.params] == [_named(each, names) for each in bad.error]


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("VM.set_is_a_template", ("notabool",)),
        ("VM.set_VCPUs_max", ("many",)),
        ("VM.set_VCPUs_max", (True,)),
        ("VM.set_tags", ("not a set",)),
        ("VM.set_other_config", (["not", "a", "map"],)),
        ("VM.set_actions_after_crash", ("nonsense",)),
        ("VM.set_name_label", ({"a": "struct"},)),
        ("VM.set_HVM_shadow_multiplier", ("large",)),
    ],
)
def test_a_parameter_of_the_wrong_type_changes_nothing(
    host: DevelopmentHost, pig: GuineaPig, method: str, arguments: tuple[Any, ...]
) -> None:
    before = pig.record()
    with Raw(host) as client, pytest.raises(ApiError) as caught:
        client.call(method, pig.vm, *arguments)

    assert caught.value.code == "INTERNAL_ERROR"
    assert pig.record() == before


@pytest.mark.parametrize("session", ["", "OpaqueRef:does-not-exist", "garbage", "a" * 1000])
def test_an_unknown_session_is_refused(host: DevelopmentHost, session: str) -> None:
    client = Raw(host)

    with pytest.raises(ApiError) as caught:
        client.send("VM.get_all", session)

    assert [caught.value.code, *caught.value.params] == ["SESSION_INVALID", session]
    client.close()


def test_a_session_that_was_logged_out_is_refused(host: DevelopmentHost) -> None:
    client = Raw(host)
    with client:
        stale = client.session
    other = Raw(host)

    with pytest.raises(ApiError) as caught:
        other.send("VM.get_all", stale)

    assert caught.value.code == "SESSION_INVALID"
    other.close()


def test_an_operation_that_is_going_on_keeps_others_out(host: DevelopmentHost, pig: GuineaPig) -> None:
    pig.ask("VM.add_to_blocked_operations", pig.vm, "start", "BLOCKED_BY_TEST")
    try:
        with pytest.raises(ApiError) as caught:
            pig.ask("VM.start", pig.vm, False, False)
    finally:
        pig.ask("VM.remove_from_blocked_operations", pig.vm, "start")

    assert [caught.value.code, *caught.value.params] == ["OPERATION_BLOCKED", pig.vm, "BLOCKED_BY_TEST"]


def connect(host: DevelopmentHost, scheme: str) -> socket.socket:
    """A connection to plain HTTP or to stunnel."""
    parts = urlsplit(host.state.http if scheme == "http" else host.state.https)
    plain = socket.create_connection((str(parts.hostname), parts.port or (80 if scheme == "http" else 443)), ANSWER)
    if scheme == "http":
        return plain
    context = ssl.create_default_context(cafile=str(host.root / "etc/xensource/xapi-ssl.pem"))
    return context.wrap_socket(plain, server_hostname=str(parts.hostname))


def post(body: bytes, path: str = "/", length: int | None = None) -> bytes:
    """A request, which may lie about its length."""
    size = len(body) if length is None else length
    return f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n".encode() + body


def everything(connection: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    data = b""
    try:
        while piece := connection.recv(65536):
            data += piece
    except (ConnectionResetError, ssl.SSLEOFError):
        pass
    return data


BOTH = pytest.mark.parametrize("scheme", ["http", "https"])
BODIES = {
    "not XML": (post(b"this is not xml"), 500),
    "nothing": (post(b""), 500),
    "truncated": (post(b"<methodCall><methodName>VM.get_all</methodName>"), 500),
    "entities": (post(LAUGHS), 500),
    "a file of the host": (post(EXTERNAL), 500),
    "deeply nested": (post(b"<methodCall><params>" + b"<param><value><array><data>" * 5000), 500),
    "not JSON": (post(b"{not json", "/jsonrpc"), 500),
    "a batch": (post(b"[]", "/jsonrpc"), 500),
    "deep JSON": (post(b"[" * 100_000, "/jsonrpc"), 500),
    "over the limit": (post(b"", length=400_000), 413),
    "a huge length": (post(b"", length=10**15), 413),
    "a length of letters": (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n", 400),
    "two lengths": (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
    "bytes": (bytes(range(256)) * 8 + b"\r\n\r\n", 400),
}


@BOTH
@pytest.mark.parametrize("body", BODIES)
def test_what_is_no_request_gets_an_error_page_and_a_closed_connection(
    host: DevelopmentHost, scheme: str, body: str
) -> None:
    request, status = BODIES[body]
    started_at = time.monotonic()
    with connect(host, scheme) as connection:
        connection.sendall(request)
        answer = everything(connection)

    assert re.match(rb"HTTP/1\.[01] %d " % status, answer), answer[:200]
    assert b"root:" not in answer
    assert time.monotonic() - started_at < ANSWER


@BOTH
@pytest.mark.parametrize("part", [b"POST / HT", post(b"x" * 100)[:-50]], ids=["half a line", "half a body"])
def test_a_half_sent_request_is_given_up(host: DevelopmentHost, scheme: str, part: bytes) -> None:
    with connect(host, scheme) as connection:
        connection.sendall(part)

        assert everything(connection).startswith(b"HTTP/1.1 408 ")


@BOTH
def test_a_client_that_vanishes_in_mid_call_does_not_undo_what_it_asked_for(
    host: DevelopmentHost, pig: GuineaPig, scheme: str
) -> None:
    with Raw(host) as client:
        body = xmlrpc.client.dumps((client.session, pig.vm, False, False), "VM.start").encode()
        connection = connect(host, scheme)
        connection.sendall(post(body))
        wait_for(lambda: _begun(pig.record()), ANSWER, "the call to begin")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.close()

        wait_for(lambda: pig.record()["power_state"] == "Running", ANSWER, "the VM to run")
    pig.settle()
    pig.bring("Halted")


def _begun(record: dict[str, Any]) -> bool:
    return bool(record["current_operations"]) or record["power_state"] != "Halted"


@BOTH
def test_clients_that_vanish_while_they_wait_leave_nothing(host: DevelopmentHost, scheme: str) -> None:
    with Raw(host) as client:
        token = client.call("event.from", ["vm"], "", 0.0)["token"]
        waiting = {"jsonrpc": "2.0", "id": 1, "method": "event.from", "params": [client.session, ["vm"], token, 60.0]}
        request = post(json.dumps(waiting).encode(), "/jsonrpc")
        connections = [connect(host, scheme) for _ in range(20)]
        for connection in connections:
            connection.sendall(request)
        for connection in connections:
            connection.close()

        assert client.call("host.get_all")


def test_the_log_tells_of_no_password(host: DevelopmentHost) -> None:
    assert host.password not in host.log("xapi")
    assert Path(host.state.password_file).stat().st_mode & 0o777 == 0o600
