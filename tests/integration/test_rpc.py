"""One xapi process without its daemons: logging in, both protocols, and clients that misbehave."""

from __future__ import annotations

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import xmlrpc.client
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from xapi.auth import passwords

pytestmark = pytest.mark.integration

PASSWORD = "a password with spaces"
START_WITHIN = 60.0  # seconds
HEADER_TIMEOUT = 1.5


class Host:
    """A root with a running xapi."""

    def __init__(self, root: Path, *flags: str) -> None:
        self.root, self.flags = root, flags
        self.local = str(root / "var/lib/xcp/xapi")
        self.tls = str(root / "var/lib/xcp/xapi-tls")
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        passwords.write(root / passwords.PATH.lstrip("/"), "root", PASSWORD)

    def start(self) -> None:
        """Start xapi and wait until it serves."""
        with (self.root / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "xapi.main", "--address", "127.0.0.1", "--port", str(self.port),
                 "--login-delay", "0.05", *self.flags],
                env={**os.environ, "XAPI_ROOT": str(self.root)},
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        give_up = time.monotonic() + START_WITHIN
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except OSError:
                assert self.process.poll() is None, (self.root / "log").read_text()[-3000:]
                assert time.monotonic() < give_up
                time.sleep(0.05)

    def end(self, signal_: int = signal.SIGTERM) -> float:
        """End xapi; how long that took, in seconds."""
        assert self.process is not None
        started = time.monotonic()
        self.process.send_signal(signal_)
        self.process.wait(30)
        return time.monotonic() - started

    def connect(self, path: str | None = None) -> socket.socket:
        """A connection to the TCP port, or to a Unix socket."""
        if path is None:
            return socket.create_connection(("127.0.0.1", self.port), timeout=30)
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(30)
        connection.connect(path)
        return connection

    def json(self, method: str, *params: Any, path: str | None = None) -> Any:
        """The decoded answer of one JSON-RPC call."""
        body = json.dumps({"jsonrpc": "2.0", "method": method, "params": params, "id": 1}).encode()
        with self.connect(path) as connection:
            connection.sendall(post(body, "/jsonrpc"))
            return json.loads(read(connection)[2])

    def login(self) -> str:
        """A session."""
        ref = self.json("session.login_with_password", "root", PASSWORD)["result"]
        assert ref.startswith("OpaqueRef:")
        return str(ref)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def post(body: bytes, path: str = "/", headers: str = "", version: str = "1.1") -> bytes:
    return f"POST {path} HTTP/{version}\r\nHost: x\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body


def call(method: str, *params: Any) -> bytes:
    return xmlrpc.client.dumps(params, method).encode()


def read(connection: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """One response: status, headers by lower-case name, body."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        assert piece, f"closed after {data!r}"
        data += piece
    head, body = data.split(b"\r\n\r\n", 1)
    lines = head.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    length = int(headers.get("content-length", "0"))
    while len(body) < length:
        piece = connection.recv(65536)
        assert piece
        body += piece
    return int(lines[0].split()[1]), headers, body


def closed(connection: socket.socket) -> bool:
    """Whether the other side closed."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    with started(Host(tmp_path_factory.mktemp("host"))) as made:
        yield made


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """One that soon gives up a request that does not come whole."""
    with started(Host(tmp_path_factory.mktemp("impatient"), "--header-timeout", str(HEADER_TIMEOUT))) as made:
        yield made


@contextmanager
def started(host: Host) -> Iterator[Host]:
    host.start()
    yield host
    if host.process is not None and host.process.poll() is None:
        host.end()


@pytest.fixture(scope="module")
def session(host: Host) -> str:
    return host.login()


def test_login_over_tcp_needs_the_password(host: Host) -> None:
    assert host.json("session.login_with_password", "root", "wrong")["error"] == {
        "code": 1,
        "message": "SESSION_AUTHENTICATION_FAILED",
        "data": ["root", "Authentication failure"],
    }
    assert host.login() != host.login()


def test_the_local_socket_is_root_without_a_password(host: Host) -> None:
    ref = host.json("session.login_with_password", "root", "", path=host.local)["result"]

    assert host.json("session.get_is_local_superuser", ref, ref)["result"] is True
    assert Path(host.local).stat().st_mode & 0o777 == 0o600


def test_the_official_sdk_works(host: Host) -> None:
    proxy = xmlrpc.client.ServerProxy(f"http://127.0.0.1:{host.port}")
    ref: Any = proxy.session.login_with_password("root", PASSWORD, "1.0", "test")

    hosts: Any = proxy.host.get_all_records(ref["Value"])

    assert hosts["Status"] == "Success"
    assert len(hosts["Value"]) == 1


def test_headers_are_exactly_the_originals(host: Host, session: str) -> None:
    with host.connect() as connection:
        connection.sendall(post(call("VM.get_by_name_label", session, "nobody")))
        status, headers, body = read(connection)

    assert status == 200
    assert body.startswith(b'<?xml version="1.0"?><methodResponse>')
    assert headers == {
        "content-length": str(len(body)),
        "connection": "keep-alive",
        "cache-control": "no-cache, no-store",
        "content-type": "text/xml",
        "access-control-allow-origin": "*",
        "access-control-allow-headers": "X-Requested-With",
    }


@pytest.mark.parametrize("path", ["/", "/RPC2", "/xmlrpc", "/json"])
def test_any_post_path_is_xml_rpc(host: Host, session: str, path: str) -> None:
    with host.connect() as connection:
        connection.sendall(post(call("host.get_all", session), path))

        assert b"Success" in read(connection)[2]


def test_many_calls_share_a_connection_also_pipelined(host: Host, session: str) -> None:
    quick, slow = post(call("host.get_all", session)), post(call("task.create", session, "a", "b"))
    with host.connect() as connection:
        connection.sendall(quick + slow + quick + quick + slow)
        stream = connection.makefile("rb")
        for _ in range(5):
            lines = iter(stream.readline, b"\r\n")
            length = next(int(line.split(b":")[1]) for line in list(lines) if line.startswith(b"content-length"))
            assert b"Success" in stream.read(length)


def test_a_request_in_single_bytes_is_understood(host: Host, session: str) -> None:
    with host.connect() as connection:
        for byte in post(call("host.get_all", session)):
            connection.sendall(bytes([byte]))

        assert b"Success" in read(connection)[2]


def test_http_1_0_closes_and_says_so(host: Host, session: str) -> None:
    with host.connect() as connection:
        connection.sendall(post(call("host.get_all", session), version="1.0"))

        status, headers, body = read(connection)
        assert (status, headers["connection"]) == (200, "close")
        assert b"Success" in body
        assert closed(connection)


def test_expect_continue_is_answered(host: Host, session: str) -> None:
    body = call("host.get_all", session)
    with host.connect() as connection:
        head, _ = post(body, headers="Expect: 100-continue\r\n").split(b"\r\n\r\n")
        connection.sendall(head + b"\r\n\r\n")
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body)

        assert b"Success" in read(connection)[2]


