"""A disk of extras for the bed's tiny guest: our agent, modules of its kernel, programs compiled on the spot."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import sm
from tests.xen.guests.xenopsd_host import Terminal

TOOLS = Path(sm.__file__).parent / "tools"
SIZE = "8M"
AGENT = "setsid /disk/agent.sh --once </dev/null >/tmp/agent.log 2>&1"
"""Once is enough, and all that an emulated machine should be asked: it is a shell script."""
DEADLINE = 120.0  # seconds; the compiler is emulated too


def make(disk: Path, *, programs: Sequence[Path] = (), modules: Sequence[str] = ()) -> Path:
    """An ext4 image with the agent and its xenstore client, `programs` (C) compiled, and `modules` by name."""
    folder = disk.with_suffix(".files")
    folder.mkdir()
    shutil.copy(TOOLS / "agent.sh", folder)
    (folder / "agent.sh").chmod(0o755)
    for source in (TOOLS / "xenstore.c", *programs):
        _run("gcc", "-O1", "-static", "-o", str(folder / source.stem), str(source))
    kernel = Path("/lib/modules") / os.uname().release / "kernel/drivers/xen"
    for module in modules:
        shutil.copy(kernel / f"{module}.ko", folder)
    _run("mke2fs", "-q", "-t", "ext4", "-F", "-d", str(folder), str(disk), SIZE)
    return disk


async def mount(console: Terminal, device: str = "/dev/xvda") -> None:
    """Have the guest mount the disk at /disk."""
    await console.command(f"while ! [ -b {device} ]; do sleep 0.2; done; mount -t ext4 -o ro {device} /disk")


async def start_agent(console: Terminal) -> None:
    """Have the guest run the agent."""
    await console.command("echo 'PRETTY_NAME=\"Tiny 1.2\"' >/etc/os-release; hostname tiny")
    await console.command(f"({AGENT} &)")


def _run(*argv: str) -> None:
    subprocess.run(argv, timeout=DEADLINE, check=True)
