"""A client of XML-RPC and JSON-RPC that costs next to nothing itself: requests made beforehand, answers not parsed."""

from __future__ import annotations

import json
import re
import selectors
import socket
import time
import xmlrpc.client
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
HEAD_END = b"\r\n\r\n"
PIECE = 1 << 18  # bytes
DEADLINE = 120.0  # seconds for one answer
Address = tuple[str, int]


def xml(method: str, *params: Any) -> bytes:
    """A request."""
    return _post("/", xmlrpc.client.dumps(params, method).encode(), "text/xml")


def json_(method: str, *params: Any) -> bytes:
    """A request by JSON-RPC 2.0."""
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
    return _post("/jsonrpc", body, "application/json")


def _post(path: str, body: bytes, kind: str) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Connection:
    """One connection that is kept."""

    def __init__(self, address: Address) -> None:
        self.socket = socket.create_connection(address, timeout=DEADLINE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = bytearray(PIECE)

    def exchange(self, request: bytes) -> bytes:
        """Send; answers the body."""
        self.send(request)
        return self.receive()

    def send(self, request: bytes) -> None:
        """Only send."""
        self.socket.sendall(request)

    def receive(self) -> bytes:
        """The body of the next answer."""
        data = bytearray()
        while (end := data.find(HEAD_END)) < 0:
            data += self._piece()
        total = end + len(HEAD_END) + length(data)
        while len(data) < total:
            data += self._piece()
        return bytes(data[end + len(HEAD_END) :])

    def drain(self, request: bytes) -> int:
        """Send, and read the answer without keeping it; the bytes of its body."""
        self.send(request)
        head = bytearray()
        while (end := head.find(HEAD_END)) < 0:
            head += self._piece()
        size = length(head)
        missing = end + len(HEAD_END) + size - len(head)
        while missing > 0:
            missing -= len(self._piece())
        return size

    def close(self) -> None:
        """Done with it."""
        self.socket.close()

    def _piece(self) -> memoryview:
        count = self.socket.recv_into(self._buffer)
        if not count:
            raise ConnectionError("closed in the middle of an answer")
        return memoryview(self._buffer)[:count]


def length(head: bytes | bytearray) -> int:
    """The Content-Length that a head names."""
    found = LENGTH.search(head)
    if found is None:
        raise ValueError(f"no length in {bytes(head[:200])!r}")
    return int(found[1])


@dataclass
class _Talk:
    """One of several connections, while its answer is awaited."""

    connection: Connection
    sent: float = 0.0
    missing: int = -1
    """Bytes that are still to come; -1 before the head came."""
    head: bytes = b""


def rate(connection: Connection, request: Callable[[int], bytes], seconds: float) -> float:
    """Answered calls a second, one after the other."""
    count, start = 0, time.perf_counter()
    while (now := time.perf_counter()) - start < seconds:
        connection.exchange(request(count))
        count += 1
    return count / (now - start)


def together(
    address: Address, request: Callable[[int], bytes], connections: int, seconds: float
) -> tuple[float, list[float]]:
    """Answered calls a second on several connections, each with one call under way, and how long each took."""
    talks = [_Talk(Connection(address)) for _ in range(connections)]
    selector = selectors.DefaultSelector()
    took: list[float] = []
    start = time.perf_counter()
    for number, talk in enumerate(talks):
        selector.register(talk.connection.socket, selectors.EVENT_READ, talk)
        _ask(talk, request(number))
    count = connections
    while (now := time.perf_counter()) - start < seconds:
        for key, _ in selector.select(DEADLINE):
            talk = key.data
            if _hear(talk):
                took.append(time.perf_counter() - talk.sent)
                _ask(talk, request(count))
                count += 1
    for talk in talks:
        talk.connection.close()
    selector.close()
    return len(took) / (now - start), took


def _ask(talk: _Talk, request: bytes) -> None:
    talk.sent, talk.missing, talk.head = time.perf_counter(), -1, b""
    talk.connection.send(request)


def _hear(talk: _Talk) -> bool:
    """Read what is there; whether the answer is complete."""
    piece = talk.connection.socket.recv(PIECE)
    if not piece:
        raise ConnectionError("closed in the middle of an answer")
    if talk.missing >= 0:
        talk.missing -= len(piece)
        return talk.missing <= 0
    talk.head += piece
    end = talk.head.find(HEAD_END)
    if end < 0:
        return False
    talk.missing = end + len(HEAD_END) + length(talk.head) - len(talk.head)
    return talk.missing <= 0


class Session:
    """A logged-in connection that decodes: for preparing what is measured."""

    def __init__(self, address: Address, user: str, password: str, originator: str = "bench") -> None:
        self.address = address
        self.connection = Connection(address)
        self.ref = str(self._value(json_("session.login_with_password", user, password, "2.23", originator)))

    def call(self, method: str, *params: Any) -> Any:
        """One call. Raises RuntimeError for an error."""
        return self._value(json_(method, self.ref, *params))

    def xml(self, method: str, *params: Any) -> bytes:
        """A request in this session."""
        return xml(method, self.ref, *params)

    def json(self, method: str, *params: Any) -> bytes:
        """A request in this session, by JSON-RPC."""
        return json_(method, self.ref, *params)

    def _value(self, request: bytes) -> Any:
        answer = json.loads(self.connection.exchange(request))
        if "error" in answer:
            raise RuntimeError(str(answer["error"]))
        return answer["result"]
