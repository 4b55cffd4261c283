"""Whether guests can use KVM here: found by booting a kernel, because a /dev/kvm that is there may be useless.

Firmware runs on such a device and a stock Linux never leaves its decompressor; so the proof is a kernel's own words on
its serial line, within a deadline. What was found is remembered until the machine, its kernel or QEMU changes.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

import msgspec

from common import command
from common.files import write_atomically
from xenopsd.backend.libvirt.layout import EMULATOR

log = logging.getLogger(__name__)

DEVICE = Path("/dev/kvm")
KERNELS = Path("/boot")
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
DEADLINE = 20.0  # seconds; with working KVM it takes two
PROOF = "Linux version"


class Finding(msgspec.Struct, frozen=True):
    """What was found, and about what."""

    about: str
    kvm: bool


async def has_kvm(setting: str, cache: Path) -> bool:
    """`setting` is kvm, tcg or auto: the remembered finding, or a new one."""
    if setting in {"kvm", "tcg"}:
        return setting == "kvm"
    if not os.access(DEVICE, os.R_OK | os.W_OK):
        return False
    about = _about()
    try:
        finding = msgspec.json.decode(cache.read_bytes(), type=Finding)
        if finding.about == about:
            return finding.kvm
    except (OSError, msgspec.DecodeError):
        pass
    found = await probe()
    write_atomically(cache, msgspec.json.encode(Finding(about, found)))
    return found


async def probe() -> bool:
    """Boot this machine's kernel with KVM: without a root it panics, which ends QEMU."""
    kernel = max(KERNELS.glob("vmlinuz-*"), default=None, key=lambda path: path.stat().st_mtime)
    if kernel is None:
        log.warning("no kernel in %s to try KVM with: guests are emulated", KERNELS)
        return False
    argv = [
        EMULATOR, "-accel", "kvm", "-cpu", "host", "-m", "256", "-nodefaults", "-no-user-config", "-display", "none",
        "-no-reboot", "-serial", "stdio", "-kernel", str(kernel),
        "-append", "console=ttyS0 earlyprintk=ttyS0 panic=-1",
    ]  # fmt: skip
    try:
        words = await command.run(*argv, deadline=DEADLINE)
    except (command.CommandFailed, OSError) as error:
        log.warning("KVM does not boot a kernel here, guests are emulated: %s", error)
        return False
    return PROOF in words


def _about() -> str:
    emulator = Path(EMULATOR)
    stamp = emulator.stat().st_mtime_ns if emulator.exists() else 0
    return f"{BOOT_ID.read_text().strip()} {os.uname().release} {stamp}"
