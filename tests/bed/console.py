"""The console of a guest, as a program in dom0 reads and writes it: the pty that xenconsoled or QEMU keeps."""

from __future__ import annotations

import os
import re
import select
import subprocess
import termios
import time
from types import TracebackType
from typing import Self

DEADLINE = 60.0  # seconds


class Silence(Exception):
    """What was waited for did not come; the text has the end of what did."""


class Console:
    """A guest's console, open. What the guest wrote before is read too, as far as the pty kept it."""

    def __init__(self, domid: int, *, hvm: bool = False) -> None:
        self._path = pty(domid, hvm=hvm)
        self._file = os.open(self._path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        mode = termios.tcgetattr(self._file)
        mode[3] &= ~(termios.ECHO | termios.ICANON)  # or the guest would read its own words
        mode[1] &= ~termios.OPOST
        termios.tcsetattr(self._file, termios.TCSANOW, mode)
        self.text = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._file)

    def expect(self, pattern: str, deadline: float = DEADLINE) -> re.Match[str]:
        """Read until `pattern` matches, and forget everything up to its end. Raises `Silence`."""
        end = time.monotonic() + deadline
        while True:
            if match := re.search(pattern, self.text):
                self.text = self.text[match.end() :]
                return match
            left = end - time.monotonic()
            if left <= 0:
                raise Silence(f"no {pattern!r} on {self._path} in {deadline:.0f} s, but {self.text[-500:]!r}")
            if select.select([self._file], [], [], min(left, 0.5))[0]:
                self._read()

    def command(self, line: str, deadline: float = DEADLINE) -> str:
        """What a command of the guest's shell prints. Raises `Silence`."""
        # Whatever echoes the line, once or twice, echoes the quotes too; the marks themselves have none.
        self._write(f"\recho be''gin-of-it; {line}; echo en''d-of-it $?\r")
        match = self.expect(r"(?s)begin-of-it\r?\n(.*?)end-of-it (\d+)", deadline)
        if match[2] != "0":
            raise Silence(f"{line!r} ended with {match[2]}: {match[1]!r}")
        return match[1].replace("\r", "").strip()

    def _write(self, text: str) -> None:
        os.write(self._file, text.encode())

    def _read(self) -> None:
        try:
            self.text += os.read(self._file, 65536).decode(errors="replace")
        except OSError:
            time.sleep(0.05)  # the other end isn't there yet, or no more


def pty(domid: int, *, hvm: bool = False, deadline: float = DEADLINE) -> str:
    """The device of a guest's console; for HVM, of its serial port. Raises `Silence`."""
    key = f"/local/domain/{domid}/" + ("serial/0/tty" if hvm else "console/tty")
    end = time.monotonic() + deadline
    while time.monotonic() < end:
        found = subprocess.run(["xenstore-read", key], capture_output=True, text=True, timeout=10.0)
        if found.returncode == 0 and found.stdout.strip():
            return found.stdout.strip()
        time.sleep(0.1)
    raise Silence(f"no {key} in xenstore in {deadline:.0f} s")
