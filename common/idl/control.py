"""What perfmon, mpathalert and snapwatchd offer on their control sockets."""

from __future__ import annotations

from abc import abstractmethod

from common.rpc.interface import Interface

PERFMON_SOCKET = "/var/lib/xcp/perfmon"
MPATHALERT_SOCKET = "/var/lib/xcp/mpathalert"
SNAPWATCHD_SOCKET = "/var/lib/xcp/snapwatchd"


class CONTROL(Interface, prefix="Control"):
    """Each daemon's own state, for the curious and for tests."""

    @abstractmethod
    async def status(self, dbg: str) -> dict[str, str]:
        """What it watches and how it is, in words."""

    @abstractmethod
    async def refresh(self, dbg: str) -> None:
        """Read its configuration anew now."""
