"""The administrator's scripts, run at fixed points of a VM's life: `<directory>/<hook>/*`, in sorted order."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path

from common import command
from common.errors import WireError
from common.idl.xen import VmId

log = logging.getLogger(__name__)

DEADLINE = 1200.0  # seconds for one script
GO_ON = 1  # exit status that is logged and otherwise ignored


@dataclass(eq=False)
class HookFailed(WireError):
    """A script ended with a status other than 0 and 1."""

    code = "Hook_failed"

    hook: str
    reason: str
    stdout: str
    status: int


class Hooks:
    """The directory of scripts."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def run(self, hook: str, vm: VmId, reason: str) -> None:
        """Run all scripts of `hook`. Raises `HookFailed`."""
        for script in self._scripts(hook):
            try:
                await command.run(str(script), "-vmuuid", vm, "-reason", reason, deadline=DEADLINE, accept=(0, GO_ON))
            except command.CommandFailed as error:
                raise HookFailed(f"{hook}/{script.name}", reason, error.stderr, error.status) from error

    def _scripts(self, hook: str) -> list[Path]:
        directory = self._directory / hook
        if not directory.is_dir():
            return []
        return sorted(path for path in directory.iterdir() if path.is_file() and os.access(path, os.X_OK))
