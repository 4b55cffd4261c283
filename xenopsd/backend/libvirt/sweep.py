"""Clears away domains that a killed libvirtd was building: its successor waits for their monitors and never ends.

Only while no libvirtd runs. (Seen with libvirt 9.0: `destroy` fails for ever with "cannot acquire state change lock".)
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
from pathlib import Path
from xml.etree import ElementTree as ET

log = logging.getLogger(__name__)

BUILDING = "starting up"


def sweep(directory: Path) -> list[str]:
    """Names of the half-built domains whose QEMU was killed and whose files in `directory` were removed."""
    found = [path.stem for path in directory.glob("*.xml") if _is_building(path)]
    for name in found:
        _kill(name, directory / f"{name}.pid")
        for suffix in (".xml", ".xml.new", ".pid"):
            (directory / f"{name}{suffix}").unlink(missing_ok=True)
    return found


def _is_building(path: Path) -> bool:
    try:
        root = ET.parse(path).getroot()  # noqa: S314 - libvirt's own
    except (OSError, ET.ParseError):
        return False
    return root.tag == "domstatus" and root.get("reason") == BUILDING


def _kill(name: str, pid_file: Path) -> None:
    with contextlib.suppress(OSError, ValueError):
        pid = int(pid_file.read_text())
        # The number may belong to somebody else by now.
        if f"guest={name},".encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
            os.kill(pid, signal.SIGKILL)
