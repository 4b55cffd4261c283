"""What a driver of an SR type is: a description, and the verbs its SR and disks have.

A driver lives in the SR's worker process and may block there: a dead server stalls its own SR only. Verbs of disks are
called one at a time for each disk, and those that change the tree of disks one at a time for the SR.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import ClassVar, Protocol

from common.idl.storage import Driver as DriverRecord
from common.idl.storage import NotSupported, ProbeResult, SrId, SrInfo, VdiId, VdiInfo


class Capability(StrEnum):
    """Features clients look for in SM.features."""

    SR_PROBE = "SR_PROBE"
    SR_UPDATE = "SR_UPDATE"
    VDI_CREATE = "VDI_CREATE"
    VDI_DELETE = "VDI_DELETE"
    VDI_ATTACH = "VDI_ATTACH"
    VDI_DETACH = "VDI_DETACH"
    VDI_ACTIVATE = "VDI_ACTIVATE"
    VDI_DEACTIVATE = "VDI_DEACTIVATE"
    VDI_CLONE = "VDI_CLONE"
    VDI_SNAPSHOT = "VDI_SNAPSHOT"
    VDI_RESIZE = "VDI_RESIZE"
    VDI_RESIZE_ONLINE = "VDI_RESIZE_ONLINE"
    VDI_INTRODUCE = "VDI_INTRODUCE"
    VDI_UPDATE = "VDI_UPDATE"
    THIN_PROVISIONING = "THIN_PROVISIONING"


class Format(StrEnum):
    """How a disk's content is laid out in its file or volume."""

    QCOW2 = "qcow2"
    RAW = "raw"


@dataclass(frozen=True)
class DriverInfo:
    """A driver as clients see it. `configuration`: the keys of `device_config`, each with what it is for."""

    type: str
    name: str
    description: str
    capabilities: frozenset[Capability]
    configuration: Mapping[str, str]
    formats: tuple[Format, ...] = ()
    shared: bool = False

    def record(self, version: str) -> DriverRecord:
        """As it goes over the wire."""
        return DriverRecord(
            type=self.type,
            name=self.name,
            description=self.description,
            vendor="xapi-toolstack",
            copyright="Apache-2.0",
            version=version,
            features={str(capability): 1 for capability in sorted(self.capabilities)},
            configuration=dict(self.configuration),
            image_formats=[str(format_) for format_ in self.formats],
            filename=self.type,
        )


@dataclass(frozen=True)
class Layer:
    """One image of a chain: a file or volume and its format."""

    path: Path
    format: Format


@dataclass(frozen=True)
class Disk:
    """How a disk is opened. `layers`: the writable image first, then what it stands on.

    `direct`: the client opens the only layer itself, so that no storage daemon is needed.
    """

    layers: tuple[Layer, ...]
    read_only: bool = False
    direct: bool = False
    write_through: bool = True


class OpenDisk(Protocol):
    """A disk that a storage daemon of ours has open, as a driver must deal with it."""

    @property
    def writable(self) -> bool:
        """Whether a guest may be writing it."""

    def retarget(self, old: Path, new: Path) -> None:
        """The image at `old` is called `new` from now on. Safe to repeat."""

    async def snapshot(self, old: Path, overlay: Layer) -> None:
        """Send further writes to the empty image `overlay`; the image at `old` stays as it is. Safe to repeat.

        Raises `GraphRefused` when nothing was changed.
        """

    async def resize(self, size: int) -> None:
        """Grow the disk; its clients have to connect again."""


class OpenDisks(Protocol):
    """The disks of the SR that are open here."""

    def disk(self, vdi: VdiId) -> OpenDisk | None:
        """The disk if a storage daemon has it open."""

    def in_use(self, vdi: VdiId) -> bool:
        """Whether any datapath has the disk attached."""

    def written(self, vdi: VdiId) -> bool:
        """Whether a datapath that may write has the disk activated, by a storage daemon or directly."""


class GraphRefused(Exception):
    """A storage daemon refused a change of its block graph; nothing was changed."""


@dataclass
class Driver(ABC):
    """One SR with its `device_config`."""

    sr: SrId
    config: Mapping[str, str]
    default_format: Format = Format.QCOW2
    write_through: bool = True
    info: ClassVar[DriverInfo]

    async def probe(self) -> list[ProbeResult]:
        """What SRs `config` leads to."""
        raise NotSupported("SR_PROBE")

    async def create(self, size: int, name_label: str, name_description: str) -> dict[str, str]:
        """Make the SR; answers the configuration to attach it with."""
        raise NotSupported("SR_CREATE")

    @abstractmethod
    async def attach(self) -> None:
        """Make the SR usable here. Safe to repeat."""

    async def recover(self, disks: OpenDisks) -> None:  # noqa: B027 - most have nothing to do
        """Finish or undo what a predecessor left half done; the SR is attached. Safe to repeat."""

    @abstractmethod
    async def detach(self) -> None:
        """Undo `attach`. Safe to repeat."""

    async def destroy(self) -> None:
        """Delete the attached SR. Raises `SrNotEmpty`."""
        raise NotSupported("SR_DELETE")

    @abstractmethod
    async def stat(self) -> SrInfo:
        """The SR's figures."""

    @abstractmethod
    async def scan(self) -> list[VdiInfo]:
        """All disks."""

    async def update(self, name_label: str, name_description: str) -> None:  # noqa: B027 - no place for them
        """Write the SR's names to it."""

    @abstractmethod
    async def vdi(self, vdi: VdiId) -> VdiInfo:
        """One disk. Raises `VdiDoesNotExist`."""

    @abstractmethod
    async def open(self, vdi: VdiId) -> Disk:
        """How to open the disk. Raises `VdiDoesNotExist`."""

    async def vdi_create(self, info: VdiInfo) -> VdiInfo:
        """Make a disk."""
        raise NotSupported("VDI_CREATE")

    async def vdi_destroy(self, vdi: VdiId) -> None:
        """Delete a disk that nothing has open."""
        raise NotSupported("VDI_DELETE")

    async def vdi_snapshot(self, vdi: VdiId, info: VdiInfo, disks: OpenDisks) -> VdiInfo:
        """A disk with the content `vdi` has now; `info` says whether it counts as a snapshot or a clone."""
        raise NotSupported("VDI_SNAPSHOT")

    async def is_copied(self, vdi: VdiId) -> bool:
        """Whether a clone of the disk is a copy of all of it, which takes time and touches no other image."""
        return False

    async def vdi_revert(self, snapshot: VdiId, vdi: VdiId, disks: OpenDisks) -> VdiInfo:
        """Give `vdi`, which is closed, the content of `snapshot`."""
        raise NotSupported("VDI_REVERT")

    async def vdi_resize(self, vdi: VdiId, size: int, disks: OpenDisks) -> VdiInfo:
        """Grow a disk."""
        raise NotSupported("VDI_RESIZE")

    async def vdi_introduce(self, uuid: str, sm_config: Mapping[str, str], location: str) -> VdiInfo:
        """Know a disk that is on the SR already."""
        return await self.vdi(VdiId(location or uuid))

    async def vdi_update(self, vdi: VdiId, name_label: str, name_description: str) -> None:
        """Write the disk's names to the SR."""
        await self.vdi(vdi)
