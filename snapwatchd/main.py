"""snapwatchd: answers guests' snapshot requests. It keeps its session and counts the guests that offer VSS.

The protocol in xenstore is a later issue; `docs/architecture.md` says so.
"""

from __future__ import annotations

from collections.abc import Sequence

from common import client_daemon
from common.client_daemon import Control
from common.idl.control import SNAPWATCHD_SOCKET
from common.xenapi import XenApi
from snapwatchd.protocol import offers

PERIOD = 60.0  # seconds between two looks at the guests


def main(argv: Sequence[str] | None = None) -> None:
    """Run the daemon until SIGTERM."""
    client_daemon.run("snapwatchd", SNAPWATCHD_SOCKET, _watch)


async def _watch(api: XenApi, control: Control) -> None:
    while True:
        found = offers(await api.call("VM_guest_metrics.get_all_records"))
        control.facts = {"guests_with_vss": str(len(found))}
        await control.pause(PERIOD)


if __name__ == "__main__":
    main()
