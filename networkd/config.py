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
        "Whether the kernel's network is ours to change: yes, no, or auto (not from a root other than /, in the "
        "machine's own network namespace). Where it is not, what is wanted is only remembered.",
    )
