"""Which part this host has in its pool, as its pool file says."""

from __future__ import annotations

from common.config import under_root

POOL_FILE = "/etc/xensource/pool.conf"


def coordinator() -> str | None:
    """The coordinator's address if this host is a member (`slave:<address>` in its pool file), None if it is one."""
    try:
        role = under_root(POOL_FILE).read_text().strip()
    except FileNotFoundError:
        return None
    word, _, address = role.partition(":")
    return address if word == "slave" else None
