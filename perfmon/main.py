"""perfmon: alarms on metrics. It keeps its session and counts the objects that carry rules.

Evaluating the rules is a later issue; `docs/architecture.md` says so.
"""

from __future__ import annotations

from collections.abc import Sequence

from common import client_daemon
from common.client_daemon import Control
from common.idl.control import PERFMON_SOCKET
from common.xenapi import XenApi
from perfmon.rules import carriers

PERIOD = 60.0  # seconds between two looks at the rules
CLASSES = ("VM", "host", "SR", "pool")


def main(argv: Sequence[str] | None = None) -> None:
    """Run the daemon until SIGTERM."""
    client_daemon.run("perfmon", PERFMON_SOCKET, _watch)


async def _watch(api: XenApi, control: Control) -> None:
    while True:
        found = {cls: carriers(await api.call(f"{cls}.get_all_records")) for cls in CLASSES}
        control.facts = {cls: str(len(refs)) for cls, refs in found.items()}
        await control.pause(PERIOD)


if __name__ == "__main__":
    main()
