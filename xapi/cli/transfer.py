"""What `xe` does over HTTP of its own: fetch a file, send a file, connect a terminal to a console.

Certificates of hosts are self-signed; like the original's client we encrypt and do not verify. Only the standard
library is imported.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import socket
import ssl
import sys
import termios
import tty
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from xapi.cli.options import LOCAL, Options
from xapi.cli.protocol import ProtocolError

Action = Callable[[Options, str, str], None]

DEADLINE = 30.0  # seconds to connect, and for the answer's header
REDIRECTS = 5
SOCKET = "var/lib/xcp/xapi"
CHUNK = 1 << 20
LONGEST_REASON = 500  # bytes
ESCAPE = b"\x1d"  # Ctrl-]


def connect(chosen: Options) -> socket.socket:
    """A connection to the host: its Unix socket when it is this one and we may use it, else TCP with TLS."""
    local = Path(os.environ.get("XAPI_ROOT", "/")) / SOCKET
    if chosen.server in {LOCAL, "localhost"} and chosen.port is None and os.access(local, os.W_OK):
        unix = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        # A relative name escapes the kernel's limit of 107 bytes.
        with contextlib.chdir(local.parent):
            unix.connect(local.name)
        return unix
    return dial(chosen.server, chosen.effective_port, tls=chosen.tls, deadline=DEADLINE)


def dial(server: str, port: int, *, tls: bool, deadline: float) -> socket.socket:
    """A TCP connection, with TLS unless told otherwise."""
    plain = socket.create_connection((server, port), timeout=deadline)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if not tls:
        return plain
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        return context.wrap_socket(plain, server_hostname=None)
    except BaseException:
        plain.close()
        raise


def get(chosen: Options, path: str, filename: str) -> None:
    """Fetch `path` into `filename` (which must not exist) or to standard output. Raises `ProtocolError`, `OSError`."""
    with _request(chosen, "GET", path) as (_connection, stream), contextlib.ExitStack() as stack:
        if not filename:
            shutil.copyfileobj(stream, sys.stdout.buffer, CHUNK)
            sys.stdout.buffer.flush()
            return
        descriptor = os.open(filename, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        target = stack.enter_context(os.fdopen(descriptor, "wb"))
        shutil.copyfileobj(stream, target, CHUNK)


def put(chosen: Options, path: str, filename: str) -> None:
    """Send `filename` to `path`. Raises `ProtocolError`, `OSError`."""
    with Path(filename).open("rb") as source:
        size = os.fstat(source.fileno()).st_size
        with _request(chosen, "PUT", path, size) as (connection, _stream):
            while data := source.read(CHUNK):
                connection.sendall(data)


def console(chosen: Options, path: str) -> int:
    """Connect the terminal to the console at `path` until Ctrl-] or the end; answers the exit status."""
    with _request(chosen, "CONNECT", path) as (connection, _stream), _raw_terminal():
        print("Connected; Ctrl-] leaves.", file=sys.stderr, end="\r\n")
        inputs: list[Any] = [connection, sys.stdin]
        while True:
            pending = isinstance(connection, ssl.SSLSocket) and connection.pending() > 0
            ready = [connection] if pending else select.select(inputs, [], [])[0]
            if connection in ready:
                data = connection.recv(CHUNK)
                if not data:
                    return 0
                sys.stdout.buffer.write(data)
                sys.stdout.buffer.flush()
            if sys.stdin in ready:
                typed = os.read(sys.stdin.fileno(), 4096)
                if ESCAPE in typed:
                    return 0
                if not typed:
                    inputs.remove(sys.stdin)
                connection.sendall(typed)


@contextlib.contextmanager
def _request(
    chosen: Options, method: str, path: str, size: int | None = None
) -> Iterator[tuple[socket.socket, BinaryIO]]:
    """A connection on which `method path` was answered with 200; redirects are followed."""
    for _ in range(REDIRECTS):
        connection, server, target = _reach(chosen, path)
        with contextlib.closing(connection):
            length = "" if size is None else f"content-length: {size}\r\n"
            connection.sendall(f"{method} {target} HTTP/1.0\r\nHost: {server}\r\n{length}\r\n".encode())
            # Unbuffered: what follows the header is the console's or the file's.
            stream = connection.makefile("rb", buffering=0)
            status, headers = _header(stream)
            if status == 302 and "location" in headers:
                path = headers["location"]
                continue
            if status != 200:
                raise ProtocolError(f"the server answered {status}{_reason(stream, headers)}")
            connection.settimeout(None)
            yield connection, stream  # type: ignore[misc]  # a raw stream reads like a buffered one
            return
    raise ProtocolError("too many redirections")


def _reach(chosen: Options, path: str) -> tuple[socket.socket, str, str]:
    """A connection to where `path` is served, the server's name, and the path there; a path may be a whole URL."""
    if path.startswith("/"):
        return connect(chosen), chosen.server, path
    url = urlsplit(path)
    tls = url.scheme == "https"
    target = f"{url.path}?{url.query}" if url.query else url.path
    server = url.hostname or chosen.server
    return dial(server, url.port or (443 if tls else 80), tls=tls, deadline=DEADLINE), server, target


def _header(stream: object) -> tuple[int, dict[str, str]]:
    text = b""
    while not text.endswith(b"\r\n\r\n"):
        byte = stream.read(1)  # type: ignore[attr-defined]
        if not byte or len(text) > 65536:
            raise ProtocolError("no HTTP answer")
        text += byte
    lines = text.decode(errors="replace").splitlines()
    pairs = (line.split(":", 1) for line in lines[1:] if ":" in line)
    try:
        status = int(lines[0].split()[1])
    except (IndexError, ValueError) as error:
        raise ProtocolError(f"not an HTTP answer: {lines[0]!r}") from error
    return status, {name.strip().lower(): value.strip() for name, value in pairs}


def _reason(stream: object, headers: Mapping[str, str]) -> str:
    """What a refusal says in plain text, if it does."""
    if not headers.get("content-type", "").startswith("text/plain"):
        return ""
    text: bytes = stream.read(LONGEST_REASON) or b""  # type: ignore[attr-defined]
    return f": {text.decode(errors='replace').strip()}" if text else ""


@contextlib.contextmanager
def _raw_terminal() -> Iterator[None]:
    if not sys.stdin.isatty():
        yield
        return
    saved = termios.tcgetattr(sys.stdin)
    tty.setraw(sys.stdin)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, saved)
