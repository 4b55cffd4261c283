"""Settings of rrdd. This table makes the flags, the man page and the checks."""

from __future__ import annotations

from dataclasses import dataclass

from common.config import setting


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of rrdd."""

    archives: str = setting("/var/lib/xcp/blobs/rrds", "Directory of the archives, one gzipped XML file an owner.")
    save_every: float = setting(300.0, "Seconds between two savings of all archives.", minimum=5)
