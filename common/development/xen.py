"""Ends what a development host leaves running on Xen: its domains, and the block devices of their disks.

Standard library only, as `stop` is.
"""

from __future__ import annotations

import json
from pathlib import Path

from common import command
from common.development import network
from common.development.layout import Host

CAPABILITIES = Path("/proc/xen/capabilities")
STATE = "var/lib/xapi-toolstack/xenopsd"
DEADLINE = 60.0  # seconds for one domain
MACHINE = ("nsenter", "--net=/proc/1/ns/net")


def is_dom0() -> bool:
    """Whether this machine is the one that rules a Xen host."""
    try:
        return "control_d" in CAPABILITIES.read_text()
    except OSError:
        return False


async def end_guests(host: Host) -> bool:
    """Destroy the domains of the VMs that `host` knows, and let go of their disks; answers if there were any."""
    known = {path.stem for path in (host.root / STATE / "vm").glob("*.json")}
    if not known or not is_dom0():
        return False
    running = [domid for domid, uuid in parse(await command.run("xl", "vm-list")).items() if uuid in known]
    for domid in running:
        await command.run(*_inside(host), "xl", "destroy", str(domid), deadline=DEADLINE, accept=(0, 1))
    for file in (host.root / STATE / "libxl/blocks").glob("*/*.json"):
        await _release(file)
    return bool(running)


def parse(listed: str) -> dict[int, str]:
    """Uuids by domain, from what `xl vm-list` prints."""
    rows = [line.split(None, 2) for line in listed.splitlines()[1:]]
    return {int(row[1]): row[0] for row in rows if len(row) > 1 and row[1].isdigit()}


def _inside(host: Host) -> tuple[str, ...]:
    """Where the interfaces of its guests are: the scripts that take them down run there."""
    path = network.NAMESPACES / host.netns
    return ("nsenter", f"--net={path}") if path.exists() else ()


async def _release(file: Path) -> None:
    device = str(json.loads(file.read_text()).get("path", ""))
    if device.startswith("/dev/nbd"):
        await command.run(*MACHINE, "nbd-client", "-d", device, accept=(0, 1))
    elif device.startswith("/dev/loop"):
        await command.run("losetup", "--detach", device, accept=(0, 1))
    file.unlink()