def test_a_body_beyond_the_limit_is_refused(host: Host) -> None:
    with host.connect() as connection:
        connection.sendall(post(b"x" * 10, headers="")[:-10].replace(b"Content-Length: 10", b"Content-Length: 400000"))

        assert read(connection)[0] == 413
        assert closed(connection)


def test_a_large_body_within_the_limit_is_read(host: Host, session: str) -> None:
    with host.connect() as connection:
        connection.sendall(post(call("task.create", session, "big", "d" * 290_000)))

        assert b"Success" in read(connection)[2]


@pytest.mark.parametrize(
    ("path", "body"),
    [("/", b"this is not xml"), ("/", b""), ("/", b"<a/>"), ("/jsonrpc", b"{not json"), ("/jsonrpc", b"[]")],
)
def test_what_is_no_request_is_an_error_page(host: Host, path: str, body: bytes) -> None:
    with host.connect() as connection:
        connection.sendall(post(body, path))

        status, headers, page = read(connection)
        assert (status, headers["content-type"], headers["connection"]) == (500, "text/html", "close")
        assert b"<h1>HTTP 500" in page
        assert closed(connection)


@pytest.mark.parametrize("part", [b"", b"POST / HT", post(b"x" * 100)[:-50], b"PO", b"CONNECT /console"])
def test_a_request_that_never_ends_is_given_up(impatient: Host, part: bytes) -> None:
    began = time.monotonic()
    with impatient.connect() as connection:
        connection.sendall(part)
        answer = connection.recv(4096)  # has a deadline

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert time.monotonic() - began >= HEADER_TIMEOUT


def test_an_idle_connection_stays(impatient: Host) -> None:
    session = impatient.login()
    with impatient.connect() as connection:
        for _ in range(2):
            connection.sendall(post(call("host.get_all", session)))
            assert b"Success" in read(connection)[2]
            time.sleep(2 * HEADER_TIMEOUT)
        connection.sendall(post(call("task.create", session, "a", "b")))

        assert b"Success" in read(connection)[2]


def test_a_header_beyond_the_limit_is_refused(host: Host) -> None:
    with host.connect() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 20_000 + b"\r\n\r\n")

        assert read(connection)[0] == 431


@pytest.mark.parametrize(
    ("request_line", "status"),
    [("DELETE /", 501), ("HEAD /", 501), ("PUT /", 403), ("PUT /jsonrpc", 403), ("GET /", 200), ("GET /none", 404),
     ("GET /rrd_updates?start=0", 401), ("GET /console?ref=x", 401), ("GET /health", 404), ("CONNECT /nope", 403),
     ("CONNECT /console?ref=x", 401), ("OPTIONS /jsonrpc", 200)],
)  # fmt: skip
def test_other_requests(host: Host, request_line: str, status: int) -> None:
    with host.connect() as connection:
        connection.sendall(f"{request_line} HTTP/1.1\r\nHost: x\r\n\r\n".encode())

        assert int(connection.recv(4096).split()[1]) == status


