"""The thin-CLI protocol's bytes."""

from __future__ import annotations

import pytest

from xapi.cli import protocol
from xapi.cli.protocol import (
    Chunk,
    Debug,
    End,
    Error,
    Exit,
    Failed,
    HttpConnect,
    HttpGet,
    HttpPut,
    Load,
    Message,
    Ok,
    Print,
    PrintStderr,
    Prompt,
    ProtocolError,
    Wait,
)

ALL: list[Message] = [
    Print("größer"), Load("/f"), Prompt(), Exit(3), HttpGet("", "/export?x"), HttpPut("f", "/import"),
    Error("CODE", ("a", "b")), Debug("d"), PrintStderr("e\n"), HttpConnect("/console"), Ok(), Failed(), Wait(),
    Chunk(12), End(),
]  # fmt: skip


@pytest.mark.parametrize("message", ALL, ids=lambda message: type(message).__name__)
def test_every_message_survives_its_bytes(message: Message) -> None:
    data = protocol.encode(message)
    assert protocol.length(data[:4]) == len(data) - 4
    assert protocol.decode(data[4:]) == message


def test_bytes_are_those_seen_on_the_wire() -> None:
    wire = "24000000090000001000000018000000556e6b6e6f776e20636f6d6d616e643a206e6f737563680a"
    assert protocol.encode(PrintStderr("Unknown command: nosuch\n")).hex() == wire


@pytest.mark.parametrize("data", [b"", b"\0" * 8, protocol.encode(Print("long"))[4:-2]], ids=["empty", "tags", "cut"])
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        protocol.decode(data)


@pytest.mark.parametrize("header", [b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\0"])
def test_absurd_lengths_are_refused(header: bytes) -> None:
    with pytest.raises(ProtocolError):
        protocol.length(header)


def test_another_major_version_is_refused() -> None:
    protocol.check_greeting(protocol.GREETING)
    with pytest.raises(ProtocolError):
        protocol.check_greeting(protocol.MAGIC + b"\x01\0\0\0\0\0\0\0")
