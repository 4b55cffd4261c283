"""What runs on a development host: the eight daemons, stunnel, and libvirtd where it is the backend."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from common import xenapi
from common.development.children import Service
from common.idl import control, network, rrd, storage, xen

COMMON = (
    "asyncio", "aiohttp.web", "jsonrpcserver", "msgspec", "uvloop",
    "common.client_daemon", "common.command", "common.config", "common.daemon", "common.events", "common.locks",
    "common.rpc.client", "common.rpc.server", "common.tasks", "common.undo", "common.workers", "common.xenapi",
    "perfmon.main", "mpathalert.main", "snapwatchd.main",
)  # fmt: skip
"""What most daemons import, and the small ones whole: their supervisor does it once."""

DAEMONS = (
    Service("networkd", "networkd.main", socket=network.SOCKET),
    Service("sm", "sm.main", socket=storage.SOCKET),
    Service("xenopsd", "xenopsd.main", socket=xen.SOCKET),
    Service("rrdd", "rrdd.main", socket=rrd.SOCKET),
    Service("xapi", "xapi.main", socket=xenapi.SOCKET),
    Service("perfmon", "perfmon.main", socket=control.PERFMON_SOCKET),
    Service("mpathalert", "mpathalert.main", socket=control.MPATHALERT_SOCKET),
    Service("snapwatchd", "snapwatchd.main", socket=control.SNAPWATCHD_SOCKET),
)


def services(backend: str, stunnel_configuration: Path, address: str, port: int) -> tuple[Service, ...]:
    """All services of a host with this backend, in the order in which they are started.

    Plain HTTP is served at `address` and `port`.
    """
    stunnel = Service("stunnel", argv=("stunnel4", str(stunnel_configuration)))
    plain = ("--address", address, "--port", str(port))
    daemons = tuple(replace(each, flags=plain) if each.name == "xapi" else each for each in DAEMONS)
    if backend == "libvirt":
        libvirtd = Service("libvirtd", argv=(sys.executable, "-m", "xenopsd.backend.libvirt.daemon"))
        return (libvirtd, *daemons, stunnel)
    return (*daemons, stunnel)
