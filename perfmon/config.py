"""Settings of perfmon. This table makes the flags, the man page and the checks."""

from __future__ import annotations

from dataclasses import dataclass

from common.config import setting


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of perfmon."""

    interval: float = setting(60.0, "Seconds between two looks at the metrics and at the rules.", minimum=1)
    step: int = setting(60, "Seconds of a row of metrics that rules count: 5 or 60.", minimum=5)
    hook: str = setting(
        "/etc/xapi.d/mail-alarm", "Program that is told of each message on the coordinator, if it is there."
    )