def test_options_reflects_what_a_browser_asks_for(host: Host) -> None:
    with host.connect() as connection:
        connection.sendall(b"OPTIONS / HTTP/1.1\r\nHost: x\r\naccess-control-request-headers: content-type\r\n\r\n")

        _, headers, _ = read(connection)
        assert headers["access-control-allow-headers"] == "content-type, X-Requested-With"
        assert headers["access-control-allow-methods"] == "PUT"


def test_a_handler_takes_session_cookie_or_password(host: Host, session: str) -> None:
    basic = base64.b64encode(f"root:{PASSWORD}".encode()).decode()
    wrong = base64.b64encode(b"root:wrong").decode()
    for headers, status in (
        (f"Cookie: session_id={session}", 503),
        (f"Authorization: Basic {basic}", 503),
        (f"Authorization: Basic {wrong}", 401),
        ("Cookie: session_id=OpaqueRef:x", 401),
    ):
        with host.connect() as connection:
            connection.sendall(f"GET /host_rrd HTTP/1.1\r\nHost: x\r\n{headers}\r\n\r\n".encode())
            assert read(connection)[0] == status, "503: allowed, but the metrics daemon is away"


def test_health_and_metrics_on_the_local_socket(host: Host) -> None:
    with host.connect(host.local) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert json.loads(read(connection)[2])["name"] == "xapi"
        connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        assert read(connection)[2].endswith(b"# EOF\n")


def test_stunnels_side_begins_with_the_clients_address(host: Host) -> None:
    wrong = json.dumps({"jsonrpc": "2.0", "method": "session.login_with_password", "params": ["root", "x"], "id": 1})
    with host.connect(host.tls) as connection:
        connection.sendall(b"PROXY TCP4 203.0.113.7 10.0.0.1 50000 443\r\n" + post(wrong.encode(), "/jsonrpc"))

        assert b"SESSION_AUTHENTICATION_FAILED" in read(connection)[2], "it does not grant root"
    assert "from 203.0.113.7" in (host.root / "log").read_text()


def test_stunnels_side_refuses_connections_without_the_line(host: Host) -> None:
    with host.connect(host.tls) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")

        assert closed(connection)


def test_a_client_that_vanishes_in_mid_call_leaves_the_server_well(host: Host, session: str) -> None:
    waiting = json.dumps(
        {"jsonrpc": "2.0", "method": "event.from", "params": [session, ["vm"], "", 30.0], "id": 1}
    ).encode()
    for _ in range(20):
        connection = host.connect()
        connection.sendall(post(waiting, "/jsonrpc"))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.close()

    assert host.json("host.get_all", session)["result"]
    assert "Traceback" not in (host.root / "log").read_text()


def test_calls_that_need_a_daemon_answer_an_error_while_it_is_away(host: Host, session: str) -> None:
    this = host.json("host.get_all", session)["result"][0]
    answers: list[Any] = []
    worker = threading.Thread(target=lambda: answers.append(host.json("host.dmesg", session, this)))
    worker.start()

    assert host.json("host.get_all", session)["result"] == [this], "others are served meanwhile"
    worker.join(30)
    assert answers[0]["error"]["message"] in {"INTERNAL_ERROR", "NOT_IMPLEMENTED"}


def test_the_log_holds_neither_passwords_nor_sessions(host: Host, session: str) -> None:
    text = (host.root / "log").read_text()

    assert PASSWORD not in text
    assert session not in text


def test_what_was_answered_survives_a_kill(host: Host) -> None:
    session = host.login()
    ref = host.json("task.create", session, "survivor", "")["result"]

    host.end(signal.SIGKILL)
    host.start()

    record = host.json("task.get_record", session, ref)["result"]
    assert (record["name_label"], record["status"]) == ("survivor", "failure")


def test_clients_that_wait_delay_its_stop_by_less_than_a_second(host: Host) -> None:
    session = host.login()
    alone = host.end()
    host.start()
    waiting = json.dumps(
        {"jsonrpc": "2.0", "method": "event.from", "params": [session, ["vm"], "", 30.0], "id": 1}
    ).encode()
    with host.connect() as idle, host.connect() as busy:
        idle.sendall(post(call("host.get_all", session)))
        read(idle)
        busy.sendall(post(waiting, "/jsonrpc"))
        read(busy)
        token = "00000000000000000000,00000000000000000000"
        busy.sendall(post(waiting.replace(b'""', f'"{token}"'.encode()), "/jsonrpc"))

        assert host.end() < alone + 1.0
    assert host.process is not None
    assert host.process.returncode == 0
