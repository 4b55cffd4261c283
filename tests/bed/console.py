"""A guest's console as a test reads and writes it: over any open file, or the pty that xenconsoled or QEMU keeps."""

from __future__ import annotations

import os
import re
import select
import subprocess
import termios
import time
import uuid
from types import TracebackType
from typing import Self

DEADLINE = 60.0  # seconds
PRESENT_TRIES = 4


class Silence(Exception):
    """What was waited for did not come; the text has the end of what did."""


class Conversation:
    """A guest's console behind an open descriptor, which it closes in the end."""

    def __init__(self, descriptor: int, name: str) -> None:
        self._file, self._name = descriptor, name
        os.set_blocking(descriptor, False)
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
                raise Silence(f"no {pattern!r} on {self._name} in {deadline:.0f} s, but {self.text[-2000:]!r}")
            if select.select([self._file], [], [], min(left, 0.5))[0]:
                self._read()

    def command(self, line: str, deadline: float = DEADLINE) -> str:
        """What a command of the guest's shell prints. Raises `Silence`."""
        # Whatever echoes the line, once or twice, echoes the quotes too; the marks themselves have none. They are new
        # each time: a console may begin with what was said on it before.
        mark = uuid.uuid4().hex[:8]
        self.type(f"\recho be''gin-{mark}; {line}; echo en''d-{mark} $?\r")
        match = self.expect(rf"(?s)begin-{mark}\r?\n(.*?)end-{mark} (\d+)", deadline)
        if match[2] != "0":
            raise Silence(f"{line!r} ended with {match[2]}: {match[1]!r}")
        return match[1].replace("\r", "").strip()

    def present(self) -> None:
        """Until its shell answers: a serial port loses keys while its guest wakes. Raises `Silence`."""
        for left in reversed(range(PRESENT_TRIES)):
            number = uuid.uuid4().int % 10**8
            self.type(f"\recho here-$(({number}+1))\r")  # no quotes: half of a pair would spoil what follows
            try:
                self.expect(rf"here-{number + 1}\b", DEADLINE / PRESENT_TRIES)
            except Silence:
                if not left:
                    raise
            else:
                return

    def type(self, text: str) -> None:
        """Keys, nothing more."""
        os.write(self._file, text.encode())

    def _read(self) -> None:
        try:
            data = os.read(self._file, 65536)
        except OSError:
            data = b""
        self.text += data.decode(errors="replace")
        if not data:
            time.sleep(0.05)  # the other end isn't there yet, or no more


class Console(Conversation):
    """The pty of a guest's console. What the guest wrote before is read too, as far as the pty kept it."""

    def __init__(self, domid: int, *, hvm: bool = False) -> None:
        path = pty(domid, hvm=hvm)
        descriptor = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        mode = termios.tcgetattr(descriptor)
        mode[3] &= ~(termios.ECHO | termios.ICANON)  # or the guest would read its own words
        mode[1] &= ~termios.OPOST
        termios.tcsetattr(descriptor, termios.TCSANOW, mode)
        super().__init__(descriptor, path)


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
