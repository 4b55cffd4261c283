"""networkd: start-up, nothing else."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence

from common import daemon
from common.config import load, root, under_root
from common.idl import network
from common.rpc.server import Server, serve_until
from networkd.config import Config
from networkd.server import Network


def main(argv: Sequence[str] | None = None) -> None:
    """Run the daemon until SIGTERM."""
    config = load(Config, "networkd", sys.argv[1:] if argv is None else argv)

    async def body(stopped: asyncio.Event) -> None:
        implementation = Network(under_root(config.state), under_root("/etc/resolv.conf"), change=_may_change(config))
        await implementation.start()
        server = Server(str(under_root(network.SOCKET)), implementation, name="networkd", version=daemon.version())
        try:
            await serve_until(stopped, server)
        finally:
            implementation.stop()

    # uvloop has no netlink sockets, which pyroute2 opens through the loop.
    daemon.run("networkd", body, loop_factory=asyncio.new_event_loop)


def _may_change(config: Config) -> bool:
    if config.change != "auto":
        return config.change == "yes"
    return str(root()) == "/" or not os.path.samefile("/proc/self/ns/net", "/proc/1/ns/net")  # noqa: PTH121


if __name__ == "__main__":
    main()
