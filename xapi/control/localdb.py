"""Keys that belong to this host alone and must outlive the pool's database: a small JSON file."""

from __future__ import annotations

from pathlib import Path

import msgspec

from common.config import under_root
from common.files import write_atomically

PATH = "/var/lib/xcp/local.json"
DISABLED = "host_disabled_until_reboot"
"""Boot time of the host when an administrator disabled it."""


def _path() -> Path:
    return under_root(PATH)


def load() -> dict[str, str]:
    """All keys."""
    try:
        return msgspec.json.decode(_path().read_bytes(), type=dict[str, str])
    except (FileNotFoundError, msgspec.DecodeError):
        return {}


def get(key: str) -> str:
    """One key, empty when it was never put."""
    return load().get(key, "")


def put(key: str, value: str) -> None:
    """Keep `value`; an empty one removes the key. On disk when this returns."""
    found = load()
    if found.get(key, "") == value:
        return
    found.pop(key, None)
    write_atomically(_path(), msgspec.json.encode(found | ({key: value} if value else {})))
