"""What `xl` has on this host: its running guests and configurations, and the process that it leaves with each guest."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from common import command
from common.command import CommandFailed
from common.config import on_host
from xapi.control.adopt import Adopted, NotAdoptable, read

LOG = "/var/log/xen/xl-{}.log"
SHUTDOWN_DEADLINE = 300.0  # seconds a guest has to shut down
REMOVAL_DEADLINE = 20.0  # seconds that xl's process has to remove its domain
POLL = 0.5


@dataclass(frozen=True, slots=True)
class Running:
    """A guest with its domain."""

    guest: Adopted
    domid: int
    paused: bool


async def running() -> list[Running]:
    """Every domain but dom0; none where there is no xl. Raises `NotAdoptable` where there is no Xen under it."""
    try:
        table, described = await command.run("xl", "list"), await command.run("xl", "list", "-l")
    except FileNotFoundError:
        return []
    except CommandFailed as error:
        raise NotAdoptable(f"xl list: {error.stderr or error}") from error
    states = parse(table)
    guests = read(described)
    return [Running(guest, guest.domid, "p" in states.get(guest.domid, "")) for guest in guests]


def parse(table: str) -> dict[int, str]:
    """The state (`r-----`, `--p---`) of each domain, from what `xl list` prints. A name may have spaces."""
    rows = [line.split() for line in table.splitlines()[1:]]
    return {int(row[-5]): row[-2] for row in rows if len(row) > 5}


def configured(path: str) -> Adopted:
    """The guest of a configuration file of xl. Raises `NotAdoptable`."""
    try:
        [guest] = read(on_host(path).read_text())
    except OSError as error:
        raise NotAdoptable(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise NotAdoptable(f"{path}: {error}") from error
    return guest


async def shut_down(running: Running) -> None:
    """Ask the guest to shut down, and wait until it has and its domain is gone. Raises `NotAdoptable`.

    `xl shutdown -w` comes back when the guest has ended; its disks are free only when the process that watches it has
    removed the domain. Where none does, or none that is quick, we remove it.
    """
    domain = str(running.domid)
    try:
        await command.run("xl", "shutdown", "-F", "-w", domain, deadline=SHUTDOWN_DEADLINE)
        if not await _is_gone(running.domid):
            await command.run("xl", "destroy", domain)
    except CommandFailed as error:
        raise NotAdoptable(f"{running.guest.name} was asked to shut down and did not: {error.stderr}") from error


async def _is_gone(domid: int) -> bool:
    """Whether the domain goes away within `REMOVAL_DEADLINE`."""
    give_up = asyncio.get_running_loop().time() + REMOVAL_DEADLINE
    while domid in parse(await command.run("xl", "list")):
        if asyncio.get_running_loop().time() > give_up:
            return False
        await asyncio.sleep(POLL)
    return True


def dismiss(running: Running) -> bool:
    """End the process in which xl waits for the guest's end, to restart or destroy it; False if there is none."""
    found = list(_keepers(running.guest.name))
    for pid in found:
        os.kill(pid, signal.SIGTERM)
    return bool(found)


def _keepers(name: str) -> Iterator[int]:
    """xl's process of a guest is known by its log."""
    log = LOG.format(name)
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if (folder / "comm").read_text().strip() == "xl" and os.readlink(folder / "fd/1") == log:  # noqa: PTH115
                yield int(folder.name)
        except OSError:
            continue  # it ended meanwhile
