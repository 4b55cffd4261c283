"""What sm offers: storage repositories (SR), virtual disks (VDI) in them, and the datapaths (DP) that open disks.

An SR is known by its uuid, a VDI by its location in the SR (for our own drivers that is its uuid). sm owns the disks;
xapi's database copies what sm tells. A *datapath* is a client-chosen name for one use of a VDI (`vbd/<vm>/<device>`);
attach, activate, deactivate and detach are idempotent per datapath, and what is open survives a restart of sm.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import NewType

import msgspec

from common.errors import WireError
from common.idl.task import TaskId
from common.rpc.interface import Interface

SOCKET = "/var/lib/xcp/storage"

SrId = NewType("SrId", str)
VdiId = NewType("VdiId", str)
"""Location of a VDI in its SR."""
DpId = NewType("DpId", str)


class Driver(msgspec.Struct, frozen=True, kw_only=True):
    """An SR type that this host can serve: what becomes a row of the XenAPI's class SM."""

    type: str
    name: str
    description: str
    vendor: str = ""
    copyright: str = ""
    version: str = "1.0"
    required_api_version: str = "1.0"
    features: dict[str, int] = {}
    """`VDI_CREATE`, `VDI_SNAPSHOT`… with their versions."""
    configuration: dict[str, str] = {}
    """Keys of `device_config`, each with what it is for."""
    image_formats: list[str] = []
    filename: str = ""


class SrInfo(msgspec.Struct, frozen=True, kw_only=True):
    """An attached SR now; sizes in bytes."""

    sr: SrId
    type: str = ""
    name_label: str = ""
    name_description: str = ""
    total_space: int = 0
    free_space: int = 0
    virtual_allocation: int = 0
    clustered: bool = False
    healthy: bool = True


class VdiInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A virtual disk; sizes in bytes. `snapshot_of` is a VDI's uuid or empty."""

    vdi: VdiId = VdiId("")
    uuid: str = ""
    sr: SrId = SrId("")
    content_id: str = ""
    name_label: str = ""
    name_description: str = ""
    type: str = "user"
    """The XenAPI's vdi_type: user, system, suspend, crashdump, ephemeral, metadata, rrd, cbt_metadata…"""
    virtual_size: int = 0
    physical_utilisation: int = 0
    read_only: bool = False
    sharable: bool = False
    persistent: bool = True
    managed: bool = True
    """False for a hidden base image that only GC and chain walks care about."""
    missing: bool = False
    is_a_snapshot: bool = False
    snapshot_of: str = ""
    snapshot_time: str = "19700101T00:00:00Z"
    metadata_of_pool: str = ""
    cbt_enabled: bool = False
    sm_config: dict[str, str] = {}
    """`vhd-parent`, `image-format` (qcow2, vhd, raw), `type` (raw)…; what a caller
    puts here at creation chooses them."""


class ScanResult(msgspec.Struct, frozen=True, kw_only=True):
    """All disks of an SR, and the SR's own figures."""

    vdis: list[VdiInfo]
    sr: SrInfo


