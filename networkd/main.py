"""networkd: start-up, nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from common import daemon
from common.config import load, root, under_root
from common.idl import network
from common.rpc.server import Server, serve_until
from networkd.config import Config
from networkd.server import Network

NAMESPACES = Path("/run/netns")


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
    return str(root()) == "/" or _in_named_namespace()


def _in_named_namespace() -> bool:
    """Whether our network namespace is one that `ip netns` lists: the machine's own never is."""
    mine = Path("/proc/self/ns/net").stat()
    for path in NAMESPACES.glob("*"):
        with contextlib.suppress(OSError):
            if os.path.samestat(path.stat(), mine):
                return True
    return False


if __name__ == "__main__":
    main()
