"""mpathalert: alerts on storage paths. It keeps its session and counts the PBDs that use several paths.

Watching the paths is a later issue; `docs/architecture.md` says so.
"""

from __future__ import annotations

from collections.abc import Sequence

from common import client_daemon
from common.client_daemon import Control
from common.idl.control import MPATHALERT_SOCKET
from common.xenapi import XenApi
from mpathalert.policy import multipathed

PERIOD = 60.0  # seconds between two looks at the PBDs


def main(argv: Sequence[str] | None = None) -> None:
    """Run the daemon until SIGTERM."""
    client_daemon.run("mpathalert", MPATHALERT_SOCKET, _watch)


async def _watch(api: XenApi, control: Control) -> None:
    while True:
        found = multipathed(await api.call("PBD.get_all_records"))
        control.facts = {"multipathed_pbds": str(len(found))}
        await control.pause(PERIOD)


if __name__ == "__main__":
    main()