class ProbeResult(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a probe found: complete configurations can be used for `SR.create` or introduce."""

    configuration: dict[str, str]
    complete: bool = False
    sr: SrInfo | None = None
    extra_info: dict[str, str] = {}


class NbdSocket(msgspec.Struct, frozen=True, kw_only=True, tag="nbd"):
    """An NBD export on a Unix socket: what QEMU takes."""

    socket: str
    export: str

    @property
    def uri(self) -> str:
        """As the original writes it; parsers accept no other form."""
        return f"nbd:unix:{self.socket}:exportname={self.export}"


class BlockDevice(msgspec.Struct, frozen=True, kw_only=True, tag="device"):
    """A block device of this host with the disk's raw content."""

    path: str


class RawFile(msgspec.Struct, frozen=True, kw_only=True, tag="file"):
    """A file with the disk's raw content."""

    path: str


Implementation = NbdSocket | BlockDevice | RawFile


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """How the disk can be reached, best first; the caller picks one it understands."""

    implementations: list[Implementation]
    read_only: bool = False


class SR(Interface, prefix="SR"):
    """Storage repositories."""

    @abstractmethod
    async def drivers(self, dbg: str) -> list[Driver]:
        """All SR types of this host."""

    @abstractmethod
    async def probe(
        self,
        dbg: str,
        type: str,
        device_config: dict[str, str],
        sm_config: dict[str, str],
    ) -> list[ProbeResult]:
        """Look for SRs and for what is missing in `device_config`.

        Raises `BackendError` (96, 101, 107: menus as XML).
        """

    @abstractmethod
    async def create(
        self,
        dbg: str,
        sr: SrId,
        type: str,
        device_config: dict[str, str],
        size: int = 0,
        name_label: str = "",
        name_description: str = "",
    ) -> dict[str, str]:
        """Make an SR, not attached; answers the `device_config` to attach with."""

    @abstractmethod
    async def attach(self, dbg: str, sr: SrId, type: str, device_config: dict[str, str]) -> None:
        """Make the SR usable here: start its worker, mount it. Safe to repeat."""

    @abstractmethod
    async def detach(self, dbg: str, sr: SrId) -> None:
        """Undo `attach`. Raises `SrHasOpenDisks`. Safe to repeat."""

    @abstractmethod
    async def destroy(self, dbg: str, sr: SrId) -> None:
        """Delete the attached SR with what it holds; afterwards it is detached. Raises `SrNotEmpty`."""

    @abstractmethod
    async def all(self, dbg: str) -> list[SrId]:
        """The SRs attached here."""

    @abstractmethod
    async def stat(self, dbg: str, sr: SrId) -> SrInfo:
        """Figures of an attached SR. Raises `SrNotAttached`."""

    @abstractmethod
    async def scan(self, dbg: str, sr: SrId) -> ScanResult:
        """All disks of the SR as they are on it now."""

    @abstractmethod
    async def update(self, dbg: str, sr: SrId, name_label: str, name_description: str) -> None:
        """Write the SR's names to it, where it has a place for them."""


class VDI(Interface, prefix="VDI"):
    """Virtual disks."""

    @abstractmethod
    async def create(self, dbg: str, sr: SrId, vdi: VdiInfo) -> VdiInfo:
        """Make a disk like `vdi`; answers what it became (the size may be rounded up). Raises `OutOfSpace`."""

    @abstractmethod
    async def destroy(self, dbg: str, sr: SrId, vdi: VdiId) -> None:
        """Delete a disk that nothing has open. Raises `VdiInUse`, `VdiDoesNotExist`."""

    @abstractmethod
    async def snapshot(self, dbg: str, sr: SrId, vdi: VdiId, info: VdiInfo) -> VdiInfo:
        """A disk that keeps the content `vdi` has now, also while it is written. `info` gives names and sm_config."""

    @abstractmethod
    async def clone(self, dbg: str, sr: SrId, vdi: VdiId, info: VdiInfo) -> VdiInfo:
        """A writable disk that starts with the content of `vdi`, sharing its blocks."""

    @abstractmethod
    async def revert(self, dbg: str, sr: SrId, snapshot: VdiId, vdi: VdiId) -> VdiInfo:
        """Give the closed disk `vdi` the content of `snapshot`, keeping its identity."""

    @abstractmethod
    async def resize(self, dbg: str, sr: SrId, vdi: VdiId, size: int) -> VdiInfo:
        """Grow the disk to at least `size` bytes, open or not. Shrinking raises `BackendError`."""

    @abstractmethod
    async def stat(self, dbg: str, sr: SrId, vdi: VdiId) -> VdiInfo:
        """The disk now. Raises `VdiDoesNotExist`."""

    @abstractmethod
    async def introduce(self, dbg: str, sr: SrId, uuid: str, sm_config: dict[str, str], location: str) -> VdiInfo:
        """Know a disk that is on the SR already."""

    @abstractmethod
    async def update(self, dbg: str, sr: SrId, vdi: VdiId, name_label: str, name_description: str) -> None:
        """Write the disk's names to the SR, where it has a place for them."""

    @abstractmethod
    async def copy(self, dbg: str, sr: SrId, vdi: VdiId, dest_sr: SrId, dest_vdi: VdiId) -> TaskId:
        """Copy the content of `vdi` into the existing `dest_vdi` (same size or larger), with progress."""

    @abstractmethod
    async def attach(self, dbg: str, dp: DpId, sr: SrId, vdi: VdiId, read_only: bool) -> Attachment:
        """Prepare the disk for the datapath; nothing may be read before `activate`. Safe to repeat."""

    @abstractmethod
    async def activate(self, dbg: str, dp: DpId, sr: SrId, vdi: VdiId) -> None:
        """Open the disk. Raises `VdiInUse` when another datapath writes it. Safe to repeat."""

    @abstractmethod
    async def deactivate(self, dbg: str, dp: DpId, sr: SrId, vdi: VdiId) -> None:
        """Flush and close. Safe to repeat."""

    @abstractmethod
    async def detach(self, dbg: str, dp: DpId, sr: SrId, vdi: VdiId) -> None:
        """End the datapath. Safe to repeat."""


class DatapathState(msgspec.Struct, frozen=True, kw_only=True):
    """One use of a disk."""

    dp: DpId
    sr: SrId
    vdi: VdiId
    read_only: bool
    activated: bool


class DP(Interface, prefix="DP"):
    """Datapaths."""

    @abstractmethod
    async def all(self, dbg: str) -> list[DatapathState]:
        """All datapaths."""

    @abstractmethod
    async def destroy(self, dbg: str, dp: DpId) -> None:
        """Deactivate and detach whatever the datapath has. Safe to repeat."""

    @abstractmethod
    async def damaged(self, dbg: str) -> list[DamagedDisk]:
        """Disks that lost what was written last, until their datapath is deactivated. Only where an administrator
        chose speed for a disk (`sm_config` `write-cache` = `on`)."""


class DamagedDisk(msgspec.Struct, frozen=True, kw_only=True):
    """A disk whose storage daemon died uncleanly while a guest wrote: what the guest believes on disk may not be."""

    dp: DpId
    sr: SrId
    vdi: VdiId
    must_reset: bool
    """The guest must be reset like after a power cut; it may not simply go on."""


@dataclass(eq=False)
class BackendError(WireError):
    """A driver's own error; becomes SR_BACKEND_FAILURE_<number> with these three parameters."""

    code = "Backend_error"

    number: str
    subcode: str
    message: str
    detail: str = ""


@dataclass(eq=False)
class UnknownDriver(WireError):
    """This host has no driver for that SR type."""

    code = "No_storage_plugin_for_sr"

    type: str


@dataclass(eq=False)
class SrNotAttached(WireError):
    """The SR is not attached to this host."""

    code = "Sr_not_attached"

    sr: str


@dataclass(eq=False)
class SrNotEmpty(WireError):
    """The SR still holds disks."""

    code = "Sr_not_empty"

    sr: str


@dataclass(eq=False)
class SrHasOpenDisks(WireError):
    """Datapaths have disks of the SR open."""

    code = "Sr_has_open_disks"

    sr: str


@dataclass(eq=False)
class SrUnhealthy(WireError):
    """The SR's worker does not answer."""

    code = "Sr_unhealthy"

    sr: str
    reason: str


@dataclass(eq=False)
class VdiDoesNotExist(WireError):
    """No such disk on the SR."""

    code = "Vdi_does_not_exist"

    sr: str
    vdi: str


@dataclass(eq=False)
class VdiInUse(WireError):
    """A datapath has the disk open in a way that excludes this."""

    code = "Vdi_in_use"

    sr: str
    vdi: str


@dataclass(eq=False)
class OutOfSpace(WireError):
    """The SR has not that much room. Both in bytes."""

    code = "Out_of_space"

    needed: int
    free: int


@dataclass(eq=False)
class NotSupported(WireError):
    """The SR's driver lacks this operation."""

    code = "Not_supported"

    operation: str
