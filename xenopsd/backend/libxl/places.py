"""Paths of disks that come later: libxl is told a path when it begins to receive a domain, and opens it at the end."""

from __future__ import annotations

import contextlib
from pathlib import Path

from common.idl.xen import VmId


class Places:
    """Links, which first point to what only looks like the disk."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def point(self, vm: VmId, device: str, target: str) -> str:
        """Have the link for the device point to `target`; its path. Safe to repeat."""
        link = self._directory / vm / device
        link.parent.mkdir(parents=True, exist_ok=True)
        fresh = link.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(target)
        fresh.rename(link)
        return str(link)

    def forget(self, vm: VmId) -> None:
        """Safe to repeat."""
        with contextlib.suppress(FileNotFoundError):
            for link in (self._directory / vm).iterdir():
                link.unlink(missing_ok=True)
            (self._directory / vm).rmdir()
