"""Settings of networkd. This table makes the flags, the man page and the checks."""

from __future__ import annotations

from dataclasses import dataclass

from common.config import setting


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of networkd."""

    state: str = setting("/var/lib/xapi-toolstack/networkd.json", "File that keeps the wanted bridges.")
    change: str = setting(
        "auto",
        "Whether the kernel's network is ours to change: yes, no, or auto (from a root other than / only in a "
        "network namespace that has a name). Where it is not, what is wanted is only remembered.",
    )
