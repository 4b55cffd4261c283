"""Shows a guest's serial console until it says that it is up."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable

QUIET = 3.0  # seconds of silence after which Enter is sent: a prompt shown earlier is shown again
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][0-9A-B]|[^\x20-\x7e]")


def show_until(stream: socket.socket, prompt: bytes, deadline: float, show: Callable[[str], None]) -> bool:
    """Give each line of the console to `show` until `prompt` appears; False when `deadline` seconds passed first."""
    end = time.monotonic() + deadline
    line = b""
    while (left := end - time.monotonic()) > 0:
        stream.settimeout(min(QUIET, left))
        try:
            data = stream.recv(4096)
        except TimeoutError:
            stream.sendall(b"\r")
            continue
        if not data:
            return False
        *lines, line = (line + data).split(b"\n")
        for each in lines:
            _show(each, show)
        if prompt in line:
            _show(line, show)
            return True
    return False


def _show(line: bytes, show: Callable[[str], None]) -> None:
    text = _CONTROL.sub("", line.decode("ascii", "replace").replace("\ufffd", "")).strip()
    if text:
        show(text)
