"""What rrdd offers: data sources of the host, its VMs and SRs, and their archives.

The archives themselves travel over HTTP on the same socket, at the paths clients know (`/rrd_updates`, `/host_rrd`,
`/vm_rrd`, `/sr_rrd`, `PUT /rrd`, `POST /rrd_unarchive`, with their query); xapi checks the session and passes bytes on.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from common.errors import WireError
from common.rpc.interface import Interface

SOCKET = "/var/lib/xcp/rrdd"


class Owner(StrEnum):
    HOST = "host"
    VM = "vm"
    SR = "sr"


class DataSource(msgspec.Struct, frozen=True, kw_only=True):
    """A source as the XenAPI's `data_source` records show it."""

    name_label: str
    name_description: str
    enabled: bool
    standard: bool
    units: str
    min: float | None
    """None: unbounded."""
    max: float | None
    value: float


class RRD(Interface, prefix="RRD"):
    """Archives. `uuid` is the owner's: the host's, a VM's or an SR's."""

    @abstractmethod
    async def data_sources(self, dbg: str, owner: Owner, uuid: str) -> list[DataSource]:
        """All sources the owner has or could have."""

    @abstractmethod
    async def record(self, dbg: str, owner: Owner, uuid: str, name: str) -> None:
        """Start recording a source. Raises `UnknownSource`."""

    @abstractmethod
    async def forget(self, dbg: str, owner: Owner, uuid: str, name: str) -> None:
        """Stop recording a source and drop its archive."""

    @abstractmethod
    async def query(self, dbg: str, owner: Owner, uuid: str, name: str) -> float:
        """The newest average. Raises `UnknownSource`."""

    @abstractmethod
    async def archive(self, dbg: str, uuid: str) -> None:
        """Write a VM's archive to disk and drop it from memory: it stopped running here."""

    @abstractmethod
    async def remove(self, dbg: str, uuid: str) -> None:
        """Delete the archive of a VM or an SR that is no more, in memory and on disk. Safe to repeat."""

    @abstractmethod
    async def backup(self, dbg: str) -> None:
        """Write all archives to disk. Answers after half a minute even if there are more than can be written in it."""

    @abstractmethod
    async def register(self, dbg: str, uid: str) -> float:
        """Read a plug-in's file in shared memory from now on. Answers the seconds until the next reading.

        Raises `UnusableName`. Files of version 2 of the protocol are found without it.
        """

    @abstractmethod
    async def deregister(self, dbg: str, uid: str) -> None:
        """Forget a plug-in. Safe to repeat."""

    @abstractmethod
    async def next_reading(self, dbg: str, uid: str) -> float:
        """Seconds until a plug-in's file is read; -1 if it isn't."""


@dataclass(eq=False)
class UnusableName(WireError):
    """A plug-in can't be called so."""

    code = "Invalid_plugin_name"

    uid: str


@dataclass(eq=False)
class UnknownSource(WireError):
    """No such data source."""

    code = "Datasource_missing"

    name: str
