"""Clears away domains that a killed libvirtd was building: its successor waits for their monitors and never ends.

Only while no libvirtd runs. (Seen with libvirt 9.0: `destroy` fails for ever with "cannot acquire state change lock",
and swtpm_setup goes on by itself.)
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

log = logging.getLogger(__name__)

BUILDING = "starting up"
TPMS = Path("/var/lib/libvirt/swtpm")
"""Where programs that a libvirtd starts find the state of TPMs, each in their own view of the file system."""
_GUEST = re.compile(rb"guest=([0-9a-f-]{36}),")
_TPM = re.compile(rb"/([0-9a-f-]{36})/tpm2\b")


def sweep(directory: Path) -> list[str]:
    """Names of the half-built domains whose QEMU was killed and whose files in `directory` were removed."""
    found = [path.stem for path in directory.glob("*.xml") if _is_building(path)]
    for name in found:
        _kill(name, directory / f"{name}.pid")
        for suffix in (".xml", ".xml.new", ".pid"):
            (directory / f"{name}{suffix}").unlink(missing_ok=True)
    return found


def sweep_tpms(folder: Path) -> list[str]:
    """Programs that a killed libvirtd left at TPMs in `folder` whose guest it had not started yet: they are killed.

    They would go on to write what their successor writes. Of another libvirtd's TPMs nothing is touched.
    """
    found = [(pid, name, command) for pid, name, command in _programs() if _sees(pid, folder)]
    guests = {match[1] for _, _, command in found for match in [_GUEST.search(command)] if match}
    killed = []
    for pid, name, command in found:
        match = _TPM.search(command) if name.startswith("swtpm") else None
        if match and match[1] not in guests:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
                killed.append(f"{name} of {match[1].decode()}")
    return killed


def _programs() -> Iterator[tuple[int, str, bytes]]:
    """Number, name and command line of each swtpm and QEMU of this machine."""
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            name = (entry / "comm").read_text().strip()
            if name.startswith(("swtpm", "qemu-system")):
                yield int(entry.name), name, (entry / "cmdline").read_bytes()


def _sees(pid: int, folder: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/root{TPMS}").samefile(folder)
    except OSError:
        return False


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
