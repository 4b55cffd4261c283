"""Settings of rrdd. This table makes the flags, the man page and the checks."""

from __future__ import annotations

from dataclasses import dataclass

from common.config import setting


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of rrdd."""

    live: str = setting("/var/lib/xcp/rrdd-live", "Directory of the databases in use, mapped into memory.")
    archives: str = setting("/var/lib/xcp/blobs/rrds", "Directory of the archives, one gzipped XML file an owner.")
    plugins: str = setting("/dev/shm/metrics", "Directory of other programs' metrics.")  # noqa: S108 - the protocol's place
