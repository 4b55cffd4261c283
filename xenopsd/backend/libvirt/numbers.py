"""Domain ids of our own: libvirt's start anew with each libvirtd, and an interface's name is made before them."""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from pathlib import Path

from common.files import write_atomically

LARGEST = 32751  # as on Xen


class Numbers:
    """Counts up, also over restarts."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._last = 0
        with contextlib.suppress(OSError, ValueError):
            self._last = int(path.read_text())

    def take(self, used: Collection[int]) -> int:
        """One that is not in `used`."""
        number = self._last
        while True:
            number = number % LARGEST + 1
            if number not in used:
                self._last = number
                write_atomically(self._path, str(number).encode(), sync=False)
                return number
