"""Settings of networkd. This table makes the flags, the man page and the checks."""

from __future__ import annotations

from dataclasses import dataclass

from common.config import setting


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of networkd."""

    state: str = setting("/var/lib/xapi-toolstack/networkd.json", "File that keeps the wanted bridges.")
    touch_physical: bool = setting(
        True, "Whether NICs may become ports of bridges; off where the machine's network is not ours to change."
    )
