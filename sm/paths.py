"""Where sm keeps what: all below the host's root, and only the disks themselves survive a reboot."""

from __future__ import annotations

import hashlib
from pathlib import Path

from common.config import on_host as on_host
from common.config import under_root
from common.idl.storage import SrId, VdiId

RUN = "/var/run/xapi-toolstack"


def repositories() -> Path:
    """One directory per SR that has been attached since boot."""
    return under_root(f"{RUN}/sm")


def repository(sr: SrId) -> Path:
    """What this host knows of the SR: how it is attached, its datapaths, its worker's socket."""
    return repositories() / sr


def storage_daemons(sr: SrId) -> Path:
    """One directory per disk of the SR that is open through a storage daemon."""
    return under_root(f"{RUN}/qsd") / sr


def storage_daemon(sr: SrId, vdi: VdiId) -> Path:
    """The sockets, pid file and links of one disk's storage daemon; an odd location stands as its hash."""
    plain = vdi.replace("-", "").isalnum() and len(vdi) < 64
    return storage_daemons(sr) / (vdi if plain else hashlib.sha256(vdi.encode()).hexdigest()[:32])


def mount_point(sr: SrId) -> Path:
    """Where the SR's file system is mounted."""
    return under_root(f"/var/run/sr-mount/{sr}")


def boot_id() -> str:
    """Changes with each boot of the machine: what was open before is not any more."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
