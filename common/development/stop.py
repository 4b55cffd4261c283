"""`make stop` and `make clean`: end every process of the development hosts by its pid; remove what they left.

Standard library only, so that it works when the virtual environment is gone.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from common.development import layout, network, state, xen
from common.development.layout import VAR, Host
from common.development.state import Process, process

PATIENCE = 12.0  # seconds a supervisor has to stop its daemons
GUEST_PATIENCE = 5.0  # seconds the processes of guests and disks have after a SIGTERM
PROGRAMS = ("qemu-system-", "qemu-storage-d", "libvirtd", "virtlogd", "stunnel4", "swtpm")
"""Beginnings of the names of programs that outlive the daemon that started them."""


def stop(host: Host) -> bool:
    """End all processes of `host`: the supervisor with its daemons, then guests, then disks. Answers if any ran."""
    found = state.read(host.state_file)
    started = [] if found is None else [found.supervisor, *(daemon.process for daemon in found.daemons.values())]
    ran = any(each.alive for each in started)
    if found is not None and found.supervisor.alive:
        state.end([found.supervisor], PATIENCE)
    state.end(started, PATIENCE)
    rest = leftovers(host)
    # A guest's last writes must reach its disk: the storage daemons go last.
    guests = [each for each in rest if _name(each.pid).startswith("qemu-system-")]
    state.end(guests, GUEST_PATIENCE)
    had_domains = asyncio.run(xen.end_guests(host))
    state.end(rest, GUEST_PATIENCE)
    host.state_file.unlink(missing_ok=True)
    return ran or bool(rest) or had_domains


def leftovers(host: Host) -> list[Process]:
    """Processes that belong to `host`, whoever their parent is now: by environment, namespace or paths they name."""
    ours = {os.getpid(), os.getppid()}
    numbers = [int(name) for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208
    return [process(pid) for pid in numbers if pid not in ours and _belongs(pid, host)]


def _belongs(pid: int, host: Host) -> bool:
    if f"XAPI_ROOT={host.root}".encode() in _read(pid, "environ").split(b"\0"):
        return True
    if not _name(pid).startswith(PROGRAMS):
        return False
    return _same_network(pid, host) or f"{host.root}/".encode() in _read(pid, "cmdline")


def _same_network(pid: int, host: Host) -> bool:
    try:
        return os.path.samefile(f"/proc/{pid}/ns/net", network.NAMESPACES / host.netns)  # noqa: PTH121
    except OSError:
        return False


def _read(pid: int, what: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{what}").read_bytes()
    except OSError:
        return b""


def _name(pid: int) -> str:
    return _read(pid, "comm").decode(errors="replace").strip()


async def _remove_networks(hosts: Iterable[Host], folder: Path) -> None:
    for host in hosts:
        await network.down(host)
    await network.remove_bridge(folder)


def main() -> None:
    """Stop all hosts of this checkout; with --clean remove their state and networks too."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--clean", action="store_true", help="remove all state, networks included")
    parser.add_argument("--folder", type=Path, default=VAR)
    flags = parser.parse_args()
    hosts = layout.hosts(flags.folder)
    for host in hosts:
        print(f"{host.name}: {'stopped' if stop(host) else 'was not running'}", flush=True)
    if not flags.clean:
        return
    if os.geteuid() == 0:
        asyncio.run(_remove_networks(hosts, flags.folder))
    for name in ("hosts", "subnet"):
        path = flags.folder / name
        if path.is_dir():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)
    print("state removed; downloads are kept in var/cache", flush=True)


if __name__ == "__main__":
    main()
