"""The thin-CLI protocol: what `xe` and the server say to each other, as values and as bytes.

After a `POST /cli` both sides send a greeting, then messages: a 32-bit little-endian length and that many bytes, which
begin with tags. File contents follow a `Chunk` outside of any message. Only the standard library is imported: the
client starts at every command line.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

MAGIC = b"XenSource thin CLI protocol"
MAJOR, MINOR = 0, 2
GREETING = MAGIC + struct.pack("<ii", MAJOR, MINOR)
MAX_MESSAGE = 16 * 1024 * 1024  # bytes

COMMAND, RESPONSE, BLOB = 9, 10, 11


class ProtocolError(Exception):
    """The other side does not speak the protocol; the text says how."""


@dataclass(frozen=True, slots=True)
class Print:
    """Server: print a line on standard output."""

    text: str


@dataclass(frozen=True, slots=True)
class Load:
    """Server: send the content of a file that the command line named."""

    filename: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """Server: read a line from the user and send it."""


@dataclass(frozen=True, slots=True)
class Exit:
    """Server: end with this status."""

    status: int


@dataclass(frozen=True, slots=True)
class HttpGet:
    """Server: fetch `path` (or a whole URL) into a file; an empty name is standard output."""

    filename: str
    path: str


@dataclass(frozen=True, slots=True)
class HttpPut:
    """Server: send a file to `path` (or a whole URL)."""

    filename: str
    path: str


@dataclass(frozen=True, slots=True)
class Error:
    """Server: an API error for which it has no words."""

    code: str
    params: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Debug:
    """Server: a line for --debug."""

    text: str


@dataclass(frozen=True, slots=True)
class PrintStderr:
    """Server: text for standard error, as it is."""

    text: str


@dataclass(frozen=True, slots=True)
class HttpConnect:
    """Server: connect the terminal to the console at `path`."""

    path: str


@dataclass(frozen=True, slots=True)
class Ok:
    """Client: done."""


@dataclass(frozen=True, slots=True)
class Failed:
    """Client: could not."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Client: still at it."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Client: that many bytes of a file follow, outside of any message."""

    size: int


@dataclass(frozen=True, slots=True)
class End:
    """Client: the file is complete."""


Command = Print | Load | Prompt | Exit | HttpGet | HttpPut | Error | Debug | PrintStderr | HttpConnect
Message = Command | Ok | Failed | Wait | Chunk | End

# Tag of each message, after that of its family; the fields follow in order.
TAGS: dict[type[Message], tuple[int, int]] = {
    Print: (COMMAND, 0),
    Load: (COMMAND, 1),
    Prompt: (COMMAND, 3),
    Exit: (COMMAND, 4),
    HttpGet: (COMMAND, 12),
    HttpPut: (COMMAND, 13),
    Error: (COMMAND, 14),
    Debug: (COMMAND, 15),
    PrintStderr: (COMMAND, 16),
    HttpConnect: (COMMAND, 17),
    Ok: (RESPONSE, 5),
    Failed: (RESPONSE, 6),
    Wait: (RESPONSE, 18),
    Chunk: (BLOB, 7),
    End: (BLOB, 8),
}
TYPES = {tags: cls for cls, tags in TAGS.items()}


def encode(message: Message) -> bytes:
    """`message` with its length."""
    family, tag = TAGS[type(message)]
    body = struct.pack("<ii", family, tag)
    for name in message.__dataclass_fields__:
        value = getattr(message, name)
        match value:
            case int():
                body += struct.pack("<i", value)
            case str():
                body += _string(value)
            case _:
                body += struct.pack("<i", len(value)) + b"".join(map(_string, value))
    return struct.pack("<i", len(body)) + body


def length(header: bytes) -> int:
    """Length of the message after these four bytes. Raises `ProtocolError`."""
    (size,) = struct.unpack("<i", header)
    if not 8 <= size <= MAX_MESSAGE:
        raise ProtocolError(f"a message of {size} bytes")
    return int(size)


def decode(body: bytes) -> Message:
    """The message in `body` (without its length). Raises `ProtocolError`."""
    reader = _Reader(body)
    cls = TYPES.get((reader.integer(), reader.integer()))
    if cls is None:
        raise ProtocolError("an unknown message")
    fields: dict[str, Any] = {name: reader.field(str(f.type)) for name, f in cls.__dataclass_fields__.items()}
    made: Message = cls(**fields)
    return made


def check_greeting(greeting: bytes) -> None:
    """Raise `ProtocolError` unless the other side speaks our major version."""
    if not greeting.startswith(MAGIC):
        raise ProtocolError(f"not a thin-CLI server: {greeting[:40]!r}")
    major, _minor = struct.unpack("<ii", greeting[len(MAGIC) :])
    if major != MAJOR:
        raise ProtocolError(f"major version {major}, ours is {MAJOR}")


def _string(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<i", len(data)) + data


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def field(self, annotation: str) -> int | str | tuple[str, ...]:
        if annotation == "int":
            return self.integer()
        if annotation == "str":
            return self.string()
        return tuple(self.string() for _ in range(self.integer()))

    def integer(self) -> int:
        if self._at + 4 > len(self._data):
            raise ProtocolError("a message that is cut off")
        (value,) = struct.unpack_from("<i", self._data, self._at)
        self._at += 4
        return int(value)

    def string(self) -> str:
        size = self.integer()
        if size < 0 or self._at + size > len(self._data):
            raise ProtocolError("a string longer than its message")
        data = self._data[self._at : self._at + size]
        self._at += size
        return data.decode(errors="replace")
