"""What xenopsd and its libxl processes say to each other: JSON, one message a line. Both ends share these types."""

from __future__ import annotations

from typing import Any

import msgspec


class Request(msgspec.Struct, kw_only=True):
    """Do `call` with `args`; without a call, stop doing request `id`."""

    id: int
    call: str = ""
    args: dict[str, Any] = {}


class Report(msgspec.Struct, kw_only=True):
    """About request `id`: it ended (`result` or `error`), or goes on. Id 0 is a line of log of `severity`."""

    id: int = 0
    ended: bool = False
    result: Any = None
    error: str = ""
    rc: int = 0
    """libxl's number of the error."""
    progress: float | None = None
    severity: int = 0
    line: str = ""


class Image:
    """The head of a suspend image. libxl's own stream follows at `SIZE`."""

    MAGIC = b"XapiToolstackLibxlImage1\n"
    SIZE = 1 << 20


def pack(config: bytes) -> bytes:
    """The head of an image of the domain with this configuration. Raises `ValueError` if it has no room."""
    head = Image.MAGIC + f"{len(config):08x}\n".encode() + config
    if len(head) > Image.SIZE:
        raise ValueError("the configuration is too long for an image")
    return head.ljust(Image.SIZE, b"\0")


def unpack(head: bytes) -> bytes:
    """The configuration in an image's head. Raises `ValueError`."""
    if not head.startswith(Image.MAGIC):
        raise ValueError("this is no suspend image of ours")
    start = len(Image.MAGIC) + 9
    length = int(head[len(Image.MAGIC) : start], 16)
    return head[start : start + length]
