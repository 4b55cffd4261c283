"""What a domain's memory goes through between a hypervisor and us."""

from __future__ import annotations

import contextlib
import fcntl
import os

SIZE = 1 << 18  # bytes: few waits, and little that a guest which stands still has to wait for


class Pipe:
    """A pipe whose ends are closed one by one."""

    def __init__(self) -> None:
        self.read, self.write = os.pipe()
        self._open = {self.read, self.write}
        with contextlib.suppress(OSError):  # a user may have only so many large ones
            fcntl.fcntl(self.write, fcntl.F_SETPIPE_SZ, SIZE)

    def close_read(self) -> None:
        """Safe to repeat."""
        self._close(self.read)

    def close_write(self) -> None:
        """Safe to repeat."""
        self._close(self.write)

    def close(self) -> None:
        """Both ends. Safe to repeat."""
        self.close_read()
        self.close_write()

    def _close(self, descriptor: int) -> None:
        if descriptor in self._open:
            self._open.remove(descriptor)
            os.close(descriptor)
